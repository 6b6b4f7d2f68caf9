-- Programs, among :program_rows customers: the first retier against what one would write by hand into the same tables, a retier with nothing to do,
-- a few changes through the trigger, the due list.

CREATE TABLE bench.clients AS
    SELECT g.*, 'owner ' || id % 200 AS owner, CASE WHEN id % 10 > 0 THEN now() - make_interval(days => (id % 97)::integer) END AS last_contact
    FROM bench.generate(:program_rows) AS g;
ALTER TABLE bench.clients ADD PRIMARY KEY (id);
VACUUM (ANALYZE, FREEZE) bench.clients;

-- the five rules, with follow-up cadences
SELECT tiering.create_scheme(tiering.scheme(tiering.to_jsonb(tiering.current_scheme('bench_rules')) || '{"scheme": "bench_program", "tiers": [
    {"code": "A", "followup": {"every": "P1D"}}, {"code": "B", "followup": {"every": "P7D"}},
    {"code": "C", "followup": {"every": "P15D"}}, {"code": "D", "followup": {"every": "P30D"}}]}')),
    tiering.approve_scheme('bench_program') \g /dev/null
SELECT tiering.create_program('bench', 'bench_program', 'bench.clients', 'id', owner_column => 'owner', last_followup_column => 'last_contact') \g /dev/null

CREATE TABLE bench.program_timings (what text, run integer, milliseconds float8);

CREATE PROCEDURE bench.by_hand()
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO tiering.assignments (program, customer, tier, rank, computed_tier, since, cadence_due, next_due, last_followup, owner)
    SELECT 'bench', g.id::text, g.tier, array_position('{A,B,C,D}', g.tier), g.tier, now(), g.due, g.due, g.last_contact, g.owner
    FROM (
        SELECT c.*, coalesce((c.last_contact AT TIME ZONE 'UTC')::date
            + CASE c.tier WHEN 'A' THEN 1 WHEN 'B' THEN 7 WHEN 'C' THEN 15 ELSE 30 END, (now() AT TIME ZONE 'UTC')::date) AS due
        FROM (
            SELECT id, owner, last_contact, CASE
                WHEN annual_spend >= 50000 AND segment IN ('enterprise', 'public')
                    AND expected_close <= ((now() AT TIME ZONE 'UTC')::date + interval '1 month')::date THEN 'A'
                WHEN annual_spend >= 100000 THEN 'A'
                WHEN expected_close <= ((now() AT TIME ZONE 'UTC')::date + interval '3 months')::date AND orders_12m >= 6 THEN 'B'
                WHEN annual_spend >= 10000 AND segment IN ('enterprise', 'public') THEN 'B'
                WHEN orders_12m >= 2 AND annual_spend >= 500 THEN 'C'
                ELSE 'D' END AS tier
            FROM bench.clients OFFSET 0
        ) c
    ) g;
    INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner)
    SELECT program, customer, since, tier, 'first', 'retier', owner FROM tiering.assignments;
END
$$;

-- The two take turns, and what they have written must be the same.
CREATE PROCEDURE bench.measure_programs(runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    started timestamptz;
    customers bigint := (SELECT count(*) FROM bench.clients);
BEGIN
    CREATE TEMP TABLE written (customer text, tier text, due date);
    FOR run IN 1 .. runs LOOP
        TRUNCATE tiering.assignments, tiering.assignment_log;
        COMMIT;
        started := clock_timestamp();
        CALL bench.by_hand();
        COMMIT;
        INSERT INTO bench.program_timings VALUES ('by hand', run, 1000 * extract(epoch FROM clock_timestamp() - started));
        IF run = 1 THEN
            INSERT INTO written SELECT customer, tier, next_due FROM tiering.assignments;
        END IF;
        TRUNCATE tiering.assignments, tiering.assignment_log;
        COMMIT;
        started := clock_timestamp();
        CALL tiering.retier('bench');
        COMMIT;
        INSERT INTO bench.program_timings VALUES ('first', run, 1000 * extract(epoch FROM clock_timestamp() - started));
        IF run = 1 THEN
            ASSERT customers = (SELECT count(*) FROM tiering.assignments a JOIN written w USING (customer) WHERE (a.tier, a.next_due) = (w.tier, w.due)),
                'retier() and the query by hand do not agree';
        END IF;
        started := clock_timestamp();
        CALL tiering.retier('bench');
        COMMIT;
        INSERT INTO bench.program_timings VALUES ('second', run, 1000 * extract(epoch FROM clock_timestamp() - started));
    END LOOP;
END
$$;
CALL bench.measure_programs(:program_runs);
VACUUM ANALYZE tiering.assignments, tiering.assignment_log;

-- a thousand changed customers: the whole statement with its trigger, and a retier that finds them
CREATE PROCEDURE bench.measure_changes(runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    started timestamptz;
BEGIN
    FOR run IN 1 .. runs LOOP
        PERFORM tiering.enable_automatic('bench');
        COMMIT;
        started := clock_timestamp();
        UPDATE bench.clients SET annual_spend = annual_spend + 1000 WHERE id IN (SELECT run + 900 * g FROM generate_series(0, 999) AS g);
        COMMIT;
        INSERT INTO bench.program_timings VALUES ('trigger', run, 1000 * extract(epoch FROM clock_timestamp() - started));
        PERFORM tiering.disable_automatic('bench');
        UPDATE bench.clients SET annual_spend = annual_spend - 1000 WHERE id IN (SELECT run + 900 * g FROM generate_series(0, 999) AS g);
        COMMIT;
        started := clock_timestamp();
        CALL tiering.retier('bench');
        COMMIT;
        INSERT INTO bench.program_timings VALUES ('changes', run, 1000 * extract(epoch FROM clock_timestamp() - started));
    END LOOP;
END
$$;
CALL bench.measure_changes(:program_runs);

-- the due list, a few overrides among it
SELECT tiering.override_tier('bench', n::text, 'A', 'bench') FROM generate_series(1, 200) AS n \g /dev/null
ANALYZE tiering.overrides;
INSERT INTO bench.program_timings
SELECT 'due', run, bench.milliseconds('SELECT count(f.*) FROM (SELECT * FROM tiering.followups_due WHERE program = ''bench'' ORDER BY due, rank LIMIT 50) f')
FROM generate_series(1, 20) AS run;
INSERT INTO bench.program_timings
SELECT 'claim', run, bench.milliseconds(format('SELECT count(*) FROM tiering.claim_followups(''bench'', ''owner %s'', 10)', run)) FROM generate_series(1, 20) AS run;
CREATE VIEW bench.program_medians AS
    SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) AS milliseconds FROM bench.program_timings GROUP BY what;
