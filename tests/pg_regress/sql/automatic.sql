-- Automatic grading by triggers, and the past graded afterwards.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA automatic_test;
SELECT derive_scheme('abc_share', 'automatic_abc', '{"characteristics": [{"name": "value_class", "input": "annual_value",
    "bins": [{"code": "A", "gte": 500}, {"code": "B", "gte": 200, "lt": 500}, {"code": "C", "lt": 200}]}]}');
SELECT approve_scheme('automatic_abc');
CREATE TABLE automatic_test.accounts (id integer NOT NULL, annual_value numeric, note text, owner text);
INSERT INTO automatic_test.accounts SELECT g, g, 'x', 'anna' FROM generate_series(1, 1000) AS g;
SELECT create_program('auto', 'automatic_abc', 'automatic_test.accounts', 'id', owner_column => 'owner');
-- The oracle: everybody graded anew. No row: all is as it should be.
CREATE VIEW automatic_test.disagreements AS
    (SELECT id::text, customer_tier('automatic_abc', annual_value), owner FROM automatic_test.accounts
        EXCEPT ALL SELECT customer, tier, owner FROM current_tiers WHERE program = 'auto')
    UNION ALL
    (SELECT customer, tier, owner FROM current_tiers WHERE program = 'auto'
        EXCEPT ALL SELECT id::text, customer_tier('automatic_abc', annual_value), owner FROM automatic_test.accounts);

SELECT enable_automatic('auto');
ALTER TABLE automatic_test.accounts ADD PRIMARY KEY (id);
SELECT enable_automatic('auto');
CALL retier('auto');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'automatic_test.accounts'::regclass ORDER BY 1;

INSERT INTO automatic_test.accounts VALUES (1001, 50, 'x', 'ben'), (1002, 5000, 'x', 'ben');
UPDATE automatic_test.accounts SET annual_value = annual_value + 450 WHERE id BETWEEN 100 AND 110;
DELETE FROM automatic_test.accounts WHERE id BETWEEN 300 AND 305;
COPY automatic_test.accounts FROM stdin;
2000	10	x	carl
2001	300	x	\N
\.
MERGE INTO automatic_test.accounts a USING (VALUES (1, 250), (3000, 900)) AS n (id, v) ON a.id = n.id
    WHEN MATCHED THEN UPDATE SET annual_value = n.v WHEN NOT MATCHED THEN INSERT VALUES (n.id, n.v, 'x', 'dora');
INSERT INTO automatic_test.accounts VALUES (2, 999, 'x', 'anna') ON CONFLICT (id) DO UPDATE SET annual_value = excluded.annual_value;
UPDATE automatic_test.accounts SET id = 4000 WHERE id = 400;
UPDATE automatic_test.accounts SET owner = 'ed' WHERE id = 500;
SELECT * FROM automatic_test.disagreements;
SELECT reason, cause, count(*) FROM assignment_log GROUP BY 1, 2 ORDER BY 1, 2;
-- a column that the program does not use costs nothing
SELECT sum(xmin::text::bigint) AS before FROM assignments \gset
UPDATE automatic_test.accounts SET note = 'y';
UPDATE automatic_test.accounts SET annual_value = annual_value;
SELECT sum(xmin::text::bigint) = :before AS nothing_written FROM assignments;
-- twice in one transaction, and taken back
BEGIN;
UPDATE automatic_test.accounts SET annual_value = 999 WHERE id = 7;
UPDATE automatic_test.accounts SET annual_value = 7 WHERE id = 7;
UPDATE automatic_test.accounts SET annual_value = 300 WHERE id = 7;
SELECT tier, lower(valid) - now() AS after FROM assignment_history WHERE customer = '7' ORDER BY valid OFFSET 1;
SELECT * FROM automatic_test.disagreements;
ROLLBACK;
SELECT tier FROM assignment_history WHERE customer = '7';
-- a value that is refused is set aside, and the statement goes on
UPDATE automatic_test.accounts SET annual_value = 'NaN' WHERE id = 7;
SELECT annual_value FROM automatic_test.accounts WHERE id = 7;
SELECT tier, computed_tier FROM current_tiers WHERE program = 'auto' AND customer = '7';
UPDATE automatic_test.accounts SET annual_value = 7 WHERE id = 7;
-- renames; pausing; another key
ALTER TABLE automatic_test.accounts RENAME id TO number;
ALTER TABLE automatic_test.accounts RENAME COLUMN annual_value TO worth;
ALTER TABLE automatic_test.accounts RENAME TO clients;
UPDATE automatic_test.clients SET worth = 600 WHERE number = 8;
SELECT tier FROM current_tiers WHERE customer = '8';
SELECT pause_program('auto');
UPDATE automatic_test.clients SET worth = 1 WHERE number = 8;
SELECT tier FROM current_tiers WHERE customer = '8';
SELECT resume_program('auto');
CALL retier('auto');
SELECT * FROM automatic_test.disagreements;
TRUNCATE automatic_test.clients;
SELECT count(*) FROM current_tiers;
INSERT INTO automatic_test.clients VALUES (8, 700, 'x', 'anna');
SELECT tier, reason FROM assignment_history WHERE customer = '8' ORDER BY valid;
SELECT disable_automatic('auto'), disable_automatic('auto');
INSERT INTO automatic_test.clients VALUES (9, 700, 'x', 'anna');
SELECT count(*) FROM current_tiers;
-- not on views; not on tables of others
CREATE VIEW automatic_test.rich AS SELECT * FROM automatic_test.clients WHERE worth > 5;
SELECT create_program('rich', 'automatic_abc', 'automatic_test.rich', 'number', '{"annual_value": "worth"}');
SELECT enable_automatic('rich');
SELECT enable_automatic('nothing');
-- a partitioned table
CREATE TABLE automatic_test.parted (id text PRIMARY KEY, annual_value numeric) PARTITION BY LIST (id);
CREATE TABLE automatic_test.part_a PARTITION OF automatic_test.parted FOR VALUES IN ('a', 'b');
CREATE TABLE automatic_test.part_rest PARTITION OF automatic_test.parted DEFAULT;
SELECT create_program('parted', 'automatic_abc', 'automatic_test.parted', 'id');
SELECT enable_automatic('parted');
INSERT INTO automatic_test.parted VALUES ('a', 600), ('c', 5);
UPDATE automatic_test.parted SET id = 'd' WHERE id = 'a';
SELECT customer, tier FROM current_tiers WHERE program = 'parted' ORDER BY customer;
-- dropping the program takes its triggers along
SELECT drop_program('parted'), drop_program('rich');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'automatic_test.parted'::regclass;
INSERT INTO automatic_test.parted VALUES ('e', 600);

