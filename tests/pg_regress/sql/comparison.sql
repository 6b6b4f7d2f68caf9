-- Everybody compared with what was written before: two statements, told apart row by row.
\set SHOW_CONTEXT never
CREATE SCHEMA comparison_test;
CREATE TABLE comparison_test.assigned (customer text COLLATE "C", gone boolean, stays boolean, last_followup timestamptz, known timestamptz, tier text, score numeric);
CREATE TABLE comparison_test.graded (customer text COLLATE "C", usable boolean, contact timestamptz, tier text, score numeric);
CREATE FUNCTION comparison_test.compared(assigned text DEFAULT 'SELECT * FROM comparison_test.assigned', graded text DEFAULT 'SELECT * FROM comparison_test.graded') RETURNS record
    LANGUAGE sql AS $$ SELECT tiering.compare_statements(jsonb_populate_record(NULL::tiering.program_plan, '{"program": "compared"}'), $1, $2) $$;
-- nobody on either side, or on one
SELECT comparison_test.compared();
INSERT INTO comparison_test.graded VALUES ('new', true, NULL, 'A', 1);
SELECT comparison_test.compared();
TRUNCATE comparison_test.graded;
INSERT INTO comparison_test.assigned VALUES ('left', false, true, NULL, NULL, 'A', 1), ('gone', true, false, NULL, NULL, NULL, NULL);
SELECT comparison_test.compared();
-- what stays, and each kind of difference
TRUNCATE comparison_test.assigned;
INSERT INTO comparison_test.assigned VALUES
    ('same', false, true, '2026-01-05', NULL, 'A', 1), ('nothing known', false, true, NULL, NULL, NULL, NULL), ('logged later', false, true, '2026-01-05', '2026-01-05', 'A', 1),
    ('logged, none in the source', false, true, '2026-01-05', '2026-01-05', 'A', 1), ('logged earlier', false, true, '2026-01-05', '2026-01-01', 'A', 1), ('long', false, true, NULL, NULL, repeat('long ', 100000), 1),
    ('tier', false, true, NULL, NULL, 'A', 1), ('no tier', false, true, NULL, NULL, 'A', 1), ('score', false, true, NULL, NULL, 'A', 1), ('contact', false, true, '2026-01-05', NULL, 'A', 1),
    ('no contact', false, true, '2026-01-05', NULL, 'A', 1), ('first contact', false, true, NULL, NULL, 'A', 1), ('contact after the log', false, true, '2026-01-05', '2026-01-05', 'A', 1),
    ('contact not written', false, true, '2026-01-05', '2026-01-06', 'A', 1), ('log not written', false, true, NULL, '2026-01-06', 'A', 1), ('logged, and the source has another', false, true, '2026-01-05', '2026-01-01', 'A', 1),
    ('due', false, false, NULL, NULL, 'A', 1), ('due is not known', false, NULL, NULL, NULL, 'A', 1), ('returned', true, false, NULL, NULL, NULL, NULL), ('unusable', false, true, NULL, NULL, 'A', 1),
    ('long tier', false, true, NULL, NULL, repeat('long ', 100000), 1), ('left', false, true, NULL, NULL, 'A', 1), ('gone', true, false, NULL, NULL, NULL, NULL);
INSERT INTO comparison_test.graded VALUES
    ('same', true, '2026-01-05', 'A', 1), ('nothing known', true, NULL, NULL, NULL), ('logged later', true, '2026-01-03', 'A', 1), ('logged, none in the source', true, NULL, 'A', 1),
    ('logged earlier', true, '2026-01-05', 'A', 1), ('long', true, NULL, repeat('long ', 100000), 1), ('tier', true, NULL, 'B', 1), ('no tier', true, NULL, NULL, 1), ('score', true, NULL, 'A', 2),
    ('contact', true, '2026-01-06', 'A', 1), ('no contact', true, NULL, 'A', 1), ('first contact', true, '2026-01-05', 'A', 1), ('contact after the log', true, '2026-01-06', 'A', 1), ('contact not written', true, '2026-01-04', 'A', 1),
    ('log not written', true, NULL, 'A', 1), ('logged, and the source has another', true, '2026-01-04', 'A', 1), ('due', true, NULL, 'A', 1), ('due is not known', true, NULL, 'A', 1), ('returned', true, NULL, NULL, NULL),
    ('unusable', false, NULL, 'A', 1), ('long tier', true, NULL, repeat('long ', 100000) || 'x', 1), ('new', true, NULL, 'A', 1), ('', true, NULL, 'A', 1);
