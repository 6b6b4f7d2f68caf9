-- Sources that are partitioned, by hash of the key and by time: whatever works on a table works on them, with the same results.
SET search_path = tiering, public;
SET client_min_messages = warning;
CREATE SCHEMA partitions_test;
CREATE TABLE partitions_test.plain (id bigint PRIMARY KEY, joined date NOT NULL, turnover numeric, owner text);
CREATE TABLE partitions_test.by_hash (LIKE partitions_test.plain) PARTITION BY HASH (id);
CREATE TABLE partitions_test.by_time (LIKE partitions_test.plain) PARTITION BY RANGE (joined);
SELECT format('CREATE TABLE partitions_test.hash%1$s PARTITION OF partitions_test.by_hash FOR VALUES WITH (MODULUS 4, REMAINDER %1$s)', g) FROM generate_series(0, 3) AS g \gexec
SELECT format('CREATE TABLE partitions_test.time%1$s PARTITION OF partitions_test.by_time FOR VALUES FROM (%2$L) TO (%3$L)', g, date '2024-01-01' + 100 * g, date '2024-01-01' + 100 * (g + 1))
FROM generate_series(0, 3) AS g \gexec
ALTER TABLE partitions_test.by_hash ADD PRIMARY KEY (id);
ALTER TABLE partitions_test.by_time ADD PRIMARY KEY (id, joined);
INSERT INTO partitions_test.plain SELECT g, date '2024-01-01' + (g * 7 % 400)::int, 100 + g * g % 9973, 'rep' || g % 3 FROM generate_series(1, 1000) AS g;
UPDATE partitions_test.plain SET turnover = CASE WHEN id = 500 THEN 'NaN'::numeric END WHERE id IN (500, 501);
INSERT INTO partitions_test.by_hash SELECT * FROM partitions_test.plain;
INSERT INTO partitions_test.by_time SELECT * FROM partitions_test.plain;
ANALYZE partitions_test.plain, partitions_test.by_hash, partitions_test.by_time;

