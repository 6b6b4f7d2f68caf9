"""Calendar documents from anything that says which days are worked; shared by the generators."""

import datetime
import json

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def days(first, last):
    """Every date from first to last, both included."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield datetime.date.fromordinal(number)


def document(name, title, source, working_days, worked, known, provisional_until=None):
    """A calendar document with the dates on which worked(date) differs from the working days of the week.

    known is the pair of the first and the last day that are known. Dates after it that are not worked, until
    provisional_until, are provisional.
    """
    first, last = known
    holidays, workdays = [], []
    for day in days(first, last):
        pattern = WEEKDAYS[day.weekday()] in working_days
        if worked(day) != pattern:
            (holidays if pattern else workdays).append(day.isoformat())
    result = {
        "calendar": name,
        "title": title,
        "source": source,
        "working_days": working_days,
        "holidays": holidays,
        "workdays": workdays,
        "known_from": first.isoformat(),
        "known_until": last.isoformat(),
    }
    if provisional_until is not None:
        result["provisional"] = [
            day.isoformat()
            for day in days(last + datetime.timedelta(days=1), provisional_until)
            if WEEKDAYS[day.weekday()] in working_days and not worked(day)
        ]
    return {key: value for key, value in result.items() if value != []}


def render(result):
    """JSON with one key a line, and one line for each year of dates, so that diffs can be read."""
    parts = []
    for key, value in result.items():
        if key in ("holidays", "workdays", "provisional"):
            years = {}
            for date in value:
                years.setdefault(date[:4], []).append(json.dumps(date))
            rows = ",\n".join("    " + ", ".join(dates) for dates in years.values())
            text = f"[\n{rows}\n  ]"
        else:
            text = json.dumps(value, ensure_ascii=False)
        parts.append(f"  {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(folder, result):
    """Writes the document under its name."""
    with open(f"{folder}/{result['calendar']}.json", "w", encoding="utf-8") as file:
        file.write(render(result))
