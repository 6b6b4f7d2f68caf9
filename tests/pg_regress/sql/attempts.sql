-- Contacts as they are: attempts are no contacts (E11), who wants none gets none (E17), a plan that takes the place of another says so (E21).
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA attempts_test;
SELECT create_scheme('{"scheme": "attempts", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "bronze", "lt": 1000}]}],
    "decision": {"method": "bands", "characteristic": "c"}, "tiers": [{"code": "gold", "followup": {"every": "P1W"}}, {"code": "bronze", "followup": {"every": "P1Y"}}]}'), approve_scheme('attempts');
CREATE TABLE attempts_test.clients (id integer PRIMARY KEY, spend numeric, owner text);
INSERT INTO attempts_test.clients SELECT g, CASE WHEN g < 4 THEN 2000 ELSE 100 END, 'anna' FROM generate_series(1, 6) AS g;
SELECT create_program('calls', 'attempts', 'attempts_test.clients', key => 'id', owner_column => 'owner');
CALL retier('calls');

-- E11: an outcome counts as a contact unless the program or the call says otherwise.
SELECT tier FROM log_followup('calls', '1', 'phone', 'no_answer', counts => false);
SELECT alter_program('calls', '{"attempts": ["no_answer", "电话占线"]}'), (SELECT attempts FROM programs WHERE program = 'calls');
SELECT attempts FROM programs WHERE program = 'calls';
SELECT tier FROM log_followup('calls', '1', 'phone', '无人接听');
SELECT tier FROM log_followup('calls', '2', 'phone', 'no_answer', counts => true);
SELECT tier FROM log_followup('calls', '3', 'phone', 'reached');
SELECT customer, last_followup IS NOT NULL AS contacted, next_due <= (now() AT TIME ZONE 'UTC')::date AS due FROM current_tiers WHERE program = 'calls' AND customer <= '3' ORDER BY 1;
SELECT customer, outcome, attempt, on_time IS NULL AS not_judged FROM followups WHERE program = 'calls' ORDER BY customer, n, at;
SELECT customer, attempts FROM followups_due WHERE program = 'calls' AND customer <= '3' ORDER BY 1;
SELECT sum(followups) AS followups, sum(attempts) AS attempts, sum(on_time) AS on_time FROM owner_performance WHERE program = 'calls';
SELECT customer, contacts, done FROM weekly_log WHERE program = 'calls' AND customer IN ('1', '3') ORDER BY 1;
SELECT DISTINCT kind, content FROM customer_log('calls', '1') WHERE kind = 'attempt';
-- what is claimed stays so for the next try
SELECT customer FROM claim_followups('calls', 'anna', 1);
SELECT tier FROM log_followup('calls', '1', 'phone', 'no_answer');
SELECT customer FROM followups_due WHERE program = 'calls' AND claimed_by = 'anna';
-- imported, too
CREATE TABLE attempts_test.elsewhere AS SELECT 4 AS customer, timestamptz '2026-05-01 10:00+00' AS at, 'no_answer' AS outcome UNION ALL SELECT 4, '2026-04-01 10:00+00', 'reached';
SELECT import_followups('calls', 'attempts_test.elsewhere', outcome => 'outcome');
SELECT last_followup FROM current_tiers WHERE program = 'calls' AND customer = '4';
-- What was planned or put off is done by a contact since, imported as well as logged; by each one plan, by an attempt or an earlier contact none.
SELECT plan_followup('calls', '5', '9998-12-03', 'first'), plan_followup('calls', '5', '9998-12-05', 'second', beside => true), snooze_followup('calls', '6', '9998-12-03', 'away');
CREATE TABLE attempts_test.since AS SELECT customer, at, outcome FROM (VALUES (5, now() - interval '1 year', 'reached'), (5, clock_timestamp(), 'no_answer'), (6, now() - interval '1 year', 'reached')) AS v (customer, at, outcome);
CREATE TABLE attempts_test.after AS SELECT 5 AS customer, clock_timestamp() AS at, 'reached' AS outcome UNION ALL SELECT 6, clock_timestamp(), 'reached';
SELECT import_followups('calls', 'attempts_test.since', outcome => 'outcome');
SELECT customer, planned_due, later_plans, snoozed_until, next_due FROM assignments WHERE program = 'calls' AND customer IN ('5', '6') ORDER BY customer;
SELECT import_followups('calls', 'attempts_test.after', outcome => 'outcome');
SELECT customer, planned_due, later_plans, snoozed_until, next_due > '9998-01-01' AS waits FROM assignments WHERE program = 'calls' AND customer IN ('5', '6') ORDER BY customer;
SELECT import_followups('calls', 'attempts_test.after', outcome => 'outcome') AS again;
SELECT customer, planned_due FROM assignments WHERE program = 'calls' AND planned_due IS NOT NULL;
-- the plan that is left is done by the next one, and the following are as before
SELECT tier FROM log_followup('calls', '5', 'phone', 'reached');
SELECT customer, planned_due FROM assignments WHERE program = 'calls' AND planned_due IS NOT NULL;
-- within one transaction as well, however often the plan was changed
BEGIN;
SELECT plan_followup('calls', '5', '9998-12-03', 'first'), snooze_followup('calls', '5', '9998-12-04', 'away');
\set VERBOSITY terse
SELECT plan_followup('calls', '5', '9998-12-05', 'second'), snooze_followup('calls', '5', '9998-12-06', 'away for longer');
\set VERBOSITY default
SELECT tier FROM log_followup('calls', '5', 'phone', 'reached');
COMMIT;
SELECT planned_due, later_plans, snoozed_until FROM assignments WHERE program = 'calls' AND customer = '5';
DELETE FROM followups WHERE program = 'calls' AND customer IN ('5', '6');
DELETE FROM followup_plans WHERE program = 'calls';
UPDATE assignments SET last_logged = NULL WHERE program = 'calls' AND customer IN ('5', '6');
SELECT retier_customers('calls', '5', '6');
SELECT alter_program('calls', '{"attempts": "no_answer"}');
SELECT alter_program('calls', '{"attempts": [1]}');
SELECT alter_program('calls', '{"attempts": null}');