SELECT d.differing, c.missing FROM comparison_test.compared() AS c (differing text[], missing text[]) LEFT JOIN LATERAL unnest(c.differing) AS d (differing) ON true;
-- twice in the source
INSERT INTO comparison_test.graded VALUES ('same', true, '2026-01-05', 'A', 1);
SELECT 'same' = ANY (c.differing) AS twice, c.missing FROM comparison_test.compared() AS c (differing text[], missing text[]);
-- An eighth of many may differ, a thousand of few. With more memory than may be taken, and where a key is NULL, nothing is said.
TRUNCATE comparison_test.assigned, comparison_test.graded;
INSERT INTO comparison_test.assigned SELECT g, false, true, NULL, NULL, 'A', 1 FROM generate_series(1, 50000) AS g;
INSERT INTO comparison_test.graded SELECT g, true, NULL, CASE WHEN g % 10 = 0 THEN 'B' ELSE 'A' END, 1 FROM generate_series(1, 49900) AS g;
SELECT cardinality(c.differing) AS differing, cardinality(c.missing) AS missing FROM comparison_test.compared() AS c (differing text[], missing text[]);
SELECT comparison_test.compared('SELECT * FROM comparison_test.assigned WHERE customer::integer > 45000') AS too_many;
SELECT comparison_test.compared(graded => 'SELECT * FROM comparison_test.graded WHERE customer::integer > 20000') AS too_many_missing;
SET maintenance_work_mem = '1MB';
SELECT comparison_test.compared() AS too_large;
RESET maintenance_work_mem;
SELECT comparison_test.compared(graded => 'SELECT NULL::text, true, NULL::timestamptz, ''A'', 1::numeric') AS no_key;
SELECT tiering.compare_statements(NULL, '', '') IS NULL AS nothing, comparison_test.compared(NULL) IS NULL AS none, comparison_test.compared('', '');
-- what is no such statement
SELECT comparison_test.compared('SELECT 1');
SELECT comparison_test.compared('SELECT customer, gone, stays, last_followup FROM comparison_test.assigned');
SELECT comparison_test.compared(graded => 'SELECT customer, usable, contact, 1 FROM comparison_test.graded');
SELECT comparison_test.compared(graded => 'SELECT customer, usable, contact, tier, tier, tier, tier, tier, tier, tier, tier, tier FROM comparison_test.graded');
SELECT comparison_test.compared(graded => 'SELECT usable, usable, contact FROM comparison_test.graded');
SELECT comparison_test.compared('SELEC');
SELECT comparison_test.compared('COMMIT');
SELECT comparison_test.compared('SELECT $2');
SELECT comparison_test.compared(graded => 'SELECT customer, 1 / (customer::integer - 777) > 0, contact, tier FROM comparison_test.graded');
SELECT comparison_test.compared('COPY comparison_test.assigned TO STDOUT');

-- A retier that changes little grades those alone whom it may change; one that changes much, everybody: both leave the same.
SELECT tiering.create_scheme('{"scheme": "comparison", "title": {"en": "Levels"}, "inputs": [{"name": "v", "type": "number", "missing": "null"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "v", "gte": 100}, "tier": "A"}], "otherwise": "B"},
    "tiers": [{"code": "A", "followup": {"every": "P1D"}}, {"code": "B", "followup": {"every": "P7D"}}]}'), tiering.approve_scheme('comparison') \g /dev/null
CREATE TABLE comparison_test.clients (id integer PRIMARY KEY, v numeric, owner text, last timestamptz);
INSERT INTO comparison_test.clients SELECT g, g % 200, 'owner ' || g % 7, CASE WHEN g % 3 > 0 THEN timestamptz '2026-01-01' + g * interval '1 minute' END FROM generate_series(1, 5000) AS g;
SELECT tiering.create_program('compared', 'comparison', 'comparison_test.clients', 'id', owner_column => 'owner', last_followup_column => 'last'),
    tiering.create_program('compared_whole', 'comparison', 'comparison_test.clients', 'id', owner_column => 'owner', last_followup_column => 'last') \g /dev/null
CREATE FUNCTION comparison_test.apart() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM (SELECT program, customer, tier, owner, last_followup, next_due, gone_since IS NULL AS here FROM tiering.assignments WHERE program = 'compared') a
    FULL JOIN (SELECT customer, tier, owner, last_followup, next_due, gone_since IS NULL AS here FROM tiering.assignments WHERE program = 'compared_whole') b USING (customer)
    WHERE (a.tier, a.owner, a.last_followup, a.next_due, a.here) IS DISTINCT FROM (b.tier, b.owner, b.last_followup, b.next_due, b.here) $$;
CREATE FUNCTION comparison_test.everybody(program text) RETURNS boolean LANGUAGE sql AS $$
    SELECT d.differing IS NULL FROM tiering.differing_customers(tiering.plan_program($1, now()), 'tiering.assignments', NULL, '') d $$;
CALL tiering.retier('compared');
CALL tiering.retier('compared_whole');
CALL tiering.retier('compared');
UPDATE comparison_test.clients SET v = 199 - v WHERE id <= 20;
UPDATE comparison_test.clients SET v = 'NaN' WHERE id = 21;
UPDATE comparison_test.clients SET owner = NULL, last = 'infinity' WHERE id = 22;
UPDATE comparison_test.clients SET last = '2026-02-01' WHERE id BETWEEN 23 AND 30;
DELETE FROM comparison_test.clients WHERE id BETWEEN 31 AND 40;
INSERT INTO comparison_test.clients SELECT 10000 + g, g, 'new', NULL FROM generate_series(1, 10) AS g;
SELECT comparison_test.everybody('compared');
CALL tiering.retier('compared');
UPDATE comparison_test.clients SET owner = 'another' WHERE id BETWEEN 1000 AND 1010;
CALL tiering.retier('compared');
UPDATE comparison_test.clients SET v = 199 - v, owner = 'all of them' WHERE id > 40;
SELECT comparison_test.everybody('compared');
CALL tiering.retier('compared');
CALL tiering.retier('compared_whole');
SELECT comparison_test.apart();
-- who comes back
INSERT INTO comparison_test.clients SELECT g, 150, 'back', NULL FROM generate_series(31, 35) AS g;
CALL tiering.retier('compared');
SELECT customer, tier, owner, gone_since IS NULL AS here FROM tiering.assignments WHERE program = 'compared' AND customer IN ('31', '35', '36') ORDER BY customer;
SELECT tiering.drop_program('compared'), tiering.drop_program('compared_whole') \g /dev/null
SET client_min_messages = warning;
DROP SCHEMA comparison_test CASCADE;
SELECT tiering.retire_scheme('comparison');
