-- Every view of a program of :view_rows customers with a past: three tiers each, two contacts, and of some of them promises, complaints, reviews, overrides, plans and stops.
-- Each is read for one customer, for an owner of 500 customers, for the first fifty rows of an owner of a two-hundredth of all, for that owner whole, and for the whole program, with the
-- settings that are the default; the whole program once more with jit off, in turns.
SET jit = on;
SET work_mem = '4MB';
SET max_parallel_workers_per_gather = 2;

CREATE TABLE bench.viewed AS
    SELECT g.id, g.name, g.annual_spend, g.orders_12m, g.segment, g.expected_close, CASE id % 200 WHEN 7 THEN 'owner 7' ELSE 'owner ' || id % (:view_rows / 500) END AS owner,
        CASE WHEN id % 10 > 0 THEN now() - make_interval(days => (id % 97)::integer) END AS last_contact
    FROM bench.generate(:view_rows) AS g;
ALTER TABLE bench.viewed ADD PRIMARY KEY (id);
-- a tier view asks the source, whose owner may ask for his own
CREATE INDEX ON bench.viewed (owner);
VACUUM (ANALYZE, FREEZE) bench.viewed;
SELECT tiering.create_scheme(tiering.scheme(tiering.to_jsonb(tiering.current_scheme('bench_rules')) || '{"scheme": "bench_viewed", "tiers": [
    {"code": "A", "followup": {"every": "P1D", "steps": [{"after": "P1D", "channel": "phone"}, {"after": "P3D", "channel": "email"}], "channels": {"visit": "P6M"}}},
    {"code": "B", "followup": {"every": "P7D"}}, {"code": "C", "followup": {"every": "P15D"}}, {"code": "D", "followup": {"every": "P30D"}}]}')),
    tiering.approve_scheme('bench_viewed') \g /dev/null
SELECT tiering.create_program('viewed', 'bench_viewed', 'bench.viewed', 'id', owner_column => 'owner', label_column => 'name', last_followup_column => 'last_contact') \g /dev/null
CALL tiering.retier('viewed');

-- what happened before: twice another tier, one of the two under another owner
INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, recorded_at)
    SELECT 'viewed', b.customer, b.since, b.tier, b.reason, 'retier', b.owner, b.since
    FROM (
        SELECT v.id::text AS customer, now() - make_interval(days => 300 + (v.id % 97)::integer) AS since, ('{A,B,C,D}'::text[])[1 + floor(4 * bench.noise(v.id, 21))::integer] AS tier, 'first' AS reason,
            lead(v.owner, 1, v.owner) OVER (ORDER BY v.id) AS owner
        FROM bench.viewed v
        UNION ALL
        SELECT v.id::text, now() - make_interval(days => 100 + (v.id % 89)::integer), ('{A,B,C,D}'::text[])[1 + floor(4 * bench.noise(v.id, 22))::integer],
            CASE WHEN bench.noise(v.id, 23) < 0.5 THEN 'promotion' ELSE 'demotion' END, v.owner
        FROM bench.viewed v
    ) b ORDER BY b.customer, b.since;
UPDATE tiering.assignment_log l SET reason = CASE WHEN bench.noise(l.customer::bigint, 24) < 0.5 THEN 'promotion' ELSE 'demotion' END WHERE l.program = 'viewed' AND l.reason = 'first' AND l.since > now() - interval '1 day';
INSERT INTO tiering.followups (program, customer, at, channel, outcome, note, owner, tier, due, on_time, checks, attempt)
    SELECT 'viewed', v.id::text, now() - make_interval(days => (bench.noise(v.id, 30 + n) * 300)::integer, mins => n), ('{phone,visit,email}'::text[])[1 + floor(3 * bench.noise(v.id, 40 + n))::integer],
        ('{ordered,no_answer,NULL}'::text[])[1 + floor(3 * bench.noise(v.id, 50 + n))::integer], 'what was said to ' || v.name, v.owner, ('{A,B,C,D}'::text[])[1 + floor(4 * bench.noise(v.id, 60 + n))::integer],
        current_date, bench.noise(v.id, 70 + n) < 0.7, CASE WHEN bench.noise(v.id, 80 + n) < 0.3 THEN '{needs_asked,next_step_agreed}'::text[] END, bench.noise(v.id, 90 + n) < 0.2
    FROM bench.viewed v CROSS JOIN generate_series(1, 2) AS n ORDER BY v.id::text COLLATE "C", n DESC;
