-- What happened with a customer over time, and check-lists that are ticked with a contact.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA log_test;
CREATE TABLE log_test.clients (id integer PRIMARY KEY, annual_value numeric, owner text);
INSERT INTO log_test.clients SELECT g, 1000, CASE WHEN g % 2 = 0 THEN 'anna' END FROM generate_series(1, 3000) AS g;
SELECT create_scheme('{"scheme": "log_test", "inputs": [{"name": "annual_value", "type": "number"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "annual_value", "gt": 200000}, "tier": "A"}], "otherwise": "C"},
    "tiers": [{"code": "A", "strategy": [{"area": "contact", "check": "own_item", "action": {"en": "Is the customer greeted by name?", "zh": "是否称呼客户姓名？"}},
        {"area": "offers", "action": {"en": "A present", "zh": "赠送礼品"}}]}, {"code": "C"}]}'), approve_scheme('log_test');
SELECT create_program('log', 'log_test', 'log_test.clients', 'id', owner_column => 'owner');
CALL retier('log');

-- ticked: sorted, each once; codes of overlays and of the program's own strategies
SELECT "check", title, content, source FROM check_list('log');
SELECT "check", title, content FROM check_list(lang => '中文') WHERE source = 'service_checklist';
UPDATE log_test.clients SET annual_value = 300000 WHERE id = 2;
SELECT tier, previous_tier, strategy_text FROM log_followup('log', '2', '电话', 'reached', 'they want a new offer', at => '2026-01-31 10:00+00', checks => '{confidence,attention,confidence}');
SELECT strategy_text, jsonb_array_length(strategy) AS actions FROM log_followup('log', '2', at => '2026-01-31 11:00+00', checks => '{attention,own_item}', lang => 'zh_CN');
SELECT strategy_text FROM log_followup('log', '2', at => '2026-01-31 12:00+00', checks => '{}', lang => 'en');
SELECT at, checks FROM followups WHERE program = 'log' ORDER BY at;
SELECT owner, month, "check", title_en, title_zh, ticked, share FROM owner_checks WHERE program = 'log' ORDER BY "check";
SELECT log_followup('log', '2', checks => '{attention,politeness}');
SELECT log_followup('log', '2', checks => '{NULL}');
SELECT log_followup('log', '2', lang => 'fr');
SELECT * FROM check_list('log', 'fr');
SELECT count(*) AS as_before FROM followups WHERE program = 'log';

-- one row an event
INSERT INTO promises (program, customer, made_at, promise, promised_at, kept_at, withdrawn_at, owner, made_by, kept_by) VALUES
    ('log', '2', '2026-01-05 00:00+00', 'in time', '2026-01-09 00:00+00', '2026-01-08 00:00+00', NULL, 'anna', 'a', 'b'),
    ('log', '2', '2026-01-06 00:00+00', 'too late', '2026-01-09 00:00+00', '2026-01-10 00:00+00', NULL, 'anna', 'a', 'b'),
    ('log', '2', '2026-01-07 00:00+00', 'never', '2026-01-09 00:00+00', NULL, NULL, 'anna', 'a', NULL),
    ('log', '2', '2026-01-08 00:00+00', 'not wanted', '2026-01-09 00:00+00', NULL, '2026-01-08 12:00+00', 'anna', 'a', NULL),
    ('log', '2', '2026-01-08 01:00+00', 'still due', '2999-01-09 00:00+00', NULL, NULL, 'anna', 'a', NULL);
SELECT log_complaint('log', '2', 'came broken', '2026-01-11 00:00+00', '微信'), resolve_complaint('log', '2', 'sent anew', resolved_at => '2026-01-12 00:00+00');
UPDATE complaints SET logged_by = 'a', resolved_by = 'b';
INSERT INTO overrides VALUES ('log', '2', '2026-01-13 00:00+00', '2026-01-14 00:00+00', 'A', 'a friend', 'a', 'b');
INSERT INTO followup_plans VALUES ('log', '2', '2026-01-15 00:00+00', 'plan', '2026-01-20', 'birthday', 'a'), ('log', '2', '2026-01-16 00:00+00', 'snooze', '2026-01-22', 'on leave', 'a');
INSERT INTO reviews VALUES ('log', '2', '2026-01-17 00:00+00', 'keep', 'as it should be', 'A', 'A', 'a');
UPDATE assignment_log SET since = CASE reason WHEN 'first' THEN '2026-01-01 00:00+00' ELSE '2026-01-04 00:00+00' END::timestamptz, changed_by = 'a' WHERE program = 'log' AND customer = '2';
UPDATE followups SET logged_by = 'a' WHERE program = 'log';
SELECT at, kind, code, text_en, by_whom FROM customer_log WHERE program = 'log' AND customer = '2' ORDER BY at, kind;
SELECT kind, content FROM customer_log('log', ' 2', 'zh');
SELECT DISTINCT kind FROM customer_log WHERE kind NOT IN (SELECT code FROM vocabulary) OR kind_zh !~ '[一-龥]';
SELECT * FROM customer_log('log', 'nobody');
SELECT * FROM customer_log('nothing', '1');
SELECT * FROM customer_log('log', '2', 'latin');

