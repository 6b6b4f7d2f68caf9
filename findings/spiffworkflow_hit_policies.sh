#!/usr/bin/env bash
# PyPI SpiffWorkflow 3.2.0 (DMN tables in BPMN): every hit policy but COLLECT is FIRST, and the aggregation of COLLECT is forgotten.
#
# DMN, hit policies: UNIQUE allows one matching rule and ANY several of one output, anything else is a fault of the table; PRIORITY takes the matching output that is first in the output values; RULE ORDER and
# OUTPUT ORDER give lists; COLLECT with SUM, MIN, MAX or COUNT gives a number. npm @hbtgmbh/dmn-eval-js 1.5.0 refuses what it does not know ("Unsupported hit policy PRIORITY") and a UNIQUE
# table with two matches. SpiffWorkflow reads all of them without a word and gives the first rule that matches, or for COLLECT the list of the outputs. So the customer of a PRIORITY table, whose rules may be in
# any order, gets silver though gold matches and comes first; the overlap that UNIQUE is to bring to light stays unseen; and points that are to be summed come as a list. A table for
# SpiffWorkflow must be right under FIRST.
#
# Seen, of an amount of 1500 and the rules ">= 100 silver", ">= 1000 gold", "any base", output values gold, silver, base (points 5, 20, 1):
#   UNIQUE silver, ANY silver, FIRST silver, PRIORITY silver, RULE ORDER silver, OUTPUT ORDER silver, COLLECT ['silver', 'gold', 'base']
#   COLLECT SUM [5, 20, 1], COLLECT MIN [5, 20, 1], COLLECT MAX [5, 20, 1], COLLECT COUNT [5, 20, 1]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3

cd "$folder"
seen=$("$folder/venv/bin/python" - 2>"$folder/log" <<'PYTHON'
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.camunda.parser.CamundaParser import CamundaParser

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="model" targetNamespace="urn:finding">
  <bpmn:process id="grade" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>in</bpmn:outgoing></bpmn:startEvent>
    <bpmn:businessRuleTask id="rule" name="rule" camunda:decisionRef="tiers"><bpmn:incoming>in</bpmn:incoming><bpmn:outgoing>out</bpmn:outgoing></bpmn:businessRuleTask>
    <bpmn:endEvent id="end"><bpmn:incoming>out</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="in" sourceRef="start" targetRef="rule"/>
    <bpmn:sequenceFlow id="out" sourceRef="rule" targetRef="end"/>
  </bpmn:process>
</bpmn:definitions>
"""
TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="model" name="model" namespace="urn:finding">
  <decision id="tiers" name="tiers">
    <decisionTable id="table" {attributes}>
      <input id="input" label="amount"><inputExpression id="expression" typeRef="number"><text>amount</text></inputExpression></input>
      <output id="output" label="out" name="out">{values}</output>
      {rules}
    </decisionTable>
  </decision>
</definitions>
"""
RULE = '<rule id="rule{n}"><inputEntry id="in{n}"><text>{test}</text></inputEntry><outputEntry id="out{n}"><text>{output}</text></outputEntry></rule>'
TESTS = ("&gt;= 100", "&gt;= 1000", "-")
TIERS = ('"silver"', '"gold"', '"base"')


def decide(attributes, outputs, values=""):
    rules = "".join(RULE.format(n=n, test=test, output=output) for n, (test, output) in enumerate(zip(TESTS, outputs)))
    with open("grade.bpmn", "w") as file:
        file.write(PROCESS)
    with open("tiers.dmn", "w") as file:
        file.write(TABLE.format(attributes=attributes, values=values, rules=rules))
    parser = CamundaParser()
    parser.add_bpmn_file("grade.bpmn")
    parser.add_dmn_file("tiers.dmn")
    workflow = BpmnWorkflow(parser.get_spec("grade"))
    for task in workflow.get_tasks():
        task.data["amount"] = 1500
    workflow.do_engine_steps()
    return workflow.last_task.data["out"]


policies = ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
listed = '<outputValues id="values"><text>"gold","silver","base"</text></outputValues>'
print(", ".join(f"{policy} {decide(f'hitPolicy={policy!r}', TIERS, listed)}" for policy in policies))
print(", ".join(f"COLLECT {name} {decide(f'hitPolicy={chr(34)}COLLECT{chr(34)} aggregation={name!r}', ('5', '20', '1'))}" for name in ("SUM", "MIN", "MAX", "COUNT")))
PYTHON
) || { tail -n 20 "$folder/log"; exit 1; }
echo "$seen"
[ "$seen" = "UNIQUE silver, ANY silver, FIRST silver, PRIORITY silver, RULE ORDER silver, OUTPUT ORDER silver, COLLECT ['silver', 'gold', 'base']
COLLECT SUM [5, 20, 1], COLLECT MIN [5, 20, 1], COLLECT MAX [5, 20, 1], COLLECT COUNT [5, 20, 1]" ]
