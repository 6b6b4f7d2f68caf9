-- All programs by one call: one that fails stops nobody, and is named.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA all_test;
CREATE TABLE all_test.a AS SELECT i AS id, i * 1000 AS annual_value FROM generate_series(1, 100) AS i;
CREATE TABLE all_test.b AS TABLE all_test.a;
CREATE TABLE all_test.c AS TABLE all_test.a;
CREATE TABLE all_test.d AS TABLE all_test.a;
SELECT create_program('all_a', 'abc_share', 'all_test.a', key => 'id'), create_program('all_b', 'abc_share', 'all_test.b', key => 'id'),
    create_program('all_c', 'abc_share', 'all_test.c', key => 'id'), create_program('all_d', 'abc_share', 'all_test.d', key => 'id');
CALL retier_all();
SELECT program, count(*) FROM current_tiers WHERE program LIKE 'all\_%' GROUP BY 1 ORDER BY 1;

-- one has lost its column, one has the same customer twice, one is paused: the fourth is graded
INSERT INTO all_test.a VALUES (101, 1);
INSERT INTO all_test.b VALUES (101, 1);
INSERT INTO all_test.c VALUES (1, 1);
INSERT INTO all_test.d VALUES (101, 1);
ALTER TABLE all_test.a DROP COLUMN annual_value;
SELECT pause_program('all_d');
CALL retier_all();
\echo :SQLSTATE
SELECT program, count(*) FROM current_tiers WHERE program LIKE 'all\_%' GROUP BY 1 ORDER BY 1;
SELECT DISTINCT ON (program) program, status FROM runs WHERE program LIKE 'all\_%' ORDER BY program, started DESC;
SET customer_tiering.lang = 'zh';
CALL retier_all();
RESET customer_tiering.lang;

-- not where it cannot commit
BEGIN;
CALL retier_all();
ROLLBACK;
DO 'BEGIN CALL tiering.retier_all(); EXCEPTION WHEN active_sql_transaction THEN RAISE NOTICE ''%'', SQLERRM; END';
-- wrong arguments are those of every program
CALL retier_all(batch_size => 0);
CALL retier_all('2999-01-01');

SELECT drop_program('all_a'), drop_program('all_b'), drop_program('all_c'), drop_program('all_d');
-- nothing to do
CALL retier_all();
DROP SCHEMA all_test CASCADE;
