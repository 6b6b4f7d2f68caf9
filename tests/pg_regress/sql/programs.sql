-- Programs: made, changed, paused, dropped; what becomes of them when the source changes.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA programs_test;
CREATE TABLE programs_test.accounts (id integer PRIMARY KEY, name text, turnover numeric(12,2), owner text, last_contact date);
INSERT INTO programs_test.accounts SELECT g, 'Customer ' || g, g * 10000, (ARRAY['anna', 'ben'])[1 + g % 2], date '2026-01-01' + g FROM generate_series(1, 6) AS g;
SELECT derive_scheme('abc_share', 'program_abc', '{"timezone": "Asia/Shanghai", "characteristics": [{"name": "value_class", "input": "annual_value",
    "bins": [{"code": "A", "gte": 50000}, {"code": "B", "gte": 20000, "lt": 50000}, {"code": "C", "lt": 20000}]}]}');

-- errors, each of which leaves nothing
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id');
SELECT approve_scheme('program_abc');
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id');
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id', '{"turnover": "turnover"}');
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'no', '{"annual_value": "turnover"}');
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id', '{"annual_value": "name"}');
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id', '[]');
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id', '{"annual_value": "turnover"}', calendar => 'mars');
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id', '{"annual_value": "turnover"}', last_followup_column => 'name');
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id', '{"annual_value": "turnover"}', version => 7);
SELECT create_program('accounts', 'nothing', 'programs_test.accounts', 'id');
SELECT create_program('2 accounts', 'program_abc', 'programs_test.accounts', 'id', '{"annual_value": "turnover"}');
SELECT create_program('accounts', 'program_abc', NULL, 'id');
SELECT count(*) FROM programs;

SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id', '{"annual_value": "turnover"}', 'owner', 'weekends', 'last_contact');
SELECT create_program('accounts', 'program_abc', 'programs_test.accounts', 'id', '{"annual_value": "turnover"}');
SELECT program, scheme, version, source, key_column, inputs, owner_column, calendar, status, applied_version, zone, created_by = session_user AS by_me FROM programs;
SELECT tier, rank, title_en, followup_every, workday, log FROM program_tiers ORDER BY rank;
SELECT * FROM program_columns('accounts');
SELECT * FROM program_columns('nothing');

-- a preview writes nothing
SELECT customer, from_tier, to_tier, reason FROM retier_preview('accounts') ORDER BY 1;
CALL retier('accounts');
SELECT customer, tier, rank, computed_tier, overridden, last_followup, next_due, owner FROM current_tiers ORDER BY customer;
SELECT count(*) FROM retier_preview('accounts');

-- renames are followed, of the table, of columns, and both ways round
ALTER TABLE programs_test.accounts RENAME TO clients;
ALTER TABLE programs_test.clients RENAME turnover TO revenue;
ALTER TABLE programs_test.clients RENAME owner TO was_owner;
ALTER TABLE programs_test.clients RENAME name TO owner;
SELECT purpose, column_name FROM program_columns('accounts');
UPDATE programs_test.clients SET revenue = 90000 WHERE id = 1;
SELECT customer, from_tier, to_tier, reason FROM retier_preview('accounts') ORDER BY 1;
CALL retier('accounts');
SELECT source, inputs, owner_column FROM programs;
-- a dropped column, and a dropped source, are told
ALTER TABLE programs_test.clients DROP COLUMN revenue;
CALL retier('accounts');
SELECT * FROM retier_preview('accounts') ORDER BY 1;
SELECT alter_program('accounts', '{"inputs": {"annual_value": "id"}}');
CALL retier('accounts');
SELECT customer, tier, reason FROM assignment_history WHERE upper_inf(valid) ORDER BY 1;
DROP TABLE programs_test.clients;
CALL retier('accounts');
SELECT count(*) FROM current_tiers;

-- a view as the source
CREATE VIEW programs_test.accounts AS SELECT g AS id, g * 10000 AS annual_value, 'carl' AS owner FROM generate_series(1, 6) AS g;
SELECT alter_program('accounts', '{"source": "programs_test.accounts", "owner": "owner", "last_followup": null, "inputs": {"annual_value": "annual_value"}}');
CALL retier('accounts');
SELECT customer, tier, owner FROM current_tiers ORDER BY customer;
SELECT create_tier_view('accounts', 'accounts_tiers');
SELECT create_tier_view('accounts', 'programs_test.account_tiers');
SELECT create_tier_view('accounts', 'programs_test.account_tiers_kept', materialized => true);
SELECT id, tier, rank, title_en, title_zh, overridden, owner FROM programs_test.account_tiers ORDER BY id;
REFRESH MATERIALIZED VIEW CONCURRENTLY programs_test.account_tiers_kept;
SELECT count(*) FROM programs_test.account_tiers_kept;
SELECT create_tier_view('accounts', 'programs_test.account_tiers');

