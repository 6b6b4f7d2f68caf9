-- Grading by a program: what cannot be used is set aside, customers do not depend on each other, the user's own functions find their tables.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
CREATE SCHEMA grading_query_test;
SELECT tiering.create_scheme('{"scheme": "gq", "title": {"en": "Levels"},
    "inputs": [{"name": "level", "type": "text", "allowed": ["VIP", "x"]}, {"name": "v", "type": "number", "missing": "null"}, {"name": "day", "type": "date", "missing": "null"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "level", "eq": "VIP"}, "tier": "A"}, {"when": {"input": "v", "gte": 100}, "tier": "B"}], "otherwise": "C"},
    "tiers": [{"code": "A", "followup": {"every": "P1D"}}, {"code": "B", "followup": {"every": "P7D"}}, {"code": "C", "followup": {"every": "P1M"}}]}');
SELECT tiering.approve_scheme('gq');
SELECT tiering.derive_scheme('gq', 'gq_steady', '{"stability": {"demote_after": "P30D"}}');
SELECT tiering.approve_scheme('gq_steady');

-- One function says why values cannot be graded, another grades without an error.
SELECT tiering.try_grade(tiering.current_scheme('gq'), '2026-01-01', 'VIP', 1, date '2026-01-01') AS good,
    tiering.try_grade(tiering.current_scheme('gq'), '2026-01-01', 'VIP', 'NaN'::float8, date '2026-01-01') AS bad;
SELECT v.what, tiering.grading_problem(tiering.current_scheme('gq'), '2026-01-01', v.level, v.v, v.day)
FROM (VALUES ('good', 'VIP', 1::float8, '2026-01-01'), ('not allowed', 'vip', 1, '2026-01-01'), ('not finite', 'x', 'NaN', NULL), ('no day', 'x', 1, '2026-02-30'))
    AS v (what, level, v, day);
SELECT tiering.try_grade_score(tiering.current_scheme('gq'), '2026-01-01', 'VIP', 1, date '2026-01-01');
-- what is wrong with the call is an error all the same
SELECT tiering.try_grade(tiering.current_scheme('gq'), '2026-01-01', 'VIP', true, date '2026-01-01');
SELECT tiering.try_grade(tiering.current_scheme('gq'), '2026-01-01', 'VIP');
SELECT tiering.try_grade(tiering.current_scheme('gq'), 'infinity', 'VIP', 1, date '2026-01-01');

-- Bad rows never stop the others: every kind of value that cannot be graded.
CREATE TABLE grading_query_test.clients (id integer PRIMARY KEY, level text, v float8, day text, owner text, last timestamptz);
INSERT INTO grading_query_test.clients
    SELECT g, 'x', 1, '2026-01-01', 'anna', '2026-01-05 10:00+00' FROM generate_series(1, 9) AS g;
SELECT tiering.create_program('gq', 'gq', 'grading_query_test.clients', 'id', owner_column => 'owner', last_followup_column => 'last');
CALL tiering.retier('gq');
UPDATE grading_query_test.clients SET owner = 'ben', v = 500,
    level = CASE id WHEN 2 THEN 'gold' ELSE 'x' END, day = CASE id WHEN 3 THEN '2026-02-30' ELSE day END, last = CASE id WHEN 4 THEN 'infinity' WHEN 5 THEN '9999-12-31' ELSE last END;
