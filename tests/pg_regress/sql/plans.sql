-- A new program beside a large one, which ANALYZE has not seen: no view and no function reads rows in proportion to the square of its customers.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA plans_test;
-- Nothing but this topic tells the planner anything of any table that it reads, however long it takes.
CREATE TABLE plans_test.large (id, annual_value, owner) WITH (autovacuum_enabled = off) AS SELECT g, g * 100.0, CASE g % 1000 WHEN 7 THEN 'rare' ELSE 'owner ' || g % 5 END FROM generate_series(1, 6000) AS g;
CREATE TABLE plans_test.small (id, annual_value, owner) WITH (autovacuum_enabled = off) AS SELECT g, g * 100.0, 'owner ' || g % 5 FROM generate_series(1, 400) AS g;
ALTER TABLE plans_test.large ADD PRIMARY KEY (id);
ALTER TABLE plans_test.small ADD PRIMARY KEY (id);
CREATE PROCEDURE plans_test.alter_all(change text)
    LANGUAGE plpgsql
AS $$
DECLARE
    t regclass;
BEGIN
    FOR t IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %s %s', t, change);
    END LOOP;
END
$$;
CALL plans_test.alter_all('SET (autovacuum_enabled = off)');
-- What earlier topics left does not count. VACUUM alone would leave rows that a snapshot of somebody else might still see.
DO $$
DECLARE
    t text;
    live boolean;
BEGIN
    FOREACH t IN ARRAY '{assignments,assignment_log,overrides,followups}'::text[] LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', t) INTO live;
        IF NOT live THEN
            EXECUTE format('TRUNCATE %I', t);
        END IF;
    END LOOP;
END
$$;
VACUUM assignments, assignment_log, overrides, followups;
SELECT create_scheme(scheme(to_jsonb(current_scheme('abc_share')) || jsonb_build_object('scheme', 'plans_test', 'tiers', (
    SELECT jsonb_agg(t || '{"followup": {"every": "P7D"}}') FROM jsonb_array_elements(to_jsonb(current_scheme('abc_share')) -> 'tiers') AS t)))), approve_scheme('plans_test');
SELECT create_program('large', 'plans_test', 'plans_test.large', 'id', owner_column => 'owner');
CALL retier('large');
SELECT count(override_tier('large', g::text, 'A', 'x')) FROM generate_series(1, 400) AS g;
SELECT count(tier) FROM generate_series(1, 50) AS g, log_followup('large', g::text);
INSERT INTO followups (program, customer, at) SELECT 'large', (g % 6000 + 1)::text, now() - interval '1 day' FROM generate_series(1, 6000) AS g;
ANALYZE assignments, assignment_log, overrides, followups, programs, program_tiers;
SELECT create_program('small', 'plans_test', 'plans_test.small', 'id', owner_column => 'owner');
-- who does not own the tables cannot analyze them: this run leaves the planner as it was
CREATE ROLE plans_admin;
SELECT grant_admin('plans_admin');
GRANT USAGE ON SCHEMA plans_test TO plans_admin;
GRANT SELECT ON plans_test.small TO plans_admin;
SET ROLE plans_admin;
CALL retier('small');
RESET ROLE;
SELECT count(override_tier('small', g::text, 'A', 'x')) FROM generate_series(1, 60) AS g;
SELECT count(tier) FROM generate_series(1, 50) AS g, log_followup('small', g::text);
SELECT create_tier_view('small', 'plans_test.tiers');

-- rows that the nodes of a plan give and throw away
CREATE FUNCTION plans_test.rows_read(plan jsonb) RETURNS numeric
    LANGUAGE sql
AS $$
    SELECT sum((n ->> 'Actual Loops')::numeric * ((n ->> 'Actual Rows')::numeric + coalesce((n ->> 'Rows Removed by Filter')::numeric, 0)
        + coalesce((n ->> 'Rows Removed by Join Filter')::numeric, 0) + coalesce((n ->> 'Rows Removed by Index Recheck')::numeric, 0)))
    FROM jsonb_path_query(plan, 'strict $.**?(exists(@."Actual Loops"))') AS n
$$;
CREATE FUNCTION plans_test.rows_of(query text) RETURNS numeric
    LANGUAGE plpgsql
AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT json) ' || query INTO plan;
    RETURN plans_test.rows_read(plan);
