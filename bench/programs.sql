-- Programs, among :program_rows customers: the first retier against what one would write by hand into the same tables, a retier with nothing to do,
-- customers that cannot be graded, a few changes through the trigger, the due list, one customer of a table and of a view, terms, steps and channels, keys of
-- tenants, a new program that ANALYZE has not seen.

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
        -- what nothing can be faster than: the same rows, ready-made, in the order in which they are written
        IF run = 1 THEN
            CREATE TABLE bench.ready AS SELECT * FROM tiering.assignments ORDER BY owner, customer;
            CREATE TABLE bench.ready_log AS SELECT * FROM tiering.assignment_log ORDER BY owner, customer;
        END IF;
        TRUNCATE tiering.assignments, tiering.assignment_log;
        COMMIT;
        started := clock_timestamp();
        INSERT INTO tiering.assignments SELECT * FROM bench.ready;
        INSERT INTO tiering.assignment_log SELECT * FROM bench.ready_log;
        COMMIT;
        INSERT INTO bench.program_timings VALUES ('ready', run, 1000 * extract(epoch FROM clock_timestamp() - started));
        -- the first one again, where a thousand customers cannot be graded
        TRUNCATE tiering.assignments, tiering.assignment_log, tiering.run_problems;
        CREATE TEMP TABLE spoilt AS SELECT c.id, c.annual_spend FROM bench.clients c WHERE c.id % (customers / 1000) = run;
        UPDATE bench.clients c SET annual_spend = 'NaN' FROM spoilt s WHERE s.id = c.id;
        COMMIT;
        started := clock_timestamp();
        CALL tiering.retier('bench');
        COMMIT;
        INSERT INTO bench.program_timings VALUES ('bad rows', run, 1000 * extract(epoch FROM clock_timestamp() - started));
        ASSERT (SELECT count(*) >= 1000 FROM tiering.run_problems), 'a thousand customers were to be set aside';
        UPDATE bench.clients c SET annual_spend = s.annual_spend FROM spoilt s WHERE s.id = c.id;
        DROP TABLE spoilt;
        CALL tiering.retier('bench');
        COMMIT;
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

-- One customer of a table, and of a view whose key is computed and indexed as that: log_followup() and an UPDATE, with and without a trigger, in turns.
CREATE TABLE bench.few AS SELECT * FROM bench.clients WHERE id <= 200000;
ALTER TABLE bench.few ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX ON bench.few (('K' || id));
VACUUM ANALYZE bench.few;
CREATE VIEW bench.few_view AS SELECT 'K' || id AS key, owner, last_contact, annual_spend, orders_12m, segment, expected_close FROM bench.few;
SELECT tiering.create_program('bench_table', 'bench_program', 'bench.few', 'id', owner_column => 'owner', last_followup_column => 'last_contact'),
    tiering.create_program('bench_view', 'bench_program', 'bench.few_view', 'key', owner_column => 'owner', last_followup_column => 'last_contact') \g /dev/null