-- Backfill, from snapshots and from a function; stability holds from step to step.
SELECT derive_scheme('automatic_abc', 'automatic_slow', '{"stability": {"demote_after": "P2M"}}');
SELECT approve_scheme('automatic_slow');
CREATE TABLE automatic_test.snapshots AS
    SELECT c.number, c.worth, m AS taken FROM (VALUES (1, 100, 300), (2, 900, 100), (3, 600, NULL)) AS v (number, early, late),
        generate_series(timestamp '2020-01-31', '2020-06-30', '1 month') AS m,
        LATERAL (SELECT v.number, CASE WHEN m < '2020-04-01' THEN v.early ELSE v.late END AS worth) c WHERE c.worth IS NOT NULL;
CREATE TABLE automatic_test.now_ AS SELECT number, worth FROM automatic_test.snapshots WHERE taken = (SELECT max(taken) FROM automatic_test.snapshots);
SELECT create_program('past', 'automatic_slow', 'automatic_test.now_', 'number', '{"annual_value": "worth"}');
SELECT backfill('past', '2020-01-01', '2020-07-01', '1 month', snapshots => 'automatic_test.snapshots', taken_at => 'taken');
SELECT customer, tier, valid, reason, cause FROM assignment_history WHERE program = 'past' ORDER BY customer, valid;
CALL retier('past');
SELECT customer, tier, valid, reason, cause FROM assignment_history WHERE program = 'past' AND upper_inf(valid) ORDER BY customer;
SELECT backfill('past', '2019-01-01', '2020-07-01', '1 month', snapshots => 'automatic_test.snapshots', taken_at => 'taken');
CREATE FUNCTION automatic_test.customers_as_of(at timestamptz) RETURNS TABLE (number integer, worth numeric) LANGUAGE sql STABLE
BEGIN ATOMIC SELECT 1, extract(month FROM at) * 100; END;
SELECT backfill('past', '2019-01-01', '2019-12-01', '1 month', customers_as_of => 'automatic_test.customers_as_of(timestamptz)');
SELECT customer, tier, valid FROM assignment_history WHERE program = 'past' AND cause = 'backfill' AND lower(valid) < '2020-01-01' ORDER BY valid;
SELECT backfill('past', '2018-01-01', '2018-12-01', '-1 month', customers_as_of => 'automatic_test.customers_as_of(timestamptz)');
SELECT backfill('past', '2018-01-01', '2017-12-01', '1 month', customers_as_of => 'automatic_test.customers_as_of(timestamptz)');
SELECT backfill('past', '2018-01-01', '2999-12-01', '1 month', customers_as_of => 'automatic_test.customers_as_of(timestamptz)');
SELECT backfill('past', '2018-01-01', '2018-12-01', '1 month', customers_as_of => 'pg_catalog.now()');
SELECT backfill('past', '2018-01-01', '2018-12-01', '1 month', snapshots => 'automatic_test.snapshots', taken_at => 'worth');

-- A program that is renamed by hand takes its triggers along; a name that it cannot have is refused in words.
CREATE TABLE automatic_test.renamed (number integer PRIMARY KEY, worth numeric);
SELECT create_program('old_name', 'automatic_abc', 'automatic_test.renamed', 'number', '{"annual_value": "worth"}');
SELECT enable_automatic('old_name');
INSERT INTO automatic_test.renamed VALUES (7, 100);
-- a column that gets another type does not stop the application
ALTER TABLE automatic_test.renamed ALTER worth TYPE text;
UPDATE automatic_test.renamed SET worth = 'much';
ALTER TABLE automatic_test.renamed ALTER worth TYPE numeric USING 900;
UPDATE automatic_test.renamed SET worth = 901;
SELECT program, customer, tier FROM current_tiers WHERE program LIKE '%name';
DELETE FROM automatic_test.renamed;
UPDATE programs SET program = 'no name' WHERE program = 'old_name';
UPDATE programs SET program = 'new_name' WHERE program = 'old_name';
INSERT INTO automatic_test.renamed VALUES (1, 100);
SELECT program, customer FROM current_tiers WHERE program LIKE '%name';
SELECT tgname FROM pg_trigger WHERE tgrelid = 'automatic_test.renamed'::regclass ORDER BY 1;
SELECT drop_program('new_name');
SELECT drop_program('past'), drop_program('auto');
SELECT retire_scheme('automatic_abc'), retire_scheme('automatic_slow');
DELETE FROM schemes WHERE scheme LIKE 'automatic%';
DROP SCHEMA automatic_test CASCADE;
