-- Contacts that count in several programs.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA shared_test;
SELECT create_scheme('{"scheme": "shared", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "lt": 1000}]}],
    "decision": {"method": "bands", "characteristic": "c"},
    "tiers": [{"code": "gold", "followup": {"every": "P10D", "channels": {"visit": "P100D"}}}, {"code": "silver", "followup": {"every": "P60D"}}]}'), approve_scheme('shared');
CREATE TABLE shared_test.clients (id integer PRIMARY KEY, spend numeric, owner text);
INSERT INTO shared_test.clients VALUES (1, 2000, 'anna'), (2, 100, 'anna'), (3, 100, 'ben');
CREATE VIEW shared_test.served AS SELECT id, spend / 2 AS spend, 'carl'::text AS owner FROM shared_test.clients WHERE id < 3;
SELECT create_program('sales', 'shared', 'shared_test.clients', 'id', owner_column => 'owner'), create_program('service', 'shared', 'shared_test.served', 'id', owner_column => 'owner'),
    create_program('billing', 'shared', 'shared_test.clients', 'id');
CALL retier('sales');
CALL retier('service');
CALL retier('billing');
CREATE VIEW shared_test.list AS SELECT program, customer, next_due - (last_followup AT TIME ZONE 'UTC')::date AS days_after_the_contact FROM current_tiers WHERE program IN ('sales', 'service', 'billing');
-- Not shared unless it is said.
SELECT tier FROM log_followup('sales', '2', 'phone', at => now() - interval '3 days');
SELECT * FROM shared_test.list WHERE customer = '2' ORDER BY program;
-- From then on what was logged before counts as well, with the next grading.
SELECT alter_program('sales', '{"shares_contacts": "house"}'), alter_program('service', '{"shares_contacts": "house"}');
CALL retier('service');
SELECT * FROM shared_test.list WHERE customer = '2' ORDER BY program;
SELECT tier FROM log_followup('sales', '1', 'phone');
SELECT * FROM shared_test.list WHERE customer = '1' ORDER BY program;
SELECT program, customer FROM followups ORDER BY 1, 2;
-- An attempt counts nowhere; customers whom the other program does not have are no matter.
SELECT tier FROM log_followup('service', '2', 'phone', counts => false);
SELECT customer, last_followup < now() - interval '2 days' AS as_before FROM current_tiers WHERE program = 'sales' AND customer = '2';
SELECT tier FROM log_followup('sales', '3', 'phone');
-- An import counts, too, and a retier() finds the same.
CREATE TABLE shared_test.contacts AS SELECT 2 AS customer, now() - interval '1 day' AS at;
SELECT import_followups('service', 'shared_test.contacts');
SELECT * FROM shared_test.list WHERE customer = '2' ORDER BY program;
CALL retier('sales');
CALL retier('service');
-- Nor does a visit have to be made again by the other program; a call is none, and an attempt none.
CREATE VIEW shared_test.visits AS SELECT d.program, d.customer, d.channel, d.last_contact IS NOT NULL AS visited, d.due - now()::date AS due_in FROM channels_due d WHERE d.program IN ('sales', 'service', 'billing');
SELECT tier FROM log_followup('sales', '1', 'visit', counts => false);
SELECT * FROM shared_test.visits WHERE customer = '1' ORDER BY program;
SELECT tier FROM log_followup('sales', '1', 'visit', at => now() - interval '2 days');
SELECT * FROM shared_test.visits WHERE customer = '1' ORDER BY program;
-- What was planned in the other program stays planned.
SELECT plan_followup('service', '1', '9998-12-03', 'inspect the pump');
SELECT tier FROM log_followup('sales', '1', 'phone');
SELECT due, planned FROM followups_due WHERE program = 'service' AND customer = '1';
-- A program that is paused, or whose source fails, keeps nobody from logging.
SELECT pause_program('service');
SELECT tier FROM log_followup('sales', '2', 'phone');
SELECT resume_program('service');
SELECT last_followup < now() - interval '12 hours' AS not_yet FROM current_tiers WHERE program = 'service' AND customer = '2';
CALL retier('service');
SELECT last_followup > now() - interval '12 hours' AS now FROM current_tiers WHERE program = 'service' AND customer = '2';
CREATE OR REPLACE VIEW shared_test.served AS SELECT id, (1 / (id - id))::numeric AS spend, 'carl'::text AS owner FROM shared_test.clients WHERE id < 3;
SELECT tier FROM log_followup('sales', '2', 'mail');
DROP VIEW shared_test.served;
\set VERBOSITY terse
SELECT tier FROM log_followup('sales', '2', 'mail');
\set VERBOSITY default
SELECT alter_program('sales', '{"shares_contacts": ""}');
SELECT alter_program('sales', '{"shares_contacts": ["service"]}');
SELECT alter_program('sales', '{"shares_contacts": null}');
SELECT tier FROM log_followup('sales', '2', 'phone');
SELECT drop_program('sales'), drop_program('service'), drop_program('billing');
DROP SCHEMA shared_test CASCADE;
