-- Statements that a session keeps for a program: whatever they follow from may change between two calls of one session.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
CREATE SCHEMA statements_test;
SELECT tiering.create_scheme('{"scheme": "st", "title": {"en": "Levels"},
    "inputs": [{"name": "level", "type": "text"}, {"name": "v", "type": "number", "missing": "null"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "level", "eq": "VIP"}, "tier": "A"}, {"when": {"input": "v", "gte": 100}, "tier": "B"}], "otherwise": "C"},
    "tiers": [{"code": "A", "followup": {"every": "P1D"}}, {"code": "B", "followup": {"every": "P7D", "workday": "following"}}, {"code": "C", "followup": {"every": "P30D"}}]}');
SELECT tiering.approve_scheme('st');
CREATE TABLE statements_test.c (id integer PRIMARY KEY, level text, v numeric, w numeric, owner text);
INSERT INTO statements_test.c SELECT g, 'x', 1, 500, 'anna' FROM generate_series(1, 5) AS g;
SELECT tiering.create_program('st', 'st', 'statements_test.c', 'id', owner_column => 'owner');
CALL tiering.retier('st');
CREATE FUNCTION statements_test.log(who text DEFAULT '1') RETURNS TABLE (tier text, days integer)
    LANGUAGE sql AS $$ SELECT l.tier, l.next_due - (now() AT TIME ZONE 'UTC')::date FROM tiering.log_followup('st', who) AS l $$;
SELECT * FROM statements_test.log();
-- another column, a column renamed, one of another type, one dropped
SELECT tiering.alter_program('st', '{"inputs": {"v": "w"}}');
SELECT * FROM statements_test.log();
ALTER TABLE statements_test.c RENAME w TO worth;
SELECT * FROM statements_test.log();
ALTER TABLE statements_test.c ALTER worth TYPE float8, ALTER owner TYPE varchar(20);
SELECT * FROM statements_test.log();
ALTER TABLE statements_test.c ALTER id TYPE bigint;
SELECT * FROM statements_test.log();
ALTER TABLE statements_test.c DROP v;
SELECT * FROM statements_test.log();
ALTER TABLE statements_test.c ALTER worth TYPE text;
SELECT * FROM statements_test.log();
ALTER TABLE statements_test.c ALTER worth TYPE numeric USING worth::numeric;
BEGIN;
ALTER TABLE statements_test.c DROP worth;
SELECT * FROM statements_test.log();
ROLLBACK;
SELECT * FROM statements_test.log();
-- another version of the scheme, with other rhythms; a calendar, and another of its name; a pause
SELECT tiering.revise_scheme(tiering.scheme(jsonb_set(tiering.to_jsonb(tiering.current_scheme('st')), '{tiers,1,followup,every}', '"P14D"')));
SELECT tiering.approve_scheme('st');
SELECT * FROM statements_test.log();
CALL tiering.retier('st');
SELECT * FROM statements_test.log();
SELECT tiering.import_calendar('st', '{"title": {"en": "Office"}, "working_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}');
SELECT tiering.alter_program('st', '{"calendar": "st"}');
SELECT * FROM statements_test.log();
SELECT tiering.import_calendar('st', jsonb_build_object('title', '{"en": "Office"}'::jsonb, 'working_days', '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'::jsonb,
    'holidays', (SELECT jsonb_agg((now() AT TIME ZONE 'UTC')::date + d) FROM generate_series(0, 15) AS d)));
