-- Contacts: logged, imported, planned, put off, promised, handed out. Days are shown as counted from today.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA followups_test;
CREATE TABLE followups_test.deals (id integer PRIMARY KEY, demand text, expected_close date, owner text);
INSERT INTO followups_test.deals VALUES (1, 'explicit', current_date + 10, 'anna'), (2, 'explicit', current_date + 60, 'anna'), (3, 'latent', NULL, 'ben'),
    (4, 'none', NULL, 'ben'), (5, 'explicit', current_date + 5, NULL), (6, NULL, NULL, 'anna');
SELECT create_program('deals', 'sales_readiness', 'followups_test.deals', 'id', owner_column => 'owner');
CALL retier('deals');
SELECT customer, tier, last_followup, least(greatest(next_due - current_date, -99), 365) AS due_in FROM current_tiers ORDER BY customer;

-- A contact: the next due day counts from it, and the customer is graded again from the source.
SELECT tier, previous_tier, computed_tier, least(greatest(next_due - current_date, -99), 365) AS due_in, calendar_known, strategy -> 0 -> 'area' AS area
FROM log_followup('deals', '2', 'phone', 'interested', 'call again');
UPDATE followups_test.deals SET expected_close = current_date + 3 WHERE id = 2;
SELECT tier, previous_tier, least(greatest(next_due - current_date, -99), 365) AS due_in FROM log_followup('deals', '2', 'visit', at => now() - interval '1 day');
SELECT customer, tier, reason, cause FROM assignment_history WHERE customer = '2' ORDER BY valid;
-- Late entries of earlier contacts leave the due day alone; the first contact at all moves it.
SELECT least(greatest(next_due - current_date, -99), 365) AS due_in FROM log_followup('deals', '2', at => now() - interval '40 days');
SELECT least(greatest(next_due - current_date, -99), 365) AS due_in FROM log_followup('deals', '3', at => now() - interval '40 days');
SELECT least(greatest(next_due - current_date, -99), 365) AS due_in FROM log_followup('deals', '3', at => now() - interval '20 days');
SELECT least(greatest(next_due - current_date, -99), 365) AS due_in FROM log_followup('deals', '3', at => now() - interval '30 days');
SELECT customer, current_date - at::date AS days_ago, n, channel, outcome, owner, tier, least(greatest(due - current_date, -99), 365) AS due_in, on_time, tier_after, logged_by = session_user AS by_me
FROM followups ORDER BY customer, at DESC;
-- two contacts at one time; a customer new in the source; one who has gone; none such
SELECT tier FROM log_followup('deals', '1', at => '2020-01-01'), log_followup('deals', '1', at => '2020-01-01') x (a, b, c, d, e, f);
SELECT n FROM followups WHERE customer = '1' ORDER BY n;
INSERT INTO followups_test.deals VALUES (7, 'explicit', current_date + 5, 'ben');
SELECT tier, previous_tier FROM log_followup('deals', '7');
DELETE FROM followups_test.deals WHERE id = 7;
SELECT tier FROM log_followup('deals', '7');
SELECT tier FROM log_followup('deals', '8');
SELECT tier FROM log_followup('deals', 'eight');
SELECT tier FROM log_followup('nothing', '1');
SELECT tier FROM log_followup('deals', '1', at => '2999-01-01');
SELECT tier FROM log_followup('deals', '1', at => '-infinity');
SELECT tier FROM log_followup('deals', '1', at => NULL);
SELECT tier FROM log_followup('deals', '1', promise => 'x');
SELECT tier FROM log_followup('deals', '1', at => '2020-01-01', promised_at => '2019-01-01');
SELECT count(*) FROM followups;  -- of the failed ones nothing was kept

