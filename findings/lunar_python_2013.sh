#!/usr/bin/env bash
# PyPI lunar_python 1.4.8 lacks two make-up working days of 2013: Sunday 7 April and Saturday 12 October.
#
# 国务院办公厅关于2013年部分节假日安排的通知 (国办发明电〔2012〕33号): "清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班";
# "国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班". PyPI chinesecalendar 1.11.0 and holidays 0.109 have both.
#
# Seen: 2013-04-07 None 2013-10-12 None, while chinesecalendar and holidays say True
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check chinesecalendar==1.11.0 holidays==0.109 lunar_python==1.4.8

seen=$("$folder/bin/python" - <<'PYTHON'
import datetime

import chinese_calendar
import holidays
from lunar_python.util import HolidayUtil

china = holidays.country_holidays("CN", years=2013)
for month, day in (4, 7), (10, 12):
    date = datetime.date(2013, month, day)
    found = HolidayUtil.getHoliday(2013, month, day)
    print(date, found and found.isWork(), chinese_calendar.is_workday(date), china.is_working_day(date))
PYTHON
)
echo "$seen"
[ "$seen" = "2013-04-07 None True True
2013-10-12 None True True" ]