SELECT * FROM statements_test.log();
SELECT tiering.pause_program('st');
SELECT * FROM statements_test.log();
SELECT tiering.resume_program('st');
SELECT tiering.alter_program('st', '{"calendar": null}');
-- another source, by the same name and by another; a name given to another program
ALTER TABLE statements_test.c RENAME TO gone;
CREATE TABLE statements_test.c (id text PRIMARY KEY, level text, v numeric, owner text);
INSERT INTO statements_test.c VALUES ('1', 'VIP', 1, 'ben');
SELECT * FROM statements_test.log();
SELECT tiering.alter_program('st', '{"source": "statements_test.c", "inputs": {"v": "v"}}');
SELECT * FROM statements_test.log();
DROP TABLE statements_test.c;
SELECT * FROM statements_test.log();
SELECT tiering.alter_program('st', '{"source": "statements_test.gone", "inputs": {"v": "worth"}}');
SELECT * FROM statements_test.log();
SELECT tiering.drop_program('st');
SELECT * FROM statements_test.log();
CREATE TABLE statements_test.others (id integer PRIMARY KEY, level text, v numeric);
INSERT INTO statements_test.others VALUES (1, 'VIP', 1);
SELECT tiering.create_program('st', 'st', 'statements_test.others', 'id');
CALL tiering.retier('st');
SELECT * FROM statements_test.log();
-- another search_path, under which the functions of a view find other tables
CREATE SCHEMA statements_a;
CREATE TABLE statements_a.worth AS SELECT 1 AS id, 500 AS worth;
CREATE SCHEMA statements_b;
CREATE TABLE statements_b.worth AS SELECT 1 AS id, 5 AS worth;
CREATE FUNCTION statements_test.worth(of integer) RETURNS numeric LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT w.worth FROM worth w WHERE w.id = of); END $$;
CREATE VIEW statements_test.worths AS SELECT 1 AS id, 'x' AS level, statements_test.worth(1) AS v;
SELECT tiering.alter_program('st', '{"source": "statements_test.worths"}');
SET search_path = statements_a;
SELECT tier FROM tiering.log_followup('st', '1');
SET search_path = statements_b;
SELECT tier FROM tiering.log_followup('st', '1');
SET search_path = statements_a;
SELECT tier FROM tiering.log_followup('st', '1');
RESET search_path;
SELECT tier FROM tiering.log_followup('st', '1');
-- Other users: policies of the source hold for each. A plan that somebody keeps is his own.
CREATE TABLE statements_test.owned (id integer PRIMARY KEY, level text, v numeric, owner text);
INSERT INTO statements_test.owned VALUES (1, 'VIP', 1, 'statements_anna'), (2, 'x', 500, 'statements_ben');
ALTER TABLE statements_test.owned ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON statements_test.owned USING (owner = current_user);
CREATE ROLE statements_anna;
CREATE ROLE statements_ben;
GRANT USAGE ON SCHEMA statements_test TO statements_anna, statements_ben;
GRANT SELECT ON statements_test.owned TO statements_anna, statements_ben;
SELECT tiering.grant_agent('statements_anna'), tiering.grant_agent('statements_ben');
SELECT tiering.create_program('owned', 'st', 'statements_test.owned', 'id');
CALL tiering.retier('owned');
SET ROLE statements_anna;
SELECT tier FROM tiering.log_followup('owned', '1');
SELECT tier FROM tiering.log_followup('owned', '2');
SELECT tiering.keep_plan('x', '1', jsonb_populate_record(NULL::tiering.program_plan, '{"program": "of anna"}'));
SELECT (tiering.kept_plan('x', '1')).program, (tiering.kept_plan('x', '2')).program AS of_another_revision;
SET ROLE statements_ben;
SELECT (tiering.kept_plan('x', '1')).program;
SELECT tier FROM tiering.log_followup('owned', '2');
SELECT tier FROM tiering.log_followup('owned', '1');
RESET ROLE;
REVOKE SELECT ON statements_test.owned FROM statements_ben;
SET ROLE statements_ben;
SELECT tier FROM tiering.log_followup('owned', '2');
RESET ROLE;
-- What may be run so is any statement with the rights of who calls; what cannot be is an error, and the session goes on.
SELECT tiering.run_kept(NULL, NULL, NULL, NULL) IS NULL AS nothing, tiering.run_kept('', NULL, NULL, NULL) IS NULL AS none, tiering.run_kept('SELECT 1; SELECT 2', NULL, NULL, NULL) AS last;
SELECT tiering.run_kept('COMMIT', NULL, NULL, NULL);
SELECT tiering.run_kept('COPY pg_class TO STDOUT', NULL, NULL, NULL);
SELECT tiering.run_kept('SELEC', NULL, NULL, NULL);
SELECT tiering.run_kept('SELECT $4', NULL, NULL, NULL);
SELECT tiering.run_kept('SELECT 1 / 0', NULL, NULL, NULL);
-- Statements that run further up are kept beyond the bound, however many stand between.
CREATE FUNCTION statements_test.nest(n integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    IF n = 0 THEN
        RETURN 0;
    END IF;
    r := tiering.run_kept(format('SELECT statements_test.nest(%s) AS n', n - 1), NULL, NULL, NULL);
    RETURN r.n + 1;
END $$;
SELECT statements_test.nest(60);
SELECT statements_test.nest(60);
-- More programs than a session keeps, in one transaction and in several; a scheme's new version for them all.
SELECT count(tiering.create_program('many_' || g, 'st', 'statements_test.others', 'id')) FROM generate_series(1, 40) AS g;
SET client_min_messages = warning;
DO $$ BEGIN FOR g IN 1..40 LOOP CALL tiering.retier('many_' || g); END LOOP; END $$;
RESET client_min_messages;
SELECT l.tier, count(*) FROM generate_series(1, 40) AS g, tiering.log_followup('many_' || g, '1') AS l GROUP BY l.tier;
DO $$ BEGIN FOR run IN 1..2 LOOP FOR g IN 1..40 LOOP PERFORM tiering.log_followup('many_' || g, '1'); COMMIT; END LOOP; END LOOP; END $$;
SELECT count(*), count(DISTINCT program) FROM tiering.followups WHERE program LIKE 'many%';
SELECT count(tiering.drop_program(program)) FROM tiering.programs WHERE program LIKE 'many%';
-- One customer is looked up by the key, also in what a view joins and adds up by it.
CREATE TABLE statements_test.orders AS SELECT 1 + g % 2000 AS customer, g AS amount FROM generate_series(1, 20000) AS g;
CREATE INDEX ON statements_test.orders (customer);
CREATE TABLE statements_test.buyers AS SELECT g AS id, 'x' AS level FROM generate_series(1, 2000) AS g;
ALTER TABLE statements_test.buyers ADD PRIMARY KEY (id);
ANALYZE statements_test.orders, statements_test.buyers;
CREATE VIEW statements_test.turnover AS SELECT b.id, b.level, o.v FROM statements_test.buyers b
    JOIN (SELECT customer, sum(amount) AS v FROM statements_test.orders GROUP BY customer) o ON o.customer = b.id;
SELECT tiering.create_program('turnover', 'st', 'statements_test.turnover', 'id');
CALL tiering.retier('turnover');
SET plan_cache_mode = force_generic_plan;
CREATE FUNCTION statements_test.reads() RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
DECLARE
    plan tiering.program_plan;
BEGIN
    plan := tiering.plan_few('turnover');
    EXECUTE 'PREPARE look (tiering.program_plan, text[], tiering.assignments) AS ' || plan.read_one;
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) EXECUTE look (NULL, NULL, NULL)' LOOP
        line := trim(line);
        IF line ~ ' on (orders|buyers)|Index Cond.*[$]2' THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
SELECT * FROM statements_test.reads();
DEALLOCATE look;
RESET plan_cache_mode;
-- two rows for a customer; an error in the source names what it comes from, and keeps the name of the constraint
CREATE OR REPLACE VIEW statements_test.worths AS SELECT 1 AS id, 'x' AS level, 1::numeric AS v UNION ALL SELECT 1, 'VIP', 1;
SELECT * FROM statements_test.log();
CREATE OR REPLACE VIEW statements_test.worths AS SELECT 1 AS id, 'x' AS level, 1::numeric / 0 AS v;
SELECT * FROM statements_test.log();
SELECT count(*) FROM tiering.followups WHERE program = 'st';

SELECT tiering.drop_program(p) FROM unnest('{st,owned,turnover}'::text[]) AS p;
SET client_min_messages = warning;
DROP SCHEMA statements_test, statements_a, statements_b CASCADE;
DROP OWNED BY statements_anna, statements_ben;
DROP ROLE statements_anna, statements_ben;
SELECT tiering.retire_scheme('st', 1), tiering.retire_scheme('st', 2);
DELETE FROM tiering.schemes WHERE scheme = 'st';
DELETE FROM tiering.calendars WHERE calendar = 'st';