UPDATE grading_query_test.clients SET v = CASE id WHEN 6 THEN 'NaN' WHEN 7 THEN '-Infinity' END::float8 WHERE id IN (6, 7);
INSERT INTO grading_query_test.clients VALUES (10, 'gold', 1, NULL, 'anna', NULL), (11, 'VIP', 1, NULL, 'anna', NULL);
CALL tiering.retier('gq');
-- The tier stays, what does not follow from the tier is new; who was never graded is not there.
SELECT customer, tier, computed_tier, owner, last_followup, CASE WHEN customer <> '11' THEN CASE WHEN next_due = since::date THEN 'with the change' ELSE next_due::text END END AS next_due FROM tiering.current_tiers WHERE program = 'gq' ORDER BY customer::integer;
SELECT customer, purpose, input, value, sqlstate, message, cause FROM tiering.run_problems WHERE program = 'gq' ORDER BY customer::integer;
SELECT status, total, added, moved, updated, problems FROM tiering.runs WHERE program = 'gq' ORDER BY started;
SELECT bool_and(p.at = r.started) AS by_run FROM tiering.run_problems p JOIN tiering.retier_runs r ON r.program = p.program AND r.status = 'done' AND r.problems > 0;
-- so many may fail, or none
CALL tiering.retier('gq', strict => true);
CALL tiering.retier('gq', max_problems => 4);
CALL tiering.retier('gq', max_problems => NULL);
SELECT status, message FROM tiering.runs WHERE program = 'gq' ORDER BY started DESC LIMIT 3;
SELECT customer, from_tier, to_tier, reason FROM tiering.retier_preview('gq');
-- A source that is put right takes effect, also where it told of a contact to come.
UPDATE grading_query_test.clients SET level = 'x', v = 500, day = NULL, last = '2026-01-05 10:00+00';
CALL tiering.retier('gq');
SELECT DISTINCT tier, last_followup, next_due = since::date AS due_with_the_change FROM tiering.current_tiers WHERE program = 'gq' AND customer <> '10' AND customer <> '11';
UPDATE grading_query_test.clients SET last = '2026-02-01' WHERE id = 1;
SELECT f.next_due = t.since::date AS due_with_the_change FROM tiering.log_followup('gq', '1', at => '2026-01-20 10:00+00') AS f, tiering.current_tiers AS t WHERE t.program = 'gq' AND t.customer = '1';
UPDATE grading_query_test.clients SET last = '2026-01-10' WHERE id = 1;
CALL tiering.retier('gq');
SELECT last_followup, last_logged, next_due = since::date AS due_with_the_change FROM tiering.assignments WHERE program = 'gq' AND customer = '1';
-- in a transaction block as well
UPDATE grading_query_test.clients SET v = 'NaN' WHERE id = 1;
BEGIN;
CALL tiering.retier('gq');
COMMIT;
-- A contact with somebody who cannot be graded is logged; with somebody who never was, it is refused with the reason.
SELECT f.tier, f.previous_tier, f.next_due = t.since::date AS due_with_the_change FROM tiering.log_followup('gq', '1', at => '2026-03-02 10:00+00') AS f, tiering.current_tiers AS t
WHERE t.program = 'gq' AND t.customer = '1';
INSERT INTO grading_query_test.clients VALUES (12, 'gold', 1, NULL, 'anna', NULL);
SELECT tier FROM tiering.log_followup('gq', '12', at => '2026-03-02 10:00+00');
SELECT count(*) FROM tiering.followups WHERE program = 'gq' AND customer IN ('1', '12');
-- Erased, and dropped with the program.
SELECT tiering.erase_customer('gq', '1') > 0 AS erased;
SELECT count(*) FROM tiering.run_problems WHERE program = 'gq' AND customer = '1';
SELECT tiering.drop_program('gq');
SELECT count(*) FROM tiering.run_problems WHERE program = 'gq';

