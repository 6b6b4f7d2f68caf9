#!/usr/bin/env bash
# PyPI pymc-marketing 0.19.2: rfm_segments() fails where four fifths of the customers bought once, and with fewer of them puts the best one or two scores too low.
#
# Its documentation: quartiles are estimated, and a customer of score "234" is in the second quartile of recency, the third of frequency and the fourth of monetary value; the "Premium Customer" is in the top two of
# all three. Orders per customer are small whole numbers, of which most are 1, so that limits of quartiles are equal. The function drops the equal ones and numbers what is left from 1, as if the lost
# quartiles were the upper ones. With 40 of 100 customers of one order, 30 of two, 20 of three and 10 of four, the limits are 1, 2 and 3: three orders, more than 70 customers have, are score 2, and only four orders reach 3. Nothing is
# said, and none of the 20 can be "Premium". With 60, 25 and 15, the most frequent score 2, so that there is no premium and no repeat customer (a UserWarning tells that a score is capped). With 80, 12 and
# 8, all limits but the last are 1: ValueError, "Bin labels must be one fewer than the number of bin edges", which names neither column nor cause. Scores by fixed limits of one's own do not shift.
#
# Seen, scores of frequency by number of orders, and how many are "Premium Customer":
#   40/30/20/10: scores {1: '1', 2: '1', 3: '2', 4: '3'}, warnings 0, premium {1: 0, 2: 0, 3: 0, 4: 10}
#   60/25/15: scores {1: '1', 2: '1', 3: '2'}, warnings 1, premium {1: 0, 2: 0, 3: 0}
#   80/12/8: ValueError Bin labels must be one fewer than the number of bin edges
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pymc-marketing==0.19.2 pandas==3.1.1

seen=$("$folder/venv/bin/python" - 2>"$folder/log" <<'PYTHON'
import warnings

import pandas
from pymc_marketing.clv.utils import rfm_segments


def orders(*customers):
    """customers: how many have one order, two, three ..."""
    rows = []
    customer = 0
    for count, number in enumerate(customers, 1):
        for _ in range(number):
            first = pandas.Timestamp("2026-01-01") + pandas.Timedelta(days=customer % 90)
            rows += [(f"c{customer:03}", first + pandas.Timedelta(days=30 * n), 10.0 + customer + n) for n in range(count)]
            customer += 1
    return pandas.DataFrame(rows, columns=["customer", "at", "amount"])


for customers in (40, 30, 20, 10), (60, 25, 15), (80, 12, 8):
    print("/".join(map(str, customers)) + ":", end=" ")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        try:
            found = rfm_segments(orders(*customers), "customer", "at", "amount")
        except ValueError as error:
            print(type(error).__name__, error)
            continue
    scores = {int(count): "".join(sorted(set(group))) for count, group in found["rfm_score"].str[1].groupby(found["frequency"])}
    premium = {count: int((found["segment"][found["frequency"] == count] == "Premium Customer").sum()) for count in scores}
    print(f"scores {scores}, warnings {sum('RFM score' in str(one.message) for one in caught)}, premium {premium}")
PYTHON
) || { tail -n 20 "$folder/log"; exit 1; }
echo "$seen"
[ "$seen" = "40/30/20/10: scores {1: '1', 2: '1', 3: '2', 4: '3'}, warnings 0, premium {1: 0, 2: 0, 3: 0, 4: 10}
60/25/15: scores {1: '1', 2: '1', 3: '2'}, warnings 1, premium {1: 0, 2: 0, 3: 0}
80/12/8: ValueError Bin labels must be one fewer than the number of bin edges" ]
