-- What agents may write by hand: what follows from the source, in their own name, and nothing else. What administrators and restores write stays as it is.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA agents_test;
GRANT USAGE ON SCHEMA agents_test TO PUBLIC;
CREATE TABLE agents_test.clients (id integer PRIMARY KEY, annual_value numeric, owner text);
INSERT INTO agents_test.clients VALUES (1, 20000, 'agents_anna'), (2, 40000, 'agents_anna'), (3, 60000, 'agents_ben'), (4, 80000, NULL);
SELECT create_program('clients', 'abc_share', 'agents_test.clients', 'id', owner_column => 'owner');
CALL retier('clients');
CREATE ROLE agents_reader;
CREATE ROLE agents_anna;
CREATE ROLE agents_boss;
SELECT grant_reader('agents_reader'), grant_agent('agents_anna'), grant_admin('agents_boss');
GRANT SELECT, INSERT, UPDATE, DELETE ON agents_test.clients TO agents_anna;
GRANT SELECT ON agents_test.clients TO agents_boss;

-- Every table and view has a deliberate line here: Select, Insert, Update, Delete of readers, agents, administrators; small letters: some columns only.
SELECT c.relname, c.relkind AS kind,
    (SELECT string_agg(CASE WHEN has_table_privilege(r, c.oid, p) THEN upper(left(p, 1)) WHEN p <> 'DELETE' AND has_any_column_privilege(r, c.oid, p) THEN lower(left(p, 1)) END, '' ORDER BY n)
     FROM unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) WITH ORDINALITY AS u (p, n)) AS rights, r AS role
FROM pg_class c, unnest('{agents_reader,agents_anna,agents_boss}'::text[]) WITH ORDINALITY AS o (r, k)
WHERE c.relname = ANY (own_relations('rv')) AND c.relnamespace = 'tiering'::regnamespace ORDER BY c.relname, k \crosstabview relname role rights

SET ROLE agents_anna;
-- a tier by decree, alone and with a history made up for it
UPDATE assignments SET tier = 'A', rank = 1 WHERE customer = '1';
INSERT INTO assignment_log (program, customer, since, tier, reason, cause) VALUES ('clients', '1', clock_timestamp(), 'A', 'promotion', 'followup');
INSERT INTO assignment_log (program, customer, since, tier, reason, cause) VALUES ('clients', '1', clock_timestamp(), NULL, 'gone', 'followup');
INSERT INTO assignment_log (program, customer, since, tier, reason, cause) SELECT program, customer, '2020-01-01', computed_tier, 'promotion', 'followup' FROM assignments WHERE customer = '1';
UPDATE assignments SET override_tier = 'A', override_until = 'infinity' WHERE customer = '1';
UPDATE overrides SET tier = 'A';
-- times of the future, customers who are none
UPDATE assignments SET since = '2100-01-01' WHERE customer = '1';
UPDATE assignments SET last_followup = '2100-01-01' WHERE customer = '1';
UPDATE assignments SET last_logged = '2100-01-01' WHERE customer = '1';
UPDATE assignments SET claimed_until = '2100-01-01', claimed_by = 'agents_anna' WHERE customer = '1';
SELECT * FROM claim_followups('clients', 'agents_anna', 100000);
SELECT * FROM claim_followups('clients', 'agents_anna', 1, '100 years');
INSERT INTO assignments (program, customer, tier, rank, since) VALUES ('clients', 'phantom', 'A', 1, now());
INSERT INTO assignment_log (program, customer, since, tier, reason, cause) VALUES ('clients', '99', clock_timestamp(), 'A', 'first', 'followup');
INSERT INTO followups (program, customer, at) VALUES ('clients', 'phantom', now());
INSERT INTO followups (program, customer, at) VALUES ('clients', '1', '2100-01-01');
INSERT INTO promises (program, customer, made_at, promised_at) VALUES ('clients', 'phantom', now(), now());
INSERT INTO followup_plans (program, customer, planned_at, kind, due) VALUES ('clients', '1', '2100-01-01', 'plan', '2100-01-01');
-- in another name, at another time
INSERT INTO assignment_log (program, customer, since, tier, reason, cause, changed_by) VALUES ('clients', '1', now(), 'A', 'promotion', 'followup', 'agents_ben');
INSERT INTO followups (program, customer, at, logged_by) VALUES ('clients', '1', now(), 'agents_ben');
INSERT INTO followups (program, customer, at, logged_at) VALUES ('clients', '1', '2020-01-01', '2020-01-01');
INSERT INTO followups (program, customer, at, checks) VALUES ('clients', '1', '2020-01-01', '{nonsense}');
INSERT INTO followups (program, customer, at, owner, tier, due, on_time) VALUES ('clients', '1', '2020-01-01', 'agents_ben', 'A', '2999-01-01', true);
SELECT owner, tier, due < '2999-01-01' AS due_as_it_was FROM followups WHERE at = '2020-01-01';
INSERT INTO followups (program, customer, at, n, tier_after) VALUES ('clients', '1', '2020-01-01', 2, 'A');
INSERT INTO followups (program, customer, at, n, tier_after) SELECT program, customer, '2020-01-02', 1, tier FROM current_tiers WHERE customer = '1' RETURNING tier = tier_after AS the_same;
-- what was logged stays
UPDATE followups SET on_time = true;
UPDATE followups SET tier_after = 'A' WHERE customer = '1';
DELETE FROM followups;
UPDATE assignment_log SET changed_by = 'agents_ben';
SELECT tier FROM log_followup('clients', '1', promise => 'x', promised_at => '2999-01-01');
SELECT keep_promise('clients', '1') IS NOT NULL AS kept;
SELECT keep_promise('clients', '1');
UPDATE promises SET kept_at = NULL;
UPDATE promises SET kept_by = 'agents_ben';
-- what they do by the functions works as before: new, moved and gone customers
UPDATE agents_test.clients SET annual_value = 1000000 WHERE id = 1;
SELECT tier FROM log_followup('clients', '1');
SELECT tier, tier_after FROM followups WHERE customer = '1' ORDER BY at DESC LIMIT 1;
INSERT INTO agents_test.clients VALUES (5, 100, 'agents_anna');
SELECT tier FROM log_followup('clients', '5');
RESET ROLE;
SELECT enable_automatic('clients');
SET ROLE agents_anna;
DELETE FROM agents_test.clients WHERE id = 5;
UPDATE agents_test.clients SET annual_value = 1 WHERE id = 1;
SELECT customer, tier, reason, cause, changed_by = session_user AS by_me FROM assignment_log WHERE cause <> 'retier' ORDER BY customer, since;
RESET ROLE;
SELECT disable_automatic('clients');

