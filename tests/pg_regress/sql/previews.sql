-- Before approval (E09): who would move under new criteria, what that means for the work, and two schemes side by side.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA preview_test;
SELECT create_scheme('{"scheme": "preview", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "gte": 500, "lt": 1000}, {"code": "bronze", "lt": 500}]}],
    "decision": {"method": "bands", "characteristic": "c"}, "stability": {"term": "P1Y"},
    "tiers": [{"code": "gold", "followup": {"every": "P1W"}}, {"code": "silver", "followup": {"every": "P1M"}}, {"code": "bronze", "followup": {"every": "P1Y"}}]}'), approve_scheme('preview');
CREATE TABLE preview_test.clients AS SELECT i AS id, i * 10::numeric AS spend, CASE WHEN i % 2 = 0 THEN 'anna' ELSE 'ben' END AS owner FROM generate_series(1, 200) AS i;
SELECT create_program('preview', 'preview', 'preview_test.clients', key => 'id', owner_column => 'owner');
CALL retier('preview');
SELECT override_tier('preview', '60', 'bronze', 'late payer'), override_tier('preview', '10', 'silver', 'goodwill', kind => 'at_least');
-- gold from 800 on, silver from 600: nobody goes down within the term
SELECT revise_scheme(scheme(jsonb_set(jsonb_set(to_jsonb(current_scheme('preview')), '{characteristics,0,bins}',
    '[{"code": "gold", "gte": 800}, {"code": "silver", "gte": 600, "lt": 800}, {"code": "bronze", "lt": 600}]'), '{tiers,0,followup,every}', '"P2W"')));
SELECT from_tier, to_tier, reason, overridden, count(*), min(customer::integer), max(customer::integer) FROM retier_preview('preview', version => 2) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 4;
SELECT count(*) FROM retier_preview('preview');
SELECT * FROM workload_preview('preview', 2);
SELECT owner, sum(contacts_now) AS now, sum(contacts_then) AS later FROM workload_preview('preview', 2) GROUP BY 1 ORDER BY 1;
SELECT sum(customers_now) AS now, sum(customers_then) AS later, bool_and(contacts_now = contacts_then) AS same FROM workload_preview('preview');
-- after a year without the term, who falls
SELECT from_tier, to_tier, count(*) FROM retier_preview('preview', now() + interval '2 years', 2) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FROM retier_preview('preview', version => 3);
SELECT * FROM workload_preview('preview', 3);
SELECT * FROM workload_preview('nothing');
-- Nothing was written.
SELECT applied_version FROM programs WHERE program = 'preview';
SELECT count(*) FROM assignment_log WHERE program = 'preview';

-- A shadow: another scheme on the same customers.
SELECT derive_scheme('preview', 'preview_shadow', '{"title": {"en": "x"}, "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1500}, {"code": "silver", "gte": 500, "lt": 1500}, {"code": "bronze", "lt": 500}]}]}'), approve_scheme('preview_shadow');
SELECT create_program('shadow', 'preview_shadow', 'preview_test.clients', key => 'id', owner_column => 'owner');
CALL retier('shadow');
DELETE FROM preview_test.clients WHERE id = 200;
SELECT retier_customers('preview', '200'), clear_override('preview', '60'), clear_override('preview', '10');
SELECT * FROM compare_programs('preview', 'shadow');
SELECT * FROM program_agreement('preview', 'shadow');
SELECT agreement, kappa FROM program_agreement('shadow', 'shadow');
SELECT * FROM program_agreement('preview', 'nothing');
SELECT drop_program('preview'), drop_program('shadow');
DROP SCHEMA preview_test CASCADE;
