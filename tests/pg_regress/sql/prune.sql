-- History that is older than one needs goes; all that is asked of the time since stays as it was.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA prune_test;
CREATE TABLE prune_test.clients AS SELECT i AS id, i * 1000 AS annual_value FROM generate_series(1, 40) AS i;
CREATE TABLE prune_test.snapshots AS
    SELECT at, c.id, (c.id * (7 + m * 13) % 200) * 1000 AS annual_value
    FROM prune_test.clients c, generate_series(0, 11) AS m, LATERAL (SELECT timestamptz '2024-01-01 00:00+00' + make_interval(months => m)) s (at)
    WHERE (c.id + m) % 11 > 0;
SELECT create_program('prune', 'abc_share', 'prune_test.clients', key => 'id');
SELECT create_program('other', 'abc_share', 'prune_test.clients', key => 'id');
SELECT backfill('prune', '2024-01-01 00:00+00', '2024-12-01 00:00+00', '1 month', 'prune_test.snapshots'::regclass, 'at') > 100 AS filled;
SELECT backfill('other', '2024-01-01 00:00+00', '2024-12-01 00:00+00', '1 month', 'prune_test.snapshots'::regclass, 'at') > 100 AS filled;
-- as if each row had been written when it began; but some were written later, to correct it
UPDATE assignment_log SET recorded_at = since + CASE WHEN customer::integer % 5 = 0 AND extract(month FROM since) = 5 THEN interval '80 days' ELSE '0' END WHERE program = 'prune';
CALL retier('prune');
CALL retier('prune');
INSERT INTO followups (program, customer, at, attempt)
SELECT 'prune', id::text, timestamptz '2024-01-15 00:00+00' + make_interval(months => m), m % 3 = 2
FROM prune_test.clients, generate_series(0, 11) AS m WHERE id <= 20;
INSERT INTO run_problems (program, at, customer, purpose, cause, sqlstate, message) VALUES ('prune', '2024-02-01', '1', 'input', 'retier', '22000', 'x');
CREATE TABLE prune_test.kept AS SELECT 'log' AS kind, count(*) AS rows FROM assignment_log WHERE program = 'prune' UNION ALL SELECT 'other', count(*) FROM assignment_log WHERE program = 'other';
CREATE FUNCTION prune_test.answers() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT md5(string_agg(t::text, ';' ORDER BY m, t.customer)) FROM generate_series(0, 20) AS m,
        tiering.tiers_as_of('prune', timestamptz '2024-07-10 00:00+00' + make_interval(weeks => m), timestamptz '2024-07-10 00:00+00' + make_interval(weeks => m + 1)) t
$$;
SELECT prune_test.answers() AS before \gset

SELECT pruned, removed > 0 AS some FROM prune('prune', '2024-07-10 00:00+00');
SELECT prune_test.answers() = :'before' AS same;
-- each customer keeps the last tier before the time, and what it was before that was corrected; the last contact, which is no attempt
SELECT count(*) FILTER (WHERE n > 1) AS corrected, count(*) FILTER (WHERE n = 1) > 30 AS one
FROM (SELECT count(*) AS n FROM assignment_log WHERE program = 'prune' AND since < '2024-07-10 00:00+00' GROUP BY customer) l;
SELECT DISTINCT array_agg(at::date ORDER BY at) FILTER (WHERE at < '2024-07-10'), array_agg(attempt ORDER BY at) FILTER (WHERE at < '2024-07-10')
FROM followups WHERE program = 'prune' GROUP BY customer;
SELECT count(*) FROM run_problems WHERE program = 'prune';
-- the assignment is what the last row of the log says; another program is as it was
SELECT count(*) FROM assignments a WHERE program = 'prune' AND tier IS DISTINCT FROM
    (SELECT tier FROM assignment_log l WHERE l.program = a.program AND l.customer = a.customer ORDER BY since DESC LIMIT 1);
SELECT (SELECT count(*) FROM assignment_log WHERE program = 'other') = rows AS untouched FROM prune_test.kept WHERE kind = 'other';
-- again: nothing is left to do; the last run stays
SELECT sum(removed) FROM prune('prune', '2024-07-10 00:00+00');
SELECT sum(removed) >= 1 AS runs FROM prune('prune', now()) WHERE pruned = 'retier_runs'::regclass;
SELECT count(*), bool_and(status = 'done') FROM retier_runs WHERE program = 'prune';
CALL retier('prune');
SELECT sum(removed) FROM prune('other', '-infinity');
-- what was backfilled, all of it just now, goes as well
SELECT removed > 100 AS backfilled FROM prune('other', '2024-12-31 00:00+00') WHERE pruned = 'assignment_log'::regclass;
SELECT count(*) = count(DISTINCT customer) AS one_each FROM assignment_log WHERE program = 'other' AND since < '2024-12-31 00:00+00';

-- bad input
SELECT prune(NULL, now());
SELECT prune('prune', NULL);
SELECT prune('nobody', now());
SELECT prune('prune', 'infinity');
CREATE ROLE prune_stranger;
SELECT grant_reader('prune_stranger');
SET ROLE prune_stranger;
SELECT prune('prune', now());
RESET ROLE;
DROP OWNED BY prune_stranger;
DROP ROLE prune_stranger;
SELECT drop_program('prune'), drop_program('other');
DROP SCHEMA prune_test CASCADE;
