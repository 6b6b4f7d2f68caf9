#!/usr/bin/env python3
"""Writes the working calendars of other countries and regions into a folder, one file each.

Usage: calendar_countries.py FOLDER

The days are the nationwide public holidays of the Python package holidays, with make-up working days where
the package has them; holidays of single regions and half holidays are left out. Where holidays or make-up
days are announced year by year, the next year is provisional. Countries in which most holidays are a matter of
states, provinces or cantons (Australia, Canada, Malaysia, Switzerland) have no calendar here.
"""

import datetime
import importlib.metadata
import sys

import holidays

import calendar_document

FIRST = 2015
LAST = 2027
# Name: English and Chinese name, and the last year that is known.
BY_LAW = LAST
ANNOUNCED = 2026
CALENDARS = {
    "at": ("Austria", "奥地利", BY_LAW),
    "be": ("Belgium", "比利时", BY_LAW),
    "br": ("Brazil", "巴西", BY_LAW),
    "cz": ("Czechia", "捷克", BY_LAW),
    "de": ("Germany", "德国", BY_LAW),
    "dk": ("Denmark", "丹麦", BY_LAW),
    "es": ("Spain", "西班牙", BY_LAW),
    "fi": ("Finland", "芬兰", BY_LAW),
    "fr": ("France", "法国", BY_LAW),
    "gb": ("United Kingdom (England and Wales)", "英国（英格兰和威尔士）", BY_LAW),
    "gr": ("Greece", "希腊", BY_LAW),
    "hk": ("Hong Kong (China)", "中国香港", ANNOUNCED),
    "ie": ("Ireland", "爱尔兰", BY_LAW),
    "it": ("Italy", "意大利", BY_LAW),
    "jp": ("Japan", "日本", BY_LAW),
    "kr": ("South Korea", "韩国", ANNOUNCED),
    "mo": ("Macao (China)", "中国澳门", ANNOUNCED),
    "mx": ("Mexico", "墨西哥", BY_LAW),
    "nl": ("Netherlands", "荷兰", BY_LAW),
    "no": ("Norway", "挪威", BY_LAW),
    "nz": ("New Zealand", "新西兰", BY_LAW),
    "pl": ("Poland", "波兰", BY_LAW),
    "pt": ("Portugal", "葡萄牙", BY_LAW),
    "ru": ("Russia", "俄罗斯", ANNOUNCED),
    "se": ("Sweden", "瑞典", BY_LAW),
    "sg": ("Singapore", "新加坡", ANNOUNCED),
    "th": ("Thailand", "泰国", ANNOUNCED),
    "tw": ("Taiwan (China)", "中国台湾", ANNOUNCED),
    "us": ("United States (federal)", "美国（联邦）", BY_LAW),
    "vn": ("Vietnam", "越南", ANNOUNCED),
    "za": ("South Africa", "南非", BY_LAW),
}
REGION = {"gb": "ENG"}


def calendar(name):
    """The document of a calendar."""
    english, chinese, known = CALENDARS[name]
    found = holidays.country_holidays(name.upper(), subdiv=REGION.get(name), years=range(FIRST, LAST + 1))
    # Looked up beforehand: asked for a date, the package would add the years around it.
    off, make_up = set(found), set(found.weekend_workdays)
    return calendar_document.document(
        name,
        {"en": f"{english}, public holidays", "zh": f"{chinese}公共假日"},
        f"Nationwide public holidays of {FIRST} to {LAST} from the Python package holidays "
        f"{importlib.metadata.version('holidays')} (MIT License).",
        calendar_document.WEEKDAYS[:5],
        lambda day: day in make_up or (day.weekday() < 5 and day not in off),
        (datetime.date(FIRST, 1, 1), datetime.date(known, 12, 31)),
        datetime.date(LAST, 12, 31) if known < LAST else None,
    )


def main(folder):
    for name in CALENDARS:
        calendar_document.write(folder, calendar(name))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
