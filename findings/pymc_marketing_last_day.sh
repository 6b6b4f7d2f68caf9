#!/usr/bin/env bash
# PyPI pymc-marketing 0.19.2 (and lifetimes 0.11.3): a split into training and test puts the orders of the last day of training into the test, and drops those of the last day of the test.
#
# rfm_train_test_split(train_period_end="2026-03-31") takes "the final time period for the training data. Events after this time period are used for the test data" (its documentation; lifetimes says of
# calibration_period_end: "inclusive"). The unit is the day; but the end is compared as the moment 2026-03-31 00:00 with orders that have a time of day. An order of 31 March, 10:00, is
# therefore an order of the test, though T counts to 31 March and test_T from there; one of the last day of the test is in neither. rfm_summary(observation_period_end="2026-03-31") of
# the same package cuts to days first and has both. So frequency, recency and monetary value of the same customer on the same day differ between the two functions, and a model is judged
# by orders that happened before its test began. Dates without a time, or the last second of the day as the end, are safe.
#
# Seen, of one customer with orders of 10, 20, 40, 80 and 160 on 5 January, 10 February, 31 March, 2 May and 30 June (frequency, recency, monetary value; in the test frequency, monetary value, T):
#   pymc-marketing: to 31 March 2 85 30; split 1 36 20, test 2 60 91; split of dates 2 85 30, test 2 120 91; split at the last second 2 85 30, test 2 120 91
#   lifetimes: to 31 March 2 85 30; split 1 36 20, test 2 60 91
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pymc-marketing==0.19.2 lifetimes==0.11.3 pandas==3.1.1

seen=$("$folder/venv/bin/python" -W ignore - 2>"$folder/log" <<'PYTHON'
import pandas
from lifetimes.utils import calibration_and_holdout_data, summary_data_from_transaction_data
from pymc_marketing.clv.utils import rfm_summary, rfm_train_test_split

orders = pandas.DataFrame({
    "customer": "a",
    "at": pandas.to_datetime(["2026-01-05 10:00", "2026-02-10 10:00", "2026-03-31 10:00", "2026-05-02 09:00", "2026-06-30 18:00"]),
    "amount": [10.0, 20.0, 40.0, 80.0, 160.0],
})
dates = orders.assign(at=orders["at"].dt.normalize())


def shown(table, *columns):
    return " ".join(f"{table.iloc[0][column]:.0f}" for column in columns)


def split(orders, train_end, test_end):
    found = rfm_train_test_split(orders, "customer", "at", train_period_end=train_end, test_period_end=test_end, monetary_value_col="amount")
    return shown(found, "frequency", "recency", "monetary_value") + ", test " + shown(found, "test_frequency", "test_monetary_value", "test_T")


columns = ("frequency", "recency", "monetary_value")
print("pymc-marketing: to 31 March", shown(rfm_summary(orders, "customer", "at", "amount", observation_period_end="2026-03-31"), *columns), end="; ")
print("split", split(orders, "2026-03-31", "2026-06-30"), end="; ")
print("split of dates", split(dates, "2026-03-31", "2026-06-30"), end="; ")
print("split at the last second", split(orders, "2026-03-31 23:59:59", "2026-06-30 23:59:59"))
print("lifetimes: to 31 March", shown(summary_data_from_transaction_data(orders, "customer", "at", "amount", observation_period_end="2026-03-31"), *columns), end="; ")
held = calibration_and_holdout_data(orders, "customer", "at", "2026-03-31", "2026-06-30", monetary_value_col="amount")
print("split", shown(held, "frequency_cal", "recency_cal", "monetary_value_cal") + ", test", shown(held, "frequency_holdout", "monetary_value_holdout", "duration_holdout"))
PYTHON
) || { tail -n 20 "$folder/log"; exit 1; }
echo "$seen"
[ "$seen" = "pymc-marketing: to 31 March 2 85 30; split 1 36 20, test 2 60 91; split of dates 2 85 30, test 2 120 91; split at the last second 2 85 30, test 2 120 91
lifetimes: to 31 March 2 85 30; split 1 36 20, test 2 60 91" ]