-- keys that cannot be: nothing is written
CREATE VIEW programs_test.twice AS SELECT * FROM programs_test.accounts UNION ALL SELECT 3, 100000, 'dora';
SELECT alter_program('accounts', '{"source": "programs_test.twice"}');
CALL retier('accounts');
SELECT * FROM log_followup('accounts', '3');
CREATE VIEW programs_test.nobody AS SELECT * FROM programs_test.accounts UNION ALL SELECT NULL, 100000, 'dora';
SELECT alter_program('accounts', '{"source": "programs_test.nobody"}');
CALL retier('accounts');
SELECT status, message FROM runs ORDER BY started DESC LIMIT 2;
SELECT customer, tier, owner FROM current_tiers ORDER BY customer;
SELECT alter_program('accounts', '{"source": "programs_test.accounts"}');

-- pause, resume
SELECT pause_program('accounts');
CALL retier('accounts');
SELECT * FROM log_followup('accounts', '1');
SELECT resume_program('accounts');
CALL retier('accounts');

-- versions: a new one is taken up by the next retier, unless one is pinned
SELECT revise_scheme(tiering.scheme(jsonb_set(tiering.to_jsonb(current_scheme('program_abc')), '{characteristics,0,bins}',
    '[{"code": "A", "gte": 30000}, {"code": "B", "gte": 20000, "lt": 30000}, {"code": "C", "lt": 20000}]')));
SELECT approve_scheme('program_abc');
SELECT applied_version FROM programs;
SELECT alter_program('accounts', '{"version": 1}');
SELECT count(*) FROM retier_preview('accounts');
SELECT alter_program('accounts', '{"version": null}');
SELECT customer, from_tier, to_tier, reason FROM retier_preview('accounts') ORDER BY 1;
CALL retier('accounts');
SELECT applied_version FROM programs;
-- another scheme
SELECT alter_program('accounts', '{"scheme": "rfm"}');
SELECT alter_program('accounts', '{"scheme": "retail_gold_silver"}');
SELECT alter_program('accounts', '{"owner": "no"}');
SELECT alter_program('accounts', '{"colour": "red"}');
SELECT alter_program('accounts', '{"key": null}');
SELECT alter_program('accounts', '[]');
SELECT alter_program('nothing', '{}');
SELECT scheme, inputs, owner_column FROM programs;

SELECT drop_program('nothing');
SELECT drop_program('accounts');
SELECT count(*) FROM assignments UNION ALL SELECT count(*) FROM assignment_log UNION ALL SELECT count(*) FROM programs
UNION ALL SELECT count(*) FROM program_tiers UNION ALL SELECT count(*) FROM retier_runs;
SELECT count(*) FROM programs_test.account_tiers;

-- all that there is has a comment: tables, views and their columns, functions, types, indexes of our own
SELECT c.relname, a.attname
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind IN ('r', 'v', 'c')
    AND (col_description(c.oid, a.attnum) IS NULL OR c.relkind <> 'c' AND obj_description(c.oid, 'pg_class') IS NULL);
SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'tiering'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL;
-- and what is plpgsql and does not commit has a search_path of its own
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
WHERE p.pronamespace = 'tiering'::regnamespace AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false) ORDER BY p.proname COLLATE "C";
SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'tiering'::regnamespace AND p.prosecdef;