-- Their own customers only: readers see all, agents claim customers of nobody too, and cannot hand customers on.
CREATE MATERIALIZED VIEW agents_test.kept AS SELECT customer, tier FROM current_tiers;
SELECT alter_program('clients', '{"own_customers_only": true}');
SET ROLE agents_reader;
SELECT sum(customers) FROM tier_mix_by_program WHERE program = 'clients';
SET ROLE agents_anna;
SELECT customer, owner FROM current_tiers ORDER BY customer;
SELECT customer FROM claim_followups('clients', 'agents_anna', 10) ORDER BY customer;
UPDATE assignments SET owner = 'agents_ben' WHERE customer = '1';
SELECT tier FROM log_followup('clients', '3');
UPDATE agents_test.clients SET owner = 'agents_ben' WHERE id = 2;
SELECT tier FROM log_followup('clients', '2');
-- an import brings in what is of his own; the rest is set aside
CREATE TEMP TABLE heard (customer text, at timestamptz);
INSERT INTO heard SELECT g::text, '2026-02-01 10:00+00' FROM generate_series(1, 5) AS g;
SELECT import_followups('clients', 'heard');
SELECT customer, sqlstate, message FROM run_problems WHERE program = 'clients' AND purpose = 'contact' ORDER BY customer;
SELECT import_followups('clients', 'heard', strict => true);
RESET ROLE;
SELECT customer FROM followups WHERE at = '2026-02-01 10:00+00' ORDER BY customer;
SELECT customer, sqlstate, message FROM run_problems WHERE program = 'clients' AND purpose = 'contact' ORDER BY customer;
SELECT erase_customer('clients', '4') > 0 AS erased;

-- Rights are granted whole or not at all.
SET ROLE agents_boss;
SELECT grant_agent('agents_anna');
RESET ROLE;
SELECT grant_reader(0::oid::regrole);
SELECT grant_agent(4000000000::oid::regrole);
-- What administrators write stays as it is: records of another system, a restore.
SET ROLE agents_boss;
INSERT INTO followups (program, customer, at, logged_by, logged_at, on_time) VALUES ('clients', '1', '2019-01-01', 'system', '2019-01-01', true);
INSERT INTO assignment_log (program, customer, since, tier, reason, cause, changed_by) VALUES ('clients', '1', '2019-01-01', 'A', 'first', 'backfill', 'system');
SELECT logged_by, logged_at, on_time FROM followups WHERE at < '2020-01-01';

