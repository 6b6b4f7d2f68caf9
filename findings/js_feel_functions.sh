#!/usr/bin/env bash
# npm js-feel 1.4.7 (FEEL of DMN): the months of dates count from 0, a mean counts the nulls, and decimal() gives a text.
#
# 1. The month of a date is 1 to 12 in FEEL (DMN TCK 0007-date-time and 0074-feel-properties: of December it is 12). date("2026-01-31").month is 0 here, and of December 11, though .day is right: a rule
#    "month = 12" never holds, and one of January holds in February. The package's README shows .month without a word of it. npm feelin 8.2.0 says 1 and 12.
# 2. mean([10, null, 20]) is 10: the null adds nothing to the sum but one to the count, as if a period without an order had one of 0. The mean of the numbers is 15; feelin gives
#    null, since FEEL's mean() is one of numbers.
# 3. decimal(n, scale) is a number in FEEL, and rounds half to even: the DMN TCK (1100-feel-decimal-function) has 2 for decimal(2.5, 0). js-feel has the text "3", which is not
#    comparable with a number: an error, at the rule that uses it.
# 4. A day and "P1M" cannot be added: an error, for each day that was tried. "P1M" can be taken off, and "P3D" added.
#
# Seen, js-feel and feelin: month of January 0 1, of December 11 12; mean([10, null, 20]) 10 null; decimal(2.5, 0) "3" 2, decimal(2.4, 0) = 2 error true; day + P1M error "2026-02-15"
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund js-feel@1.4.7 feelin@8.2.0 >/dev/null
seen=$(TZ=UTC node - <<'JS' | grep '^> '
const {feel} = require('js-feel')();
const {evaluate} = require('feelin');

const shown = value => JSON.stringify(value && value.toISOString ? value.toISOString().slice(0, 10) : value);
(async () => {
    for (const text of ['date("2026-01-31").month', 'date("2026-12-31").month', 'date("2026-12-31").day', 'mean([10, null, 20])', 'mean([10, 20])', 'decimal(2.5, 0)', 'decimal(2.4, 0) = 2',
        'date("2026-01-15") + duration("P1M")', 'date("2026-01-15") - duration("P1M")', 'date("2026-01-15") + duration("P3D")']) {
        let one;
        try { one = shown(await feel.parse(text).build({})); } catch (error) { one = 'error'; }
        const found = evaluate(text, {});
        console.log('>', text, '->', one, shown(found.value === undefined ? found : found.value));
    }
})();
JS
)
echo "$seen"
[ "$seen" = '> date("2026-01-31").month -> 0 1
> date("2026-12-31").month -> 11 12
> date("2026-12-31").day -> 31 31
> mean([10, null, 20]) -> 10 null
> mean([10, 20]) -> 15 15
> decimal(2.5, 0) -> "3" 2
> decimal(2.4, 0) = 2 -> error true
> date("2026-01-15") + duration("P1M") -> error "2026-02-15"
> date("2026-01-15") - duration("P1M") -> "2025-12-15" "2025-12-15"
> date("2026-01-15") + duration("P3D") -> "2026-01-18" "2026-01-18"' ]
