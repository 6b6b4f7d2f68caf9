#!/usr/bin/env bash
# PyPI zen-engine 2.1.3 (GoRules): a year after 29 February is no date, and no date is before every date, so that the contract of a customer who began on that day has lapsed from the start.
#
# add() takes a period of days, weeks, months or years. Months keep within the month: 31 January and 1M is 28 February, 29 February and 12M is 28 February of the next year, as with durations of FEEL (npm feelin 8.2.0) and intervals
# of PostgreSQL. Years do not: 29 February and 1y is 'Invalid date' unless that is a leap year. Nothing is raised. By < it is less than any date and by >= it is not greater, while isBefore() and isAfter() are false both. So a
# decision table gives such a customer the row of those whose term is over, be it the first row or the one that catches the rest. A term in years should be one in months: add("36M").
#
# Seen, of contracts of three years on 1 June 2026, by a table of "< lapsed" and one of ">= running", in years and in months:
#   2024-02-28: running running, running running; 2024-02-29: lapsed lapsed, running running; 2024-03-01: running running, running running
#   1y 'Invalid date', 12M 2025-02-28, 1M after 31 January 2026-02-28, FEEL 2025-02-28; before 2020 True, isBefore False, isAfter False
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check zen-engine==2.1.3
npm install --silent --no-audit --no-fund feelin@8.2.0 >/dev/null
feel=$(node -e "const found = require('feelin').evaluate('string(date(\"2024-02-29\") + duration(\"P1Y\"))', {}); console.log(found.value === undefined ? found : found.value)")
seen=$(venv/bin/python - "$feel" <<'PYTHON'
import json
import sys

import zen

LAPSED = (("$ < d('2026-06-01')", '"lapsed"'), ("", '"running"'))
RUNNING = (("$ >= d('2026-06-01')", '"running"'), ("", '"lapsed"'))


def decide(end, rules, start):
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": "end", "name": "end", "field": end}],
        "outputs": [{"id": "state", "name": "state", "field": "state"}],
        "rules": [{"_id": str(number), "end": test, "state": state} for number, (test, state) in enumerate(rules)],
    }
    nodes = [("in", "inputNode", None), ("table", "decisionTableNode", table), ("out", "outputNode", None)]
    graph = {
        "nodes": [{"id": name, "type": kind, "name": name, "position": {"x": 0, "y": 0}, **({"content": content} if content else {})} for name, kind, content in nodes],
        "edges": [{"id": f"{source}-{target}", "sourceId": source, "targetId": target, "type": "edge"} for source, target in (("in", "table"), ("table", "out"))],
    }
    return zen.ZenEngine().create_decision(json.dumps(graph)).evaluate({"start": start})["result"]["state"]


for start in "2024-02-28", "2024-02-29", "2024-03-01":
    print(f"{start}:", *[", ".join(" ".join(decide(f"d(start).add('{term}')", rules, start) for rules in (LAPSED, RUNNING)) for term in ("3y", "36M"))])
day = "d('2024-02-29').add('1y')"
text = ".format('%Y-%m-%d')"
print(f"1y {zen.evaluate_expression(day + text, {})!r}, 12M", zen.evaluate_expression("d('2024-02-29').add('12M')" + text, {}), "1M after 31 January",
      zen.evaluate_expression("d('2026-01-31').add('1M')" + text, {}), "FEEL", sys.argv[1])
print("before 2020", zen.evaluate_expression(day + " < d('2020-01-01')", {}), "isBefore", zen.evaluate_expression(day + ".isBefore('2020-01-01')", {}),
      "isAfter", zen.evaluate_expression(day + ".isAfter('2020-01-01')", {}))
PYTHON
)
echo "$seen"
[ "$seen" = "2024-02-28: running running, running running
2024-02-29: lapsed lapsed, running running
2024-03-01: running running, running running
1y 'Invalid date', 12M 2025-02-28 1M after 31 January 2026-02-28 FEEL 2025-02-28
before 2020 True isBefore False isAfter False" ]
