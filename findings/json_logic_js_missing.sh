#!/usr/bin/env bash
# npm json-logic-js 2.0.5: a value that is missing is "at most 30" and "at least 0", and numbers given as text compare as text.
#
# The operators are those of JavaScript, where null counts as 0 in < <= > >= but not in ==. A rule such as {"<=": [{"var": "days_since_order"}, 30]}
# therefore holds for a customer who has never ordered (NULL, or no such key), who then gets the tier of the most recent buyers; "between" 0 and 30
# holds as well. An empty text (an empty cell of a CSV file) equals 0. Two texts are compared letter by letter: "10" < "9".
#
# Seen: missing <= 30 true, null <= 30 true, 0 <= null <= 30 true, null == 0 false, '' == 0 true, '10' < '9' true
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund json-logic-js@2.0.5 >/dev/null
seen=$(node - <<'JS'
const {apply} = require('json-logic-js');
const days = {var: 'days'};
console.log('missing <= 30', apply({'<=': [days, 30]}, {}));
console.log('null <= 30', apply({'<=': [days, 30]}, {days: null}));
console.log('0 <= null <= 30', apply({'<=': [0, days, 30]}, {days: null}));
console.log('null == 0', apply({'==': [days, 0]}, {days: null}));
console.log("'' == 0", apply({'==': [days, 0]}, {days: ''}));
console.log("'10' < '9'", apply({'<': [days, '9']}, {days: '10'}));
JS
)
echo "$seen"
[ "$seen" = "missing <= 30 true
null <= 30 true
0 <= null <= 30 true
null == 0 false
'' == 0 true
'10' < '9' true" ]
