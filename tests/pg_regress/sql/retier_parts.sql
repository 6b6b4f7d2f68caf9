-- retier() by parts of the customers: the same as of all at once, whatever the key is; who is gone is closed by the part that has the key.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA parts_test;
CREATE TABLE parts_test.clients (id integer PRIMARY KEY, annual_value numeric, owner text);
INSERT INTO parts_test.clients SELECT g, g * 1000, 'anna' FROM generate_series(1, 300) AS g;
SELECT create_program('whole', 'abc_share', 'parts_test.clients', 'id', owner_column => 'owner'), create_program('shared', 'abc_share', 'parts_test.clients', 'id', owner_column => 'owner');

-- every customer belongs to one part, of any number of them
SELECT bool_and(n = 1) AS to_one, count(*) FROM (SELECT id, parts, count(*) FILTER (WHERE is_of_part(id::text, part, parts)) AS n
    FROM parts_test.clients, unnest('{1,2,3,7}'::integer[]) AS parts, LATERAL generate_series(1, parts) AS part GROUP BY 1, 2) x;
SELECT part, count(*) BETWEEN 60 AND 140 AS about_as_many FROM parts_test.clients, generate_series(1, 3) AS part WHERE is_of_part(id::text, part, 3) GROUP BY 1 ORDER BY 1;
SELECT is_of_part(NULL, 1, 2) AS first_part, is_of_part(NULL, 2, 2) AS second_part, is_of_part('x', 1, 1) AS the_only_one;
CREATE VIEW parts_test.differences AS
    (SELECT 'whole' AS only_in, customer, tier, rank, computed_tier, score, owner, next_due, gone_since IS NOT NULL AS gone FROM assignments WHERE program = 'whole'
        EXCEPT ALL SELECT 'whole', customer, tier, rank, computed_tier, score, owner, next_due, gone_since IS NOT NULL FROM assignments WHERE program = 'shared')
    UNION ALL (SELECT 'shared', customer, tier, rank, computed_tier, score, owner, next_due, gone_since IS NOT NULL FROM assignments WHERE program = 'shared'
        EXCEPT ALL SELECT 'shared', customer, tier, rank, computed_tier, score, owner, next_due, gone_since IS NOT NULL FROM assignments WHERE program = 'whole');

CALL retier('whole', '2025-06-30 21:00+00');
SET client_min_messages = error;
CALL retier('shared', '2025-06-30 21:00+00', part => 2, parts => 3);
SELECT count(*) = (SELECT count(*) FROM parts_test.clients WHERE is_of_part(id::text, 2, 3)) AS of_the_second_part, bool_and(is_of_part(customer, 2, 3)) AS and_of_no_other FROM assignments WHERE program = 'shared';
CALL retier('shared', '2025-06-30 21:00+00', part => 1, parts => 3);
CALL retier('shared', '2025-06-30 21:00+00', part => 3, parts => 3);
SELECT * FROM parts_test.differences;

-- some are new, some move, some are gone
UPDATE parts_test.clients SET annual_value = 301000 - annual_value WHERE id % 4 = 0;
DELETE FROM parts_test.clients WHERE id % 5 = 0;
INSERT INTO parts_test.clients SELECT g, g * 500, 'ben' FROM generate_series(301, 340) AS g;
CALL retier('whole', '2025-07-31 21:00+00');
CALL retier('shared', '2025-07-31 21:00+00', part => 1, parts => 2);
SELECT is_of_part(customer, 1, 2) AS of_this_part, count(*) FILTER (WHERE gone_since IS NOT NULL) > 0 AS closed, count(*) FILTER (WHERE customer::integer > 300) > 0 AS opened
FROM assignments WHERE program = 'shared' GROUP BY 1 ORDER BY 1;
CALL retier('shared', '2025-07-31 21:00+00', part => 2, parts => 2);
SELECT * FROM parts_test.differences;
SELECT part, parts, status, added > 0 AS added, moved > 0 AS moved, gone > 0 AS gone, total = done AS all_of_them FROM runs WHERE program = 'shared' ORDER BY started;
SELECT sum(added) AS added, sum(moved) AS moved, sum(gone) AS gone, sum(total) AS total FROM runs WHERE program = 'shared' AND as_of > '2025-07-01'
EXCEPT ALL SELECT added, moved, gone, total FROM runs WHERE program = 'whole' AND as_of > '2025-07-01';
-- a part in a transaction block, and again: nothing is left to do
BEGIN;
CALL retier('shared', '2025-07-31 21:00+00', part => 2, parts => 2);
COMMIT;
SELECT total FROM runs WHERE program = 'shared' ORDER BY started DESC LIMIT 1;
-- all at once afterwards: neither
CALL retier('shared', '2025-07-31 21:00+00');
SELECT total, part, parts FROM runs WHERE program = 'shared' ORDER BY started DESC LIMIT 1;
SELECT drop_program('whole'), drop_program('shared');