-- Approvals: by whom and when is written by nobody; four eyes, where they are wanted.
INSERT INTO schemes (scheme, version, document, status, approved_at, approved_by) SELECT 'agents_x', 1, scheme(to_jsonb(current_scheme('abc_share')) || '{"scheme": "agents_x"}'), 'approved', now(), 'the board';
INSERT INTO schemes (scheme, version, document, created_by) SELECT 'agents_x', 1, scheme(to_jsonb(current_scheme('abc_share')) || '{"scheme": "agents_x"}'), 'the board';
SELECT set_four_eyes(true);
UPDATE settings SET value = false;
RESET ROLE;
SELECT set_four_eyes(true);
SELECT approve_scheme('agents_x', reason => 'mine');
UPDATE schemes SET status = 'approved', created_by = 'somebody else', approved_at = now() WHERE scheme = 'agents_x';
SELECT set_four_eyes(false);
UPDATE schemes SET status = 'approved', approved_by = 'the board', approved_at = '2019-01-01' WHERE scheme = 'agents_x';
SELECT created_by = session_user AS mine, approved_by = session_user AS by_me, approved_at > '2020-01-01' AS now FROM schemes WHERE scheme = 'agents_x';
SELECT retire_scheme('agents_x');
DELETE FROM schemes WHERE scheme = 'agents_x';
DELETE FROM settings;

-- Twice the same is once: imports, overrides.
CREATE TABLE agents_test.contacts (customer text, at timestamptz, channel text);
INSERT INTO agents_test.contacts VALUES ('1', '2026-01-05 10:00+00', 'phone'), ('1', '2026-01-05 10:00+00', 'phone'), ('1', '2026-01-05 10:00+00', NULL);
SELECT import_followups('clients', 'agents_test.contacts', channel => 'channel');
SELECT import_followups('clients', 'agents_test.contacts', channel => 'channel');
INSERT INTO agents_test.contacts VALUES ('1', '2026-01-05 10:00+00', 'visit');
SELECT import_followups('clients', 'agents_test.contacts', channel => 'channel');
SELECT override_tier('clients', '1', 'A', 'x'), override_tier('clients', '1', 'A', 'x');
SELECT count(*) FROM overrides;
SELECT tier, override_reason, overridden_until FROM current_tiers WHERE customer = '1';
DELETE FROM overrides;
SELECT overridden, override_reason FROM current_tiers WHERE customer = '1';

-- By what search_path a source finds its tables is not for agents to say: they would grade as they like.
CREATE SCHEMA agents_own AUTHORIZATION agents_anna;
CREATE TABLE agents_test.worth AS SELECT g AS id, 100 AS worth FROM generate_series(1, 3) AS g;
GRANT SELECT ON agents_test.worth TO PUBLIC;
CREATE FUNCTION agents_test.worth(of integer) RETURNS numeric LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT w.worth FROM worth w WHERE w.id = of); END $$;
CREATE VIEW agents_test.worths AS SELECT c.id, agents_test.worth(c.id) AS annual_value FROM agents_test.clients c WHERE c.id <= 3;
GRANT SELECT ON agents_test.worths TO agents_anna;
SELECT create_program('worths', 'abc_share', 'agents_test.worths', 'id');
SET search_path = agents_test, tiering, pg_catalog;
CALL retier('worths');
SET search_path = tiering, pg_catalog;
SET ROLE agents_anna;
CREATE TABLE agents_own.worth AS SELECT g AS id, 100000000 AS worth FROM generate_series(1, 3) AS g;
SELECT tier = computed_tier AS by_the_criteria, tier FROM log_followup('worths', '1', path => 'agents_own');
SELECT set_config('customer_tiering.source_path', 'agents_own', false), set_config('search_path', 'agents_own, tiering', false) \g /dev/null
SELECT tier FROM log_followup('worths', '1');
INSERT INTO assignment_log (program, customer, since, tier, reason, cause) VALUES ('worths', '1', clock_timestamp(), 'A', 'promotion', 'followup');
RESET ROLE;
SET search_path = tiering, pg_catalog;
SELECT drop_program('worths');
DROP SCHEMA agents_own CASCADE;

SELECT drop_program('clients');
DROP SCHEMA agents_test CASCADE;
DROP OWNED BY agents_reader, agents_anna, agents_boss;
DROP ROLE agents_reader, agents_anna, agents_boss;
