-- What aggregates gather is of types of their own: computed in parts, sent as text or as bytes, merged, it gives what the whole gives.
SET search_path = tiering, public;
CREATE SCHEMA aggregate_test;
CREATE TABLE aggregate_test.orders AS
SELECT g * 7919 % 300 AS customer, g % 4 AS part, timestamptz '2025-01-01 00:00+00' + (g * 7919 % 8000) * interval '1 hour' AS at,
    nullif((g * 104729 % 20011) - 1500, 77)::numeric / 100 AS amount, (g % 11)::float8 AS score, chr(65 + g % 5) AS tier, nullif(chr(65 + g % 3), 'C') AS before
FROM generate_series(1, 6000) AS g;
CREATE TABLE aggregate_test.customers AS SELECT customer, customer % 4 AS part, rfm(at, amount) AS r, sum(amount) AS annual_value FROM aggregate_test.orders GROUP BY 1;

-- No state is of type internal: each can be written down.
SELECT count(*) AS aggregates, count(DISTINCT a.aggtranstype) AS types, count(*) FILTER (WHERE a.aggtranstype = 'internal'::regtype) AS internal
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid WHERE p.pronamespace = 'tiering'::regnamespace;

-- Nobody calls what builds a state: transition and combine functions are the aggregate's alone.
SELECT DISTINCT p.oid::regprocedure AS public
FROM pg_aggregate a JOIN pg_proc g ON g.oid = a.aggfnoid AND g.pronamespace = 'tiering'::regnamespace
JOIN pg_proc p ON p.oid IN (a.aggtransfn, a.aggcombinefn, a.aggmtransfn) AND p.pronamespace = 'tiering'::regnamespace
CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x WHERE x.grantee = 0 AND x.privilege_type = 'EXECUTE';

