#!/usr/bin/env bash
# PyPI lunardate 0.3.0: a month of 1954 begins a day late and one of 1978 a day early, so that customers born in them have their lunar birthday a day off.
#
# GB/T 33661-2017 (农历的编算和颁行): a month begins on the day, in Beijing time (UTC+8), of the new moon. It was new on 25 November 1954 at 20:30 and on 3 September 1978 at 00:08, as PyPI ephem 4.2.1
# computes. lunardate 0.3.0 has the former as the 30th of the tenth month and the latter as the 2nd of the eighth, and each day up to 24 December 1954 and from 2 September to 1 October 1978 is one off.
# PyPI borax 4.1.3, zhdate 0.1 and lunar_python 1.4.8 have the months as the standard says. Who greets by the lunar birthday (the 6th of the eleventh month, if born on 1 December 1954) greets a day
# early in every year, and is late or early on the other 59 days. The README names no such limit; it covers 1900 to 2099.
#
# Seen, lunardate, borax, zhdate, lunar_python and the last new moon up to the end of the day:
#   1954-11-25: 10-30 11-1 11-1 11-1, new 1954-11-25 20:30; 1954-12-01: 11-6 11-7 11-7 11-7; 1978-09-02: 8-1 7-30 7-30 7-30, new 1978-08-04 09:00; 1978-09-03: 8-2 8-1 8-1 8-1, new 1978-09-03 00:08
#   Mid-Autumn of 1978: 09-16 09-17 09-17 09-17
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --no-compile --disable-pip-version-check lunardate==0.3.0 borax==4.1.3 zhdate==0.1 lunar_python==1.4.8 ephem==4.2.1

seen=$("$folder/bin/python" - <<'PYTHON'
import datetime

import ephem
import lunardate
import zhdate
from borax.calendars import lunardate as borax
from lunar_python import Lunar, Solar

BEIJING = datetime.timedelta(hours=8)
for year, month, day in (1954, 11, 25), (1954, 12, 1), (1978, 9, 2), (1978, 9, 3):
    one = lunardate.LunarDate.from_solar_date(year, month, day)
    two = borax.LunarDate.from_solar_date(year, month, day)
    three = zhdate.ZhDate.from_datetime(datetime.datetime(year, month, day))
    four = Solar.fromYmd(year, month, day).getLunar()
    end = datetime.datetime(year, month, day) + datetime.timedelta(days=1)
    new = ephem.previous_new_moon(end - BEIJING).datetime() + BEIJING
    print(f"{year}-{month:02}-{day:02}: {one.month}-{one.day} {two.month}-{two.day} {three.lunar_month}-{three.lunar_day} {four.getMonth()}-{four.getDay()}, new {new:%Y-%m-%d %H:%M}")
autumn = (lunardate.LunarDate(1978, 8, 15).to_solar_date(), borax.LunarDate(1978, 8, 15).to_solar_date(), zhdate.ZhDate(1978, 8, 15).to_datetime())
print("Mid-Autumn of 1978:", *(f"{day:%m-%d}" for day in autumn), Lunar.fromYmd(1978, 8, 15).getSolar().toYmd()[5:])
PYTHON
)
echo "$seen"
[ "$seen" = "1954-11-25: 10-30 11-1 11-1 11-1, new 1954-11-25 20:30
1954-12-01: 11-6 11-7 11-7 11-7, new 1954-11-25 20:30
1978-09-02: 8-1 7-30 7-30 7-30, new 1978-08-04 09:00
1978-09-03: 8-2 8-1 8-1 8-1, new 1978-09-03 00:08
Mid-Autumn of 1978: 09-16 09-17 09-17 09-17" ]
