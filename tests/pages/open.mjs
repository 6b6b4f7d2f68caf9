// node open.mjs BROWSER FILE...: opens pages at the widths of a phone, a desk and A4, prints a line for each that is
// wrong with one of them, and leaves pictures beside the files.
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [executablePath, ...files] = process.argv.slice(2);
const widths = { phone: 360, desk: 1280, a4: 680 };
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
for (const file of files) {
    const address = pathToFileURL(file).href;
    for (const [name, width] of Object.entries(widths)) {
        const page = await browser.newPage({ viewport: { width, height: 900 } });
        const wrong = (what) => console.log(`${file} (${name}): ${what}`);
        page.on('console', (message) => message.type() === 'error' && wrong(message.text()));
        page.on('pageerror', (error) => wrong(error.message));
        page.on('request', (request) => !request.url().startsWith('data:') && request.url() !== address && wrong(`asks for ${request.url()}`));
        if (name === 'a4') await page.emulateMedia({ media: 'print' });
        await page.goto(address);
        await page.screenshot({ path: file.replace(/html$/, `${name}.png`), fullPage: true });
        // what fits on a sheet, or on two screens, for docs
        if (name !== 'desk') await page.screenshot({ path: file.replace(/html$/, `${name}.first.png`), clip: { x: 0, y: 0, width, height: name === 'a4' ? 962 : 1200 }, fullPage: true });
        const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
        if (wide > room) wrong(`is ${wide} wide, in ${room}`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => window.axe.run());
        for (const { id, impact, nodes } of violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)))
            wrong(`${impact}: ${id}: ${nodes[0].html.slice(0, 200)}`);
        await page.close();
    }
}
await browser.close();
