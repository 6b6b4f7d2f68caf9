-- Who may do what: readers, agents, administrators; row-level security; erasing.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA roles_test;
GRANT USAGE ON SCHEMA roles_test TO PUBLIC;
CREATE TABLE roles_test.clients (id integer PRIMARY KEY, annual_value numeric, owner text);
INSERT INTO roles_test.clients SELECT g, g * 20000, (ARRAY['roles_anna', 'roles_ben', 'north'])[1 + g % 3] FROM generate_series(1, 9) AS g;
SELECT create_program('clients', 'abc_share', 'roles_test.clients', 'id', owner_column => 'owner');
CALL retier('clients');
SELECT override_tier('clients', '3', 'A', 'x');
CREATE ROLE roles_stranger;
CREATE ROLE roles_reader;
CREATE ROLE roles_anna;
CREATE ROLE roles_ben;
CREATE ROLE roles_boss;
SELECT grant_reader('roles_reader'), grant_agent('roles_anna'), grant_agent('roles_ben'), grant_admin('roles_boss');
GRANT SELECT ON roles_test.clients TO roles_anna, roles_ben, roles_boss;

-- Nobody else reads anything of a customer.
SET ROLE roles_stranger;
SELECT count(*) FROM programs;
SELECT * FROM current_tiers;
SELECT * FROM assignments;
SELECT * FROM followups_due;
SELECT * FROM daily_log;
SELECT * FROM assignment_history;
SELECT tier FROM log_followup('clients', '1');
SELECT erase_customer('clients', '1');
CALL retier('clients');
CALL create_roles();
SELECT grant_reader('roles_stranger');
SET ROLE roles_reader;
SELECT count(*) FROM current_tiers;
SELECT count(*) FROM followups_due;
SELECT count(*) FROM assignment_history;
SELECT status FROM runs;
SELECT count(*) FROM daily_log, owner_workload, owner_performance, tier_changes, promise_status, tier_migration_by_month WHERE false;
SELECT tier FROM log_followup('clients', '1');
SELECT plan_followup('clients', '1', '2999-01-01');
CALL retier('clients');
-- Agents work with customers, and do not change programs, nor tiers by decree.
SET ROLE roles_anna;
SELECT tier FROM log_followup('clients', '1', 'phone', promise => 'x', promised_at => '2999-01-01');
SELECT tier FROM log_followup('clients', '3', 'phone');
SELECT plan_followup('clients', '2', '2999-01-01');
SELECT count(*) FROM claim_followups('clients', 'roles_anna', 2);
SELECT keep_promise('clients', '1');
SELECT override_tier('clients', '1', 'A', 'mine');
SELECT alter_program('clients', '{"own_customers_only": false}');
DELETE FROM followups;
UPDATE assignment_log SET tier = 'A';
SELECT erase_customer('clients', '1');
SET ROLE roles_boss;
SELECT override_tier('clients', '1', 'B', 'ours');
SELECT clear_override('clients', '1');
CALL retier('clients');

-- Their own customers only, once an administrator says so.
SELECT alter_program('clients', '{"own_customers_only": true}');
INSERT INTO agents VALUES ('roles_ben', 'north');
SET ROLE roles_anna;
SELECT customer, owner FROM current_tiers ORDER BY customer;
SELECT DISTINCT owner FROM followups_due;
SELECT customer FROM followups ORDER BY customer;
SELECT DISTINCT customer FROM assignment_history ORDER BY customer;
SELECT customer, tier FROM overrides;
SELECT owner FROM owner_workload GROUP BY owner;
SELECT tier FROM log_followup('clients', '6');
SELECT tier FROM log_followup('clients', '1');
SET ROLE roles_ben;
SELECT customer, owner FROM current_tiers ORDER BY customer;
SELECT tier FROM log_followup('clients', '1');
SELECT customer FROM promise_status;
SET ROLE roles_boss;
SELECT count(*) FROM current_tiers;
RESET ROLE;
SELECT count(*) FROM current_tiers;

-- Row-level security of the source: nobody is taken for gone by one who does not see them.
SELECT alter_program('clients', '{"own_customers_only": false}');
ALTER TABLE roles_test.clients ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON roles_test.clients USING (owner = current_user OR current_user = 'roles_boss' AND id < 5);
SET ROLE roles_boss;
CALL retier('clients');
SELECT count(*) FROM current_tiers;
SET ROLE roles_ben;
SELECT tier FROM log_followup('clients', '3');
SELECT tier FROM log_followup('clients', '1');
RESET ROLE;
CALL retier('clients');

-- Automatic grading is done with the rights of who changes the source.
ALTER TABLE roles_test.clients DISABLE ROW LEVEL SECURITY;
SELECT enable_automatic('clients');
GRANT SELECT, INSERT, UPDATE, DELETE ON roles_test.clients TO roles_stranger, roles_anna;
SET ROLE roles_stranger;
UPDATE roles_test.clients SET annual_value = 1000000 WHERE id = 1;
SET ROLE roles_anna;
UPDATE roles_test.clients SET annual_value = 1000000 WHERE id = 1;
INSERT INTO roles_test.clients VALUES (20, 1000000, 'roles_anna');
DELETE FROM roles_test.clients WHERE id = 20;
SELECT customer, tier, changed_by <> 'roles_anna' AS by_session_user FROM assignment_history WHERE cause = 'automatic' ORDER BY customer;
RESET ROLE;
SELECT disable_automatic('clients');

-- Roles for all databases of the server, and the rights again.
BEGIN;
CALL create_roles();
CALL create_roles();
SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'tiering_%' AND rolname IN ('tiering_reader', 'tiering_agent', 'tiering_admin') ORDER BY 1;
SET ROLE tiering_reader;
SELECT count(*) FROM current_tiers;
SET ROLE tiering_agent;
SELECT plan_followup('clients', '2', '2999-01-02');
SET ROLE tiering_admin;
SELECT override_tier('clients', '2', 'B', 'x');
ROLLBACK;
BEGIN;
ALTER ROLE roles_boss NOCREATEROLE;
SET ROLE roles_boss;
CALL create_roles();
ROLLBACK;

-- A person disappears; a count stays.
SELECT erase_customer('clients', '1');
SELECT count(*) FROM assignments WHERE customer = '1' UNION ALL SELECT count(*) FROM assignment_log WHERE customer = '1' UNION ALL
SELECT count(*) FROM overrides WHERE customer = '1' UNION ALL SELECT count(*) FROM followups WHERE customer = '1' UNION ALL
SELECT count(*) FROM promises WHERE customer = '1' UNION ALL SELECT count(*) FROM followup_plans WHERE customer = '1';
DELETE FROM roles_test.clients WHERE id IN (1, 3);
SELECT erase_customer(NULL, '3');
SELECT program, month = date_trunc('month', now() AT TIME ZONE 'UTC') AS this_month, customers FROM erasures;
SELECT erase_customer('clients', '3');
SELECT erase_customer('nothing', '3');
CALL retier('clients');
SELECT count(*) FROM current_tiers;
SELECT drop_program('clients');
DROP SCHEMA roles_test CASCADE;
DELETE FROM agents;
DROP OWNED BY roles_stranger, roles_reader, roles_anna, roles_ben, roles_boss;
DROP ROLE roles_stranger, roles_reader, roles_anna, roles_ben, roles_boss;
