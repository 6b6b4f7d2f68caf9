#!/usr/bin/env bash
# npm fiscal 1.0.0 and fiscal-year 1.0.0: the last day of a quarter is not in it, a year that begins in January ends before it begins, and a quarter begins on the first of a month whatever the day of the year.
#
# 1. fiscal's README has a quarter end on 2016-12-31T23:59:59.999Z. It ends at 00:00 of that day, so that a sum of orders "from startDate to endDate" lacks the last day of every quarter, and the quarters of a year do not add up to
#    the year, whose endDate has the day.
# 2. fiscal's README: new Fiscal(month) takes the month in which the year starts, from 0. With 0, January, the year 2026 starts on 1 January 2026 and ends on 31 December 2025: it has no day. Its quarters are right but for the end.
# 3. fiscal-year's README takes the start as month and day. The year goes by both, the quarter by the month alone: of a year from 6 April (that of the British income tax), 1 to 5 April are Q1 of the year that ends on the 5th, of
#    which they are the last days, and 1 to 5 July Q2, not Q1. Q1 of such a year is two pieces, a year apart.
# A table of the first days of the quarters, as a calendar of one's own, is safe.
#
# Seen (TZ=UTC):
#   fiscal, year from April: quarter to 2026-03-31T00:00:00.000Z, year to 2026-03-31T23:59:59.999Z, 10:00 of that day in the quarter false, in the year true
#   fiscal, year from January: 2026 from 2026-01-01T00:00:00.000Z to 2025-12-31T23:59:59.999Z
#   fiscal-year, year from 6 April: 2026-03-31 2026 Q4, 2026-04-05 2026 Q1, 2026-04-06 2027 Q1, 2026-07-05 2027 Q2, 2026-07-06 2027 Q2
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund fiscal@1.0.0 fiscal-year@1.0.0 >/dev/null
seen=$(TZ=UTC node - <<'JS'
const Fiscal = require('fiscal');
const FiscalYear = require('fiscal-year').default;

const time = new Date('2026-03-31T10:00:00Z');
const within = period => period.startDate <= time && time <= period.endDate;
const {quarter, fiscalYear} = new Fiscal(3).getFiscalInfoForDate(time);
console.log(`fiscal, year from April: quarter to ${quarter.endDate.toISOString()}, year to ${fiscalYear.endDate.toISOString()}, 10:00 of that day in the quarter ${within(quarter)}, in the year ${within(fiscalYear)}`);
const calendar = new Fiscal(0).getFiscalInfoForDate(time).fiscalYear;
console.log(`fiscal, year from January: ${calendar.fiscalYear} from ${calendar.startDate.toISOString()} to ${calendar.endDate.toISOString()}`);
const british = FiscalYear({month: 3, day: 6});
const days = ['2026-03-31', '2026-04-05', '2026-04-06', '2026-07-05', '2026-07-06'];
console.log('fiscal-year, year from 6 April:', days.map(day => `${day} ${british.getFiscalYear(day)} Q${british.getFiscalQuarter(day)}`).join(', '));
JS
)
echo "$seen"
[ "$seen" = "fiscal, year from April: quarter to 2026-03-31T00:00:00.000Z, year to 2026-03-31T23:59:59.999Z, 10:00 of that day in the quarter false, in the year true
fiscal, year from January: 2026 from 2026-01-01T00:00:00.000Z to 2025-12-31T23:59:59.999Z
fiscal-year, year from 6 April: 2026-03-31 2026 Q4, 2026-04-05 2026 Q1, 2026-04-06 2027 Q1, 2026-07-05 2027 Q2, 2026-07-06 2027 Q2" ]