-- A table that was made anew is taken up; one that took the name of the old one is told; one of somebody else is not read.
CREATE TABLE programs_test.built (id integer PRIMARY KEY, annual_value numeric);
INSERT INTO programs_test.built VALUES (1, 5), (2, 999999);
SELECT create_program('built', 'abc_share', 'programs_test.built', 'id');
CALL retier('built');
DROP TABLE programs_test.built;
CREATE TABLE programs_test.built (note text, annual_value numeric, id integer PRIMARY KEY);
INSERT INTO programs_test.built VALUES ('x', 999999, 1), ('x', 999999, 2);
CALL retier('built');
SELECT p.source, p.source_name, t.customer, t.tier = customer_tier('abc_share', 999999) AS of_the_new_one FROM programs p JOIN current_tiers t USING (program) WHERE program = 'built' ORDER BY t.customer;
CALL retier('built');
CREATE TABLE programs_test.built_new (id integer PRIMARY KEY, annual_value numeric);
INSERT INTO programs_test.built_new VALUES (1, 5), (2, 5), (3, 5);
ALTER TABLE programs_test.built RENAME TO built_old;
ALTER TABLE programs_test.built_new RENAME TO built;
CALL retier('built');
SELECT alter_program('built', '{"source": "programs_test.built"}');
CALL retier('built');
SELECT source, source_name FROM programs WHERE program = 'built';
-- the other order: the old one goes after the swap
DROP TABLE programs_test.built_old;
CREATE VIEW programs_test.built_new AS SELECT g AS id, 5 AS annual_value FROM generate_series(1, 2) AS g;
ALTER TABLE programs_test.built RENAME TO built_old;
ALTER VIEW programs_test.built_new RENAME TO built;
DROP TABLE programs_test.built_old;
CALL retier('built');
-- other columns: nothing is changed
DROP VIEW programs_test.built;
CREATE TABLE programs_test.built (id integer PRIMARY KEY, value numeric);
CALL retier('built');
SELECT source = 'programs_test.built'::regclass AS taken_up FROM programs WHERE program = 'built';
DROP TABLE programs_test.built;
CREATE ROLE programs_stranger;
CREATE TABLE programs_test.built (id integer PRIMARY KEY, annual_value numeric);
ALTER TABLE programs_test.built OWNER TO programs_stranger;
\set VERBOSITY terse
CALL retier('built');
\set VERBOSITY default
SELECT count(*) FROM current_tiers WHERE program = 'built';
-- a rename, as before
SELECT alter_program('built', '{"source": "programs_test.built"}');
ALTER TABLE programs_test.built RENAME TO constructed;
CALL retier('built');
SELECT source_name, source_owner FROM programs WHERE program = 'built';
-- a contact takes up what was made anew as well; agents, who may not change programs, are told what to type
INSERT INTO programs_test.constructed VALUES (1, 5);
CALL retier('built');
ALTER TABLE programs_test.constructed OWNER TO CURRENT_USER;
CALL retier('built');
CREATE TABLE programs_test.constructed_new (LIKE programs_test.constructed INCLUDING ALL);
INSERT INTO programs_test.constructed_new SELECT * FROM programs_test.constructed;
DROP TABLE programs_test.constructed;
SELECT tier FROM log_followup('built', '1', 'phone');
ALTER TABLE programs_test.constructed_new RENAME TO constructed;
SELECT grant_agent('programs_stranger');
GRANT USAGE ON SCHEMA programs_test TO programs_stranger;
GRANT SELECT ON programs_test.constructed TO programs_stranger;
SET ROLE programs_stranger;
SELECT tier FROM log_followup('built', '1', 'phone');
RESET ROLE;
SELECT tier = customer_tier('abc_share', 5) AS graded FROM log_followup('built', '1', 'phone');
SELECT source, source_name FROM programs WHERE program = 'built';
-- the other one of two is told by a contact, too; columns of another type are refused, and nothing is changed
ALTER TABLE programs_test.constructed RENAME TO constructed_old;
CREATE TABLE programs_test.constructed (id integer PRIMARY KEY, annual_value date);
INSERT INTO programs_test.constructed VALUES (1, '2026-01-01');
SELECT tier = customer_tier('abc_share', 5) AS of_the_old_one FROM log_followup('built', '1', 'phone');
DROP TABLE programs_test.constructed_old;
SELECT tier FROM log_followup('built', '1', 'phone');
DROP TABLE programs_test.constructed;
CREATE SEQUENCE programs_test.constructed;
CALL retier('built');
DROP SEQUENCE programs_test.constructed;
-- a row of another database, where the OID was another's, finds its source by the name
CREATE TABLE programs_test.constructed (note text, annual_value numeric, id integer PRIMARY KEY);
INSERT INTO programs_test.constructed VALUES ('x', 999999, 1);
CREATE TEMP TABLE elsewhere AS SELECT * FROM programs WHERE program = 'built';
UPDATE elsewhere SET source_oid = 'programs_test.accounts'::regclass, source_home = 'elsewhere', column_numbers = '{}';
DELETE FROM programs WHERE program = 'built';
DO $$ BEGIN
    EXECUTE (SELECT format('INSERT INTO programs (%1$s) SELECT %1$s FROM elsewhere', string_agg(quote_ident(attname), ', ')) FROM pg_attribute
        WHERE attrelid = 'programs'::regclass AND attnum > 0 AND attgenerated = '');
