-- Customers who are merged, renamed, handed over or gone, and what becomes of contacts, promises, plans, overrides and claims.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA hand_test;
SELECT create_scheme('{"scheme": "hand", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "gte": 500, "lt": 1000}, {"code": "bronze", "lt": 500}]}],
    "decision": {"method": "bands", "characteristic": "c"},
    "tiers": [{"code": "gold", "followup": {"every": "P1D"}}, {"code": "silver", "followup": {"every": "P30D"}}, {"code": "bronze", "followup": {"every": "P360D"}}]}'), approve_scheme('hand');

-- E03: two customers who are one.
CREATE TABLE hand_test.clients (id integer PRIMARY KEY, spend numeric, owner text);
INSERT INTO hand_test.clients VALUES (1, 100, 'anna'), (2, 700, 'anna');
SELECT create_program('twins', 'hand', 'hand_test.clients', key => 'id', owner_column => 'owner');
CALL retier('twins');
SELECT tier FROM log_followup('twins', '2', 'phone', at => '2026-06-10 10:00+00', promise => 'sample', promised_at => now() + interval '3 days');
SELECT tier FROM log_followup('twins', '1', 'mail', at => '2026-06-10 10:00+00');
SELECT tier FROM log_followup('twins', '1', 'mail', at => '2026-05-01 10:00+00');
SELECT plan_followup('twins', '2', current_date + 20, 'trade fair') = current_date + 20 AS planned;
SELECT log_complaint('twins', '2', 'came late', '2026-06-11 10:00+00'), override_tier('twins', '2', 'gold', 'on the board');
BEGIN;
UPDATE hand_test.clients SET spend = 800 WHERE id = 1;
DELETE FROM hand_test.clients WHERE id = 2;
COMMIT;
SELECT merge_customers('twins', '2', '1', 'the same person');
SELECT customer, tier, assigned_tier, overridden, override_reason, last_followup, next_due = (SELECT due FROM followup_plans p WHERE p.program = 'twins') AS due_as_planned FROM current_tiers WHERE program = 'twins';
SELECT customer, at, n, channel FROM followups WHERE program = 'twins' ORDER BY at, n;
SELECT customer, promise, status FROM promise_status WHERE program = 'twins';
SELECT customer, complaint FROM complaints WHERE program = 'twins';
SELECT customer, tier, reason FROM assignment_log WHERE program = 'twins' ORDER BY customer, since;
SELECT customer, kind, successor, reason, made_by = session_user AS by_me FROM successions WHERE program = 'twins';
SELECT kind, content FROM customer_log('twins', '1', 'en') WHERE kind = 'merged';
CALL retier('twins');
-- an older contact moves nothing
SELECT tier FROM log_followup('twins', '1', 'mail', at => '2026-06-01 10:00+00');
SELECT last_followup FROM current_tiers WHERE program = 'twins';
SELECT merge_customers('twins', '2', '1', ''), 1;
SELECT merge_customers('twins', '1', '1', 'x');
SELECT merge_customers('twins', '3', '1', 'x');
SELECT merge_customers('twins', '1', '2', 'x');
-- and taken back
INSERT INTO hand_test.clients VALUES (2, 700, 'anna');
SELECT undo_merge('twins', '2');
SELECT customer, tier, assigned_tier, overridden, last_followup FROM current_tiers WHERE program = 'twins' ORDER BY 1;
SELECT customer, at, n, channel FROM followups WHERE program = 'twins' ORDER BY customer, at, n;
SELECT customer, status FROM promise_status WHERE program = 'twins';
SELECT customer, kind, undone_at IS NOT NULL AS undone FROM successions WHERE program = 'twins';
SELECT undo_merge('twins', '2');
-- while the source has both, with a warning; the override that is chosen
SELECT override_tier('twins', '1', 'bronze', 'late payer');
SELECT merge_customers('twins', '2', '1', 'the same person', keep_override => 'from');
SELECT customer, tier, override_reason FROM current_tiers WHERE program = 'twins' ORDER BY 1;
SELECT erase_customer('twins', '1') > 0 AS erased;
SELECT count(*) FROM successions WHERE program = 'twins';

-- What is planned for either is open, of one day once; taken back, each has the own plans.
INSERT INTO hand_test.clients VALUES (31, 100, 'anna'), (32, 100, 'anna');
SELECT retier_customers('twins', '31', '32');
SELECT plan_followup('twins', '31', '9998-12-03', 'call'), plan_followup('twins', '31', '9998-12-09', 'visit', beside => true),
    plan_followup('twins', '32', '9998-12-05', 'mail'), plan_followup('twins', '32', '9998-12-09', 'fair', beside => true);
SET client_min_messages = error;
SELECT merge_customers('twins', '32', '31', 'the same person');
SELECT customer, due, note FROM open_plans WHERE program = 'twins' AND customer IN ('31', '32') ORDER BY 1, 2;
SELECT undo_merge('twins', '32');
RESET client_min_messages;
SELECT customer, due, note FROM open_plans WHERE program = 'twins' AND customer IN ('31', '32') ORDER BY 1, 2;
DELETE FROM hand_test.clients WHERE id > 30;
CALL retier('twins');

-- A customer under another key keeps everything.
SELECT tier FROM log_followup('twins', '2', 'visit', at => '2026-06-12 10:00+00');
UPDATE hand_test.clients SET id = 20 WHERE id = 2;
SELECT rename_customer('twins', '2', '21');
SELECT rename_customer('twins', '2', '20', 'new numbers') > 2 AS renamed;
CALL retier('twins');
SELECT customer, tier, last_followup FROM current_tiers WHERE program = 'twins' AND customer = '20';
SELECT customer, count(*) FROM assignment_log WHERE program = 'twins' AND customer IN ('2', '20') GROUP BY 1;
SELECT kind, content FROM customer_log('twins', '20', 'zh') WHERE kind = '客户编号变更';
SELECT rename_customer('twins', '20', '1');
SELECT rename_customer('twins', '2', '20');