INSERT INTO tiering.promises (program, customer, made_at, promise, promised_at, kept_at, owner)
    SELECT f.program, f.customer, f.at, 'an offer', f.at + interval '20 days', CASE WHEN bench.noise(f.customer::bigint, 25) < 0.7 THEN f.at + bench.noise(f.customer::bigint, 26) * interval '30 days' END, f.owner
    FROM tiering.followups f WHERE f.program = 'viewed' AND bench.noise(f.customer::bigint, 11) < 0.1 AND NOT f.attempt;
INSERT INTO tiering.complaints (program, customer, at, complaint, channel, owner, tier, resolved_at, resolution)
    SELECT 'viewed', v.id::text, c.at, 'too late', 'phone', v.owner, 'B', CASE WHEN bench.noise(v.id, 27) < 0.8 THEN c.at + interval '3 days' END, CASE WHEN bench.noise(v.id, 27) < 0.8 THEN 'a voucher' END
    FROM bench.viewed v CROSS JOIN LATERAL (SELECT now() - make_interval(days => 5 + (bench.noise(v.id, 28) * 300)::integer) AS at) c WHERE bench.noise(v.id, 12) < 0.05;
INSERT INTO tiering.reviews (program, customer, at, decision, reason, tier, tier_after)
    SELECT 'viewed', v.id::text, now() - make_interval(days => (bench.noise(v.id, 29) * 500)::integer), 'keep', 'as it was', 'B', 'B' FROM bench.viewed v WHERE bench.noise(v.id, 13) < 0.1;
INSERT INTO tiering.followup_plans (program, customer, planned_at, kind, due, reason)
    SELECT 'viewed', v.id::text, now() - interval '1 day' * n, CASE WHEN bench.noise(v.id, 14) < 0.03 THEN 'plan' ELSE 'snooze' END, current_date + n, 'to show the new one' FROM bench.viewed v CROSS JOIN generate_series(1, 2) AS n WHERE bench.noise(v.id, 14) < 0.06;
UPDATE tiering.assignments a SET planned_due = current_date + 1, later_plans = ARRAY[current_date + 2] WHERE a.program = 'viewed' AND bench.noise(a.customer::bigint, 14) < 0.03;
INSERT INTO tiering.contact_stops (program, customer, since, channel, reason) SELECT 'viewed', v.id::text, now() - interval '1 day', 'phone', 'asked for it' FROM bench.viewed v WHERE bench.noise(v.id, 15) < 0.01;
INSERT INTO tiering.overrides (program, customer, since, until, tier, reason)
    SELECT 'viewed', v.id::text, now() - interval '60 days', CASE WHEN bench.noise(v.id, 16) < 0.003 THEN now() - interval '10 days' ELSE now() + interval '90 days' END, 'A', 'a large tender' FROM bench.viewed v WHERE bench.noise(v.id, 16) < 0.01;
VACUUM ANALYZE tiering.assignments, tiering.assignment_log, tiering.followups, tiering.promises, tiering.complaints, tiering.reviews, tiering.followup_plans, tiering.contact_stops, tiering.overrides,
    tiering.programs, tiering.program_tiers;
SELECT tiering.create_tier_view('viewed', 'bench.viewed_tiers') \g /dev/null