-- Before a program.
CREATE FUNCTION partitions_test.same(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    results text[];
    source text;
    result text;
BEGIN
    FOREACH source IN ARRAY '{plain,by_hash,by_time}'::text[] LOOP
        EXECUTE format('SELECT string_agg(x::text, ''; '' ORDER BY x::text COLLATE "C") FROM (%s) x', replace(query, '@', source)) INTO result;
        ASSERT result IS NOT NULL, 'the query finds nothing';
        results := results || replace(result, source, '@');
    END LOOP;
    RETURN results[1] = results[2] AND results[1] = results[3];
END
$$;
SELECT partitions_test.same($$SELECT * FROM check_inputs('abc_share', 'partitions_test.@', '{"annual_value": "turnover"}', 'id', 'owner', 'joined')$$) AS findings,
    partitions_test.same($$SELECT input, column_name FROM suggest_mapping('abc_share', 'partitions_test.@')$$) AS mapping;
SET client_min_messages = error;
SELECT partitions_test.same($$SELECT characteristic, cuts, n, min, max FROM fit_scheme('abc_share', 'partitions_test.@', '{"annual_value": "turnover"}', 'fitted_to_@', '2026-01-01')$$) AS fitted;
SELECT approve_scheme('fitted_to_' || s) FROM unnest('{plain,by_hash,by_time}'::text[]) AS s;
SELECT partitions_test.same($$SELECT measure, code, n_now, psi FROM scheme_drift('fitted_to_plain', 'partitions_test.@', '{"annual_value": "turnover"}', '2026-01-01')$$) AS drift;
SELECT partitions_test.same($$SELECT distribution(turnover)::text, tier_mix(customer_tier('abc_share', turnover)) FROM partitions_test.@ WHERE turnover <> 'NaN'$$) AS aggregates;
SET enable_partitionwise_aggregate = on;
SELECT partitions_test.same($$SELECT distribution(turnover)::text FROM partitions_test.@ WHERE turnover <> 'NaN'$$) AS aggregates_by_partition;
RESET enable_partitionwise_aggregate;

-- Programs.
SELECT create_program(s, 'abc_share', format('partitions_test.%I', s)::regclass, 'id', inputs => '{"annual_value": "turnover"}', owner_column => 'owner', last_followup_column => 'joined')
FROM unnest('{plain,by_hash,by_time}'::text[]) AS s;
CALL retier('plain');
CALL retier('by_hash');
CALL retier('by_time');
SELECT partitions_test.same($$SELECT customer, tier, owner, last_followup, next_due FROM current_tiers WHERE program = '@'$$) AS tiers,
    partitions_test.same($$SELECT customer, purpose, message FROM run_problems WHERE program = '@'$$) AS problems;
UPDATE partitions_test.plain SET turnover = turnover * 100 WHERE id % 50 = 3;
UPDATE partitions_test.by_hash SET turnover = turnover * 100 WHERE id % 50 = 3;
UPDATE partitions_test.by_time SET turnover = turnover * 100 WHERE id % 50 = 3;
-- another partition of time is another place of the row
UPDATE partitions_test.plain SET joined = date '2025-01-30' WHERE id = 7;
UPDATE partitions_test.by_hash SET joined = date '2025-01-30' WHERE id = 7;
UPDATE partitions_test.by_time SET joined = date '2025-01-30' WHERE id = 7;
DELETE FROM partitions_test.plain WHERE id = 11;
DELETE FROM partitions_test.by_hash WHERE id = 11;
DELETE FROM partitions_test.by_time WHERE id = 11;
SELECT partitions_test.same($$SELECT * FROM retier_preview('@')$$) AS preview;
SELECT partitions_test.same($$SELECT retier_customers('@', '3', '7', '53')$$) AS some,
    partitions_test.same($$SELECT tier FROM log_followup('@', '103', 'phone', at => '2026-01-05 10:00+00')$$) AS contact,
    partitions_test.same($$SELECT explain_customer('@', '153') - 'program' - 'since'$$) AS explained;
CALL retier('plain');
CALL retier('by_hash');
CALL retier('by_time');
SELECT partitions_test.same($$SELECT customer, tier, owner, last_followup FROM current_tiers WHERE program = '@'$$) AS tiers,
    partitions_test.same($$SELECT customer, tier, reason, cause FROM assignment_log WHERE program = '@'$$) AS history;

-- One customer is looked for in one partition, where the key says which.
CREATE FUNCTION partitions_test.read_from(source regclass) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM pg_partition_tree(source) t JOIN pg_stat_xact_user_tables s ON s.relid = t.relid WHERE t.isleaf AND s.seq_scan + coalesce(s.idx_scan, 0) > 0
$$;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT tier FROM log_followup('by_hash', '203', 'phone');
SELECT partitions_test.read_from('partitions_test.by_hash') AS partitions_read;
ROLLBACK;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT tier FROM log_followup('by_hash', '204', 'phone');
SELECT partitions_test.read_from('partitions_test.by_hash') AS partitions_read;
ROLLBACK;

-- Automatic grading needs a key that is unique over all partitions, which one by time cannot have.
SELECT enable_automatic('by_hash');
UPDATE partitions_test.by_hash SET turnover = 1 WHERE id = 253;
INSERT INTO partitions_test.by_hash VALUES (5000, '2024-02-01', 1, 'rep1');
SELECT customer, tier FROM current_tiers WHERE program = 'by_hash' AND customer IN ('253', '5000') ORDER BY 1;
\set SHOW_CONTEXT never
SELECT enable_automatic('by_time');
-- The same customer twice in partitions of time: no key forbids it.
INSERT INTO partitions_test.by_time SELECT id, date '2024-01-02', turnover, owner FROM partitions_test.by_time WHERE id = 100;
CALL retier('by_time');

-- The logs divided by time (docs/operations.md): what is old goes to tables that inherit from the logs. Every view says the same, and whatever changes or removes rows finds them there, too.
INSERT INTO assignment_log (program, customer, since, tier, reason, cause, owner, recorded_at)
    SELECT 'plain', a.customer, b.since, b.tier, b.reason, 'backfill', a.owner, b.since
    FROM assignments a CROSS JOIN (VALUES ('2024-06-10 10:00+00'::timestamptz, 'C', 'first'), ('2024-09-10 10:00+00', 'B', 'promotion')) AS b (since, tier, reason) WHERE a.program = 'plain';
INSERT INTO followups (program, customer, at, channel, owner, tier, due, on_time) SELECT 'plain', customer, '2024-07-01 10:00+00', 'visit', owner, tier, '2024-07-02', true FROM assignments WHERE program = 'plain';
CREATE TABLE partitions_test.views (name text, said text);
CREATE FUNCTION partitions_test.say() RETURNS TABLE (name text, said text) LANGUAGE plpgsql AS $$
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'program' WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind = 'v' ORDER BY 1
    LOOP
        EXECUTE format('SELECT count(*) || '' '' || md5(coalesce(string_agg(v::text, '','' ORDER BY v::text COLLATE "C"), '''')) FROM tiering.%I v WHERE v.program = ''plain''', name) INTO said;
        RETURN NEXT;
    END LOOP;
    name := 'tiers_as_of';
    SELECT string_agg(t::text, ',' ORDER BY t.customer) INTO said FROM generate_series('2024-06-15 00:00+00'::timestamptz, '2025-06-15 00:00+00', '2 months') AS at, tiers_as_of('plain', at) AS t;
    RETURN NEXT;
END
$$;
BEGIN;
INSERT INTO partitions_test.views SELECT * FROM partitions_test.say();
CREATE TABLE partitions_test.followups_2024 (CHECK (at >= '2024-01-01 00:00+00' AND at < '2025-01-01 00:00+00'), LIKE followups INCLUDING INDEXES) INHERITS (followups);
CREATE TABLE partitions_test.assignment_log_2024 (CHECK (since >= '2024-01-01 00:00+00' AND since < '2025-01-01 00:00+00'), LIKE assignment_log INCLUDING INDEXES) INHERITS (assignment_log);
WITH old AS (DELETE FROM ONLY followups WHERE at >= '2024-01-01 00:00+00' AND at < '2025-01-01 00:00+00' RETURNING *) INSERT INTO partitions_test.followups_2024 SELECT * FROM old;
WITH old AS (DELETE FROM ONLY assignment_log WHERE since >= '2024-01-01 00:00+00' AND since < '2025-01-01 00:00+00' RETURNING *) INSERT INTO partitions_test.assignment_log_2024 SELECT * FROM old;
SELECT (SELECT count(*) > 900 FROM partitions_test.followups_2024) AS contacts, (SELECT count(*) > 900 FROM partitions_test.assignment_log_2024) AS tiers;
SELECT count(*) > 15 AS many, count(*) FILTER (WHERE n.said IS DISTINCT FROM b.said) AS differ FROM partitions_test.views b JOIN partitions_test.say() n USING (name);
COMMIT;
SELECT count(tier) FROM log_followup('plain', '7', 'phone');
SELECT count(*) FROM customer_log WHERE program = 'plain' AND customer = '7' AND kind = 'followup';
CALL retier('plain');
SELECT pruned, removed > 900 AS many FROM prune('plain', '2025-06-01 00:00+00') WHERE pruned = 'assignment_log'::regclass;
SELECT count(*) > 900 AS some, count(*) = count(DISTINCT customer) AS one_each FROM partitions_test.assignment_log_2024;
SELECT erase_customer('plain', '8') IS NOT NULL AS erased, merge_customers('plain', '9', '10', 'the same') IS NOT NULL AS merged;
SELECT customer, count(*) AS contacts FROM partitions_test.followups_2024 WHERE customer IN ('8', '9', '10') GROUP BY 1 ORDER BY 1;
SELECT drop_program('plain');
SELECT (SELECT count(*) FROM partitions_test.followups_2024) AS contacts, (SELECT count(*) FROM partitions_test.assignment_log_2024) AS tiers;
-- A table with nothing in it that anybody wants goes at once.
DROP TABLE partitions_test.followups_2024, partitions_test.assignment_log_2024;

SELECT drop_program(s) FROM unnest('{by_hash,by_time}'::text[]) AS s;
SET client_min_messages = error;
SELECT retire_scheme('fitted_to_' || s) FROM unnest('{plain,by_hash,by_time}'::text[]) AS s;
\set VERBOSITY terse
DROP SCHEMA partitions_test CASCADE;
