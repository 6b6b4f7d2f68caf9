-- Erased stays erased (E19): who was erased is kept out by a hash of the key, whatever the source still has.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA kept_test;
CREATE TABLE kept_test.clients (id integer PRIMARY KEY, annual_value numeric);
INSERT INTO kept_test.clients SELECT g, g * 1000 FROM generate_series(1, 5) AS g;
SELECT create_program('kept', 'abc_share', 'kept_test.clients', key => 'id');
CALL retier('kept');
SELECT erase_customer('kept', '1', keep_out => true) > 0 AS erased;
CALL retier('kept');
SELECT customer FROM current_tiers WHERE program = 'kept' ORDER BY 1;
-- in no way he comes back
SELECT enable_automatic('kept');
UPDATE kept_test.clients SET annual_value = annual_value + 1;
SELECT retier_customers('kept', '1', '2');
SELECT tier FROM log_followup('kept', '1');
SELECT explain_customer('kept', '1');
SELECT count(*) FROM retier_preview('kept');
SELECT customer FROM current_tiers WHERE program = 'kept' ORDER BY 1;
-- another, by the same salt; nothing names them
SELECT erase_customer('kept', '2', keep_out => true) > 0 AS erased;
SELECT count(*), count(DISTINCT salt), bool_and(hash ~ '^[0-9a-f]{64}$') AS hashed FROM kept_out WHERE program = 'kept';
SELECT customers FROM erasures WHERE program = 'kept';
CALL retier('kept');
-- erased without it, he is graded again
SELECT erase_customer('kept', '3') > 0 AS erased;
CALL retier('kept');
SELECT customer FROM current_tiers WHERE program = 'kept' ORDER BY 1;
-- nor does another customer come in by his key; who does not come by his own is told why
SELECT rename_customer('kept', '3', '2');
-- what the warning says to type helps: who is erased already, or was never graded, is kept out as well, if the source has him
SELECT erase_customer('kept', '4') > 0 AS erased;
SELECT erase_customer('kept', '4', keep_out => true) AS more;
INSERT INTO kept_test.clients VALUES (6, 1000);
ALTER TABLE kept_test.clients DISABLE TRIGGER USER;
INSERT INTO kept_test.clients VALUES (7, 1000);
ALTER TABLE kept_test.clients ENABLE TRIGGER USER;
SELECT erase_customer('kept', '7', keep_out => true) AS never_graded;
SELECT erase_customer('kept', '8', keep_out => true);
CALL retier('kept');
SELECT customer FROM current_tiers WHERE program = 'kept' ORDER BY 1;
SELECT customers FROM erasures WHERE program = 'kept';
SELECT let_in('kept', '4'), let_in('kept', '7'), let_in('kept', '7') AS again;
SELECT let_in('kept', '001'), let_in('kept', '1') AS again;
CALL retier('kept');
SELECT customer FROM current_tiers WHERE program = 'kept' ORDER BY 1;
SELECT drop_program('kept');
SELECT count(*) FROM kept_out;
DROP SCHEMA kept_test CASCADE;