-- As another server would do it: an aggregate that gives its state, and one that merges states. One of each type of state.
CREATE FUNCTION aggregate_test.in_parts(aggregate text, arguments text, source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    whole text; as_text text; as_bytes text; in_memory text;
    states CONSTANT text := current_setting('data_directory') || '/states';
    a record;
BEGIN
    EXECUTE format('SELECT %s(%s)::text FROM aggregate_test.%I', split_part(aggregate, '(', 1), arguments, source) INTO whole;
    SELECT g.aggtransfn, g.aggfinalfn, g.aggcombinefn, format_type(g.aggtranstype, NULL) AS state, p.proargtypes INTO STRICT a
    FROM pg_aggregate g JOIN pg_proc p ON p.oid = g.aggfnoid WHERE g.aggfnoid = aggregate::regprocedure;
    EXECUTE format('CREATE AGGREGATE aggregate_test.parts (%s) (SFUNC = %s, STYPE = %s)',
        (SELECT string_agg(CASE t WHEN '"any"'::regtype THEN 'VARIADIC "any"' ELSE format_type(t, NULL) END, ', ' ORDER BY n) FROM unnest(a.proargtypes) WITH ORDINALITY AS u (t, n)), a.aggtransfn, a.state);
    EXECUTE format('CREATE AGGREGATE aggregate_test.merged (%1$s) (SFUNC = %2$s, STYPE = %1$s, FINALFUNC = %3$s)', a.state, a.aggcombinefn, a.aggfinalfn);
    EXECUTE format('CREATE TABLE aggregate_test.sent AS SELECT part, aggregate_test.parts(%s) AS state FROM aggregate_test.%I GROUP BY part', arguments, source);
    EXECUTE format('SELECT aggregate_test.merged(state::text::%s)::text FROM aggregate_test.sent', a.state) INTO as_text;
    EXECUTE format('COPY aggregate_test.sent TO %L (FORMAT binary)', states);
    TRUNCATE aggregate_test.sent;
    EXECUTE format('COPY aggregate_test.sent FROM %L (FORMAT binary)', states);
    EXECUTE 'SELECT aggregate_test.merged(state)::text FROM aggregate_test.sent' INTO as_bytes;
    -- states that are still objects in memory
    EXECUTE format('SELECT aggregate_test.merged(state)::text FROM (SELECT aggregate_test.parts(%s) AS state FROM aggregate_test.%I GROUP BY part) p', arguments, source) INTO in_memory;
    DROP TABLE aggregate_test.sent;
    EXECUTE format('DROP AGGREGATE aggregate_test.merged (%s)', a.state);
    EXECUTE (SELECT format('DROP AGGREGATE %s', p.oid::regprocedure) FROM pg_proc p WHERE p.pronamespace = 'aggregate_test'::regnamespace AND p.proname = 'parts');
    RETURN format('%s: %s %s', split_part(aggregate, '(', 1), a.state, CASE WHEN (whole, whole, whole) = (as_text, as_bytes, in_memory) THEN 'agrees'
        ELSE format('DIFFERS: %s, %s, %s, %s', whole, as_text, as_bytes, in_memory) END);
END
$$;
-- (that these customers all buy at the same rate is no matter here)
SET client_min_messages = error;
SELECT aggregate_test.in_parts('rfm(timestamptz, numeric)', 'at, amount', 'orders');
SELECT aggregate_test.in_parts('distribution(numeric)', 'amount', 'orders');
SELECT aggregate_test.in_parts('exact_distribution(numeric)', 'amount', 'orders');
SELECT aggregate_test.in_parts('tier_mix(text)', 'tier', 'orders');
SELECT aggregate_test.in_parts('migration(text, text)', 'before, tier', 'orders');
SELECT aggregate_test.in_parts('nps(float8)', 'score', 'orders');
SELECT aggregate_test.in_parts('csat(float8, float8)', 'score, 8', 'orders');
SELECT aggregate_test.in_parts('csat(boolean)', 'score >= 8', 'orders');
SELECT aggregate_test.in_parts('repeat_rate(rfm)', 'r', 'customers');
SELECT aggregate_test.in_parts('order_history(timestamptz, numeric, numeric, bigint, timestamptz)', 'at, amount, score::numeric, customer % 7, timestamptz ''2025-03-01 00:00+00''', 'orders');
CREATE TABLE aggregate_test.histories AS SELECT customer, customer % 4 AS part, order_history(at, amount, score::numeric, customer % 7, '2025-03-01 00:00+00') AS h FROM aggregate_test.orders GROUP BY 1;
SELECT aggregate_test.in_parts('order_totals(order_history, timestamptz[], timestamptz[], timestamptz[], text, integer, integer)', 'h, ''{2025-03-01 00:00+00,2025-04-01 00:00+00,2025-06-01 00:00+00}'', ''{2025-02-01 00:00+00,2025-02-01 00:00+00}'', ''{2025-03-15 00:00+00,2025-05-01 00:00+00}'', ''Asia/Shanghai'', 1, 2', 'histories');
SELECT aggregate_test.in_parts('fit_bg_nbd(rfm, date, time_unit)', 'r, date ''2025-12-31'', ''week''', 'customers');
SELECT aggregate_test.in_parts('fit_gamma_gamma(rfm)', 'r', 'customers');
SELECT aggregate_test.in_parts('fit(scheme, timestamptz, "any")', 'current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', annual_value', 'customers');
SELECT aggregate_test.in_parts('population(scheme, timestamptz, "any")', 'current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', annual_value', 'customers');
SELECT aggregate_test.in_parts('fit(scheme, timestamptz, numeric)', 'current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', annual_value', 'customers');
SELECT aggregate_test.in_parts('population(scheme, timestamptz, numeric)', 'current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', annual_value', 'customers');
SELECT aggregate_test.in_parts('fit_part(scheme, timestamptz, bytea)', 'current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', reading(current_scheme(''abc_share''), annual_value)', 'customers');
SELECT aggregate_test.in_parts('population_part(scheme, timestamptz, bytea)', 'current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', reading(current_scheme(''abc_share''), annual_value)', 'customers');
SELECT aggregate_test.in_parts('fit_part(bytea)', 'fit_reading(current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', annual_value)', 'customers');
SELECT aggregate_test.in_parts('population_part(bytea)', 'population_reading(current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', annual_value)', 'customers');
-- a scorecard that waits for its bins, for its points, and one to be tried
CREATE TABLE aggregate_test.learned AS SELECT '{"scheme": "learned", "inputs": [{"name": "score", "type": "number"}, {"name": "tier", "type": "text", "allowed": ["A", "B", "C", "D", "E"]}],
    "characteristics": [{"name": "s", "input": "score", "fit": {"to": "outcome"}}, {"name": "t", "input": "tier", "fit": {"to": "outcome"}}], "score": {},
    "decision": {"method": "score", "cuts": [{"tier": "all"}]}, "tiers": [{"code": "all"}]}'::scheme AS waiting, NULL::scheme AS binned, NULL::scheme AS fitted;
UPDATE aggregate_test.learned SET binned = (SELECT outcome_bins(waiting, '2026-01-01 00:00+00', amount > 60 + 5 * score, customer % 4, score, tier) FROM aggregate_test.orders);
UPDATE aggregate_test.learned SET fitted = (SELECT outcome_points(binned, '2026-01-01 00:00+00', amount > 60 + 5 * score, customer % 4, score, tier) FROM aggregate_test.orders);
CREATE VIEW aggregate_test.followed AS SELECT o.part, o.customer, o.amount, o.score, o.tier, l.* FROM aggregate_test.orders o, aggregate_test.learned l;
SELECT aggregate_test.in_parts('outcome_bins(scheme, timestamptz, boolean, float8, "any")', 'waiting, timestamptz ''2026-01-01 00:00+00'', amount > 60 + 5 * score, customer % 4, score, tier', 'followed');
SELECT aggregate_test.in_parts('outcome_points(scheme, timestamptz, boolean, float8, "any")', 'binned, timestamptz ''2026-01-01 00:00+00'', amount > 60 + 5 * score, customer % 4, score, tier', 'followed');
SELECT aggregate_test.in_parts('outcome_trial(scheme, timestamptz, boolean, float8, boolean, "any")', 'fitted, timestamptz ''2026-01-01 00:00+00'', amount > 60 + 5 * score, customer % 4, part = 0, score, tier', 'followed');
SELECT aggregate_test.in_parts('outcome_bins_part(scheme, timestamptz, boolean, float8, bytea)', 'waiting, timestamptz ''2026-01-01 00:00+00'', amount > 60 + 5 * score, customer % 4, reading(waiting, score, tier)', 'followed');
SELECT aggregate_test.in_parts('outcome_points_part(scheme, timestamptz, boolean, float8, bytea)', 'binned, timestamptz ''2026-01-01 00:00+00'', amount > 60 + 5 * score, customer % 4, reading(binned, score, tier)', 'followed');
SELECT aggregate_test.in_parts('outcome_trial_part(scheme, timestamptz, boolean, float8, boolean, bytea)', 'fitted, timestamptz ''2026-01-01 00:00+00'', amount > 60 + 5 * score, customer % 4, part = 0, reading(fitted, score, tier)', 'followed');
RESET client_min_messages;

-- A state grows in place, whatever node of a plan holds it: many groups that do not fit into memory, grouping sets, ordered and distinct rows,
-- windows that grow, slide and begin anew. What the server's own aggregates say of the same rows is right.
SET work_mem = '64kB';
SET enable_sort = off;
SELECT count(*) AS groups, bool_and(frequency(r) = n AND monetary(r) = s AND c = array_length(contexts, 1)) AS right
FROM (SELECT customer, at, rfm(at, amount) AS r, count(*) FILTER (WHERE amount >= 0) AS n, sum(amount) AS s, array_agg(ARRAY[part]) AS contexts, count(*) AS c
    FROM aggregate_test.orders WHERE amount IS NOT NULL GROUP BY 1, 2) g;
RESET enable_sort;
SELECT bool_and(count(d) = n AND frequency(r) + refunds(r) = n) AS right, count(*) AS groups
FROM (SELECT customer, part, distribution(amount) AS d, rfm(at, amount) AS r, count(amount) AS n FROM aggregate_test.orders GROUP BY GROUPING SETS ((customer), (part), (customer, part), ())) g;
RESET work_mem;
SELECT count(distribution(DISTINCT amount)) = count(DISTINCT amount) AS distinct_rows, rfm(at, amount ORDER BY at DESC)::text = rfm(at, amount)::text AS ordered FROM aggregate_test.orders;
SELECT bool_and(count(growing) = n AND count(sliding) = s AND count(of_part) = p) AS right
FROM (SELECT distribution(score) OVER (ORDER BY at, customer, amount) AS growing, count(score) OVER (ORDER BY at, customer, amount) AS n,
        distribution(score) OVER w AS sliding, count(score) OVER w AS s, distribution(score) OVER (PARTITION BY part ORDER BY at, customer, amount) AS of_part,
        count(score) OVER (PARTITION BY part ORDER BY at, customer, amount) AS p
    FROM aggregate_test.orders WHERE customer < 30 WINDOW w AS (ORDER BY at, customer, amount ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING)) v;

-- Another aggregate of the same functions may begin with a value; its owner has to be that of the extension, or a superuser.
CREATE AGGREGATE aggregate_test.begun (text) (SFUNC = tier_mix_add, STYPE = tier_tally, INITCOND = '{"version":1,"counts":[[["A"],5]]}');
SELECT tier_mix_counts(aggregate_test.begun(tier)) FROM aggregate_test.orders WHERE customer = 7;
-- a state of another scheme, though it is well formed
CREATE TABLE aggregate_test.states (h headcount);
CREATE AGGREGATE aggregate_test.counted (scheme, timestamptz, VARIADIC "any") (SFUNC = population_add, STYPE = headcount);
INSERT INTO aggregate_test.states SELECT aggregate_test.counted(current_scheme('abc_share'), '2026-01-01 00:00+00', annual_value) FROM aggregate_test.customers;
DO $$ BEGIN EXECUTE (SELECT format('CREATE AGGREGATE aggregate_test.misled (scheme, timestamptz, VARIADIC "any") (SFUNC = population_add, STYPE = headcount, INITCOND = %L)', h)
    FROM aggregate_test.states); END $$;
SELECT aggregate_test.misled(current_scheme('rfm'), now(), jsonb_build_object('monetary', annual_value)) FROM aggregate_test.customers;
-- of this scheme, but with fewer counts than it has bins and tiers
DO $$ BEGIN EXECUTE (SELECT format('CREATE AGGREGATE aggregate_test.shortened (scheme, timestamptz, VARIADIC "any") (SFUNC = population_add, STYPE = headcount, INITCOND = %L)',
    regexp_replace(h::text, '..010070((?!010070).)*$', '060100700101010000')) FROM aggregate_test.states); END $$;
SELECT aggregate_test.shortened(current_scheme('abc_share'), now(), annual_value) FROM aggregate_test.customers;
CREATE ROLE aggregate_stranger;
GRANT CREATE, USAGE ON SCHEMA aggregate_test TO aggregate_stranger;
SET ROLE aggregate_stranger;
CREATE AGGREGATE aggregate_test.theirs (text) (SFUNC = tier_mix_add, STYPE = tier_tally);
CREATE AGGREGATE aggregate_test.theirs (tier_tally) (SFUNC = tier_tally_combine, STYPE = tier_tally);
SELECT tier_mix_counts(tier_mix(chr(65 + g % 2))) AS but_the_aggregate_is_everybodys FROM generate_series(1, 5) AS g;
RESET ROLE;

-- outside of an aggregate they are no functions; a state that was copied is one
SELECT rfm_add(NULL::rfm, now(), 5::numeric);
SELECT rfm_combine(r, r) FROM aggregate_test.customers LIMIT 1;
SELECT count(*) FROM aggregate_test.customers WHERE rfm_final(r)::text = r::text;
SELECT nps_final('\x0100730002'), share_final('\x0100730202'), nps_final('\x010073feffffffffffffffff01ffffffffffffffff7f'), nps_final('\x0100730000');
SELECT '\x01007301'::customer_share;
SELECT 'share'::customer_share;
\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA aggregate_test CASCADE;
DROP ROLE aggregate_stranger;
