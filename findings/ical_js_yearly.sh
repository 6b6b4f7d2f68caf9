#!/usr/bin/env bash
# npm ical.js 2.2.1 (iCalendar, RFC 5545): "the 20th Monday of the year" and "the Monday of week 20" become every Monday, week 20 alone no day at all, and a birthday on 29 February is moved to 1 March.
#
# 1. RFC 5545, 3.8.5.3, gives FREQ=YEARLY;BYDAY=20MO and FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO as examples, with the days 19 May 1997, 18 May 1998, 17 May 1999 and 12 May 1997, 11 May 1998, 17 May 1999. ical.js goes on a week later,
#    and does not begin the second on the first of them. A mail of the first day of a retail quarter, by the number of its week, goes out each week. A small ordinal, as in 1MO, is right, and so is BYYEARDAY.
# 2. FREQ=YEARLY;BYWEEKNO=20 alone has no instance at all, and nothing is raised.
# 3. RFC 5545, 3.3.10: a rule may generate a date that there is not (February 30); it must be ignored, and not counted. FREQ=YEARLY from 29 February 2024 is 1 March in 2025, 2026 and 2027 here, and 31 January in each quarter
#    (BYMONTH=1,4,7,10) has a 1 May. FREQ=MONTHLY;INTERVAL=12 and 3 ignore the same dates, and BYMONTHDAY=-1, the last day of a month, is right.
# npm rrule 2.8.1 does as the RFC says, and finds days in week 20.
#
# Seen, ical.js and rrule, each from the day of the rule's first instance:
#   FREQ=YEARLY;BYDAY=20MO: 1997-05-19 1997-05-26 1997-06-02, 1997-05-19 1998-05-18 1999-05-17
#   FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO: 1997-05-19 1997-05-26 1997-06-02, 1997-05-12 1998-05-11 1999-05-17
#   FREQ=YEARLY from 29 February: 2024-02-29 2025-03-01 2026-03-01, 2024-02-29 2028-02-29 2032-02-29
#   FREQ=YEARLY;BYMONTH=1,4,7,10 from 31 January: 2026-01-31 2026-05-01 2026-07-31, 2026-01-31 2026-07-31 2026-10-31; FREQ=YEARLY;BYWEEKNO=20: null
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund ical.js@2.2.1 rrule@2.8.1 >/dev/null
cat >ask.mjs <<'JS'
import ICAL from 'ical.js';
import rrule from 'rrule';

const COUNT = 3;
for (const [start, rule] of [
    ['1997-05-19', 'FREQ=YEARLY;BYDAY=20MO'],
    ['1997-05-12', 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO'],
    ['2024-02-29', 'FREQ=YEARLY'],
    ['2024-02-29', 'FREQ=MONTHLY;INTERVAL=12'],
    ['2026-01-31', 'FREQ=YEARLY;BYMONTH=1,4,7,10'],
    ['2026-01-31', 'FREQ=MONTHLY;INTERVAL=3'],
    ['2026-01-05', 'FREQ=YEARLY;BYDAY=1MO'],
]) {
    const days = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateTimeString(`${start}T09:00:00`));
    const found = Array.from({length: COUNT}, () => String(days.next()).slice(0, 10));
    const expected = rrule.rrulestr(`DTSTART:${start.replaceAll('-', '')}T090000Z\nRRULE:${rule};COUNT=${COUNT}`).all().map(day => day.toISOString().slice(0, 10));
    console.log(`${rule}: ${found.join(' ')}, ${expected.join(' ')}`);
}
const week = ICAL.Recur.fromString('FREQ=YEARLY;BYWEEKNO=20').iterator(ICAL.Time.fromDateTimeString('1997-05-12T09:00:00'));
console.log('FREQ=YEARLY;BYWEEKNO=20:', week.next());
JS
seen=$(node ask.mjs)
echo "$seen"
[ "$seen" = "FREQ=YEARLY;BYDAY=20MO: 1997-05-19 1997-05-26 1997-06-02, 1997-05-19 1998-05-18 1999-05-17
FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO: 1997-05-19 1997-05-26 1997-06-02, 1997-05-12 1998-05-11 1999-05-17
FREQ=YEARLY: 2024-02-29 2025-03-01 2026-03-01, 2024-02-29 2028-02-29 2032-02-29
FREQ=MONTHLY;INTERVAL=12: 2024-02-29 2028-02-29 2032-02-29, 2024-02-29 2028-02-29 2032-02-29
FREQ=YEARLY;BYMONTH=1,4,7,10: 2026-01-31 2026-05-01 2026-07-31, 2026-01-31 2026-07-31 2026-10-31
FREQ=MONTHLY;INTERVAL=3: 2026-01-31 2026-07-31 2026-10-31, 2026-01-31 2026-07-31 2026-10-31
FREQ=YEARLY;BYDAY=1MO: 2026-01-05 2027-01-04 2028-01-03, 2026-01-05 2027-01-04 2028-01-03
FREQ=YEARLY;BYWEEKNO=20: null" ]