-- Grading of one customer never evaluates the row of another: a bad neighbour among 300, in tables and views.
CREATE TABLE grading_query_test.many (id integer PRIMARY KEY, level text, v numeric, day text);
INSERT INTO grading_query_test.many SELECT g, 'x', g, NULL FROM generate_series(1, 300) AS g;
CREATE VIEW grading_query_test.many_view AS SELECT 'k' || id AS id, level, 1000 / v AS v, day FROM grading_query_test.many;
SELECT tiering.create_program('many_table', 'gq', 'grading_query_test.many', 'id');
SELECT tiering.create_program('many_view', 'gq', 'grading_query_test.many_view', 'id');
CALL tiering.retier('many_table');
CALL tiering.retier('many_view');
UPDATE grading_query_test.many SET level = 'gold', v = 0 WHERE id = 7;
SELECT tier FROM tiering.log_followup('many_table', '8');
SELECT tier FROM tiering.log_followup('many_view', 'k8');
SELECT tiering.enable_automatic('many_table');
UPDATE grading_query_test.many SET v = 500 WHERE id = 9;
SELECT customer, tier FROM tiering.current_tiers WHERE program LIKE 'many%' AND customer IN ('9', 'k8') ORDER BY 1;
-- by plan: the key is looked for before anything is graded
CREATE FUNCTION grading_query_test.plan_of(program text, customers text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE plan tiering.program_plan := tiering.plan_program(program, now()); line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || tiering.source_query(plan, true) USING plan, customers LOOP
        IF line ~ 'Scan|Cond|Filter|Join' THEN RETURN NEXT trim(line); END IF;
    END LOOP;
END $$;
SET enable_bitmapscan = off;
SET enable_seqscan = off;
SELECT grading_query_test.plan_of('many_table', '{8}');
RESET enable_seqscan;
SELECT grading_query_test.plan_of('many_view', '{k8}');
RESET enable_bitmapscan;
SELECT tiering.drop_program('many_table'), tiering.drop_program('many_view');

-- A reload in one transaction leaves no trace if nothing has changed: stability, history and "since" stand.
CREATE TABLE grading_query_test.reload (id integer PRIMARY KEY, level text, v numeric, day date);
INSERT INTO grading_query_test.reload VALUES (1, 'x', 200), (2, 'x', 150);
SELECT tiering.create_program('reload', 'gq_steady', 'grading_query_test.reload', 'id');
CALL tiering.retier('reload');
SELECT tiering.enable_automatic('reload');
UPDATE grading_query_test.reload SET v = 1 WHERE id = 1;
CREATE TABLE grading_query_test.before AS SELECT customer, tier, rank, computed_tier, since, pending_since, cadence_due, next_due, gone_since FROM tiering.assignments WHERE program = 'reload';
CREATE TABLE grading_query_test.log_before AS SELECT * FROM tiering.assignment_log WHERE program = 'reload';
CREATE VIEW grading_query_test.traces AS
    (SELECT 'assignment' AS what, x::text FROM (SELECT customer, tier, rank, computed_tier, since, pending_since, cadence_due, next_due, gone_since
        FROM tiering.assignments WHERE program = 'reload' EXCEPT ALL SELECT * FROM grading_query_test.before) x)
    UNION ALL (SELECT 'lost', x::text FROM (SELECT * FROM grading_query_test.before EXCEPT ALL SELECT customer, tier, rank, computed_tier, since, pending_since, cadence_due,
        next_due, gone_since FROM tiering.assignments WHERE program = 'reload') x)
    UNION ALL (SELECT 'history', x::text FROM (SELECT * FROM tiering.assignment_log WHERE program = 'reload' EXCEPT ALL SELECT * FROM grading_query_test.log_before) x);
SELECT customer, tier, computed_tier, pending_since = current_date AS pending_today FROM tiering.current_tiers WHERE program = 'reload' ORDER BY 1;
-- truncate and load
BEGIN;
TRUNCATE grading_query_test.reload;
INSERT INTO grading_query_test.reload VALUES (1, 'x', 1), (2, 'x', 150);
COMMIT;
SELECT * FROM grading_query_test.traces;
-- delete and insert, twice, with a savepoint
BEGIN;
DELETE FROM grading_query_test.reload;
SAVEPOINT s;
INSERT INTO grading_query_test.reload VALUES (1, 'x', 1), (2, 'x', 150);
DELETE FROM grading_query_test.reload WHERE id = 1;
INSERT INTO grading_query_test.reload VALUES (1, 'x', 1);
COMMIT;
SELECT * FROM grading_query_test.traces;
-- another key and back
BEGIN;
UPDATE grading_query_test.reload SET id = 3 WHERE id = 1;
UPDATE grading_query_test.reload SET id = 1 WHERE id = 3;
COMMIT;
SELECT what FROM grading_query_test.traces ORDER BY 1;
SELECT customer, tier, reason FROM tiering.assignment_history WHERE program = 'reload' ORDER BY customer, valid;
-- what did change in the reload is the one change
BEGIN;
DELETE FROM grading_query_test.reload;
INSERT INTO grading_query_test.reload VALUES (1, 'x', 1), (2, 'VIP', 150);
COMMIT;
SELECT customer, tier, reason, previous_tier FROM tiering.assignment_history WHERE program = 'reload' AND customer = '2' ORDER BY valid;
-- retier() in the block, too
SELECT tiering.disable_automatic('reload');
BEGIN;
DELETE FROM grading_query_test.reload;
CALL tiering.retier('reload');
INSERT INTO grading_query_test.reload VALUES (1, 'x', 1), (2, 'VIP', 150);
CALL tiering.retier('reload');
COMMIT;
SELECT customer, tier, reason FROM tiering.assignment_history WHERE program = 'reload' AND customer < '3' ORDER BY customer, valid;
-- A later return is one.
DELETE FROM grading_query_test.reload WHERE id = 2;
CALL tiering.retier('reload');
INSERT INTO grading_query_test.reload VALUES (2, 'VIP', 150);
CALL tiering.retier('reload');
SELECT customer, tier, reason FROM tiering.assignment_history WHERE program = 'reload' AND customer = '2' ORDER BY valid;
SELECT tiering.drop_program('reload');

-- The functions of the user's view find their tables by the search_path of the caller; the extension does not go by it.
SET search_path = grading_query_test, public;
CREATE TABLE purchase (customer integer, amount numeric);
INSERT INTO purchase VALUES (1, 150), (2, 5);
CREATE TABLE buyer (id integer PRIMARY KEY, level text, day date);
INSERT INTO buyer VALUES (1, 'x'), (2, 'x');
CREATE FUNCTION spent(c integer) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT sum(amount) FROM purchase WHERE customer = c';
CREATE VIEW buyer_view AS SELECT id, level, spent(id) AS v, day FROM buyer;
-- what would be in the way
CREATE TABLE assignments (program text);
CREATE FUNCTION array_position(text[], text) RETURNS integer LANGUAGE sql AS 'SELECT 99';
CREATE TEMP TABLE programs (program text);
SELECT tiering.create_program('path', 'gq', 'buyer_view', 'id');
SELECT customer, to_tier, reason FROM tiering.retier_preview('path') ORDER BY 1;
CALL tiering.retier('path');
SELECT tier FROM tiering.log_followup('path', '1');
SELECT tiering.explain_customer('path', '2') ->> 'tier' AS tier;
CREATE TABLE contacts AS SELECT '2' AS customer, timestamptz '2026-01-02 10:00+00' AS at;
SELECT tiering.import_followups('path', 'contacts');
CREATE FUNCTION contact_day(customer text) RETURNS date LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT max(c.at)::date + 1 FROM contacts c WHERE c.customer = contact_day.customer); END';
CREATE VIEW contact_days AS SELECT customer, contact_day(customer) AS at FROM contacts;
SELECT tiering.import_followups('path', 'contact_days');
SHOW search_path;
-- under another path the view fails, and says which table is not found
SET search_path = public;
CALL tiering.retier('path');
SELECT tiering.drop_program('path');

