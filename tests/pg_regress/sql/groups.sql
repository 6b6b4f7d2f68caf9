-- Families and groups, whose members share their contacts.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA groups_test;
SELECT create_scheme('{"scheme": "groups", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "lt": 1000}]}],
    "decision": {"method": "bands", "characteristic": "c"},
    "tiers": [{"code": "gold", "followup": {"every": "P10D", "channels": {"visit": "P100D"}}}, {"code": "silver", "followup": {"every": "P60D"}}]}'), approve_scheme('groups');
CREATE TABLE groups_test.clients (id integer PRIMARY KEY, spend numeric, owner text, household integer);
INSERT INTO groups_test.clients VALUES (1, 2000, 'anna', 7), (2, 100, 'anna', 7), (3, 100, 'ben', 7), (4, 100, 'ben', 8), (5, 100, 'ben', NULL), (6, 100, 'ben', NULL);
SELECT create_program('families', 'groups', 'groups_test.clients', 'id', owner_column => 'owner'), alter_program('families', '{"group": "household"}');
CALL retier('families');
CREATE VIEW groups_test.list AS SELECT customer, tier, next_due - (last_followup AT TIME ZONE 'UTC')::date AS days_after_the_contact FROM current_tiers WHERE program = 'families';
-- A contact with one counts for the others, each by the cadence of the own tier; the log has it once.
SELECT tier FROM log_followup('families', '2', 'phone', at => now() - interval '3 days');
SELECT * FROM groups_test.list ORDER BY 1;
SELECT customer FROM followups WHERE program = 'families';
-- Who is in no group is alone; an attempt counts for nobody.
SELECT tier FROM log_followup('families', '5', 'phone');
SELECT tier FROM log_followup('families', '1', 'phone', counts => false);
SELECT customer, last_followup > now() - interval '2 days' AS later FROM current_tiers WHERE program = 'families' AND last_followup IS NOT NULL ORDER BY 1;
-- Who comes into a family has been called with it; retier() finds the same.
UPDATE groups_test.clients SET household = 7 WHERE id = 4;
CALL retier('families');
SELECT * FROM groups_test.list WHERE customer = '4';
CALL retier('families');
-- An import, and a new member.
CREATE TABLE groups_test.contacts AS SELECT 3 AS customer, now() - interval '1 day' AS at;
SELECT import_followups('families', 'groups_test.contacts');
SELECT customer, last_followup > now() - interval '2 days' AS later FROM current_tiers WHERE program = 'families' AND last_followup IS NOT NULL ORDER BY 1;
INSERT INTO groups_test.clients VALUES (7, 3000, 'carl', 7);
SELECT retier_customers('families', '7');
SELECT * FROM groups_test.list WHERE customer = '7';
-- A visit to one is a visit to the family.
SELECT customer, last_contact IS NOT NULL AS visited, due - now()::date AS due_in FROM channels_due WHERE program = 'families' ORDER BY 1;
SELECT tier FROM log_followup('families', '3', 'visit', at => now() - interval '2 days');
SELECT customer, last_contact IS NOT NULL AS visited, due - now()::date AS due_in FROM channels_due WHERE program = 'families' ORDER BY 1;
ALTER TABLE groups_test.clients RENAME household TO family;
CALL retier('families');
SELECT group_column FROM programs WHERE program = 'families';
-- Agents who see their own customers only leave the others of a family to retier().
CREATE ROLE groups_anna;
SELECT grant_agent('groups_anna');
GRANT USAGE ON SCHEMA groups_test TO groups_anna;
GRANT SELECT ON ALL TABLES IN SCHEMA groups_test TO groups_anna;
INSERT INTO agents VALUES ('groups_anna', 'anna');
SELECT alter_program('families', '{"own_customers_only": true}');
SET ROLE groups_anna;
SELECT tier FROM log_followup('families', '2', 'phone');
RESET ROLE;
SELECT customer, last_followup > now() - interval '12 hours' AS later FROM assignments WHERE program = 'families' AND group_key = '7' ORDER BY 1;
CALL retier('families');
SELECT customer, last_followup > now() - interval '12 hours' AS later FROM assignments WHERE program = 'families' AND group_key = '7' ORDER BY 1;
SELECT alter_program('families', '{"group": "no_such"}');
SELECT alter_program('families', '{"group": null}');
CALL retier('families');
SELECT count(*) FROM assignments WHERE program = 'families' AND group_key IS NOT NULL;
ALTER TABLE groups_test.clients DROP family;
CALL retier('families');
SELECT drop_program('families');
DROP SCHEMA groups_test CASCADE;
DELETE FROM agents WHERE agent = 'groups_anna';
DROP OWNED BY groups_anna;
DROP ROLE groups_anna;
