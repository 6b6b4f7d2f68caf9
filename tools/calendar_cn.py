#!/usr/bin/env python3
"""Writes the official working calendar of mainland China, cn.json, into a folder.

Usage: calendar_cn.py FOLDER

The days come from the Python package chinesecalendar, which follows the yearly notices of the State
Council; where it does not, CORRECTIONS has the right value and the notice. Only dates that differ from
Monday to Friday are written: holidays on those weekdays and make-up working days (调休) on weekends.
Every year is covered whole, from the first to the last that the package knows.

The year after has no notice yet. Its statutory days are provisional holidays, without make-up days; they
come from the package holidays, which applies the law (全国年节及纪念日放假办法) to the lunar calendar.
"""

import datetime
import importlib.metadata
import sys

import chinese_calendar
import holidays

import calendar_document

PACKAGE = "chinesecalendar"

# Date: whether it is worked, and the notice that says so. A correction that is no longer needed is an error.
CORRECTIONS = {
    datetime.date(2005, 12, 31): (True, "国办发明电〔2005〕35号 of 2005-12-16: 12月31日（星期六）上班"),
}


def worked(day):
    """Whether the day is worked by the notices."""
    if day in CORRECTIONS:
        return CORRECTIONS[day][0]
    return chinese_calendar.is_workday(day)


def main(folder):
    known = [*chinese_calendar.holidays, *chinese_calendar.workdays]
    first = datetime.date(min(known).year, 1, 1)
    last = datetime.date(max(known).year, 12, 31)
    for day, (right, notice) in CORRECTIONS.items():
        if chinese_calendar.is_workday(day) == right:
            sys.exit(f"{PACKAGE} has {day} right now ({notice}): take the correction away")
    by_law = holidays.country_holidays("CN", years=last.year + 1)

    version = importlib.metadata.version
    calendar_document.write(folder, calendar_document.document(
        "cn",
        {"en": "China, official working days", "zh": "中国法定工作日（含调休）"},
        "Notices of the General Office of the State Council on holiday arrangements, from the Python package "
        f"{PACKAGE} {version(PACKAGE)} (MIT License), with {len(CORRECTIONS)} correction; provisional days by law, "
        f"from the Python package holidays {version('holidays')} (MIT License).",
        calendar_document.WEEKDAYS[:5],
        lambda day: day not in by_law if day > last else worked(day),
        (first, last),
        datetime.date(last.year + 1, 12, 31),
    ))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
