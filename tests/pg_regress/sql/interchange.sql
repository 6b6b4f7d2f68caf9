-- Schemes in the formats of others: SQL, decision tables of DMN.
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
