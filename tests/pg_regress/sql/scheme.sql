-- The type tiering.scheme: input, output, equality, casts, errors that name the place.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;

CREATE TABLE documents (name text PRIMARY KEY, body jsonb);
INSERT INTO documents VALUES ('size', '{
    "scheme": "size", "title": {"en": "Size", "zh": "规模"},
    "inputs": [{"name": "employees", "type": "integer"}],
    "characteristics": [{"name": "class", "input": "employees",
        "bins": [{"code": "large", "gte": 250}, {"code": "medium", "gte": 50, "lt": 250}, {"code": "small", "lt": 50}]}],
    "decision": {"method": "bands", "characteristic": "class"},
    "tiers": [{"code": "large"}, {"code": "medium"}, {"code": "small"}]}');

-- canonical form: order of keys, numbers and left-out defaults do not matter
SELECT body::scheme FROM documents;
SELECT '{"tiers":[{"code":"a"}],"timezone":"UTC","decision":{"otherwise":"a","rules":[{"tier":"a","when":{"eq":1.50,"input":"x"}}],"hit_policy":"first","method":"rules"},"inputs":[{"missing":"ungraded","type":"number","name":"x"}],"scheme":"s"}'::scheme
     = '{"scheme":"s","inputs":[{"name":"x","type":"number"}],"decision":{"method":"rules","hit_policy":"first","rules":[{"when":{"input":"x","eq":1.5},"tier":"a"}],"otherwise":"a"},"tiers":[{"code":"a"}]}'::scheme AS same;
SELECT body::scheme <> merge_patch(body, '{"title": null}')::scheme AS different FROM documents;
SELECT body::scheme::text::scheme = body::scheme AS text_round_trip,
       body::scheme::jsonb::scheme = body::scheme AS jsonb_round_trip FROM documents;
SELECT count(*) FROM (SELECT body::scheme AS s FROM documents UNION SELECT body::scheme FROM documents) u;
SELECT scheme_name(body::scheme), length(scheme_digest(body::scheme)) FROM documents;
SELECT NULL::text::scheme IS NULL AS null_stays_null;

-- binary round trip through COPY
CREATE TABLE binary_copy (s scheme);
INSERT INTO binary_copy SELECT body::scheme FROM documents;
SELECT substr(scheme_send(s), 1, 12) FROM binary_copy;

-- what is refused, and how
SELECT ''::scheme;
SELECT 'no JSON'::scheme;
SELECT '[]'::scheme;
SELECT '{"scheme": "s"}'::scheme;
SELECT merge_patch(body, '{"colour": "red"}')::scheme FROM documents;
SELECT merge_patch(body, '{"scheme": "Größe!"}')::scheme FROM documents;
SELECT merge_patch(body, '{"timezone": "Mars/Olympus"}')::scheme FROM documents;
SELECT merge_patch(body, '{"inputs": []}')::scheme FROM documents;
SELECT merge_patch(body, '{"inputs": [{"name": "employees", "type": "money"}]}')::scheme FROM documents;
SELECT merge_patch(body, '{"tiers": [{"code": "large"}, {"code": "medium"}, {"code": "small"}, {"code": "large"}]}')::scheme FROM documents;
SELECT merge_patch(body, '{"tiers": [{"code": "large"}, {"code": "medium"}]}')::scheme FROM documents;
SELECT merge_patch(body, '{"tiers": [{"code": "large", "followup": {"every": "P-1D"}}, {"code": "medium"}, {"code": "small"}]}')::scheme FROM documents;
SELECT merge_patch(body, '{"characteristics": [{"name": "class", "input": "employees",
    "bins": [{"code": "large", "gte": 250}, {"code": "medium", "gte": 60, "lt": 250}, {"code": "small", "lt": 50}]}]}')::scheme FROM documents;
SELECT merge_patch(body, '{"characteristics": [{"name": "class", "input": "employees",
    "bins": [{"code": "large", "gte": 250}, {"code": "medium", "gte": 40, "lt": 250}, {"code": "small", "lt": 50}]}]}')::scheme FROM documents;
SELECT merge_patch(body, '{"characteristics": [{"name": "class", "input": "staff", "bins": [{"code": "large"}]}]}')::scheme FROM documents;
SELECT merge_patch(body, '{"decision": {"method": "bands", "characteristic": "class", "cuts": []}}')::scheme FROM documents;
-- deep and long documents
SELECT repeat('[', 10000)::scheme;
SELECT (repeat('{"a":', 10000) || '1' || repeat('}', 10000))::scheme;
SELECT ('"' || repeat('x', 10000000) || '"')::scheme;

-- the JSON Schema describes the documents
SELECT s ->> '$schema' AS dialect, s -> 'required' AS required, s #> '{properties,scheme,type}' AS name_type
FROM scheme_json_schema() s;

-- check_scheme
SELECT * FROM documents, check_scheme(body::scheme);
CREATE TEMP VIEW doubtful AS SELECT '{"scheme": "doubtful",
    "inputs": [{"name": "spend", "type": "number"}, {"name": "kind", "type": "text", "allowed": ["shop", "chain"]}],
    "decision": {"method": "rules", "hit_policy": "unique", "rules": [
        {"when": {"input": "spend", "gte": 100}, "tier": "A"},
        {"when": {"all": [{"input": "spend", "gte": 50}, {"input": "kind", "eq": "chain"}]}, "tier": "B"},
        {"when": {"all": [{"input": "spend", "lt": 10}, {"input": "spend", "gt": 20}]}, "tier": "C"}]},
    "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]}'::jsonb AS body;
SELECT c.* FROM doubtful, check_scheme(body::scheme) c;
SELECT c.finding, c.message FROM doubtful, check_scheme(body::scheme, '中文') c;
SELECT count(*) AS without_a_language FROM doubtful, check_scheme(body::scheme, NULL) c;
SELECT c.* FROM doubtful, check_scheme(body::scheme, 'fr') c;
SELECT c.* FROM documents, check_scheme(merge_patch(body, '{"characteristics": [{"name": "class", "input": "employees",
    "bins": [{"code": "medium", "gte": 50, "lt": 250}, {"code": "large", "gte": 250}, {"code": "small", "lt": 50}]}]}')::scheme) c;

DROP TABLE documents, binary_copy CASCADE;