-- a view, which is read once, keyed by two columns; one row of it fails, one has no key
CREATE TABLE parts_test.rows (branch text, id integer, spend numeric, orders integer);
INSERT INTO parts_test.rows SELECT b, g, g * 1000, 1 FROM unnest('{north,south}'::text[]) AS b, generate_series(1, 20) AS g;
UPDATE parts_test.rows SET orders = 0 WHERE branch = 'south' AND id = 7;
CREATE VIEW parts_test.seen AS SELECT branch, id, spend / orders AS annual_value FROM parts_test.rows;
SELECT create_program('seen', 'abc_share', 'parts_test.seen', '{branch,id}');
CALL retier('seen', part => 1, parts => 2);
CALL retier('seen', part => 2, parts => 2);
SELECT count(*), count(tier), count(DISTINCT customer) FROM assignments WHERE program = 'seen';
SELECT customer, message FROM run_problems WHERE program = 'seen';
INSERT INTO parts_test.rows VALUES ('north', NULL, 1, 1);
CALL retier('seen', part => 2, parts => 2);
CALL retier('seen', part => 1, parts => 2);
SELECT part, status, problems FROM runs WHERE program = 'seen' ORDER BY started;
DELETE FROM parts_test.rows WHERE id IS NULL;
-- at most so many set aside, of each part
CALL retier('seen', part => 1, parts => 2, strict => true);
CALL retier('seen', part => 2, parts => 2, strict => true);
SELECT count(*) AS failed FROM runs WHERE program = 'seen' AND status = 'failed' AND message !~ 'key';
SELECT drop_program('seen');

-- scores are written down once each
SELECT create_scheme('{"scheme": "parts_health", "title": {"en": "Health"}, "inputs": [{"name": "usage", "type": "number"}],
    "characteristics": [{"name": "u", "input": "usage", "bins": [{"code": "hi", "gte": 50, "points": 80}, {"code": "lo", "lt": 50, "points": 0}]}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "green", "gte": 80}, {"tier": "red"}]}, "tiers": [{"code": "green"}, {"code": "red"}]}'), approve_scheme('parts_health');
CREATE TABLE parts_test.accounts AS SELECT g AS id, g AS usage FROM generate_series(1, 60) AS g;
ALTER TABLE parts_test.accounts ADD PRIMARY KEY (id);
SELECT create_program('health', 'parts_health', 'parts_test.accounts', key => 'id');
SELECT alter_program('health', '{"score_step": 5}');
CALL retier('health', '2025-06-30 21:00+00', part => 1, parts => 2);
SELECT count(*) FILTER (WHERE is_of_part(customer, 1, 2)) > 20 AS of_this_part, count(*) FILTER (WHERE is_of_part(customer, 2, 2)) AS of_the_other FROM score_history WHERE program = 'health';
CALL retier('health', '2025-06-30 21:00+00', part => 2, parts => 2);
SELECT count(*), count(DISTINCT customer) FROM score_history WHERE program = 'health';
SELECT drop_program('health');

-- keys that are equal in other spellings could belong to two parts
CREATE TABLE parts_test.spelt (id jsonb PRIMARY KEY, annual_value numeric);
INSERT INTO parts_test.spelt VALUES ('1.0', 1000);
SELECT create_program('spelt', 'abc_share', 'parts_test.spelt', 'id');
CALL retier('spelt', part => 1, parts => 2);
SELECT count(*) FROM runs WHERE program = 'spelt';
SELECT drop_program('spelt');

-- what is no part
SELECT create_program('wrong', 'parts_health', 'parts_test.accounts', 'id');
CALL retier('wrong', part => 3, parts => 2);
CALL retier('wrong', part => 0, parts => 2);
CALL retier('wrong', part => 1);
CALL retier('wrong', parts => 2);
CALL retier('wrong', part => 1, parts => 0);
SELECT count(*) FROM runs WHERE program = 'wrong';
SELECT drop_program('wrong');
\set VERBOSITY terse
DROP SCHEMA parts_test CASCADE;