-- E17: no contact by any channel, or by one.
SELECT stop_contact('calls', '5', 'asked us not to'), stop_contact('calls', '5', 'asked us not to'), stop_contact('calls', '6', 'deaf', channel => '电话');
SELECT customer, channels_stopped FROM followups_due WHERE program = 'calls' AND customer >= '5' ORDER BY 1;
SELECT count(*) FROM followup_logs WHERE program = 'calls' AND customer = '5';
SELECT sum(customers) FROM owner_workload WHERE program = 'calls';
SELECT customer FROM claim_followups('calls', 'anna', 10) WHERE customer >= '5' ORDER BY 1; -- of them who had no contact yet
\set VERBOSITY terse
SELECT tier FROM log_followup('calls', '5', 'mail');
SELECT tier FROM log_followup('calls', '6', 'mail');
\set VERBOSITY default
-- what the warning says to type ends that stop, and no other
UPDATE contact_stops SET since = '2026-02-01 10:00+00' WHERE program = 'calls' AND customer = '6';
SELECT tier FROM log_followup('calls', '6', 'phone');
SELECT customer, tier, no_contact, no_contact_until FROM current_tiers WHERE program = 'calls' AND customer >= '5' ORDER BY 1;
SELECT allow_contact('calls', '6', 'mail'), allow_contact('calls', '6', 'phone'), allow_contact('calls', '5');
SELECT count(*) FROM followups_due WHERE program = 'calls' AND customer = '5';
SELECT kind, by_whom = session_user AS by_me FROM customer_log('calls', '5') WHERE kind ~ 'contact (al|wa|no)|no contact' ORDER BY at, kind;
SELECT stop_contact('calls', '5', 'on leave', until => now() + interval '1 hour');
SELECT no_contact AS stopped, no_contact_until > now() AS for_a_time FROM current_tiers WHERE program = 'calls' AND customer = '5';
SELECT stop_contact('calls', '5', '');
SELECT stop_contact('calls', '5', 'x', until => '2020-01-01');
-- an agent writes it down, and ends it
CREATE ROLE attempts_agent;
SELECT grant_agent('attempts_agent');
GRANT USAGE ON SCHEMA attempts_test TO attempts_agent;
GRANT SELECT ON ALL TABLES IN SCHEMA attempts_test TO attempts_agent;
SET ROLE attempts_agent;
SELECT stop_contact('calls', '1', 'said so on the phone');
UPDATE contact_stops SET until = NULL WHERE program = 'calls' AND customer = '6';
UPDATE contact_stops SET until = now() + interval '1 day' WHERE program = 'calls' AND customer = '1';
SELECT allow_contact('calls', '1');
SELECT tier FROM log_followup('calls', '1', 'phone', 'no_answer');
SELECT bool_and(due IS NULL) AS not_judged FROM followups WHERE program = 'calls' AND customer = '1' AND attempt;
RESET ROLE;

-- E21: a plan takes the place of the earlier one, and says so.
SELECT plan_followup('calls', '4', '9998-12-03', 'call about the offer');
SELECT plan_followup('calls', '4', '9998-12-03', 'call about the offer');
SELECT plan_followup('calls', '4', '9998-12-09', 'visit the fair');
SELECT due, planned FROM followups_due WHERE program = 'calls' AND customer = '4';
-- beside it: both are open, the earlier day comes first, and a contact clears one. Two of one day are two, the same twice is one.
SELECT plan_followup('calls', '4', '9998-12-03', 'call about the offer', beside => true), plan_followup('calls', '4', '9998-12-03', 'call about the offer', beside => true);
SELECT plan_followup('calls', '4', '9998-12-09', 'bring the sample', beside => true);
SELECT due, note, planned_by = session_user AS by_me FROM open_plans WHERE program = 'calls' AND customer = '4' ORDER BY due, note;
SELECT next_due FROM log_followup('calls', '4', 'phone', 'no_answer');
SELECT next_due FROM log_followup('calls', '4', 'phone', 'reached', at => now() - interval '1 hour');
SELECT next_due FROM log_followup('calls', '4', 'phone', 'reached');
SELECT due, count(*) FROM open_plans WHERE program = 'calls' AND customer = '4' GROUP BY 1;
SELECT plan_followup('calls', '4', '9998-12-11', 'send the list', beside => true), plan_followup('calls', '4', '9998-12-12', 'ask how it went', beside => true);
SELECT plan_followup('calls', '4', '9998-12-10', 'only this');
SELECT due, note FROM open_plans WHERE program = 'calls' AND customer = '4';
SELECT plan_followup('calls', '4', '9998-12-11', 'x', NULL);
SELECT snooze_followup('calls', '4', '9998-12-20', 'holidays');
SELECT plan_followup('calls', '4', '9998-12-22', 'after them', beside => true);
SELECT next_due FROM log_followup('calls', '4', 'phone', 'reached');
SELECT next_due < '9998-01-01' AS by_the_cadence FROM log_followup('calls', '4', 'phone', 'reached');
SELECT drop_program('calls');
SELECT count(*) FROM contact_stops;
DROP SCHEMA attempts_test CASCADE;
DROP OWNED BY attempts_agent;
DROP ROLE attempts_agent;