-- A key that is too long for an index stops nobody.
CREATE TABLE grading_query_test.longkeys (id text NOT NULL, level text, v numeric, day date);
INSERT INTO grading_query_test.longkeys (id, level, v) SELECT k, 'x', 1 FROM (VALUES ('short'), (E'two\nlines'), (''), ('o''clock'), (repeat('x', 2000))) AS v (k)
    UNION ALL SELECT string_agg(md5(g::text), ''), 'x', 1 FROM generate_series(1, 400) AS g UNION ALL SELECT repeat('y', 4000), 'x', 1;
SELECT tiering.create_program('long', 'gq', 'grading_query_test.longkeys', 'id');
CALL tiering.retier('long');
SELECT left(customer, 10) AS customer, octet_length(customer) AS bytes, tier FROM tiering.current_tiers WHERE program = 'long' ORDER BY customer;
SELECT left(customer, 10) AS customer, sqlstate, message, detail, hint FROM tiering.run_problems WHERE program = 'long' ORDER BY customer;
SELECT count(*) FROM grading_query_test.longkeys k CROSS JOIN LATERAL tiering.log_followup('long', k.id) WHERE length(k.id) <= 2000;
SELECT tiering.log_followup('long', repeat('z', 2001));
CREATE TABLE grading_query_test.longcontacts AS SELECT id AS customer, date '2026-01-05' AS at FROM grading_query_test.longkeys;
SELECT tiering.import_followups('long', 'grading_query_test.longcontacts');
CALL tiering.retier('long', max_problems => -1);
SELECT tiering.import_followups('long', NULL);
SELECT tiering.import_followups('long', 'grading_query_test.longcontacts', at => NULL);
SELECT tiering.drop_program('long');

-- An error of the source is told without the statements that read it: SQLSTATE, message, program, what to look at, and few lines of context.
CREATE TABLE grading_query_test.shares (id integer PRIMARY KEY, level text, parts numeric, day date);
INSERT INTO grading_query_test.shares VALUES (1, 'x', 1), (2, 'x', 0);
CREATE FUNCTION grading_query_test.share(parts numeric) RETURNS numeric LANGUAGE plpgsql AS 'BEGIN RETURN 100 / parts; END';
CREATE VIEW grading_query_test.shared AS SELECT id, level, grading_query_test.share(parts) AS v, day FROM grading_query_test.shares;
SELECT tiering.create_program('told', 'gq', 'grading_query_test.shared', 'id');
CREATE FUNCTION grading_query_test.told(statement text) RETURNS TABLE (state text, message text, detail text, hint text, few_lines boolean, generated boolean)
LANGUAGE plpgsql AS $$
DECLARE
    context text;
BEGIN
    EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
    RETURN QUERY SELECT SQLSTATE, SQLERRM, told.detail, told.hint, cardinality(string_to_array(context, chr(10))) <= 20, context ~ 'computed_tier';
END
$$;
\x
SELECT * FROM grading_query_test.told($$SELECT tiering.log_followup('told', '2')$$);
SELECT * FROM grading_query_test.told($$SELECT tiering.explain_customer('told', '2')$$);
SELECT * FROM grading_query_test.told($$SELECT count(*) FROM tiering.retier_preview('told')$$);
SELECT * FROM grading_query_test.told($$CALL tiering.retier('told')$$);
\x
SELECT tier FROM tiering.log_followup('told', '1');
SELECT tiering.drop_program('told');

