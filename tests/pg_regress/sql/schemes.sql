-- The life of a scheme: draft, approved, retired; versions; derived schemes.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;

SELECT scheme, version, status, built_in FROM schemes WHERE scheme = 'rfm';
SELECT derive_scheme('abc_share', 'abc_shop', '{"title": {"en": "ABC of the shop"}}');
SELECT customer_tier('abc_shop', 5000);
SELECT approve_scheme('abc_shop');
SELECT customer_tier('abc_shop', 5000);
SELECT approve_scheme('abc_shop');
SELECT create_scheme(current_scheme('abc_shop'));

-- a second version takes over when it is approved, and gives way when it is retired
SELECT revise_scheme(merge_patch(current_scheme('abc_shop')::jsonb, '{"characteristics": [{"name": "value_class",
    "input": "annual_value", "bins": [{"code": "A", "gte": 1000}, {"code": "B", "gte": 100, "lt": 1000}, {"code": "C", "lt": 100}]}]}')::scheme);
SELECT customer_tier('abc_shop', 5000);
SELECT approve_scheme('abc_shop', 2);
SELECT customer_tier('abc_shop', 5000), explain_tier('abc_shop', 5000) ->> 'version' AS version;
-- a call site that outlives its statement looks again
DO $$
BEGIN
    FOR i IN 1..2 LOOP
        RAISE NOTICE 'version in force says %', customer_tier('abc_shop', 5000);
        IF i = 1 THEN PERFORM retire_scheme('abc_shop'); END IF;
    END LOOP;
END $$;
SELECT version, status, created_by = session_user AS by_me, approved_by = session_user AS approved_by_me, retired_at IS NOT NULL AS retired
FROM schemes WHERE scheme = 'abc_shop' ORDER BY version;

-- an approved version does not change, a retired one neither; drafts do
UPDATE schemes SET document = merge_patch(document::jsonb, '{"title": {"en": "x"}}')::scheme WHERE scheme = 'abc_shop' AND version = 1;
UPDATE schemes SET status = 'draft' WHERE scheme = 'abc_shop' AND version = 1;
DELETE FROM schemes WHERE scheme = 'abc_shop' AND version = 1;
UPDATE schemes SET status = 'approved' WHERE scheme = 'abc_shop' AND version = 2;
SELECT revise_scheme(current_scheme('abc_shop'));
UPDATE schemes SET document = merge_patch(document::jsonb, '{"title": {"en": "x"}}')::scheme WHERE scheme = 'abc_shop' AND version = 3;
DELETE FROM schemes WHERE scheme = 'abc_shop' AND version = 3;
-- what came with the extension stays
UPDATE schemes SET status = 'retired' WHERE scheme = 'rfm';
DELETE FROM schemes WHERE scheme = 'rfm';
SELECT retire_scheme('rfm');

-- the policy as a manager reads it
SELECT section, item, content, basis FROM describe_scheme('sales_readiness') WHERE section NOT IN ('Strategy');
SELECT section, item, content, basis FROM describe_scheme('sales_readiness', 'zh') WHERE section <> '服务策略';

-- errors
SELECT revise_scheme(current_scheme('rfm'));
SELECT * FROM describe_scheme('rfm', 'fr');
SELECT derive_scheme('abc_share', 'abc_shop', '{}');
SELECT derive_scheme('nothing', 'other', '{}');
SELECT derive_scheme('abc_share', 'broken', '{"decision": null}');
SELECT derive_scheme('abc_share', 'no array', '{}');
SELECT revise_scheme(merge_patch(current_scheme('abc_share')::jsonb, '{"scheme": "unheard_of"}')::scheme);
SELECT approve_scheme('unheard_of');
SELECT approve_scheme('abc_shop', 17);
SELECT retire_scheme('abc_shop', 2);
SELECT retire_scheme('abc_shop', 1);
SELECT customer_tier('abc_shop', 5000);
SELECT count(*) FROM schemes WHERE scheme IN ('broken', 'no array', 'unheard_of');
-- doubts are told when it is approved
SELECT create_scheme('{"scheme": "holes", "inputs": [{"name": "x", "type": "number"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "x", "gt": 0}, "tier": "A"}]},
    "tiers": [{"code": "A"}, {"code": "B"}]}');
SELECT approve_scheme('holes');
SELECT customer_tier('holes', 1), customer_tier('holes', 0) IS NULL AS ungraded;

-- the shop window
SELECT scheme, title_en, title_zh, method, inputs, tiers, source_id FROM catalogue WHERE scheme IN ('rfm', 'sales_readiness') ORDER BY scheme;

DELETE FROM schemes WHERE scheme = 'abc_shop';
SELECT retire_scheme('holes');
DELETE FROM schemes WHERE scheme = 'holes';

-- E20: a finding by which customers fail refuses approval, unless it is forced.
SELECT create_scheme('{"scheme": "overlapping", "title": {"en": "x"}, "inputs": [{"name": "v", "type": "number"}], "decision": {"method": "rules", "hit_policy": "unique", "rules": [
    {"when": {"input": "v", "between": [0, 100]}, "tier": "a"}, {"when": {"input": "v", "between": [100, 200]}, "tier": "b"}]}, "tiers": [{"code": "a"}, {"code": "b"}]}');
SELECT approve_scheme('overlapping');
SELECT status FROM schemes WHERE scheme = 'overlapping';
SELECT approve_scheme('overlapping', force => true);
SELECT status FROM schemes WHERE scheme = 'overlapping';
SELECT retire_scheme('overlapping');