-- the views and what they can be asked for; in reviews_due the customer stands in name
CREATE TABLE bench.view_queries AS
    SELECT c.relname::text AS name, f.filter, format('SELECT * FROM %s WHERE %s%s', c.oid::regclass, CASE c.relnamespace WHEN 'tiering'::regnamespace THEN 'program = ''viewed''' ELSE 'true' END, f.condition) AS query
    FROM pg_class c
    CROSS JOIN LATERAL (
        SELECT 'one customer' AS filter, format(' AND %I = ''777''', a.attname) AS condition FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname = CASE c.relname WHEN 'reviews_due' THEN 'name' WHEN 'viewed_tiers' THEN 'id' ELSE 'customer' END
        UNION ALL
        SELECT o.filter, o.condition FROM pg_attribute a CROSS JOIN (VALUES ('an owner of 500 customers', ' AND owner = ''owner 8'''), ('a large owner, 50 rows', ' AND owner = ''owner 7'' LIMIT 50'),
            ('a large owner, all rows', ' AND owner = ''owner 7''')) AS o (filter, condition)
        WHERE a.attrelid = c.oid AND a.attname = 'owner'
        UNION ALL
        SELECT 'the program', ''
    ) f
    WHERE c.relkind = 'v' AND (c.oid = 'bench.viewed_tiers'::regclass OR c.relnamespace = 'tiering'::regnamespace AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'program'));
CREATE TABLE bench.view_timings (name text, filter text, setting text, rows bigint, milliseconds float8);
CREATE PROCEDURE bench.measure_views(runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    q bench.view_queries;
    setting text;
    started timestamptz;
    found bigint;
BEGIN
    FOR q IN SELECT * FROM bench.view_queries ORDER BY filter, name LOOP
        -- the first run warms up
        FOR run IN 0 .. runs LOOP
            FOREACH setting IN ARRAY CASE q.filter WHEN 'the program' THEN '{on,off}' ELSE '{on}' END::text[] LOOP
                PERFORM set_config('jit', setting, true);
                started := clock_timestamp();
                EXECUTE format('SELECT count(f.*) FROM (%s OFFSET 0) f', q.query) INTO found;
                IF run > 0 THEN
                    INSERT INTO bench.view_timings VALUES (q.name, q.filter, setting, found, 1000 * extract(epoch FROM clock_timestamp() - started));
                END IF;
            END LOOP;
        END LOOP;
        COMMIT;
    END LOOP;
END
$$;
CALL bench.measure_views(:view_runs);

CREATE VIEW bench.view_medians AS
    SELECT t.name, t.filter, max(t.rows) AS rows, percentile_cont(0.5) WITHIN GROUP (ORDER BY t.milliseconds) FILTER (WHERE t.setting = 'on') AS ms,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY t.milliseconds) FILTER (WHERE t.setting = 'off') AS without_jit
    FROM bench.view_timings t GROUP BY 1, 2;
SELECT format(E'\nEvery view of a program of %s customers, by default settings: the three slowest of each kind, and those for which compiling (jit) costs most\n', :view_rows);
SELECT E'| read | view | rows | ms | at most | |\n|---|---|--:|--:|--:|---|\n' || string_agg(format('| %s | `%s` | %s | %s | %s | %s |', m.filter, m.name, m.rows, round(m.ms::numeric, 1), m.bound,
    CASE WHEN m.ms <= m.bound THEN 'holds' WHEN m.ms > m.bound THEN '**missed**' END), E'\n' ORDER BY m.bound, m.filter, m.ms DESC)
FROM (
    SELECT *, CASE WHEN filter NOT IN ('the program', 'a large owner, all rows') THEN 20 END AS bound, row_number() OVER (PARTITION BY filter ORDER BY ms DESC) AS place FROM bench.view_medians
) m WHERE m.place <= 3;
-- What takes less than ten milliseconds is measured no better than to ten milliseconds.
SELECT E'\n| the program | ms | jit off | ratio | at most | |\n|---|--:|--:|--:|--:|---|\n' || string_agg(format('| `%s` | %s | %s | %s | 1.2 | %s |', m.name, round(m.ms), round(m.without_jit), round(m.ratio::numeric, 2),
    CASE WHEN m.ratio <= 1.2 THEN 'holds' ELSE '**missed**' END), E'\n' ORDER BY m.ratio DESC)
FROM (SELECT *, greatest(ms, 10) / greatest(without_jit, 10) AS ratio FROM bench.view_medians WHERE filter = 'the program' ORDER BY ratio DESC LIMIT 5) m;
