// node open.mjs BROWSER ADDRESS PASSWORD FOLDER LANG...: opens each dashboard in each language, prints a line for each chart that shows no rows or an error, and for each error of the page;
// leaves a picture of each dashboard and of each chart in the folder.
import { chromium } from 'playwright-core';

const [executablePath, address, password, folder, ...langs] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--force-color-profile=srgb'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 2600 }, locale: 'en-US', timezoneId: 'UTC' });
const page = await context.newPage();
await page.goto(`${address}/login/`);
await page.fill('input[name="username"], #username', 'admin');
await page.fill('input[name="password"], #password', password);
await Promise.all([page.waitForURL((url) => !url.pathname.startsWith('/login')), page.press('input[name="password"], #password', 'Enter')]);

let charts = 0;
for (const lang of langs) {
    await page.goto(`${address}/lang/${lang}`);
    for (const name of ['movement', 'due', 'scorecard']) {
        const where = `${name}.${lang}`;
        const wrong = (what) => console.log(`${where}: ${what}`);
        const answers = new Map();
        const hear = async (response) => {
            if (!response.url().includes('/api/v1/chart/data')) return;
            const chart = JSON.parse(new URL(response.url()).searchParams.get('form_data') ?? '{}').slice_id;
            const body = await response.json().catch(() => ({}));
            answers.set(chart, response.ok() && body.result ? body.result : [{ error: `${response.status()} ${JSON.stringify(body).slice(0, 400)}` }]);
        };
        const complain = (error) => wrong(`error of the page: ${error.message.slice(0, 300)}`);
        page.on('response', hear);
        page.on('pageerror', complain);
        await page.goto(`${address}/superset/dashboard/tiering-${where.replace('.', '-')}/?standalone=1`);
        await page.waitForSelector('[data-test="chart-container"], .dashboard-chart-id-0, [data-test-viz-type]', { timeout: 60000 }).catch(() => wrong('shows no chart within a minute'));
        // The first program of a filter comes with a second question: until nothing loads for some seconds on end.
        let calm = 0;
        for (let tries = 0; calm < 6 && tries < 180; tries += 1) {
            await page.waitForTimeout(500);
            calm = await page.evaluate(() => document.querySelectorAll('.dashboard-chart').length > 0 && !/Waiting on|正在等待|等待/.test(document.querySelector('.grid-container')?.textContent ?? '')
                && !document.querySelector('.dashboard-chart .loading, .dashboard-chart [data-test="loading-indicator"], .dashboard-chart [role="status"]')) ? calm + 1 : 0;
        }
        if (calm < 6) wrong('still loads after a minute and a half');
        const shown = await page.evaluate(() => [...document.querySelectorAll('.dashboard-chart')].map((chart) => ({
            id: Number(chart.closest('[data-test-chart-id]')?.dataset.testChartId ?? /dashboard-chart-id-(\d+)/.exec(chart.closest('[class*="dashboard-chart-id-"]')?.className ?? '')?.[1]),
            title: chart.closest('[data-test-chart-name]')?.dataset.testChartName ?? chart.querySelector('[data-test="editable-title"]')?.textContent ?? '',
            alert: chart.querySelector('.ant-alert-error, .ant-alert-message, [role="alert"]')?.textContent ?? '',
            empty: /No results|没有结果|查询无结果/.test(chart.textContent),
        })));
        for (const { id, title, alert, empty } of shown) {
            charts += 1;
            const results = answers.get(id);
            if (alert) wrong(`"${title}": ${alert.slice(0, 400)}`);
            else if (!results) wrong(`"${title}" (${id}) asked for nothing`);
            else if (results.some(({ error }) => error)) wrong(`"${title}": ${results.map(({ error }) => error).join(' ').slice(0, 600)}`);
            else if (empty || !results.some(({ rowcount }) => rowcount > 0)) wrong(`"${title}" shows no rows`);
        }
        const low = await page.evaluate(() => Math.max(...[...document.querySelectorAll('.dashboard-chart')].map((chart) => chart.getBoundingClientRect().bottom)));
        await page.screenshot({ path: `${folder}/${where}.png`, clip: { x: 0, y: 0, width: 1440, height: Math.min(2600, Math.ceil(low) + 24) } });
        page.off('response', hear);
        page.off('pageerror', complain);
    }
}
console.log(`${charts} charts`);
await browser.close();
