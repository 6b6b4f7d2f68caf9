"""Times the Python package Lifetimes on the figures that bench/lifetime.sh exported: one row a fit, as CSV."""

import contextlib
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter  # noqa: E402

folder = sys.argv[1]
np.random.seed(1)
for data in ["CDNOW", "many"]:
    customers = pd.read_csv(f"{folder}/{data}.csv")
    repeaters = customers[customers.frequency > 0]
    purchases = [customers.frequency, customers.recency, customers.age]
    for model, fitter, figures in [
        ("bg_nbd", BetaGeoFitter, purchases),
        ("mbg_nbd", ModifiedBetaGeoFitter, purchases),
        ("pareto_nbd", ParetoNBDFitter, purchases),
        ("gamma_gamma", GammaGammaFitter, [repeaters.frequency, repeaters.spend]),
    ]:
        started, error, fit = time.perf_counter(), "", None
        try:
            with contextlib.redirect_stdout(sys.stderr):  # it prints what it could not minimize
                fit = fitter(penalizer_coef=0).fit(*figures)
        except Exception as failure:  # it gives up on some data
            error = type(failure).__name__
        seconds = time.perf_counter() - started
        parameters = "" if fit is None else " ".join(f"{k} {v:.4f}" for k, v in fit.params_.items())
        print(f"{data},{model},{1000 * seconds},{parameters},{error}", flush=True)