END $$;
SELECT source, source_name, source_home = here() AS of_here, column_numbers FROM programs WHERE program = 'built';
-- so does one that came in without triggers, and one whose table comes later
DELETE FROM programs WHERE program = 'built';
ALTER TABLE programs DISABLE TRIGGER USER;
DO $$ BEGIN
    EXECUTE (SELECT format('INSERT INTO programs (%1$s) SELECT %1$s FROM elsewhere', string_agg(quote_ident(attname), ', ')) FROM pg_attribute
        WHERE attrelid = 'programs'::regclass AND attnum > 0 AND attgenerated = '');
END $$;
ALTER TABLE programs ENABLE TRIGGER USER;
ALTER TABLE programs ENABLE ALWAYS TRIGGER number_columns;
SELECT (find_program('built')).source, explain_customer('built', '1') ->> 'tier' = customer_tier('abc_share', 999999) AS right_source;
CALL retier('built');
SELECT source, source_home = here() AS of_here FROM programs WHERE program = 'built';
DELETE FROM programs WHERE program = 'built';
DROP TABLE programs_test.constructed;
DO $$ BEGIN
    EXECUTE (SELECT format('INSERT INTO programs (%1$s) SELECT %1$s FROM elsewhere', string_agg(quote_ident(attname), ', ')) FROM pg_attribute
        WHERE attrelid = 'programs'::regclass AND attnum > 0 AND attgenerated = '');
END $$;
SELECT source_oid, source_name FROM programs WHERE program = 'built';
CALL retier('built');
CREATE TABLE programs_test.constructed (id integer PRIMARY KEY, annual_value numeric);
INSERT INTO programs_test.constructed VALUES (1, 5), (2, 5);
CALL retier('built');
SELECT drop_program('built');
DROP TABLE elsewhere;
DROP TABLE programs_test.constructed;
REVOKE ALL ON SCHEMA programs_test FROM programs_stranger;
DROP OWNED BY programs_stranger;
DROP ROLE programs_stranger;

-- What people call a customer stands in every list, follows the source and a rename of its column, and goes when it is taken away.
CREATE TABLE programs_test.named (id integer PRIMARY KEY, name text, annual_value numeric);
INSERT INTO programs_test.named VALUES (1, '张伟', 999999), (2, 'Ann', 5), (3, NULL, 5);
SELECT create_program('named', 'abc_share', 'programs_test.named', 'id', label_column => 'nobody');
SELECT create_program('named', 'abc_share', 'programs_test.named', 'id', label_column => 'name');
CALL retier('named');
SELECT customer, label FROM current_tiers WHERE program = 'named' ORDER BY customer;
SELECT customer, label FROM followups_due WHERE program = 'named' ORDER BY customer;
UPDATE programs_test.named SET name = 'Anna' WHERE id = 2;
CALL retier('named');
UPDATE programs_test.named SET name = 'Anne' WHERE id = 2;
SELECT tier IS NOT NULL AS logged FROM log_followup('named', '2', promise => 'an offer', promised_at => now());
SELECT plan_followup('named', '2', current_date + 400, 'fair') IS NOT NULL AS planned, log_complaint('named', '2', 'late') IS NOT NULL AS complained;
SELECT 'open_plans' AS list, label FROM open_plans WHERE program = 'named' UNION ALL SELECT 'promise_status', label FROM promise_status WHERE program = 'named'
UNION ALL SELECT 'complaint_status', label FROM complaint_status WHERE program = 'named' UNION ALL SELECT DISTINCT 'tier_changes', label FROM tier_changes WHERE program = 'named' AND customer = '2'
UNION ALL SELECT 'reviews_due', label FROM reviews_due WHERE program = 'named' AND name = '2' UNION ALL SELECT 'followup_logs', label FROM followup_logs WHERE program = 'named' AND customer = '2';
SELECT label FROM claim_followups('named', 'nobody') ORDER BY customer;
SELECT report_html('named', 'en') LIKE '%1 · 张伟%' AS in_report, customer_report_html('named', '1', 'en') LIKE '%1 · 张伟%' AS in_its_page;
ALTER TABLE programs_test.named RENAME name TO called;
CALL retier('named');
SELECT label_column FROM programs WHERE program = 'named';
SELECT create_tier_view('named', 'programs_test.named_tiers');
SELECT id, called, tier IS NOT NULL AS graded FROM programs_test.named_tiers ORDER BY id;
ALTER TABLE programs_test.named DROP called CASCADE;
CALL retier('named');
SELECT alter_program('named', '{"label": null}');
CALL retier('named');
SELECT count(label) FROM current_tiers WHERE program = 'named';
SELECT drop_program('named');

SELECT retire_scheme('program_abc'), retire_scheme('program_abc');
DELETE FROM schemes WHERE scheme = 'program_abc';
DROP SCHEMA programs_test CASCADE;