-- A view that fails for a few rows: these customers are found by halves and set aside, with the error and with all that they had; the others are graded.
CREATE TABLE grading_query_test.ratios (id integer PRIMARY KEY, turnover numeric, visits numeric, owner text);
INSERT INTO grading_query_test.ratios SELECT g, g, 1, 'anna' FROM generate_series(1, 1000) AS g;
CREATE VIEW grading_query_test.by_visit AS SELECT id, 'x' AS level, turnover / visits AS v, NULL::date AS day, owner FROM grading_query_test.ratios;
SELECT tiering.create_program('by_visit', 'gq', 'grading_query_test.by_visit', 'id', owner_column => 'owner');
CALL tiering.retier('by_visit');
SELECT tier FROM tiering.log_followup('by_visit', '500', at => now() - interval '1 day');
UPDATE grading_query_test.ratios SET visits = CASE WHEN id IN (1, 500, 501) THEN 0 ELSE 0.5 END, owner = 'ben';
INSERT INTO grading_query_test.ratios VALUES (1001, 1, 0, 'ben'), (1002, 1, 1, 'ben');
DELETE FROM grading_query_test.ratios WHERE id = 999;
CALL tiering.retier('by_visit', max_problems => 2);
CALL tiering.retier('by_visit', strict => true);
CALL tiering.retier('by_visit');
SELECT customer, sqlstate, message, cause, hint FROM tiering.run_problems WHERE program = 'by_visit' AND at = (SELECT max(started) FROM tiering.retier_runs WHERE program = 'by_visit') ORDER BY customer;
SELECT customer, tier, owner, last_followup < now() AS contacted, next_due > current_date AS due_later FROM tiering.current_tiers WHERE program = 'by_visit' AND customer IN ('1', '499', '500', '999', '1001', '1002') ORDER BY customer;
SELECT tier FROM tiering.log_followup('by_visit', '500');
SELECT tier FROM tiering.log_followup('by_visit', '499');
-- an error of one row in the function of a user, with the name of the constraint that he gives; an error of all rows is one
CREATE FUNCTION grading_query_test.strictly(of integer) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF of > 3 THEN
        RAISE EXCEPTION USING MESSAGE = 'not this one', CONSTRAINT = 'no_more_than_three', TABLE = 'ratios';
    END IF;
    RETURN of;
END $$;
CREATE OR REPLACE VIEW grading_query_test.by_visit AS SELECT id, 'x' AS level, grading_query_test.strictly(id) AS v, NULL::date AS day, owner FROM grading_query_test.ratios WHERE id < 6;
CALL tiering.retier('by_visit');
DO $$
DECLARE
    named text;
    in_table text;
BEGIN
    PERFORM tiering.explain_customer('by_visit', '4');
EXCEPTION WHEN raise_exception THEN
    GET STACKED DIAGNOSTICS named = CONSTRAINT_NAME, in_table = TABLE_NAME;
    RAISE NOTICE '%: % of %', SQLERRM, named, in_table;
END $$;
CREATE OR REPLACE VIEW grading_query_test.by_visit AS SELECT id, 'x' AS level, 1::numeric AS v, NULL::date AS day, owner FROM grading_query_test.ratios WHERE 1 / (id - id) > 0;
CALL tiering.retier('by_visit');
-- where not even the keys can be read, because of a policy, it is one error
CREATE TABLE grading_query_test.guarded (id integer PRIMARY KEY, level text, v numeric, day date);
INSERT INTO grading_query_test.guarded SELECT g, 'x', g, NULL FROM generate_series(1, 5) AS g;
ALTER TABLE grading_query_test.guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON grading_query_test.guarded USING (grading_query_test.strictly(id) > 0);
CREATE ROLE grading_query_boss;
SELECT tiering.grant_admin('grading_query_boss');
GRANT USAGE ON SCHEMA grading_query_test TO grading_query_boss;
GRANT SELECT ON grading_query_test.guarded TO grading_query_boss;
SELECT tiering.create_program('guarded', 'gq', 'grading_query_test.guarded', 'id');
SET ROLE grading_query_boss;
CALL tiering.retier('guarded');
RESET ROLE;
SELECT tiering.drop_program('by_visit'), tiering.drop_program('guarded');
DROP OWNED BY grading_query_boss;
DROP ROLE grading_query_boss;

