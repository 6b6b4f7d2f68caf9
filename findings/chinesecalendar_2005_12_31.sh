#!/usr/bin/env bash
# PyPI chinesecalendar 1.11.0 has 2005-12-31, a Saturday, as a day off. It was a make-up working day.
#
# 国办发明电〔2005〕35号 of 2005-12-16 (国务院办公厅关于2006年部分节假日安排的通知): "将12月31日（星期六）、1月1日（星期日）
# 两个公休日调至1月2日（星期一）、3日（星期二），12月31日（星期六）上班". The package has 2 and 3 January 2006 as days off, but not
# the working day for which they were exchanged. PyPI holidays 0.109 and lunar_python 1.4.8 have it as worked.
#
# Seen: chinesecalendar False, holidays True, lunar_python True
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

day = datetime.date(2005, 12, 31)
print("chinesecalendar", chinese_calendar.is_workday(day),
      "holidays", holidays.country_holidays("CN", years=2005).is_working_day(day),
      "lunar_python", HolidayUtil.getHoliday(2005, 12, 31).isWork())
PYTHON
)
echo "$seen"
[ "$seen" = "chinesecalendar False holidays True lunar_python True" ]
