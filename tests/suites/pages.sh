# The pages of tiering.report_html() and customer_report_html() in a real browser: nothing wrong on the console, nothing
# fetched, no overflow at the width of a phone, a desk and A4, no serious finding of axe-core.
#   BROWSER=/usr/bin/chromium tests/run pages                 needs a Chromium, node and npm; pictures stay in target/tests
#   BROWSER=/usr/bin/chromium tests/run pages --pictures      writes those of docs anew
source tests/lib.sh

if [ -z "${BROWSER:-}" ]; then
    echo "# skipped: name a browser, BROWSER=/usr/bin/chromium"
    exit
fi

tools=$work/pages-tools pages=$work/pages
rm -rf "$pages"
mkdir -p "$tools" "$pages"
cp tests/pages/open.mjs "$tools/"
npm install --silent --no-save --no-audit --no-fund --prefix "$tools" playwright-core@1.56.1 axe-core@4.11.0

extension_database pages
psql -X -q -v ON_ERROR_STOP=1 -d pages -f tests/pages/seed.sql >/dev/null
page() { sql pages "SELECT tiering.$2" >"$pages/$1.html"; }
page program.en "report_html('sales', 'en')"
page program.zh "report_html('sales', 'zh')"
page empty.en "report_html('empty', 'en')"
page customer.en "customer_report_html('sales', '7', 'en')"
page customer.zh "customer_report_html('sales', '7', 'zh')"

check "every page holds in a browser" "$(node "$tools/open.mjs" "$BROWSER" "$pages"/*.html 2>&1)" ""
check "there are pictures of them" "$(ls "$pages"/*.png | wc -l)" 25
if [ "${1:-}" = --pictures ]; then
    for name in program.en.a4 program.zh.phone customer.en.a4 customer.zh.phone; do cp "$pages/$name.first.png" "docs/pictures/report_$name.png"; done
fi
