#!/usr/bin/env bash
# PyPI rfm 1.0.9: customers alike in recency, frequency and monetary value get four scores and three segments, by the alphabet; like purchases of a day count once, and 10.05 is 10.00.
#
# 1. Its README: the table is "generated with recency, frequency & monetary values". Equal values are ranked as they stand in the table (rank(method="first")), which is by the customer's name or number, and fifths are cut from
#    these ranks. Where most bought once, the score of frequency is that of the alphabet, and the segment follows. Neither pandas.qcut of the values nor fixed limits part what is equal.
# 2. Rows that are equal are dropped before orders are counted. Of a table with customer, date and amount, which is all that the package asks for, the second and third coffee of a day are gone, from the frequency and from the
#    sum. A column with the number of the order keeps them.
# 3. Amounts are made texts, and one with ".0" in it loses its last two characters, to be rid of the end of 20.0: 10.05 becomes "10.". All cents from 01 to 09 are lost, others are not.
#
# Seen (pandas 1.5.3, numpy 1.26.4), of 80 customers a00 to d19 with one order of the same day and amount, and 20 with two; recency, frequency, monetary value, score and segment of four of them:
#   a00 14 1 50.5 411 Low Spenders; b00 14 1 50.5 322 Potential Loyalist; c00 14 1 50.5 233 At Risk; d00 14 1 50.5 144 At Risk
#   three coffees of 4.50: 1 4.50; 10.05 and 3.07: 2 13.00; 10.25 and 3.17: 2 13.42
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check rfm==1.0.9 pandas==1.5.3 numpy==1.26.4 matplotlib==3.8.4
seen=$(MPLBACKEND=agg MPLCONFIGDIR="$folder" venv/bin/python -W ignore - 2>log <<'PYTHON'
import pandas
from rfm import RFM


def scores(rows):
    orders = pandas.DataFrame(rows, columns=["customer", "order_date", "amount"])
    return RFM(orders, customer_id="customer", transaction_date="order_date", amount="amount").rfm_table.set_index("customer")


once = [(f"{letter}{number:02}", "2026-03-01", 50.5) for letter in "abcd" for number in range(20)]
twice = [(f"e{number:02}", f"2026-0{month}-15", 50.5) for number in range(20) for month in (1, 3)]
table = scores(once + twice)
like = table.loc[["a00", "b00", "c00", "d00"], ["recency", "frequency", "monetary_value", "rfm_score", "segment"]]
print(*[" ".join(map(str, row)) for row in like.itertuples()], sep="\n")

bought = [("coffee", "2026-03-05", 4.5)] * 3 + [("cents", "2026-03-05", 10.05), ("cents", "2026-03-06", 3.07), ("others", "2026-03-05", 10.25), ("others", "2026-03-06", 3.17)]
table = scores(once + bought)
print(*[f"{name}: {table.loc[name, 'frequency']} {table.loc[name, 'monetary_value']:.2f}" for name in ("coffee", "cents", "others")])
PYTHON
) || { tail -n 20 log; exit 1; }
echo "$seen"
[ "$seen" = "a00 14 1 50.5 411 Low Spenders
b00 14 1 50.5 322 Potential Loyalist
c00 14 1 50.5 233 At Risk
d00 14 1 50.5 144 At Risk
coffee: 1 4.50 cents: 2 13.00 others: 2 13.42" ]