-- A row that fails stops nobody who is graded beside it, of a few customers neither: by hand, by an import, by a contact, which is logged all the same.
CREATE TABLE grading_query_test.parts (id integer PRIMARY KEY, level text, of integer);
INSERT INTO grading_query_test.parts SELECT g, 'x', 1 FROM generate_series(1, 9) AS g;
CREATE VIEW grading_query_test.parted AS SELECT id, level, 1000 / of AS v, NULL::date AS day FROM grading_query_test.parts;
SELECT tiering.create_program('parted', 'gq', 'grading_query_test.parted', 'id');
CALL tiering.retier('parted');
UPDATE grading_query_test.parts SET of = CASE WHEN id IN (2, 5, 6) THEN 0 ELSE 500 END;
SELECT tiering.retier_customers('parted', '1', '2', '3', '5');
SELECT customer, tier FROM tiering.current_tiers WHERE program = 'parted' AND customer IN ('1', '2', '3', '5') ORDER BY 1;
CREATE TABLE grading_query_test.heard AS SELECT g::text AS customer, '2026-01-05 10:00+00'::timestamptz AS at FROM generate_series(4, 7) AS g;
SELECT tiering.import_followups('parted', 'grading_query_test.heard');
SELECT tier, previous_tier FROM tiering.log_followup('parted', '2', at => '2026-01-06 10:00+00');
SELECT t.customer, t.tier, t.last_followup AT TIME ZONE 'UTC' AS last_followup, q.message FROM tiering.current_tiers t
LEFT JOIN (SELECT DISTINCT p.customer, p.message FROM tiering.run_problems p WHERE p.program = 'parted') q ON q.customer = t.customer WHERE t.program = 'parted' ORDER BY 1;
SELECT count(*) FROM tiering.retier_preview('parted');
SELECT tiering.drop_program('parted');

-- Names that are too long for an index, and days that are none, are left out, and said: they stop nobody.
CREATE TABLE grading_query_test.named (id integer PRIMARY KEY, level text, v numeric, day date, owner text, family text);
INSERT INTO grading_query_test.named SELECT g, 'x', g, NULL, CASE WHEN g = 1 THEN l.long ELSE 'anna' END, CASE WHEN g = 2 THEN l.long ELSE 'f' END
FROM generate_series(1, 3) AS g, (SELECT string_agg(md5(i::text), '') AS long FROM generate_series(1, 200) AS i) l;
SELECT tiering.create_program('named', 'gq', 'grading_query_test.named', 'id', owner_column => 'owner');
SELECT tiering.alter_program('named', '{"group": "family"}');
\set VERBOSITY terse
CALL tiering.retier('named');
SELECT tier FROM tiering.log_followup('named', '1');
\set VERBOSITY default
SELECT a.customer, a.owner, a.group_key, q.purpose, length(q.value), q.sqlstate, q.message, q.hint FROM tiering.assignments a
LEFT JOIN tiering.run_problems q ON q.program = a.program AND q.customer = a.customer AND q.cause = 'retier' WHERE a.program = 'named' ORDER BY 1;
SELECT tiering.drop_program('named');

-- Temporary tables and views of the user's own are none of ours.
CREATE TEMP VIEW tiering_graded AS SELECT 1 AS mine;
CREATE TEMP TABLE tiering_differing AS SELECT 1 AS mine;
CREATE TEMP TABLE tiering_contacts AS SELECT 1 AS mine;
SELECT tiering.create_program('temp', 'gq', 'grading_query_test.many', 'id');
CALL tiering.retier('temp', max_problems => NULL);
SELECT (SELECT mine FROM tiering_graded) + (SELECT mine FROM tiering_differing) + (SELECT mine FROM tiering_contacts) AS untouched;
SELECT tiering.drop_program('temp');

-- Nothing that is not finite can be written to an assignment by hand.
SELECT tiering.create_program('finite', 'gq', 'grading_query_test.many', 'id');
CALL tiering.retier('finite');
\set VERBOSITY terse
UPDATE tiering.assignments SET last_followup = 'infinity' WHERE program = 'finite' AND customer = '8';
UPDATE tiering.assignments SET since = 'infinity' WHERE program = 'finite' AND customer = '8';
UPDATE tiering.assignments SET since = '-infinity' WHERE program = 'finite' AND customer = '8';
UPDATE tiering.assignments SET cadence_due = 'infinity' WHERE program = 'finite' AND customer = '8';
UPDATE tiering.assignments SET pending_since = '-infinity' WHERE program = 'finite' AND customer = '8';
UPDATE tiering.assignments SET claimed_until = 'infinity' WHERE program = 'finite' AND customer = '8';
\set VERBOSITY default
CALL tiering.retier('finite');
SELECT tiering.drop_program('finite');

-- Who stays as he is, is told at once, and who was never graded is graded by a shorter query: whatever may have changed, the same rows come out.
SELECT tiering.create_scheme('{"scheme": "gq_score", "title": {"en": "Score"}, "inputs": [{"name": "v", "type": "number", "missing": "null"}],
    "characteristics": [{"name": "v", "input": "v", "baseline": 100, "bins": [{"code": "many", "gte": 50, "points": 90}, {"code": "few", "lt": 50, "points": 10}, {"code": "none", "missing": true, "points": 5}], "reason": "LOW"}],
    "score": {"reasons": "points_below"}, "decision": {"method": "score", "cuts": [{"tier": "green", "gte": 80}, {"tier": "red"}]},
    "tiers": [{"code": "green", "followup": {"every": "P7D", "workday": "following"}}, {"code": "red", "followup": {"every": "P1M", "grace": "P3D"}}]}'), tiering.approve_scheme('gq_score') \g /dev/null
