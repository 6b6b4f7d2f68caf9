#!/usr/bin/env bash
# npm @hbtgmbh/dmn-eval-js 1.5.0 (DMN decision tables): 10 - 5 - 2 is 7, and a plus after a minus is taken away.
#
# Its README allows any S-FEEL expression as an input or output expression. Operators of one rank bind from the left, as everywhere: the tests of the DMN TCK say so even of "**" (0075-feel-exponent
# and 0100-arithmetic: "exponent is left associative"), and npm feelin 8.2.0 does so. dmn-eval-js takes what follows an operator as a whole first: 10-5+2 is 10-(5+2), 1000*12/100/2 is 1000*12/(100/2).
# "a - b" and "a * b + c" come out right, so that a small test notices nothing. A rule of a table on "revenue - cost - refunds" finds a customer by revenue - cost + refunds, and the more
# a customer sends back, the higher the tier. Parentheses around each pair help: (10-5)-2 is 3.
#
# Seen, dmn-eval-js and feelin: 10-5-2: 7 3; 10-5+2: 3 7; 1000*12/100/2: 240 60; 10-2*3+1: 2 5; (10-5)-2: 3 3; tier of revenue 100, cost 20, refunds 50: gold base
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @hbtgmbh/dmn-eval-js@1.5.0 feelin@8.2.0 >/dev/null
seen=$(node - <<'JS'
const {decisionTable} = require('@hbtgmbh/dmn-eval-js');
const {evaluate} = require('feelin');

const table = (input, rules) => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd" id="model" name="model" namespace="urn:finding">
  <decision id="decision" name="decision">
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="in" label="in"><inputExpression id="expression" typeRef="number"><text>${input}</text></inputExpression></input>
      <output id="out" label="out" name="out" typeRef="number"/>
      ${rules.map(([test, output], n) => `<rule id="rule${n}">
        <inputEntry id="test${n}"><text><![CDATA[${test}]]></text></inputEntry><outputEntry id="output${n}"><text><![CDATA[${output}]]></text></outputEntry>
      </rule>`).join('')}
    </decisionTable>
  </decision>
</definitions>`;
const decide = async (input, rules, facts) => decisionTable.evaluateDecision('decision', await decisionTable.parseDmnXml(table(input, rules)), facts).out;
const feelin = (text, facts) => { const found = evaluate(text, facts); return found.value === undefined ? found : found.value; };

(async () => {
    for (const text of ['10-5-2', '10-5+2', '1000*12/100/2', '10-2*3+1', '(10-5)-2']) {
        console.log(`${text}:`, await decide('x', [['-', text]], {x: 1}), feelin(text, {}));
    }
    const profit = 'revenue - cost - refunds';
    const customer = {revenue: 100, cost: 20, refunds: 50};
    console.log('tier:', await decide(profit, [['>= 100', '"gold"'], ['-', '"base"']], customer), feelin(profit, customer) >= 100 ? 'gold' : 'base');
})();
JS
)
echo "$seen"
[ "$seen" = '10-5-2: 7 3
10-5+2: 3 7
1000*12/100/2: 240 60
10-2*3+1: 2 5
(10-5)-2: 3 3
tier: gold base' ]
