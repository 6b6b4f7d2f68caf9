#!/usr/bin/env python3
"""Writes the official working calendar of mainland China as a calendar document.

Usage: calendar_cn.py OUTPUT

The days come from the Python package chinesecalendar, which follows the yearly notices of the State
Council. Only dates that differ from Monday to Friday are written: holidays on those weekdays and
make-up working days (调休) on weekends. Every year is covered whole, from the first to the last
that the package knows.
"""

import datetime
import importlib.metadata
import json
import sys

import chinese_calendar

PACKAGE = "chinesecalendar"


def main(output):
    known = [*chinese_calendar.holidays, *chinese_calendar.workdays]
    first = datetime.date(min(known).year, 1, 1)
    last = datetime.date(max(known).year, 12, 31)

    holidays, workdays = [], []
    day = first
    while day <= last:
        weekday = day.weekday() < 5
        if chinese_calendar.is_workday(day) != weekday:
            (holidays if weekday else workdays).append(day.isoformat())
        day += datetime.timedelta(days=1)

    document = {
        "calendar": "cn",
        "title": {"en": "China, official working days", "zh": "中国法定工作日（含调休）"},
        "source": "Notices of the General Office of the State Council on holiday arrangements, "
        f"from the Python package {PACKAGE} {importlib.metadata.version(PACKAGE)} (MIT License).",
        "working_days": ["mon", "tue", "wed", "thu", "fri"],
        "holidays": holidays,
        "workdays": workdays,
        "known_from": first.isoformat(),
        "known_until": last.isoformat(),
    }
    with open(output, "w", encoding="utf-8") as file:
        file.write(render(document))


def render(document):
    """JSON with one key a line, and one line for each year of dates, so that diffs can be read."""
    parts = []
    for key, value in document.items():
        if key in ("holidays", "workdays"):
            years = {}
            for date in value:
                years.setdefault(date[:4], []).append(json.dumps(date))
            rows = ",\n".join("    " + ", ".join(dates) for dates in years.values())
            text = f"[\n{rows}\n  ]"
        else:
            text = json.dumps(value, ensure_ascii=False)
        parts.append(f"  {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