-- Plans and snoozes
SELECT plan_followup('deals', '4', current_date + 3, 'birthday') - current_date AS due_in;
SELECT snooze_followup('deals', '4', current_date + 10, 'on leave') - current_date AS due_in;
SELECT snooze_followup('deals', '3', current_date + 30, 'on leave') - current_date AS due_in;
SELECT plan_followup('deals', '3', current_date + 2) - current_date AS due_in;
SELECT customer, least(greatest(due - current_date, -99), 365) AS due_in, planned, snoozed_until - current_date AS snoozed, urgency FROM followups_due ORDER BY due, customer;
CALL retier('deals');
SELECT count(*) FROM retier_preview('deals');
-- a contact before the plan was made does not fulfil it
SELECT least(greatest(next_due - current_date, -99), 365) AS due_in FROM log_followup('deals', '4', at => now() - interval '1 day');
SELECT least(greatest(next_due - current_date, -99), 365) AS due_in FROM log_followup('deals', '4');
SELECT customer, kind, least(greatest(due - current_date, -99), 365) AS due_in, reason, planned_by = session_user AS by_me FROM followup_plans ORDER BY customer, planned_at;
-- the same plan twice is one, until something else was planned
BEGIN;
SELECT plan_followup('deals', '2', current_date + 5, 'fair') = current_date + 5 AS planned, plan_followup('deals', '2', current_date + 5, 'fair') = current_date + 5 AS again;
SELECT snooze_followup('deals', '2', current_date + 6, 'ill') = current_date + 6 AS snoozed, snooze_followup('deals', '2', current_date + 6, 'ill') = current_date + 6 AS again;
SELECT plan_followup('deals', '2', current_date + 5, 'fair') = current_date + 5 AS planned;
SELECT kind, reason FROM followup_plans WHERE program = 'deals' AND customer = '2' ORDER BY planned_at;
ROLLBACK;
SELECT log_followup('deals', '4', at => '0044-03-15 BC');
SELECT log_followup('deals', '4', at => '4000-01-01 BC');
SELECT plan_followup('deals', '4', '2020-01-01');
SELECT plan_followup('deals', '4', NULL);
SELECT plan_followup('deals', '9', current_date);
SELECT snooze_followup('deals', '4', current_date + 1, NULL);

-- Promises
SELECT tier FROM log_followup('deals', '1', 'phone', promise => 'an offer', promised_at => now() + interval '2 days');
SELECT tier FROM log_followup('deals', '1', 'phone', at => '2020-01-02', promise => 'a sample', promised_at => '2020-01-10');
SELECT tier FROM log_followup('deals', '1', 'phone', at => '2020-01-03', promise => 'a visit', promised_at => '2020-01-11');
SELECT tier FROM log_followup('deals', '1', 'phone', at => '2020-01-04', promise => 'a call', promised_at => '2020-01-12');
SELECT keep_promise('deals', '1', made_at => '2020-01-03', kept_at => '2020-01-11');
SELECT keep_promise('deals', '1', '2020-01-04');
SELECT customer, promise, status, kept_by = session_user AS by_me, owner, tier FROM promise_status ORDER BY made_at;
SELECT withdraw_promise('deals', '1', '2020-01-02');
SELECT keep_promise('deals', '1') > now() AS the_offer;
SELECT keep_promise('deals', '1');
SELECT withdraw_promise('deals', '2');
SELECT keep_promise('deals', '1', kept_at => '2999-01-01');
SELECT customer, promise, status FROM promise_status ORDER BY made_at;

-- A whole log
CREATE TABLE followups_test.log (who integer, day date, how text, words text);
INSERT INTO followups_test.log VALUES (1, current_date - 3, 'mail', 'a'), (1, current_date - 3, 'mail', 'b'), (5, current_date - 1, 'visit', 'c'), (6, '2020-02-02', NULL, NULL);
SELECT import_followups('deals', 'followups_test.log', customer => 'who', at => 'day', channel => 'how', note => 'words');
SELECT customer, least(greatest(last_followup::date - current_date, -99), 365) AS last, least(greatest(next_due - current_date, -99), 365) AS due_in FROM current_tiers ORDER BY customer;
SELECT customer, n, channel, note, on_time FROM followups WHERE at::date = current_date - 3 ORDER BY n;
SELECT import_followups('deals', 'followups_test.log');
SELECT import_followups('deals', 'followups_test.log', customer => 'who', at => 'how');
INSERT INTO followups_test.log VALUES (99, '2020-02-02', NULL, NULL);
SELECT import_followups('deals', 'followups_test.log', customer => 'who', at => 'day', strict => true);
UPDATE followups_test.log SET who = 1, day = '2999-01-01' WHERE who = 99;
SELECT import_followups('deals', 'followups_test.log', customer => 'who', at => 'day', strict => true);
UPDATE followups_test.log SET day = NULL WHERE day > current_date;
SELECT import_followups('deals', 'followups_test.log', customer => 'who', at => 'day', strict => true);
-- One bad contact stops nobody: it is set aside and named, however it is bad, and those that are good come in.
CREATE TABLE followups_test.mixed (who text, day date);
INSERT INTO followups_test.mixed VALUES ('1', '2020-03-01'), (NULL, '2020-03-01'), ('', '2020-03-01'), ('1', NULL), ('1', 'infinity'), ('2', '-infinity'), ('2', '0044-03-15 BC'),
    ('2', '5000000-01-01'), ('2', '2999-01-01'), ('seven', '2020-03-01'), ('99', '2020-03-01'), ('2', '2020-03-02'), ('02', '2020-03-03');