SELECT count(tiering.derive_scheme('gq', s.name, s.patch) + tiering.approve_scheme(s.name)) FROM (VALUES
    ('gq_joined', '{"stability": {"demote_on": "customer_anniversary", "term": "P6M"}}'::jsonb),
    ('gq_steps', '{"tiers": [{"code": "A", "followup": {"every": "P1D", "steps": [{"after": "P1D", "channel": "phone"}, {"after": "P3D", "channel": "mail"}]}},
        {"code": "B", "followup": {"every": "P7D", "grace": "P2D"}}, {"code": "C"}]}')) AS s (name, patch);
CREATE TABLE grading_query_test.anybody AS
    SELECT g AS id, CASE WHEN g % 7 = 0 THEN 'VIP' ELSE 'x' END AS level, (g * 37 % 200)::numeric AS v, date '2022-01-01' AS day, 'owner ' || g % 5 AS owner,
        CASE WHEN g % 3 > 0 THEN timestamptz '2022-01-01 10:00+00' + g * interval '1 day' END AS last, CASE WHEN g % 4 = 0 THEN 'family ' || g % 20 END AS family,
        CASE WHEN g % 2 = 0 THEN date '2020-01-01' + g END AS joined, 'name ' || g AS name, NULL::date AS deleted
    FROM generate_series(1, 300) AS g;
ALTER TABLE grading_query_test.anybody ADD PRIMARY KEY (id);
SELECT count(tiering.create_program('any_' || p.scheme, p.scheme, 'grading_query_test.anybody', 'id', owner_column => 'owner', last_followup_column => 'last'))
FROM unnest('{gq,gq_steady,gq_score,gq_joined,gq_steps}'::text[]) AS p (scheme);
SELECT tiering.alter_program('any_gq_joined', '{"joined": "joined", "deleted": "deleted"}'), tiering.alter_program('any_gq_steady', '{"group": "family", "label": "name"}'),
    tiering.alter_program('any_gq', '{"shares_contacts": "gq"}'), tiering.alter_program('any_gq_steps', '{"shares_contacts": "gq"}') \g /dev/null
CREATE TABLE grading_query_test.nobody (LIKE tiering.assignments);
CREATE FUNCTION grading_query_test.both_ways(program text, OUT rows bigint, OUT overlooked bigint, OUT beyond bigint) LANGUAGE plpgsql AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program(program, now());
    graded boolean := EXISTS (SELECT FROM tiering.assignments a WHERE a.program = both_ways.program);
    longer text := format('SELECT q::text AS outcome FROM (%s) q WHERE q.differs OR q.problem IS NOT NULL OR q.refused IS NOT NULL',
        tiering.grading_query(plan, false, false, state => CASE WHEN graded THEN 'tiering.assignments' ELSE 'grading_query_test.nobody' END));
    shorter text[] := ARRAY[CASE WHEN graded THEN tiering.grading_query(plan, false, true) ELSE tiering.first_grading_query(plan) END];
    found record;
    one record;
BEGIN
    -- Those are looked for who may differ, too; but not where the day of joining counts.
    SELECT d.* INTO found FROM tiering.differing_customers(plan, 'tiering.assignments', NULL, '') d;
    ASSERT (found.differing IS NULL) = (plan.joined IS NOT NULL) AND (found.missing IS NULL) = (plan.joined IS NOT NULL), format('%s: %s', program, found);
    IF graded AND plan.joined IS NULL THEN
        shorter := shorter || tiering.grading_query(plan, false, true, missing => found.missing);
    END IF;
    overlooked := 0;
    beyond := 0;
    FOR n IN 1 .. cardinality(shorter) LOOP
        EXECUTE format('SELECT count(*) AS rows, (SELECT count(*) FROM (%1$s EXCEPT ALL %2$s) x) AS overlooked, (SELECT count(*) FROM (%2$s EXCEPT ALL %1$s) y) AS beyond FROM (%1$s) l',
            longer, format('SELECT q::text AS outcome FROM (%s) q', shorter[n])) INTO one USING plan, found.differing;
        rows := one.rows;
        overlooked := overlooked + one.overlooked;
        beyond := beyond + one.beyond;
    END LOOP;
    -- Nearly nobody is looked at for nothing.
    ASSERT NOT graded OR plan.joined IS NOT NULL OR cardinality(found.differing) + cardinality(found.missing) <= rows + 30, format('%s: %s of %s', program, cardinality(found.differing), rows);
