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
