#!/usr/bin/env python3
"""Compares catalogue/calendars day by day with packages that it was not generated from.

Usage: calendar_check.py FOLDER

cn is compared with the Python packages holidays, lunar_python and workalendar; the calendars of OTHERS with
workalendar, for years for which it knows all later changes of law.
DIFFERENCES explains where a package differs, and why the calendar is right. A difference that is not explained
is an error, and so is an explanation that no longer serves.
"""

import datetime
import json
import pathlib
import sys

import holidays
from lunar_python.util import HolidayUtil
from workalendar.registry import registry

import calendar_document

EXTENDED_2020 = "国办发明电〔2020〕1号: the Spring Festival of 2020 was extended to 2 February because of the epidemic"
MOVED_2013 = "国办发明电〔2012〕33号: 4月7日（星期日）、10月12日（星期六）上班"

# workalendar 17.0.0 is of 2023.
OTHERS = ["at", "be", "cz", "de", "es", "fi", "fr", "gb", "it", "jp", "nl", "no", "nz", "pl", "pt", "sg", "us", "za"]
OTHER_YEARS = 2018, 2022

MOVED = "振替休日: a holiday on Sunday is observed on Monday (国民の祝日に関する法律 3-2)"
FIVE_YEARS = "Bevrijdingsdag (5 May) is a day off only in years divisible by 5"
JUNETEENTH = "Juneteenth is a federal holiday since 2021-06-17, observed on Friday or Monday (5 U.S.C. 6103)"

# Calendar, package, date: why the calendar is right.
DIFFERENCES = {
    ("cn", "lunar_python", "2013-04-07"): MOVED_2013,
    ("cn", "lunar_python", "2013-10-12"): MOVED_2013,
    ("cn", "workalendar", "2020-01-31"): EXTENDED_2020,
    ("cn", "workalendar", "2020-02-01"): EXTENDED_2020,
    ("jp", "workalendar", "2018-02-12"): MOVED,
    ("jp", "workalendar", "2018-04-30"): MOVED,
    ("jp", "workalendar", "2018-09-24"): MOVED,
    ("jp", "workalendar", "2018-12-24"): MOVED,
    ("nl", "workalendar", "2021-05-05"): FIVE_YEARS,
    ("nl", "workalendar", "2022-05-05"): FIVE_YEARS,
    ("nz", "workalendar", "2022-06-24"): "Matariki, a public holiday since 2022 (Te Kāhui o Matariki Public Holiday Act 2022)",
    ("nz", "workalendar", "2022-09-26"): "Queen Elizabeth II Memorial Day, once only",
    ("pl", "workalendar", "2018-11-12"): "a hundred years of independence, once only (Act of 7 November 2018)",
    ("sg", "workalendar", "2020-07-10"): "polling day of the general election",
    ("us", "workalendar", "2021-06-18"): JUNETEENTH,
    ("us", "workalendar", "2022-06-20"): JUNETEENTH,
    ("za", "workalendar", "2021-11-01"): "polling day of the municipal elections",
    ("za", "workalendar", "2022-12-27"): "declared a public holiday, as Christmas Day fell on a Sunday",}


def read(folder, name):
    """The calendar and a function that says whether a date is worked."""
    text = (pathlib.Path(folder) / f"{name}.json").read_text(encoding="utf-8")
    document = json.loads(text)
    week = {calendar_document.WEEKDAYS.index(day) for day in document["working_days"]}
    free, make_up = set(document.get("holidays", [])), set(document.get("workdays", []))

    def worked(day):
        return day.isoformat() in make_up or (day.weekday() in week and day.isoformat() not in free)

    return document, worked


def lunar_python(day):
    found = HolidayUtil.getHoliday(day.year, day.month, day.day)
    return day.weekday() < 5 if found is None else found.isWork()


def compare(name, package, worked, other, years, found):
    """Notes the dates on which the two differ."""
    for day in calendar_document.days(datetime.date(years[0], 1, 1), datetime.date(years[1], 12, 31)):
        if worked(day) != other(day):
            found[name, package, day.isoformat()] = "worked" if worked(day) else "not worked"
    print(f"{name}: compared with {package}, {years[0]} to {years[1]}")


def main(folder):
    found = {}
    document, worked = read(folder, "cn")
    known = int(document["known_from"][:4]), int(document["known_until"][:4])
    by_law = holidays.country_holidays("CN", years=range(known[0], known[1] + 1))
    compare("cn", "holidays", worked, by_law.is_working_day, known, found)
    compare("cn", "lunar_python", worked, lunar_python, known, found)
    compare("cn", "workalendar", worked, registry.get("CN")().is_working_day, (2018, 2023), found)

    for name in OTHERS:
        _, worked = read(folder, name)
        region = registry.get(name.upper())()
        compare(name, "workalendar", worked, region.is_working_day, OTHER_YEARS, found)

    unexplained = sorted(found.keys() - DIFFERENCES.keys())
    for name, package, day in unexplained:
        print(f"{name}: {day} is {found[name, package, day]} here, but not in {package}")
    useless = sorted(DIFFERENCES.keys() - found.keys())
    for name, package, day in useless:
        print(f"{name}: {package} does not differ on {day} any more; take the explanation away")
    for key in sorted(found.keys() & DIFFERENCES.keys()):
        print(f"{key[0]}: {key[2]} is {found[key]} here, but not in {key[1]}: {DIFFERENCES[key]}")
    if unexplained or useless:
        sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