SELECT import_followups('deals', 'followups_test.mixed', customer => 'who', at => 'day');
SELECT customer, n, value, sqlstate, message, cause, purpose, label(cause, 'zh') AS zh FROM run_problems WHERE program = 'deals' AND purpose = 'contact' ORDER BY customer, n;
SELECT customer, at, n FROM followups WHERE at BETWEEN '2020-03-01' AND '2020-03-31' ORDER BY customer, at;
SELECT import_followups('deals', 'followups_test.mixed', customer => 'who', at => 'day', strict => true);
-- More contacts of one customer on one day than can be numbered: he is named.
CREATE TABLE followups_test.crowd AS SELECT 1 AS customer, date '2020-04-01' AS at, 'till ' || g AS note FROM generate_series(1, 32768) AS g UNION ALL SELECT 2, '2020-04-01', NULL;
SELECT import_followups('deals', 'followups_test.crowd', note => 'note');
-- Who may not read what is to be imported is told of that table, and what is said helps.
CREATE TABLE followups_test.elsewhere AS SELECT 2 AS customer, date '2020-05-01' AS at;
CREATE ROLE followups_agent;
SELECT grant_agent('followups_agent');
GRANT USAGE ON SCHEMA followups_test TO followups_agent;
GRANT SELECT ON followups_test.deals TO followups_agent;
SET ROLE followups_agent;
SELECT import_followups('deals', 'followups_test.elsewhere');
RESET ROLE;
GRANT SELECT ON followups_test.elsewhere TO followups_agent;
SET ROLE followups_agent;
SELECT import_followups('deals', 'followups_test.elsewhere');
RESET ROLE;
-- nor is the table at fault where nothing may be written
BEGIN READ ONLY;
SELECT import_followups('deals', 'followups_test.elsewhere');
ROLLBACK;
DELETE FROM followups WHERE at::date BETWEEN '2020-04-01' AND '2020-05-02';
DROP OWNED BY followups_agent;
DROP ROLE followups_agent;

-- Overrides bring the rhythm of their tier, and take it away again.
SELECT customer, tier, least(greatest(next_due - current_date, -99), 365) AS due_in FROM current_tiers WHERE customer = '4';
SELECT override_tier('deals', '4', 'A', 'the boss wants it', now() + interval '1 hour');
SELECT customer, tier, least(greatest(due - current_date, -99), 365) AS due_in, rank FROM followups_due WHERE customer = '4';
SELECT tier, computed_tier, least(greatest(next_due - current_date, -99), 365) AS due_in FROM log_followup('deals', '4');
UPDATE overrides SET until = now() WHERE customer = '4';  -- the hour is over
SELECT customer, tier, least(greatest(due - current_date, -99), 365) AS due_in, rank FROM followups_due WHERE customer = '4';
SELECT tier, tier_after FROM followups WHERE customer = '4' ORDER BY at DESC, n DESC LIMIT 1;

-- Handing out: the most urgent first, of the owner and of nobody, nobody twice.
SET client_min_messages = warning;
SELECT plan_followup('deals', c, current_date) - current_date AS due_in FROM unnest('{1,2,3,4,5}'::text[]) AS c;
SET client_min_messages = notice;
SELECT override_tier('deals', '3', 'B', 'x');
SELECT customer, tier, least(greatest(due - current_date, -99), 365) AS due_in FROM claim_followups('deals', 'anna', 2);
SELECT customer, tier FROM claim_followups('deals', 'ben', 5, hold => '1 minute');
SELECT customer, tier FROM claim_followups('deals', 'anna', 5);
SELECT customer, claimed_by FROM followups_due ORDER BY customer;
SELECT count(tier) FROM log_followup('deals', '2');
SELECT customer, claimed_by FROM followups_due WHERE customer = '2';
SELECT customer FROM claim_followups('deals', 'anna', 0);
SELECT customer FROM claim_followups('nothing', 'anna');

SELECT drop_program('deals');
SELECT count(*) FROM followups UNION ALL SELECT count(*) FROM promises UNION ALL SELECT count(*) FROM followup_plans UNION ALL SELECT count(*) FROM overrides;
DROP SCHEMA followups_test CASCADE;
