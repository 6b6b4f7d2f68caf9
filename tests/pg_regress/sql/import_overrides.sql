-- Overrides from a spreadsheet (E08): what is right is taken, what is not comes back row by row.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA import_test;
CREATE TABLE import_test.clients AS SELECT i AS id, i::numeric AS annual_value FROM generate_series(1, 600) AS i;
SELECT create_program('partners', 'abc_share', 'import_test.clients', key => 'id');
CALL retier('partners');
CREATE TABLE import_test.sheet AS SELECT i::text AS customer, 'A' AS tier, 'key account' AS reason, now() + interval '1 year' AS until FROM generate_series(1, 500) AS i;
INSERT INTO import_test.sheet VALUES ('9999', 'A', 'x', NULL), ('501', 'a', 'x', NULL), ('502', 'A', 'x', now() - interval '1 day'), ('503', 'A', '', NULL), (NULL, 'A', 'x', NULL),
    ('seven', 'A', 'x', NULL), ('0007', 'B', 'x', NULL), ('504', NULL, 'x', NULL);
SELECT rejected, column_name, CASE column_name WHEN 'until' THEN value < now()::text ELSE true END AS value_told, problem FROM import_overrides('partners', 'import_test.sheet', until => 'until', dry_run => true);
SELECT count(*) FROM overrides WHERE program = 'partners';
SELECT * FROM import_overrides('partners', 'import_test.sheet', until => 'until', strict => true);
SELECT rejected, column_name, value, problem FROM import_overrides('partners', 'import_test.sheet', until => 'until') WHERE column_name <> 'until';
SELECT count(*), count(DISTINCT since), bool_and(until < 'infinity') AS with_an_end, min(kind) AS kind FROM overrides WHERE program = 'partners' AND until > now();
SELECT tier, overridden, override_reason FROM current_tiers WHERE program = 'partners' AND customer = '500';
SELECT count(next_due) FROM current_tiers WHERE program = 'partners' AND overridden;
-- again, it changes nothing; another reason takes the place of the earlier override
DELETE FROM import_test.sheet WHERE NOT customer ~ '^[0-9]{1,3}$' OR customer IN ('501', '502', '503', '504') OR customer IS NULL;
SELECT * FROM import_overrides('partners', 'import_test.sheet', until => 'until');
UPDATE import_test.sheet SET reason = 'partner' WHERE customer = '1';
SELECT * FROM import_overrides('partners', 'import_test.sheet', until => 'until', kind => 'at_least');
SELECT customer, reason, kind, until > now() AS lasts FROM overrides WHERE program = 'partners' AND customer = '1' ORDER BY since;
-- twice in one transaction, each customer has one that lasts
BEGIN;
SELECT count(override_tier('partners', g::text, 'B', 'by hand')) FROM generate_series(1, 3) AS g;
SELECT * FROM import_overrides('partners', 'import_test.sheet');
COMMIT;
SELECT count(*) FROM overrides WHERE program = 'partners' AND until > now() GROUP BY customer HAVING count(*) > 1;
SELECT DISTINCT tier FROM current_tiers WHERE program = 'partners' AND customer IN ('1', '2', '3');
-- columns of other names and types, in a view
CREATE VIEW import_test.dates AS SELECT 501 AS id, 'C' AS level, 'x' AS why, current_date + 30 AS ends;
SELECT * FROM import_overrides('partners', 'import_test.dates', 'id', 'level', 'why', 'ends');
SELECT until = ((since::date + 30)::timestamp AT TIME ZONE 'UTC') AS at_midnight FROM overrides WHERE program = 'partners' AND customer = '501';
-- one end that is no time of the calendar is none, and stops nobody
CREATE VIEW import_test.far AS SELECT i AS customer, 'A' AS tier, 'far' AS reason, ends, ends::text AS written FROM (VALUES (511, '5874897-12-31'::date), (512, 'infinity'), (513, '-infinity'), (514, NULL)) v (i, ends);
SELECT rejected, column_name, value, problem FROM import_overrides('partners', 'import_test.far', until => 'ends');
SELECT customer, until FROM overrides WHERE program = 'partners' AND reason = 'far' ORDER BY customer;
SELECT drop_program('partners');
DROP SCHEMA import_test CASCADE;