END
$$;
-- 400 customers with 60 overrides: a join of each with each would read 24 000 rows or 160 000
SELECT v.name, plans_test.rows_of(format('SELECT * FROM tiering.%I v WHERE program = ''small''', v.name)) < 10000 AS in_proportion
FROM unnest('{current_tiers,assignment_history,followups_due,followup_logs,daily_log,weekly_log,half_month_log,month_log,year_log,owner_workload,owner_performance,
    tier_mix_by_program,tier_changes,promise_status}'::text[]) AS v (name);
-- what is taken for dear is compiled by the server, which takes seconds: no view has a query of its own for each customer that the planner counts in full
CREATE FUNCTION plans_test.cost_of(query text) RETURNS numeric
    LANGUAGE plpgsql
AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN (plan #>> '{0,Plan,Total Cost}')::numeric;
END
$$;
SELECT v.name, plans_test.cost_of(format('SELECT * FROM tiering.%I WHERE program = ''large''', v.name)) / 6000 < 0.8 AS cheap_for_each
FROM unnest('{early_warnings,channels_due,open_plans,current_tiers,followup_logs,owner_workload,tier_mix_by_program}'::text[]) AS v (name);
-- Whoever asks for an owner (here of 6 customers of 6000) reads the rows of the owner, in every view that has one, and nothing is compiled.
CREATE TABLE plans_test.filtered WITH (autovacuum_enabled = off) AS
    SELECT c.relname::text AS name, f.filter, format('SELECT * FROM %s WHERE program = ''large'' AND %I = %L', c.oid::regclass, a.attname, f.value) AS query
    FROM pg_class c JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = 'program' JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN (VALUES ('owner', 'rare'), ('customer', '7')) AS f (filter, value) ON a.attname = CASE WHEN c.relname = 'reviews_due' AND f.filter = 'customer' THEN 'name' ELSE f.filter END
    WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind = 'v';
SELECT filter, count(*) > 15 AS many FROM plans_test.filtered GROUP BY 1 ORDER BY 1;
SELECT f.name, f.filter, plans_test.rows_of(f.query) AS rows FROM plans_test.filtered f WHERE plans_test.rows_of(f.query) > 400 ORDER BY 1, 2;  -- none
SELECT f.name, f.filter, plans_test.cost_of(f.query) AS cost FROM plans_test.filtered f WHERE plans_test.cost_of(f.query) > 2000 ORDER BY 1, 2;  -- none
-- an import of many contacts looks for none of them row by row, however many there were
CREATE TABLE plans_test.heard AS SELECT g::text AS customer, '2026-01-05 10:00+00'::timestamptz AS at, 'phone' AS channel FROM generate_series(1, 1500) AS g;
BEGIN;
-- the counters still have what earlier transactions of the session did: the difference counts
SELECT coalesce(sum(u.seq_scan + u.idx_scan), 0) AS scans_before FROM pg_stat_xact_user_tables u WHERE u.relid = 'tiering.followups'::regclass \gset
SELECT import_followups('large', 'plans_test.heard', channel => 'channel');
SELECT coalesce(sum(u.seq_scan + u.idx_scan), 0) - :scans_before < 50 AS not_row_by_row FROM pg_stat_xact_user_tables u WHERE u.relid = 'tiering.followups'::regclass;
SELECT import_followups('large', 'plans_test.heard', channel => 'channel') AS known;
UPDATE plans_test.heard SET channel = 'visit' WHERE customer IN ('3', '7');
SELECT import_followups('large', 'plans_test.heard', channel => 'channel') AS others, (SELECT array_agg(f.n || ' ' || f.channel ORDER BY f.n) FROM followups f WHERE f.program = 'large' AND f.customer = '7' AND f.at = '2026-01-05 10:00+00') AS before;
SELECT f.customer, f.n, f.channel FROM followups f WHERE f.program = 'large' AND f.customer IN ('3', '7') AND f.at = '2026-01-05 10:00+00' ORDER BY 1, 2;
ROLLBACK;
SELECT plans_test.rows_of('SELECT * FROM tiering.tier_migration_by_month WHERE program = ''small''') < 50000 AS in_proportion;
SELECT plans_test.rows_of('SELECT * FROM plans_test.tiers') < 10000 AS in_proportion;
SELECT plans_test.rows_of('SELECT * FROM plans_test.tiers WHERE id = 7') < 2000 AS in_proportion;
SELECT plans_test.rows_of('SELECT * FROM tiering.tiers_as_of(''small'', now())') < 10000 AS in_proportion;
-- the most urgent come by index, for the program and for an owner
SELECT plans_test.rows_of('SELECT * FROM (SELECT * FROM tiering.followups_due WHERE program = ''large'' ORDER BY due, rank LIMIT 50) f') < 2000 AS by_index;
-- and of one customer no other's rows are fetched, though the planner takes the program for one row
SELECT plans_test.rows_of('SELECT * FROM tiering.followups_due WHERE program = ''small'' AND customer = ''7''') < 10 AS few;
SELECT plans_test.rows_of('SELECT * FROM tiering.followups_due WHERE program = ''small'' AND customer = ''300''') < 10 AS few;

-- functions, by the rows that they touch in the table of assignments
CREATE FUNCTION plans_test.rows_touched(query text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    earlier bigint := pg_stat_get_xact_tuples_returned('tiering.assignments'::regclass) + pg_stat_get_xact_tuples_fetched('tiering.assignments'::regclass)
        + (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i WHERE i.indrelid = 'tiering.assignments'::regclass);
BEGIN
    EXECUTE query;
    RETURN pg_stat_get_xact_tuples_returned('tiering.assignments'::regclass) + pg_stat_get_xact_tuples_fetched('tiering.assignments'::regclass)
        + (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i WHERE i.indrelid = 'tiering.assignments'::regclass) - earlier;
END
$$;
SELECT plans_test.rows_touched('SELECT tiering.override_tier(''small'', ''200'', ''A'', ''y'')') < 100 AS few;
SELECT plans_test.rows_touched('SELECT tiering.clear_override(''small'', ''200'')') < 100 AS few;
SELECT plans_test.rows_touched('SELECT tiering.log_followup(''small'', ''201'')') < 100 AS few;
SELECT plans_test.rows_touched('SELECT tiering.plan_followup(''small'', ''202'', current_date)') < 100 AS few;
SELECT plans_test.rows_touched('SELECT tiering.date_overrides(''small'', NULL)') < 2000 AS in_proportion;
SELECT plans_test.rows_touched('SELECT * FROM tiering.claim_followups(''small'', ''owner 1'', 100)') < 10000 AS in_proportion;

-- A scorecard beside tables that nothing has analyzed: 400 customers in two periods, with 2 000 orders. A join of each with each would read 320 000 rows.
CREATE TABLE plans_test.orders (customer integer, at timestamptz, amount numeric, item integer) WITH (autovacuum_enabled = off);
CREATE TABLE plans_test.tickets (customer integer, at timestamptz, closed_at timestamptz) WITH (autovacuum_enabled = off);
CREATE TABLE plans_test.costs (at timestamptz, amount numeric) WITH (autovacuum_enabled = off);
INSERT INTO plans_test.orders SELECT g % 400 + 1, now() - g % 60 * interval '1 day', g % 97, g % 7 FROM generate_series(1, 2000) AS g;
INSERT INTO plans_test.tickets SELECT g, now() - g % 40 * interval '1 day', now() - g % 40 * interval '23 hours' FROM generate_series(1, 400) AS g;
INSERT INTO plans_test.costs SELECT now() - g % 40 * interval '1 day', 10 FROM generate_series(1, 400) AS g;
SELECT register_events('small', 'order', 'plans_test.orders', 'customer', 'at', 'amount', item => 'item'),
    register_events('small', 'activity', 'plans_test.orders', 'customer', 'at', only_where => 'amount > 50'),
    register_events('small', 'ticket', 'plans_test.tickets', 'customer', 'at', ended_at => 'closed_at'),
    register_events('small', 'complaint', 'plans_test.tickets', 'customer', 'at', only_where => 'customer % 9 = 0'),
    register_events('small', 'program_cost', 'plans_test.costs', NULL, 'at', 'amount');
DO $$
DECLARE
    figures record := tiering.customer_figures_query('small');
    of_periods CONSTANT text := 'PREPARE %s (timestamptz[], timestamptz, timestamptz, timestamptz, timestamptz) AS %s';
BEGIN
    EXECUTE format(of_periods, 'customers', format('WITH %s %s', figures.parts, figures.of_customers));
    EXECUTE format(of_periods, 'scorecard', (SELECT concat('WITH ', q.parts, q.query) FROM tiering.scorecard_query('small', false) q));
    EXECUTE format(of_periods, 'scorecard_long', (SELECT concat('WITH ', q.parts, q.query) FROM tiering.scorecard_query('small', true) q));
END
$$;
SELECT q.name, plans_test.rows_of(format('EXECUTE %I (ARRAY[now() - interval ''1 month'', now(), now() + interval ''1 day''], now(), now() - interval ''1 month'', now() + interval ''1 day'', now() - interval ''1 month'')', q.name)) < 80000 AS in_proportion
FROM unnest('{customers,scorecard,scorecard_long}'::text[]) AS q (name);
-- functions, by how often they read the tables of events
CREATE FUNCTION plans_test.scans(query text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    tables CONSTANT regclass[] := '{plans_test.orders,plans_test.tickets,plans_test.costs}';
    earlier bigint := (SELECT sum(pg_stat_get_xact_numscans(t)) FROM unnest(tables) AS t);
BEGIN
    EXECUTE query;
    RETURN (SELECT sum(pg_stat_get_xact_numscans(t)) FROM unnest(tables) AS t) - earlier;
END
$$;
SELECT q.query, plans_test.scans(format('SELECT * FROM tiering.%s', q.query)) AS scans, plans_test.rows_touched(format('SELECT * FROM tiering.%s', q.query)) < 10000 AS in_proportion
FROM (VALUES ('tier_scorecard(''small'', now(), now() + interval ''1 day'')'), ('tier_scorecard_long(''small'', now(), now() + interval ''1 day'', compare => true)'),
    ('tier_scorecard_customers(''small'', now(), now() + interval ''1 day'')'), ('tier_owner_shares(''small'', now(), now() + interval ''1 day'')'),
    ('tier_scorecard_compare(''small'', now(), ''1 day'')'), ('tier_roi(''small'', now(), ''1 day'')'), ('tier_effect(''small'', ''sales'', now(), now() + interval ''1 day'')'),
    ('tier_effect_against(''small'', ''small'', ''sales'', now(), ''1 day'')'), ('report_html(''small'')')) AS q (query);

-- What ANALYZE would tell the planner saves no more than half of the rows, of any view: plans stand with what is known at once.
CREATE TABLE plans_test.queries WITH (autovacuum_enabled = off) AS
    SELECT v.name, format('SELECT * FROM tiering.%I v WHERE program = ''small''', v.name) AS query, NULL::numeric AS unanalyzed
    FROM unnest('{current_tiers,assignment_history,followups_due,followup_logs,daily_log,weekly_log,half_month_log,month_log,year_log,owner_workload,owner_performance,
        tier_mix_by_program,tier_changes,promise_status,tier_migration_by_month}'::text[]) AS v (name)
    UNION ALL VALUES
        ('tiers', 'SELECT * FROM plans_test.tiers', NULL::numeric),
        ('tiers of one', 'SELECT * FROM plans_test.tiers WHERE id = 7', NULL),
        ('tiers as of', 'SELECT * FROM tiering.tiers_as_of(''small'', now())', NULL),
        ('log of one', 'SELECT * FROM tiering.followup_logs WHERE program = ''small'' AND customer = ''7''', NULL),
        ('tier of one', 'SELECT * FROM tiering.current_tiers WHERE program = ''small'' AND customer = ''7''', NULL),
        ('history of one', 'SELECT * FROM tiering.assignment_history WHERE program = ''small'' AND customer = ''7''', NULL),
        ('changes of one', 'SELECT * FROM tiering.tier_changes WHERE program = ''small'' AND customer = ''7''', NULL),
        ('due of one', 'SELECT * FROM tiering.followups_due WHERE program = ''small'' AND customer = ''7''', NULL),
        ('due to an owner', 'SELECT * FROM (SELECT * FROM tiering.followups_due WHERE program = ''small'' AND owner = ''owner 1'' ORDER BY due, rank LIMIT 20) f', NULL);
-- A tier view finds each customer by the key: what an index on program, owner and date passes over on its way to a customer is counted nowhere.
CREATE FUNCTION plans_test.indexes_of(query text) RETURNS jsonb
    LANGUAGE plpgsql
AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN (SELECT jsonb_agg(DISTINCT i) FROM jsonb_path_query(plan, '$.**."Index Name" ? (@ starts with "assignments")') AS i);
END
$$;
SELECT plans_test.indexes_of('SELECT * FROM plans_test.tiers') AS by;
UPDATE plans_test.queries q SET unanalyzed = plans_test.rows_of(q.query);
-- nobody's customers are looked for among nobody's
SELECT plans_test.rows_touched('SELECT * FROM tiering.claim_followups(''small'', ''nobody'', 10)') < 300 AS few;
ANALYZE assignments, assignment_log, overrides, followups;
SELECT q.name, q.unanalyzed, plans_test.rows_of(q.query) AS analyzed FROM plans_test.queries q WHERE q.unanalyzed > 2 * plans_test.rows_of(q.query);

-- A tier view of one customer is a look-up, whatever type the key is of and whatever the planner knows.
CREATE DOMAIN plans_test.code AS text CHECK (value <> '');
CREATE TABLE plans_test.keys (name text PRIMARY KEY, type text, written text, one text) WITH (autovacuum_enabled = off);
INSERT INTO plans_test.keys (name, type, written) VALUES ('of_integer', 'integer', 'g'), ('of_text', 'text', 'g::text'), ('of_char', 'char(8)', 'g::text'),
    ('of_domain', 'plans_test.code', '''c'' || g'), ('of_numeric', 'numeric', '(g / 4.0)::numeric(10, 4)'), ('of_real', 'real', 'g / 8.0'),
    ('of_float', 'double precision', 'g / 8.0'), ('of_uuid', 'uuid', 'md5(g::text)::uuid'), ('of_bytea', 'bytea', 'int8send(g)'), ('of_date', 'date', 'date ''2000-01-01'' + g'),
    ('of_timestamp', 'timestamp', 'timestamp ''2000-01-01'' + g * interval ''1 hour'''),
    ('of_timestamptz', 'timestamptz', 'timestamptz ''2000-01-01 00:00+00'' + g * interval ''1 hour'''), ('of_jsonb', 'jsonb', 'to_jsonb(g)');
DO $$
DECLARE
    k plans_test.keys;
BEGIN
    FOR k IN SELECT * FROM plans_test.keys LOOP
        EXECUTE format('CREATE TABLE plans_test.%I (k %s PRIMARY KEY, annual_value numeric) WITH (autovacuum_enabled = off)', k.name, k.type);
        EXECUTE format('INSERT INTO plans_test.%I SELECT %s, g * 100.0 FROM generate_series(1, 1000) AS g', k.name, k.written);
        EXECUTE format('UPDATE plans_test.keys SET one = (SELECT format(''SELECT * FROM plans_test.tiers_%1$s WHERE k = %%L::%2$s'', t.k) FROM plans_test.%1$I t WHERE t.annual_value = 700) '
            'WHERE name = %1$L', k.name, k.type);
    END LOOP;
END
$$;
SELECT count(create_program(k.name, 'plans_test', 'plans_test.' || k.name, 'k')) FROM plans_test.keys k;
GRANT SELECT ON ALL TABLES IN SCHEMA plans_test TO plans_admin;
SET ROLE plans_admin;
SELECT format('CALL tiering.retier(%L)', k.name) FROM plans_test.keys k ORDER BY 1 \gexec
RESET ROLE;
SELECT count(create_tier_view(k.name, 'plans_test.tiers_' || k.name)) FROM plans_test.keys k;
-- the texts of keys do not depend on these
SET bytea_output = 'escape';
SET timezone = 'Asia/Tokyo';
-- 1000 customers, and the rows of the 15 programs
CREATE FUNCTION plans_test.not_looked_up() RETURNS TABLE (name text, rows numeric)
    LANGUAGE sql
AS $$ SELECT k.name, plans_test.rows_of(k.one) FROM plans_test.keys k WHERE NOT plans_test.rows_of(k.one) < 30 ORDER BY 1 $$;
SELECT * FROM plans_test.not_looked_up();
SELECT 'ANALYZE plans_test.' || k.name FROM plans_test.keys k \gexec
SELECT * FROM plans_test.not_looked_up();
CREATE FUNCTION plans_test.found(query text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('SELECT count(tier) FROM (%s) q', query) INTO n;
    RETURN n;
END
$$;
SELECT k.name, plans_test.found(k.one) FROM plans_test.keys k WHERE plans_test.found(k.one) <> 1;
ANALYZE assignments;
SELECT * FROM plans_test.not_looked_up();
RESET timezone;
RESET bytea_output;
SELECT count(drop_program(k.name)) FROM plans_test.keys k;

-- Where the owner of the tables retiers, the planner knows a new program when the run is over.
SELECT drop_program('small');
VACUUM ANALYZE assignments;
SELECT create_program('small', 'plans_test', 'plans_test.small', 'id', owner_column => 'owner');
CALL retier('small');
SELECT 'small' = ANY (s.most_common_vals::text::text[]) AS known FROM pg_stats s WHERE s.schemaname = 'tiering' AND s.tablename = 'assignments' AND s.attname = 'program';
SELECT plans_test.rows_of('SELECT * FROM tiering.followups_due WHERE program = ''small'' AND customer = ''7''') < 10 AS few;

SELECT drop_program('small'), drop_program('large');
DROP OWNED BY plans_admin;
DROP ROLE plans_admin;
SELECT retire_scheme('plans_test');
DELETE FROM schemes WHERE scheme = 'plans_test';
CALL plans_test.alter_all('RESET (autovacuum_enabled)');
DROP SCHEMA plans_test CASCADE;