END $$;
SELECT p.program, t.* FROM tiering.programs p CROSS JOIN LATERAL grading_query_test.both_ways(p.program) t WHERE p.program LIKE 'any%' ORDER BY 1;
SET client_min_messages = error;
DO $$
DECLARE
    p text;
    wrong record;
    found bigint := 0;
BEGIN
    FOREACH p IN ARRAY '{any_gq,any_gq_steady,any_gq_score,any_gq_joined,any_gq_steps}'::text[] LOOP
        CALL tiering.retier(p, '2023-03-01 10:00+00');
        PERFORM tiering.override_tier(p, (17 * n)::text, t.tier, 'x', now() + interval '1 hour', kind => (ARRAY['fixed', 'at_least', 'at_most'])[1 + n % 3])
        FROM generate_series(1, 9) AS n, LATERAL (SELECT g.tier FROM tiering.program_tiers g WHERE g.program = p ORDER BY g.rank DESC LIMIT 1) t;
        PERFORM tiering.plan_followup(p, (23 * n)::text, (now() + interval '5 days')::date), tiering.snooze_followup(p, (29 * n)::text, (now() + interval '9 days')::date, 'x') FROM generate_series(1, 9) AS n;
        PERFORM tiering.log_followup(p, (31 * n)::text, at => now() - interval '3 days') FROM generate_series(1, 9) AS n;
    END LOOP;
    FOR turn IN 1..6 LOOP
        UPDATE grading_query_test.anybody b SET v = CASE WHEN b.id % 11 = 0 THEN 'NaN' WHEN b.id % 5 = 0 THEN NULL ELSE 199 - v END WHERE b.id % 8 = turn;
        UPDATE grading_query_test.anybody b SET owner = CASE WHEN b.id % 2 = 0 THEN 'somebody' WHEN b.id % 3 = 0 THEN repeat('x', 500) END WHERE b.id % 41 = turn;
        UPDATE grading_query_test.anybody b SET last = CASE b.id % 3 WHEN 0 THEN now() - interval '1 day' WHEN 1 THEN 'infinity' END WHERE b.id % 43 = turn;
        UPDATE grading_query_test.anybody b SET family = 'family ' || turn, name = 'another', joined = b.joined + 1 WHERE b.id % 47 = turn;
        UPDATE grading_query_test.anybody b SET deleted = now() WHERE b.id % 53 = turn;
        DELETE FROM grading_query_test.anybody b WHERE b.id % 59 = turn;
        INSERT INTO grading_query_test.anybody SELECT 1000 * turn + n, 'x', n, NULL, 'new', NULL, NULL, NULL, NULL, NULL FROM generate_series(1, 5) AS n;
        -- what no function of ours would leave
        UPDATE tiering.assignments a SET since = a.since + interval '1 day', rank = 1, pending_since = '2022-01-01', valid_until = '2024-01-01', cadence_due = a.cadence_due - 1, next_due = NULL, score = 1
        WHERE a.program LIKE 'any%' AND a.customer = (61 * turn)::text;
        UPDATE tiering.assignments a SET override_until = '2023-04-01' WHERE a.program LIKE 'any%' AND a.customer = (17 * turn)::text;
        FOREACH p IN ARRAY '{any_gq,any_gq_steady,any_gq_score,any_gq_joined,any_gq_steps}'::text[] LOOP
            SELECT * INTO wrong FROM grading_query_test.both_ways(p);
            ASSERT wrong.overlooked = 0 AND wrong.beyond = 0, format('%s, turn %s: %s', p, turn, wrong);
            found := found + wrong.rows;
            -- every other turn they are graded
            IF turn % 2 = 0 THEN
                CALL tiering.retier(p, '2023-03-01 10:00+00'::timestamptz + turn * interval '1 month', max_problems => NULL);
                SELECT * INTO wrong FROM grading_query_test.both_ways(p);
                ASSERT wrong.overlooked = 0 AND wrong.beyond = 0, format('%s, after turn %s: %s', p, turn, wrong);
            END IF;
        END LOOP;
    END LOOP;
    ASSERT found > 1000, found;
END $$;
RESET client_min_messages;
SELECT count(tiering.drop_program(p.program)) FROM tiering.programs p WHERE p.program LIKE 'any%';
DROP SCHEMA grading_query_test CASCADE;
SELECT tiering.retire_scheme('gq_steady'), tiering.retire_scheme('gq');
SELECT count(tiering.retire_scheme(s.name)) FROM unnest('{gq_score,gq_joined,gq_steps}'::text[]) AS s (name);