CALL tiering.retier('bench_table');
CALL tiering.retier('bench_view');
-- The same rows again, whose changes are graded at once.
CREATE TABLE bench.graded AS SELECT * FROM bench.few;
ALTER TABLE bench.graded ADD PRIMARY KEY (id);
VACUUM ANALYZE bench.graded;
SELECT tiering.create_program('bench_graded', 'bench_program', 'bench.graded', 'id', owner_column => 'owner', last_followup_column => 'last_contact') \g /dev/null
CALL tiering.retier('bench_graded');
SELECT tiering.enable_automatic('bench_graded') \g /dev/null
CREATE PROCEDURE bench.measure_one(runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    one record;
    took float8;
BEGIN
    FOR run IN 0 .. runs LOOP
        FOR one IN
            VALUES ('log table', format('SELECT tier FROM tiering.log_followup(''bench_table'', ''%s'', ''phone'')', run + 1)),
                ('log view', format('SELECT tier FROM tiering.log_followup(''bench_view'', ''K%s'', ''phone'')', run + 1)),
                ('update', format('UPDATE bench.few SET annual_spend = coalesce(annual_spend, 1) * 2 WHERE id = %s', run + 1)),
                ('update graded', format('UPDATE bench.graded SET annual_spend = coalesce(annual_spend, 1) * 2 WHERE id = %s', run + 1))
        LOOP
            took := bench.milliseconds(one.column2);
            COMMIT;
            -- the first of a session makes the plans
            IF run > 0 THEN
                INSERT INTO bench.program_timings VALUES (one.column1, run, took);
            END IF;
        END LOOP;
    END LOOP;
END
$$;
CALL bench.measure_one(50);
-- What the trigger has graded is what everybody graded anew would be.
CALL tiering.retier('bench_graded');
DO $$ BEGIN
    ASSERT (SELECT r.total = 0 FROM tiering.retier_runs r WHERE r.program = 'bench_graded' ORDER BY r.started DESC LIMIT 1), 'the trigger has not graded all that was changed';
END $$;

-- A hundred thousand contacts, imported, and copied into a table of the same shape.
CREATE TABLE bench.contacts_copied (LIKE tiering.followups INCLUDING ALL);
CREATE PROCEDURE bench.measure_imports(runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    file CONSTANT text := current_setting('data_directory') || '/bench_contacts';
    customers CONSTANT bigint := (SELECT count(*) FROM bench.clients);
    started timestamptz;
BEGIN
    FOR run IN 1 .. runs LOOP
        -- later ones each time, so that all of them move what is due
        CREATE TABLE bench.contacts AS
            SELECT (1 + g * 7919::bigint % customers)::text AS customer, date_trunc('second', now()) - make_interval(days => 10 * (runs - run), mins => 1 + g % 14000, secs => g % 60) AS at,
                ('{phone,mail,visit}'::text[])[1 + g % 3] AS channel, 'note ' || g AS note
            FROM generate_series(1, 100000) AS g;
        ANALYZE bench.contacts;
        EXECUTE format('COPY (SELECT ''bench'', customer, at, channel, note FROM bench.contacts) TO %L', file);
        COMMIT;
        started := clock_timestamp();
        EXECUTE format('COPY bench.contacts_copied (program, customer, at, channel, note) FROM %L', file);
        COMMIT;
        INSERT INTO bench.program_timings VALUES ('copy', run, 1000 * extract(epoch FROM clock_timestamp() - started));
        started := clock_timestamp();
        PERFORM tiering.import_followups('bench', 'bench.contacts', channel => 'channel', note => 'note');
        COMMIT;
        INSERT INTO bench.program_timings VALUES ('import', run, 1000 * extract(epoch FROM clock_timestamp() - started));
        ASSERT 100000 = (SELECT count(*) FROM tiering.followups f JOIN bench.contacts c USING (customer, at, channel, note) WHERE f.program = 'bench'), 'not all contacts were imported';
        DROP TABLE bench.contacts;
    END LOOP;
END
$$;
CALL bench.measure_imports(:program_runs);
VACUUM tiering.assignments, tiering.followups;

-- Terms by a fiscal year, steps, grace, channels, deleted rows and attempts against the program without them, and named by tenant and key; in turns.
CREATE TABLE bench.worded AS SELECT (id % 10)::integer AS tenant, f.*, NULL::timestamptz AS deleted_at FROM bench.few f;
ALTER TABLE bench.worded ADD PRIMARY KEY (id), ADD UNIQUE (tenant, id), ALTER tenant SET NOT NULL;
VACUUM ANALYZE bench.worded;
SELECT tiering.create_scheme(tiering.scheme(tiering.to_jsonb(tiering.current_scheme('bench_rules')) || '{"scheme": "bench_worded",
    "fiscal_year": {"weeks": "4-5-4", "ends": "sat", "nearest": "01-31"}, "stability": {"term": "next_fiscal_year", "demote_on": "fiscal_quarter", "demote_steps": 1}, "tiers": [
    {"code": "A", "followup": {"every": "P1D", "steps": [{"after": "P1D", "channel": "phone"}, {"after": "P3D", "channel": "email"}], "channels": {"visit": "P6M"}}},
    {"code": "B", "followup": {"every": "P7D", "grace": "P3D"}}, {"code": "C", "followup": {"every": "P15D", "grace": "P1W"}}, {"code": "D", "followup": {"every": "P30D"}}]}')),
    tiering.approve_scheme('bench_worded') \g /dev/null
CREATE PROCEDURE bench.measure_words(runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    started timestamptz;
    kind text;
BEGIN
    FOR run IN 1 .. runs LOOP
        FOREACH kind IN ARRAY '{plain,worded,tenants}'::text[] LOOP
            PERFORM tiering.create_program('bench_' || kind, CASE kind WHEN 'worded' THEN 'bench_worded' ELSE 'bench_program' END, 'bench.worded',
                CASE kind WHEN 'tenants' THEN '{tenant,id}' ELSE 'id' END, owner_column => 'owner', last_followup_column => 'last_contact');
            IF kind = 'worded' THEN
                PERFORM tiering.alter_program('bench_worded', '{"deleted": "deleted_at", "attempts": ["no_answer"]}');
            END IF;
            COMMIT;
            started := clock_timestamp();
            CALL tiering.retier('bench_' || kind);
            INSERT INTO bench.program_timings VALUES ('first ' || kind, run, 1000 * extract(epoch FROM clock_timestamp() - started));
            started := clock_timestamp();
            CALL tiering.retier('bench_' || kind);
            INSERT INTO bench.program_timings VALUES ('second ' || kind, run, 1000 * extract(epoch FROM clock_timestamp() - started));
            -- the first customer of a session makes the plans
            FOR one IN 0 .. 20 LOOP
                IF one = 0 THEN
                    PERFORM tiering.retier_customers('bench_' || kind, CASE kind WHEN 'tenants' THEN '7/7' ELSE '7' END);
                ELSE
                    INSERT INTO bench.program_timings SELECT 'one ' || kind, run, bench.milliseconds(format('SELECT tiering.retier_customers(%L, %L)', 'bench_' || kind,
                        CASE kind WHEN 'tenants' THEN format('%s/%s', one % 10, one) ELSE one::text END));
                END IF;
                COMMIT;
            END LOOP;
            PERFORM tiering.drop_program('bench_' || kind);
            COMMIT;
        END LOOP;
    END LOOP;
END
$$;
CALL bench.measure_words(:program_runs);
VACUUM tiering.assignments, tiering.assignment_log;

-- A new program beside the large one, which ANALYZE has not seen: who does not own the tables retiers it. Then the same after ANALYZE.
ANALYZE tiering.assignments, tiering.assignment_log, tiering.overrides, tiering.followups;
CREATE TABLE bench.newcomers AS SELECT * FROM bench.clients WHERE id <= 3000;
ALTER TABLE bench.newcomers ADD PRIMARY KEY (id);
ANALYZE bench.newcomers;
SELECT tiering.create_program('bench_new', 'bench_program', 'bench.newcomers', 'id', owner_column => 'owner', last_followup_column => 'last_contact') \g /dev/null
CREATE ROLE bench_admin;
SELECT tiering.grant_admin('bench_admin') \g /dev/null
GRANT USAGE ON SCHEMA bench TO bench_admin;
GRANT SELECT ON bench.newcomers TO bench_admin;
SET ROLE bench_admin;
CALL tiering.retier('bench_new');
RESET ROLE;
SELECT tiering.override_tier('bench_new', n::text, 'A', 'bench') FROM generate_series(1, 100) AS n \g /dev/null
SELECT tiering.create_tier_view('bench_new', 'bench.new_tiers') \g /dev/null
CREATE TABLE bench.unknown (query text, analyzed boolean, milliseconds float8);
CREATE PROCEDURE bench.measure_unknown(runs integer, analyzed boolean)
    LANGUAGE plpgsql
AS $$
DECLARE
    query text;
BEGIN
    FOR run IN 0 .. runs LOOP
        FOR query IN
            SELECT format('tiering.%s WHERE program = ''bench_new''', v) FROM unnest('{current_tiers,assignment_history,followups_due,followup_logs,daily_log,
                weekly_log,half_month_log,month_log,year_log,owner_workload,owner_performance,tier_mix_by_program,tier_changes,tier_migration_by_month}'::text[]) AS v
            UNION ALL VALUES ('bench.new_tiers'), ('tiering.tiers_as_of(''bench_new'', now())'), ('tiering.claim_followups(''bench_new'', ''owner 7'', 1)')
        LOOP
            IF run = 0 THEN
                PERFORM bench.milliseconds('SELECT count(f.*) FROM (SELECT * FROM ' || query || ' OFFSET 0) f');
            ELSE
                INSERT INTO bench.unknown VALUES (query, analyzed, bench.milliseconds('SELECT count(f.*) FROM (SELECT * FROM ' || query || ' OFFSET 0) f'));
            END IF;
        END LOOP;
    END LOOP;
END
$$;
CALL bench.measure_unknown(5, false);
ANALYZE tiering.assignments, tiering.assignment_log, tiering.overrides, tiering.followups;
CALL bench.measure_unknown(5, true);

-- Compiled, as the server does by default, and not.
CREATE PROCEDURE bench.measure_jit(runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    setting text;
BEGIN
    FOR run IN 1 .. runs LOOP
        FOREACH setting IN ARRAY '{on,off}'::text[] LOOP
            PERFORM set_config('jit', setting, true);
            INSERT INTO bench.program_timings SELECT 'jit ' || setting, run,
                bench.milliseconds('SELECT count(m.*) FROM (SELECT * FROM tiering.tier_migration_by_month WHERE program = ''bench'' OFFSET 0) m');
        END LOOP;
    END LOOP;
END
$$;
CALL bench.measure_jit(5);
CREATE VIEW bench.program_medians AS
    SELECT what, percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) AS milliseconds FROM bench.program_timings GROUP BY what;
