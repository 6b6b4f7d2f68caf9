#!/usr/bin/env bash
# PyPI bkflow-dmn 0.2.0 (bkflow-feel 1.2.0; DMN tables of Tencent BlueKing): of several tiers the one that is last in the alphabet wins, and a fractional amount fits no whole limit.
#
# 1. DMN, hit policies (DMN TCK, 0118-multi-priority-hitpolicy): PRIORITY takes the matching rule whose output is first in the list of output values, and OUTPUT ORDER sorts by that list. A table of bkflow-dmn has no such list: both
#    sort by the outputs as texts, downwards. Of A, B and C the customer gets C, of gold, silver and bronze silver. The README: 以输出作为排序优先级 (the output is the priority), but not which way.
#    Only numbers do what one means, if the larger is the better. FIRST, with the rules in order of the tiers, is safe.
# 2. DMN 1.3, 10.3.2.3.1: FEEL has one type of numbers. Here int, float and Decimal are never compared: with a limit of >=100 an amount of 150 is decided, one of 150.0, 150.5 or
#    Decimal("150.50"), which is what a numeric column of PostgreSQL gives, raises ValidationError. With >=100.0 it is the whole amounts that raise it.
# 3. not(null) is null in FEEL (DMN TCK, 0066-feel-negation), and a rule with it does not match. Here it is true, as is not() of a function that there is none of: a misspelt name, which is only logged,
#    lets the rule match every customer.
#
# Seen: Priority C silver 3, OutputOrder C B A, First A; >=100: 150 hit, 150.0 ValidationError, 150.5 ValidationError, Decimal ValidationError; >=100.0: 150 ValidationError; not(null) True, not(unheard_of(amount)) True
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check bkflow-dmn==0.2.0 bkflow-feel==1.2.0 pydantic==2.14.4 lark==1.3.1

seen=$("$folder/venv/bin/python" -W ignore - <<'PYTHON'
import logging
from decimal import Decimal

from bkflow_dmn.api import decide_single_table
from bkflow_feel.api import parse_expression

logging.disable(logging.CRITICAL)


def decide(policy, rules, amount):
    table = {
        "title": "tiers", "hit_policy": policy,
        "inputs": {"cols": [{"id": "amount"}], "rows": [[test] for test, _ in rules]},
        "outputs": {"cols": [{"id": "tier"}], "rows": [[output] for _, output in rules]},
    }
    try:
        return " ".join(str(row["tier"]) for row in decide_single_table(table, {"amount": amount}))
    except Exception as error:
        return type(error).__name__


def tiers(*outputs):
    return list(zip((">=1000", ">=500", ">=0"), outputs))


letters = tiers('"A"', '"B"', '"C"')
print("Priority", decide("Priority", letters, 1500), decide("Priority", tiers('"gold"', '"silver"', '"bronze"'), 1500), decide("Priority", tiers("3", "2", "1"), 1500), end=", ")
print("OutputOrder", decide("OutputOrder", letters, 1500), end=", ")
print("First", decide("First", letters, 1500))
for limit, amounts in (">=100", (150, 150.0, 150.5, Decimal("150.50"))), (">=100.0", (150,)):
    print(f"{limit}:", ", ".join(f"{amount!r} {decide('First', [(limit, chr(34) + 'hit' + chr(34))], amount)}" for amount in amounts))
print("not(null)", parse_expression("not(null)", {}), "not(unheard_of(amount))", parse_expression("not(unheard_of(amount))", {"amount": 3}))
PYTHON
)
echo "$seen"
[ "$seen" = "Priority C silver 3, OutputOrder C B A, First A
>=100: 150 hit, 150.0 ValidationError, 150.5 ValidationError, Decimal('150.50') ValidationError
>=100.0: 150 ValidationError
not(null) True not(unheard_of(amount)) True" ]
