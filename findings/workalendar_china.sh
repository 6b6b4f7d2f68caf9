#!/usr/bin/env bash
# PyPI workalendar 17.0.0, China: the Spring Festival of 2020 ends three days early, and weekends of years without data are answered, wrongly.
#
# 1. 国办发明电〔2020〕1号 (国务院办公厅关于延长2020年春节假期的通知): "延长2020年春节假期至2月2日（农历正月初九，星期日），2月3日（星期一）起正常上班".
#    workalendar has Friday 31 January and Saturday 1 February 2020 as working days. PyPI chinesecalendar 1.11.0 and holidays 0.109 do not.
# 2. The package knows 2018 to 2023. For a weekday of another year is_working_day() raises CalendarError ("Need configure 2024 for China"), but for a
#    Saturday or Sunday it answers False, without looking: for Sunday 4 February 2024, too, which 国办发明电〔2023〕7号 made a working day.
#    Whoever adds working days across such a year gets an error or a wrong date, by the day on which one begins.
#
# Seen: 2020-01-31 True False False, 2020-02-01 True False False, 2024-02-04 False True True, 2024-02-05 CalendarError True True
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --no-compile --disable-pip-version-check workalendar==17.0.0 chinesecalendar==1.11.0 holidays==0.109

seen=$("$folder/bin/python" - <<'PYTHON'
import datetime

import chinese_calendar
import holidays
from workalendar.asia import China

others = holidays.country_holidays("CN", years=[2020, 2024])
for day in "2020-01-31", "2020-02-01", "2024-02-04", "2024-02-05":
    date = datetime.date.fromisoformat(day)
    try:
        worked = China().is_working_day(date)
    except Exception as error:
        worked = type(error).__name__
    print(day, worked, chinese_calendar.is_workday(date), others.is_working_day(date))
PYTHON
)
echo "$seen"
[ "$seen" = "2020-01-31 True False False
2020-02-01 True False False
2024-02-04 False True True
2024-02-05 CalendarError True True" ]