-- One customer of many is found by key, in every table, whether ANALYZE has seen it or not.
INSERT INTO followups (program, customer, at) SELECT 'log', g::text, '2026-01-01' FROM generate_series(1, 3000) AS g;
INSERT INTO promises (program, customer, made_at, promised_at) SELECT 'log', g::text, '2026-01-01', '2999-01-02' FROM generate_series(1, 3000) AS g;
INSERT INTO complaints (program, customer, at, complaint) SELECT 'log', g::text, '2026-01-01', 'x' FROM generate_series(1, 3000) AS g;
INSERT INTO overrides (program, customer, since, tier, reason) SELECT 'log', g::text, '2026-01-01', 'A', 'x' FROM generate_series(1, 3000) AS g;
INSERT INTO followup_plans (program, customer, planned_at, kind, due) SELECT 'log', g::text, '2026-01-01', 'plan', '2026-01-02' FROM generate_series(1, 3000) AS g;
INSERT INTO reviews (program, customer, at, decision, reason) SELECT 'log', g::text, '2026-01-01', 'keep', 'x' FROM generate_series(1, 3000) AS g;
CREATE FUNCTION log_test.rows_of(query text) RETURNS numeric
    LANGUAGE plpgsql
AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT json) ' || query INTO plan;
    RETURN (SELECT sum((n ->> 'Actual Loops')::numeric * ((n ->> 'Actual Rows')::numeric + coalesce((n ->> 'Rows Removed by Filter')::numeric, 0)
        + coalesce((n ->> 'Rows Removed by Join Filter')::numeric, 0) + coalesce((n ->> 'Rows Removed by Index Recheck')::numeric, 0)))
        FROM jsonb_path_query(plan, 'strict $.**?(exists(@."Actual Loops"))') AS n);
END
$$;
SELECT log_test.rows_of('SELECT * FROM tiering.customer_log WHERE program = ''log'' AND customer = ''7'' ORDER BY at') < 100 AS by_key;
SELECT log_test.rows_of('SELECT * FROM tiering.early_warnings WHERE program = ''log'' AND customer = ''7''') < 100 AS by_key;
SELECT log_test.rows_of('SELECT * FROM tiering.reviews_due WHERE program = ''log'' AND name = ''7''') < 100 AS by_key;
-- and the whole program costs as much as it has customers: each with each of 3000 would be nine million rows
SELECT log_test.rows_of(format('SELECT * FROM tiering.%I WHERE program = ''log''', v)) < 1000000 AS in_proportion FROM unnest('{customer_log,early_warnings,reviews_due,owner_checks,complaint_status}'::text[]) AS v;
ANALYZE followups, promises, complaints, overrides, followup_plans, reviews, assignment_log, assignments;
SELECT log_test.rows_of('SELECT * FROM tiering.customer_log WHERE program = ''log'' AND customer = ''7'' ORDER BY at') < 100 AS by_key;
SELECT log_test.rows_of('SELECT * FROM tiering.early_warnings WHERE program = ''log'' AND customer = ''7''') < 100 AS by_key;
SELECT log_test.rows_of('SELECT * FROM tiering.reviews_due WHERE program = ''log'' AND name = ''7''') < 100 AS by_key;
SELECT log_test.rows_of(format('SELECT * FROM tiering.%I WHERE program = ''log''', v)) < 1000000 AS in_proportion FROM unnest('{customer_log,early_warnings,reviews_due,owner_checks,complaint_status}'::text[]) AS v;

SELECT drop_program('log');
SELECT retire_scheme('log_test');
DELETE FROM schemes WHERE scheme = 'log_test';
DROP SCHEMA log_test CASCADE;