-- E04: what was promised to somebody who is gone is not broken.
CREATE TABLE hand_test.left_us (id integer PRIMARY KEY, spend numeric, owner text);
INSERT INTO hand_test.left_us VALUES (1, 5000, 'anna'), (2, 10, 'anna');
SELECT create_program('left_us', 'hand', 'hand_test.left_us', key => 'id', owner_column => 'owner');
CALL retier('left_us');
SELECT tier FROM log_followup('left_us', '1', 'phone', promise => 'sample', promised_at => now() + interval '1 day');
SELECT tier FROM log_followup('left_us', '1', 'phone', at => now() - interval '3 days', promise => 'offer', promised_at => now() - interval '2 days');
DELETE FROM hand_test.left_us WHERE id = 1;
CALL retier('left_us');
SELECT promise, status FROM promise_status WHERE program = 'left_us' ORDER BY 1;
SELECT sum(promises_broken) FROM owner_performance WHERE program = 'left_us';
SELECT DISTINCT kind FROM customer_log WHERE program = 'left_us' AND customer = '1' AND kind LIKE 'promise%' ORDER BY 1;
INSERT INTO hand_test.left_us VALUES (1, 5000, 'anna');
CALL retier('left_us');
SELECT promise, status FROM promise_status WHERE program = 'left_us' ORDER BY 1;

-- E05: anna leaves, ben takes over.
CREATE TABLE hand_test.owned (id integer PRIMARY KEY, spend numeric, owner text);
INSERT INTO hand_test.owned SELECT i, 2000, 'anna' FROM generate_series(1, 5) AS i;
SELECT create_program('owned', 'hand', 'hand_test.owned', key => 'id', owner_column => 'owner');
CALL retier('owned');
SELECT tier FROM log_followup('owned', '1', 'phone', at => now() - interval '3 days', promise => 'offer', promised_at => now() + interval '1 day');
SELECT tier FROM log_followup('owned', '1', 'phone', at => now() - interval '9 days', promise => 'call', promised_at => now() - interval '8 days');
SELECT count(*) FROM claim_followups('owned', 'anna', 2, '1 day');
-- asked again it gives the same, and what is missing
SELECT count(*) FROM claim_followups('owned', 'anna', 2, '1 day', again => true);
SELECT count(*) FROM claim_followups('owned', 'anna', 3, '1 day', again => true);
SELECT count(*) FROM followups_due WHERE program = 'owned' AND claimed_by = 'anna';
SELECT release_claims('owned', 'anna', '3'), release_claims('owned', 'nobody') AS of_nobody;
UPDATE hand_test.owned SET owner = 'ben';
CALL retier('owned');
SELECT count(*) AS claimed FROM followups_due WHERE program = 'owned' AND claimed_by IS NOT NULL;
SELECT count(*) AS ben_gets FROM claim_followups('owned', 'ben', 5);
SELECT release_claims('owned', 'ben');
SELECT promise, owner, status FROM promise_status WHERE program = 'owned' ORDER BY 1;
SELECT keep_promise('owned', '1', (SELECT made_at FROM promises WHERE program = 'owned' AND promise = 'offer')) > now() AS in_time;
SELECT owner, sum(promises_kept) AS kept, sum(promises_broken) AS broken FROM owner_performance WHERE program = 'owned' GROUP BY 1 ORDER BY 1;
-- now, on record, and some only
UPDATE hand_test.owned SET owner = 'carl' WHERE id < 3;
SELECT tier FROM log_followup('owned', '5', 'phone', promise => 'list', promised_at => now() + interval '1 day');
UPDATE hand_test.owned SET owner = 'carl' WHERE id = 5;
SELECT * FROM hand_over('owned', 'ben', 'carl');
SELECT from_owner, to_owner, customers, promises, made_by = session_user AS by_me FROM hand_overs WHERE program = 'owned';
SELECT owner, count(*) FROM current_tiers WHERE program = 'owned' GROUP BY 1 ORDER BY 1;
UPDATE hand_test.owned SET owner = 'dora';
SELECT * FROM hand_over('owned', 'carl', 'dora', only_customers => '{1}');
SELECT owner, count(*) FROM current_tiers WHERE program = 'owned' GROUP BY 1 ORDER BY 1;
SELECT hand_over('owned', 'ben', 'ben');

-- An agent whose contact takes up another owner takes the promise along, and gives it to nobody else.
CREATE ROLE hand_agent;
SELECT grant_agent('hand_agent');
GRANT USAGE ON SCHEMA hand_test TO hand_agent;
GRANT SELECT ON ALL TABLES IN SCHEMA hand_test TO hand_agent;
SET ROLE hand_agent;
SELECT tier FROM log_followup('owned', '5', 'phone');
SELECT owner FROM promise_status WHERE program = 'owned' AND promise = 'list';
UPDATE promises SET owner = 'somebody' WHERE program = 'owned' AND promise = 'list';
SELECT owner FROM promise_status WHERE program = 'owned' AND promise = 'list';
SELECT merge_customers('owned', '1', '2', 'x');
RESET ROLE;

SELECT drop_program('twins'), drop_program('left_us'), drop_program('owned');
SELECT count(*) FROM successions, hand_overs;
DROP SCHEMA hand_test CASCADE;
DROP OWNED BY hand_agent;
DROP ROLE hand_agent;
