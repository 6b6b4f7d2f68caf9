-- Schemes in the formats of others: SQL, decision tables of DMN, scorecards of PMML.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
\pset null '(null)'

-- scheme_to_sql: one CASE expression, which says what the scheme says
\t on
SELECT scheme_to_sql(document) FROM schemes WHERE scheme = 'abc_share' AND version = 1;
SELECT scheme_to_sql(document, '{"demand": "c.stage"}', '2026-01-31', '''?''') FROM schemes WHERE scheme = 'sales_readiness' AND version = 1;
\t off
-- a matrix, a score, names that need quotes, an integer, a bin for missing values
CREATE TEMP TABLE documents (name text PRIMARY KEY, body scheme);
INSERT INTO documents VALUES
    ('matrix', '{"scheme": "m", "inputs": [{"name": "order", "type": "integer"}, {"name": "年限", "type": "number", "missing": "null"}],
        "characteristics": [{"name": "size", "input": "order", "bins": [{"code": "big", "gte": 10}, {"code": "small", "lt": 10}]},
            {"name": "age", "input": "年限", "bins": [{"code": "old", "gte": 2.5}, {"code": "new", "lt": 2.5}, {"code": "none", "missing": true}]}],
        "decision": {"method": "matrix", "characteristics": ["size", "age"], "cells": [{"at": ["big", "old"], "tier": "A"}, {"at": ["big", "new"], "tier": "A"}, {"at": ["big", "none"], "tier": "B"},
            {"at": ["small", "old"], "tier": "B"}, {"at": ["small", "new"], "tier": "B"}, {"at": ["small", "none"], "tier": "B"}]}, "tiers": [{"code": "A"}, {"code": "B"}]}'),
    ('score', '{"scheme": "s", "inputs": [{"name": "spend", "type": "number", "missing": "null"}, {"name": "kind", "type": "text"}],
        "characteristics": [{"name": "spend", "input": "spend", "bins": [{"code": "high", "gte": 100, "points": 2.5}, {"code": "low", "lt": 100, "points": 0}, {"code": "none", "missing": true, "points": -1}]},
            {"name": "kind", "input": "kind", "bins": [{"code": "chain", "in": ["chain", "o''hara"], "points": 1}, {"code": "other", "other": true, "points": 0}]}],
        "score": {"weights": {"kind": 0.5}}, "decision": {"method": "score", "cuts": [{"tier": "A", "gte": 3}, {"tier": "B", "gte": 0.5}, {"tier": "C"}]}, "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]}');
\t on
SELECT scheme_to_sql(body) FROM documents ORDER BY name;
\t off
-- by hand: 2.5 + 0.5, 2.5, -1 + 0.5, 0.5
SELECT spend, kind, grade(body, now(), spend, kind), CASE WHEN kind IS NULL THEN NULL
    WHEN (0 + CASE WHEN spend IS NOT NULL AND spend >= 100 THEN 250 WHEN spend IS NOT NULL AND spend < 100 THEN 0 ELSE -100 END + CASE WHEN kind IN ('chain', ('o' || CHR(39) || 'hara')) THEN 50 ELSE 0 END) >= 300 THEN 'A' ELSE 'not A' END AS by_hand
FROM documents, (VALUES (100, 'chain'), (100, 'shop'), (NULL, 'o''hara'), (5, 'chain'), (5, NULL)) AS v (spend, kind) WHERE name = 'score';
SELECT scheme_to_sql(NULL) IS NULL AS of_nothing;
SELECT scheme_to_sql(body, '{"turnover": "x"}') FROM documents WHERE name = 'score';
SELECT scheme_to_sql(body, '{"spend": ""}') FROM documents WHERE name = 'score';
SELECT scheme_to_sql(body, '["spend"]') FROM documents WHERE name = 'score';
SELECT scheme_to_sql(body, '{"spend": 1}') FROM documents WHERE name = 'score';
SELECT scheme_to_sql('{"scheme": "waits", "inputs": [{"name": "n", "type": "number"}], "characteristics": [{"name": "c", "input": "n", "fit": {"share_of": "value", "cuts": [0.2]}, "bins": [{"code": "A"}, {"code": "B"}]}],
    "decision": {"method": "bands", "characteristic": "c"}, "tiers": [{"code": "A"}, {"code": "B"}]}');

-- scheme_from_dmn: a decision table
\set approval '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="loans" namespace="urn:loans">\n  <inputData name="Applicant Age"><variable name="Applicant Age" typeRef="number"/></inputData>\n  <decision name="Loan approval">\n    <decisionTable hitPolicy="PRIORITY">\n      <input label="Age"><inputExpression><text>Applicant Age</text></inputExpression></input>\n      <input><inputExpression typeRef="string"><text>risk</text></inputExpression><inputValues><text>"high", "medium", "low"</text></inputValues></input>\n      <input><inputExpression typeRef="date"><text>since</text></inputExpression></input>\n      <output name="status"><outputValues><text>"approved", "checked", "declined"</text></outputValues><defaultOutputEntry><text>"checked"</text></defaultOutputEntry></output>\n      <annotation name="why"/>\n      <rule><inputEntry><text>[18..65)</text></inputEntry><inputEntry><text>not("high")</text></inputEntry><inputEntry><text>&lt; date("2025-01-01")</text></inputEntry><outputEntry><text>"approved"</text></outputEntry><annotationEntry><text>known for long</text></annotationEntry></rule>\n      <rule><inputEntry><text>&lt; 18, &gt;= 65</text></inputEntry><inputEntry><text>-</text></inputEntry><inputEntry><text/></inputEntry><outputEntry><text>"declined"</text></outputEntry><annotationEntry><text>年龄不符</text></annotationEntry></rule>\n      <rule><inputEntry><text>null</text></inputEntry><inputEntry><text>"low", "medium"</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>"checked"</text></outputEntry><annotationEntry><text/></annotationEntry></rule>\n    </decisionTable>\n  </decision>\n</definitions>'
SELECT replace(:'approval', '\n', E'\n') AS approval \gset
SELECT jsonb_pretty(to_jsonb(scheme_from_dmn(:'approval')));
SELECT age, risk, since, grade(scheme_from_dmn(:'approval'), now(), age, risk, since)
FROM (VALUES (18, 'low', date '2024-12-31'), (64.99, 'medium', '2024-12-31'), (65, 'low', '2024-12-31'), (30, 'high', '2024-12-31'), (30, 'low', '2025-01-01'),
    (17, NULL, NULL), (30, NULL, '2020-01-01'), (NULL, 'low', NULL)) AS v (age, risk, since);
SELECT scheme_name(scheme_from_dmn(:'approval', name => 'loans')), scheme_name(scheme_from_dmn(:'approval', 'Loan approval', 'status'));
SELECT scheme_from_dmn(NULL) IS NULL AS of_nothing;

-- what it says beyond a scheme, and what makes no sense: line and element
SELECT scheme_from_dmn(replace(:'approval', '[18..65)', '18..65'));
SELECT scheme_from_dmn(replace(:'approval', '[18..65)', '[65..18)'));
SELECT scheme_from_dmn(replace(:'approval', '[18..65)', '"eighteen"'));
SELECT scheme_from_dmn(replace(:'approval', '[18..65)', '&lt; limit'));
SELECT scheme_from_dmn(replace(:'approval', 'not("high")', '&gt; "a"'));
SELECT scheme_from_dmn(replace(:'approval', 'not("high")', 'not("hight")'));
SELECT scheme_from_dmn(replace(:'approval', 'date("2025-01-01")', 'date("2025-02-30")'));
SELECT scheme_from_dmn(replace(:'approval', 'date("2025-01-01")', 'date and time("2025-01-01T00:00:00")'));
SELECT scheme_from_dmn(replace(:'approval', 'PRIORITY', 'COLLECT'));
SELECT scheme_from_dmn(replace(:'approval', 'PRIORITY', 'MOST'));
SELECT scheme_from_dmn(replace(:'approval', '<outputValues><text>"approved", "checked", "declined"</text></outputValues>', ''));
SELECT scheme_from_dmn(replace(:'approval', '"checked", "declined"', '"checked"'));
SELECT scheme_from_dmn(replace(:'approval', 'typeRef="date"', 'typeRef="time"'));
SELECT scheme_from_dmn(replace(:'approval', 'typeRef="date"', 'typeRef="moment"'));
SELECT scheme_from_dmn(replace(:'approval', '<text>risk</text>', '<text>upper case(risk)</text>'));
SELECT scheme_from_dmn(replace(:'approval', '<text>risk</text>', '<text>since</text>'));
SELECT scheme_from_dmn(replace(:'approval', '<text>"approved"</text>', '<text>if true then 1 else 2</text>'));
SELECT scheme_from_dmn(replace(:'approval', '<inputEntry><text/></inputEntry>', ''));
SELECT scheme_from_dmn(replace(:'approval', '<annotation name="why"/>', '<aggregate/>'));
SELECT scheme_from_dmn(replace(:'approval', '20191111/MODEL/', '20290101/MODEL/'));
SELECT scheme_from_dmn(replace(:'approval', '<rule>', '<rule id="r">'));
SELECT scheme_from_dmn(replace(:'approval', 'hitPolicy', 'expressionLanguage="javascript" hitPolicy')) IS NOT NULL AS of_the_table_alone;
SELECT scheme_from_dmn(replace(:'approval', '<inputEntry><text>null', '<inputEntry expressionLanguage="javascript"><text>null'));
SELECT scheme_from_dmn(:'approval', 'Loans');
SELECT scheme_from_dmn(:'approval', output => 'rate');
SELECT scheme_from_dmn(:'approval', name => 'Loan approval');
SELECT scheme_from_dmn('<!DOCTYPE d [<!ENTITY a "aaaa">]>' || :'approval');
SELECT scheme_from_dmn(left(:'approval', 300));
SELECT scheme_from_dmn('');
SELECT scheme_from_dmn('<a>&b;</a>');
SELECT scheme_from_dmn(repeat('<a>', 200) || repeat('</a>', 200));
SELECT scheme_from_dmn(repeat(' ', 20000000));
SELECT scheme_from_dmn('<a/>');

-- versions
SELECT v, scheme_from_dmn(replace(:'approval', 'https://www.omg.org/spec/DMN/20191111/MODEL/', v)) = scheme_from_dmn(:'approval') AS alike
FROM unnest('{http://www.omg.org/spec/DMN/20151101/dmn.xsd,http://www.omg.org/spec/DMN/20180521/MODEL/,https://www.omg.org/spec/DMN/20211108/MODEL/,https://www.omg.org/spec/DMN/20230324/MODEL/}'::text[]) AS v;
-- blanks before the declaration, as quoting brings them along; HTML in names is a text like any other
SELECT scheme_from_dmn(E'\n  ' || :'approval') = scheme_from_dmn(:'approval') AS alike;
SELECT to_jsonb(scheme_from_dmn(replace(:'approval', 'label="Age"', 'label="&lt;script&gt;alert(1)&lt;/script&gt;"'))) #> '{inputs,0}';

-- scheme_to_dmn, and back
SELECT scheme_to_dmn(scheme_from_dmn(:'approval'), embed => false) AS written \gset
\echo :written
SELECT scheme_to_dmn(scheme_from_dmn(:'written'), embed => false) = :'written' AS the_same_file;
SELECT age, risk, since, grade(scheme_from_dmn(:'written'), now(), age, risk, since) IS NOT DISTINCT FROM grade(scheme_from_dmn(:'approval'), now(), age, risk, since) AS alike
FROM (VALUES (18, 'low', date '2024-12-31'), (65, 'low', '2024-12-31'), (30, 'high', '2024-12-31'), (30, NULL, '2020-01-01'), (NULL, 'low', NULL)) AS v (age, risk, since);
SELECT count(*) AS written, bool_and(scheme_from_dmn(scheme_to_dmn(document)) = document) AS alike
FROM schemes WHERE built_in AND version = 1 AND to_jsonb(document) #>> '{decision,method}' IN ('bands', 'matrix') AND scheme NOT IN ('relation_end');
SELECT scheme_to_dmn(document) FROM schemes WHERE scheme = 'bank_segments' AND version = 1;
SELECT scheme_to_dmn(document) FROM schemes WHERE scheme = 'sales_readiness' AND version = 1;
-- somebody edited the table: what it says holds, the rest stays
SELECT to_jsonb(scheme_from_dmn(replace(scheme_to_dmn(document), '&gt;= 100000', '&gt;= 300000'))) -> 'title' = to_jsonb(document) -> 'title' AS title_stays,
    to_jsonb(scheme_from_dmn(replace(scheme_to_dmn(document), '&gt;= 100000', '&gt;= 300000'))) #> '{decision,rules,0}' AS first_rule
FROM schemes WHERE scheme = 'abc_share' AND version = 1;
SELECT scheme_from_dmn(replace(scheme_to_dmn(document), '{&quot;scheme', '{&quot;schem'))
FROM schemes WHERE scheme = 'service_plan' AND version = 1;

-- scheme_from_pmml: a scorecard
\set card '<?xml version="1.0" encoding="UTF-8"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">\n  <Header/>\n  <DataDictionary>\n    <DataField name="Branch" optype="categorical" dataType="string"/>\n    <DataField name="years" optype="continuous" dataType="integer" displayName="Years with us"/>\n    <DataField name="since" optype="continuous" dataType="date"/>\n    <DataField name="turnover" optype="continuous" dataType="double"><Interval closure="closedClosed" leftMargin="0" rightMargin="1000000"/></DataField>\n    <DataField name="score" optype="continuous" dataType="double"/>\n  </DataDictionary>\n  <Scorecard modelName="Partner score" functionName="regression" initialScore="10" reasonCodeAlgorithm="pointsBelow" baselineScore="20">\n    <MiningSchema>\n      <MiningField name="Branch"/><MiningField name="years"/><MiningField name="since" invalidValueTreatment="asIs"/>\n      <MiningField name="turnover" missingValueReplacement="0"/><MiningField name="score" usageType="target"/>\n    </MiningSchema>\n    <Output>\n      <OutputField name="points" feature="predictedValue"/>\n      <OutputField name="level" feature="transformedValue" dataType="string"><Discretize field="points"><DiscretizeBin binValue="basic"><Interval closure="closedOpen" rightMargin="40"/></DiscretizeBin><DiscretizeBin binValue="gold"><Interval closure="closedOpen" leftMargin="60.5"/></DiscretizeBin><DiscretizeBin binValue="silver"><Interval closure="closedOpen" leftMargin="40" rightMargin="60.5"/></DiscretizeBin></Discretize></OutputField>\n    </Output>\n    <Characteristics>\n      <Characteristic name="branch" reasonCode="BRANCH">\n        <Attribute partialScore="30"><SimpleSetPredicate field="Branch" booleanOperator="isIn"><Array n="2" type="string">retail "food and drink"</Array></SimpleSetPredicate></Attribute>\n        <Attribute partialScore="5"><SimplePredicate field="Branch" operator="isMissing"/></Attribute>\n        <Attribute partialScore="12.5"><True/></Attribute>\n      </Characteristic>\n      <Characteristic name="years" baselineScore="15">\n        <Attribute partialScore="0"><SimplePredicate field="years" operator="lessThan" value="2"/></Attribute>\n        <Attribute partialScore="10"><SimplePredicate field="years" operator="lessOrEqual" value="5"/></Attribute>\n        <Attribute partialScore="20"><CompoundPredicate booleanOperator="or"><SimplePredicate field="years" operator="greaterOrEqual" value="6"/><SimplePredicate field="years" operator="equal" value="3"/></CompoundPredicate></Attribute>\n      </Characteristic>\n      <Characteristic name="turnover">\n        <Attribute partialScore="20"><SimplePredicate field="turnover" operator="greaterThan" value="50000"/></Attribute>\n        <Attribute partialScore="1"><SimplePredicate field="turnover" operator="lessOrEqual" value="50000"/></Attribute>\n      </Characteristic>\n    </Characteristics>\n  </Scorecard>\n</PMML>'
SELECT replace(:'card', '\n', E'\n') AS card \gset
SELECT jsonb_pretty(to_jsonb(scheme_from_pmml(:'card')));
-- by hand: 10+30+20+20, 10+30+10+1, 10+12.5+20+20, 10+5+0+1, a missing year, a date that nothing reads
SELECT branch, years, turnover, grade(s, now(), branch, years, NULL::date, turnover), grade_score(s, now(), branch, years, NULL::date, turnover), grade_reasons(s, now(), branch, years, NULL::date, turnover)
FROM (SELECT scheme_from_pmml(:'card') AS s) q, (VALUES ('retail', 6, 50000.01), ('food and drink', 3, 50000), ('other', 7, 60000), (NULL, 1, NULL), ('retail', NULL, 1)) AS v (branch, years, turnover);
SELECT to_jsonb(scheme_from_pmml(:'card', '[{"tier": "A", "gte": 50}, {"tier": "B"}]', 'own')) #> '{decision,cuts}' AS cuts;
SELECT scheme_from_pmml(NULL) IS NULL AS of_nothing;

-- what it says beyond a scheme, and what makes no sense
SELECT scheme_from_pmml(regexp_replace(:'card', '<OutputField name="level".*</OutputField>', ''));
SELECT scheme_from_pmml(:'card', '[{"tier": "A"}, {"tier": "B"}]');
SELECT scheme_from_pmml(:'card', '{"A": 50}');
SELECT scheme_from_pmml(replace(:'card', 'leftMargin="40"', 'leftMargin="41"'));
SELECT to_jsonb(scheme_from_pmml(replace(:'card', '<True/>', '<SimplePredicate field="Branch" operator="equal" value="banks"/>'))) #> '{inputs,0,allowed}' AS allowed;
SELECT scheme_from_pmml(replace(:'card', 'operator="greaterOrEqual" value="6"', 'operator="greaterOrEqual" value="7"'));
SELECT scheme_from_pmml(replace(:'card', 'operator="lessThan" value="2"', 'operator="below" value="2"'));
SELECT scheme_from_pmml(replace(:'card', 'operator="lessThan" value="2"', 'operator="lessThan" value="two"'));
SELECT scheme_from_pmml(replace(:'card', 'booleanOperator="or"', 'booleanOperator="surrogate"'));
SELECT scheme_from_pmml(replace(:'card', 'field="years" operator="equal"', 'field="since" operator="equal"'));
SELECT scheme_from_pmml(replace(:'card', 'field="turnover"', 'field="log_turnover"'));
SELECT scheme_from_pmml(replace(replace(:'card', 'partialScore="10">', 'partialScore="10" reasonCode="FEW">'), 'partialScore="0">', 'partialScore="0" reasonCode="NEW">'));
SELECT scheme_from_pmml(replace(:'card', 'partialScore="12.5"', 'partialScore="12.1234567890123"'));
SELECT scheme_from_pmml(replace(:'card', 'partialScore="12.5"', 'partialScore="many"'));
SELECT scheme_from_pmml(replace(:'card', 'partialScore="12.5"', ''));
SELECT scheme_from_pmml(replace(:'card', 'dataType="date"', 'dataType="dateTime"'));
SELECT scheme_from_pmml(replace(:'card', '<Output>', '<Targets/><Output>'));
SELECT scheme_from_pmml(replace(:'card', 'Scorecard', 'RegressionModel'));
SELECT scheme_from_pmml(replace(:'card', 'PMML-4_4', 'PMML-3_2'));
SELECT scheme_from_pmml(:'approval');
SELECT scheme_from_pmml('<!DOCTYPE p>' || :'card');
SELECT scheme_from_pmml('PMML');

-- scheme_to_pmml, and back
SELECT scheme_to_pmml(scheme_from_pmml(:'card'), embed => false) AS written \gset
\echo :written
SELECT scheme_to_pmml(scheme_from_pmml(:'written'), embed => false) = :'written' AS the_same_file;
SELECT count(*) AS written, bool_and(scheme_from_pmml(scheme_to_pmml(document)) = document) AS alike
FROM schemes WHERE version = 1 AND scheme IN ('lead_conversion', 'churn_risk');
SELECT to_jsonb(scheme_from_pmml(replace(scheme_to_pmml(document), 'partialScore="24"', 'partialScore="25"'))) -> 'title' = to_jsonb(document) -> 'title' AS title_stays,
    to_jsonb(scheme_from_pmml(replace(scheme_to_pmml(document), 'partialScore="24"', 'partialScore="25"'))) #> '{characteristics,2,bins,0}' AS edited
FROM schemes WHERE scheme = 'lead_conversion' AND version = 1;
SELECT scheme_to_pmml(document) FROM schemes WHERE scheme = 'abc_share' AND version = 1;
SELECT scheme_to_pmml(document) FROM schemes WHERE scheme = 'bank_segments' AND version = 1;
SELECT scheme_to_pmml('{"scheme": "s", "inputs": [{"name": "n", "type": "number", "missing": "null"}, {"name": "m", "type": "number"}], "characteristics": [{"name": "n", "input": "n", "baseline": 1, "bins": [{"code": "a", "gte": 1, "points": 1}, {"code": "b", "lt": 1, "points": 0}, {"code": "c", "missing": true, "points": 0}]}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "A"}]}, "tiers": [{"code": "A"}]}');
SELECT scheme_to_pmml('{"scheme": "s", "inputs": [{"name": "n", "type": "number"}], "characteristics": [{"name": "n", "input": "n", "baseline": 1, "bins": [{"code": "a", "gte": 1, "points": 1}, {"code": "b", "lt": 1, "points": 0}]}],
    "score": {"weights": {"n": 2}}, "decision": {"method": "score", "cuts": [{"tier": "A"}]}, "tiers": [{"code": "A"}]}');
SELECT scheme_to_pmml('{"scheme": "s", "inputs": [{"name": "d", "type": "date"}], "characteristics": [{"name": "d", "input": "d", "bins": [{"code": "a", "gte": "-P1M", "points": 1}, {"code": "b", "lt": "-P1M", "points": 0}]}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "A"}]}, "tiers": [{"code": "A"}]}');
SELECT scheme_to_pmml('{"scheme": "s", "inputs": [{"name": "d", "type": "date"}], "characteristics": [{"name": "d", "input": "d", "bins": [{"code": "a", "gte": "this_quarter", "points": 1}, {"code": "b", "lt": "this_quarter", "points": 0}]}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "A"}]}, "tiers": [{"code": "A"}]}');

-- scheme_from_table: rules kept in rows
CREATE TEMP TABLE discounts (line integer, "Order value" text, region text, loyal boolean, tier text, why text);
INSERT INTO discounts VALUES (20, '[100..500)', 'not("north")', NULL, 'silver', 'a good order'), (10, '>= 500', NULL, true, 'gold', NULL), (30, '', '-', NULL, 'basic', '其余客户');
SELECT jsonb_pretty(to_jsonb(scheme_from_table('discounts', 'discounts', rule_order => 'line', annotation => 'why')));
SELECT value, region, loyal, grade(scheme_from_table('discounts', 'discounts', rule_order => 'line', annotation => 'why'), now(), value, region, loyal)
FROM (VALUES (500, 'north', true), (500, 'south', false), (499.99, 'south', true), (499.99, 'north', true), (100, NULL, NULL), (NULL, NULL, NULL)) AS v (value, region, loyal);
-- values of a column that is no text
CREATE TEMP TABLE days (since date, level integer, tier text);
INSERT INTO days VALUES ('2026-01-31', 3, 'A'), ('2026-02-01', NULL, 'B');
SELECT to_jsonb(scheme_from_table('days', 'days', hit_policy => 'unique', otherwise => 'C', tiers => '{C,B,A}')) #- '{inputs}';
-- and back
SELECT * FROM scheme_to_table(scheme_from_table('discounts', 'discounts', rule_order => 'line', annotation => 'why'), 'en');
CREATE TEMP TABLE again AS SELECT rule, tests ->> 'Order_value' AS "Order value", tests ->> 'region' AS region, tests ->> 'loyal' AS loyal, tier, annotation FROM scheme_to_table(scheme_from_table('discounts', 'discounts', rule_order => 'line', annotation => 'why'));
SELECT scheme_from_table('again', 'discounts', rule_order => 'rule', annotation => 'annotation') = scheme_from_table('discounts', 'discounts', rule_order => 'line', annotation => 'why') AS alike;
SELECT * FROM scheme_to_table((SELECT document FROM schemes WHERE scheme = 'abc_share' AND version = 1), 'zh');
SELECT count(*) FROM scheme_to_table(NULL);
-- what is wrong
SELECT scheme_from_table('discounts', 'discounts', annotation => 'why');
SELECT scheme_from_table('discounts', 'discounts', tier => 'level', rule_order => 'line');
SELECT scheme_from_table('discounts', 'discounts', rule_order => 'line', hit_policy => 'most');
SELECT scheme_from_table('discounts', 'discounts', rule_order => 'line');
UPDATE discounts SET why = NULL, "Order value" = '100-500' WHERE line = 20;
SELECT scheme_from_table('discounts', 'discounts', rule_order => 'line', annotation => 'why');
UPDATE discounts SET "Order value" = '"many"' WHERE line = 20;
SELECT scheme_from_table('discounts', 'discounts', rule_order => 'line', annotation => 'why');
UPDATE discounts SET "Order value" = '-', region = 'north' WHERE line = 20;
SELECT scheme_from_table('discounts', 'discounts', rule_order => 'line', annotation => 'why');
UPDATE discounts SET region = '-', tier = ' ' WHERE line = 20;
SELECT scheme_from_table('discounts', 'discounts', rule_order => 'line', annotation => 'why');
SELECT scheme_from_table('pg_catalog.pg_am', 'discounts', tier => 'amname', hit_policy => 'any');
SELECT scheme_from_table('no_table', 'discounts');
SELECT scheme_from_table(NULL, 'discounts') IS NULL AS of_nothing;
SELECT * FROM scheme_to_table((SELECT document FROM schemes WHERE scheme = 'abc_share' AND version = 1), 'xx');
