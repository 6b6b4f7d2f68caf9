#!/usr/bin/env bash
# npm feelin 8.2.0 (FEEL of DMN): numbers are binary, and a period in months comes out in days.
#
# DMN 1.3, 10.3.2.3.1: FEEL numbers are those of IEEE 754-2008 decimal128, "precision of 34 decimal digits". In feelin they are JavaScript's: a
# share of 0.1 + 0.2 is not 0.3, so that a customer on the limit of a class falls out of it, and whole numbers beyond 2^53 (order or account numbers,
# cents of large sums) are taken for their neighbours. "years and months duration" from 31 January to 28 February is P28D, which is no
# duration in years and months.
#
# Seen: 0.1 + 0.2 = 0.3 false, 0.1 + 0.2 <= 0.3 false, 100000000000000001 = 100000000000000000 true, P28D
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund feelin@8.2.0 >/dev/null
seen=$(node - <<'JS'
const {evaluate} = require('feelin');
for (const text of ['0.1 + 0.2 = 0.3', '0.1 + 0.2 <= 0.3', '100000000000000001 = 100000000000000000',
    'years and months duration(date("2026-01-31"), date("2026-02-28"))']) {
    const found = evaluate(text, {});
    console.log(text, '->', JSON.stringify(found.value === undefined ? found : found.value));
}
JS
)
echo "$seen"
[ "$seen" = '0.1 + 0.2 = 0.3 -> false
0.1 + 0.2 <= 0.3 -> false
100000000000000001 = 100000000000000000 -> true
years and months duration(date("2026-01-31"), date("2026-02-28")) -> "P28D"' ]
