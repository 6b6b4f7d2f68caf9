-- Effect, honestly: customers who were treated against customers who were held out.

CREATE FUNCTION tiering.estimate_effect(
    treated_value double precision[], treated_per double precision[], treated_value_before double precision[], treated_per_before double precision[],
    held_value double precision[], held_per double precision[], held_value_before double precision[], held_per_before double precision[],
    confidence double precision, bootstrap integer, seed bigint
) RETURNS double precision[]
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'estimate_effect';
COMMENT ON FUNCTION tiering.estimate_effect(double precision[], double precision[], double precision[], double precision[], double precision[], double precision[], double precision[], double precision[], double precision, integer, bigint) IS
    'what tier_effect() shows, from the figures of single customers: numerators and denominators of the measure in the period and in the one before, of the treated and of those held out; NULL counts as 0. '
    'Gives the measure of both groups, the difference, its standard error and normal interval (ratios by the delta method: Cochran 1977, 2.11), the interval of the bootstrap (percentiles; Efron and Tibshirani 1993), '
    'the smallest difference found with a probability of 0.8, the difference adjusted by the period before with its interval (CUPED: Deng et al. 2013), and the measure of the treated in the period before. NULLs where a group has fewer than two customers. '
    'ERROR 22023 arrays of different length, values that are not finite, a confidence that is not between 0 and 1, or a bootstrap out of range, 22003 an effect that is larger than any number';

-- The figures above and below the line of a measure, of each customer in periods that follow each other (n: which of them).
CREATE FUNCTION tiering.measure_of_customers(program text, measure text, bounds timestamptz[], tier_at timestamptz, path text)
    RETURNS TABLE (n integer, customer text, tier text, rank integer, held_out boolean, value double precision, per double precision)
    LANGUAGE plpgsql STABLE ROWS 100000 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    asked record;
    query record := tiering.customer_figures_query(measure_of_customers.program);
    statement text;
    failed_detail text;
    failed_hint text;
BEGIN
    PERFORM tiering.check_bounds(measure_of_customers.program, bounds, measure_of_customers.tier_at);
    PERFORM tiering.require_measure(measure_of_customers.measure);
    SELECT m.* INTO asked FROM tiering.scorecard_measures() m WHERE m.measure = measure_of_customers.measure;
    IF asked.numerator LIKE '% of %' OR asked.denominator LIKE '% of %' OR asked.numerator IN ('is_new', 'at_start') OR asked.denominator = 'is_new' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = pg_catalog.format('measure "%s" is no sum or mean over customers', measure_of_customers.measure),
            DETAIL = 'An effect is the difference between two groups of customers, each of whom has a figure.', HINT = 'Take a measure such as sales, profit, csat, retained or contacts_per_customer.';
    END IF;
    statement := format('WITH %s SELECT c.n, c.customer, c.tier, c.rank, c.held_out, (%s * c.%I)::double precision, c.%I::double precision FROM (%s) c (n, %s) WHERE c.at_start = 1',
        query.parts, asked.factor, asked.numerator, coalesce(asked.denominator, 'at_start'), query.of_customers, tiering.figure_names());
    PERFORM set_config('search_path', tiering.source_path(path), true);
    RETURN QUERY EXECUTE statement USING bounds, measure_of_customers.tier_at, bounds[1], bounds[pg_catalog.cardinality(bounds)], least(bounds[1], measure_of_customers.tier_at);
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_events(measure_of_customers.program, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.measure_of_customers(text, text, timestamptz[], timestamptz, text) IS
    'a measure of each customer in periods that follow each other, above and below the line; a measure without a denominator is a mean per customer. ERROR 42704 unknown measure, 22023 one that is no sum or mean over customers';

CREATE FUNCTION tiering.tier_effect(program text, measure text, "from" timestamptz, until timestamptz, confidence double precision DEFAULT 0.95,
    bootstrap integer DEFAULT 1000, seed bigint DEFAULT 1, path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (tier text, rank integer, n_treated bigint, n_held_out bigint, treated double precision, held_out double precision,
        difference double precision, standard_error double precision, low double precision, high double precision,
        bootstrap_low double precision, bootstrap_high double precision, detectable double precision,
        adjusted double precision, adjusted_low double precision, adjusted_high double precision, before double precision, change double precision)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM tiering.check_period(tier_effect.program, tier_effect."from", tier_effect.until, NULL);
    RETURN QUERY
        WITH m AS MATERIALIZED (
            SELECT * FROM tiering.measure_of_customers(tier_effect.program, tier_effect.measure,
                ARRAY[tiering.period_before(tier_effect.program, tier_effect."from", tier_effect.until), tier_effect."from", tier_effect.until], tier_effect."from", path)
        ),
        c AS MATERIALIZED (
            SELECT a.tier, a.rank, a.held_out, a.value, a.per, b.value AS value_before, b.per AS per_before
            FROM m a LEFT JOIN m b ON b.customer = a.customer AND b.n = 1 WHERE a.n = 2
        ),
        groups AS (
            SELECT grouping(c.tier) AS whole, c.tier, pg_catalog.min(c.rank) AS rank, pg_catalog.count(*) FILTER (WHERE NOT c.held_out) AS n_treated, pg_catalog.count(*) FILTER (WHERE c.held_out) AS n_held_out,
                -- a measure without a source is unknown for everybody, not 0
                CASE WHEN pg_catalog.count(c.value) > 0 THEN tiering.estimate_effect(
                    pg_catalog.array_agg(c.value) FILTER (WHERE NOT c.held_out), pg_catalog.array_agg(c.per) FILTER (WHERE NOT c.held_out),
                    pg_catalog.array_agg(c.value_before) FILTER (WHERE NOT c.held_out), pg_catalog.array_agg(c.per_before) FILTER (WHERE NOT c.held_out),
                    pg_catalog.array_agg(c.value) FILTER (WHERE c.held_out), pg_catalog.array_agg(c.per) FILTER (WHERE c.held_out),
                    pg_catalog.array_agg(c.value_before) FILTER (WHERE c.held_out), pg_catalog.array_agg(c.per_before) FILTER (WHERE c.held_out), tier_effect.confidence, tier_effect.bootstrap, tier_effect.seed) END AS e
            FROM c GROUP BY GROUPING SETS ((c.tier), ())
        )
        SELECT CASE WHEN g.whole = 1 THEN 'all' ELSE g.tier END, CASE WHEN g.whole = 0 THEN g.rank END, g.n_treated, g.n_held_out, g.e[1], g.e[2], g.e[3], g.e[4], g.e[5], g.e[6],
            g.e[7], g.e[8], g.e[9], g.e[10], g.e[11], g.e[12], g.e[13], g.e[1] - g.e[13]
        FROM groups g ORDER BY g.whole, g.rank, g.tier;
END
$$;
COMMENT ON FUNCTION tiering.tier_effect(text, text, timestamptz, timestamptz, double precision, integer, bigint, text) IS
    'what the playbook of a program did to a measure in a period, by tier at its beginning: customers who were treated against those who were held out since before it (hold_out()). difference, with '
    'its standard error, normal and bootstrap intervals and the smallest difference that would be found; adjusted: the same less what the period before explains (CUPED). A measure without a denominator is '
    'a mean per customer. Without a hold-out there is no difference (n_held_out is 0): before and change remain, which is no gain. See estimate_effect() for the formulas. '
    'ERROR 42704 unknown program or measure, 22023 a measure that is no sum or mean over customers, a confidence or bootstrap out of range; otherwise as tier_scorecard()';

CREATE FUNCTION tiering.tier_effect_against(program text, untreated text, measure text, introduced_at timestamptz, length interval, confidence double precision DEFAULT 0.95,
    bootstrap integer DEFAULT 1000, seed bigint DEFAULT 1, path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (tier text, rank integer, n_treated bigint, n_untreated bigint, change double precision, change_untreated double precision,
        difference double precision, standard_error double precision, low double precision, high double precision, bootstrap_low double precision, bootstrap_high double precision)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    around record := tiering.periods_around(tier_effect_against.program, tier_effect_against.introduced_at, tier_effect_against.length);
    bounds timestamptz[] := ARRAY[around.began, tier_effect_against.introduced_at, around.ended];
BEGIN
    PERFORM tiering.find_program(tier_effect_against.untreated);
    RETURN QUERY
        WITH treated AS MATERIALIZED (
            SELECT m.tier, m.rank, pg_catalog.sum(CASE m.n WHEN 2 THEN m.value ELSE -m.value END) AS change
            FROM tiering.measure_of_customers(tier_effect_against.program, tier_effect_against.measure, bounds, tier_effect_against.introduced_at, path) m
            GROUP BY m.customer, m.tier, m.rank HAVING NOT pg_catalog.bool_or(m.held_out AND m.n = 2)
        ),
        untreated AS (
            SELECT pg_catalog.array_agg(coalesce(u.change, 0)) AS changes
            FROM (
                SELECT pg_catalog.sum(CASE m.n WHEN 2 THEN m.value ELSE -m.value END) AS change
                FROM tiering.measure_of_customers(tier_effect_against.untreated, tier_effect_against.measure, bounds, tier_effect_against.introduced_at, path) m GROUP BY m.customer
            ) u
        ),
        groups AS (
            SELECT grouping(t.tier) AS whole, t.tier, pg_catalog.min(t.rank) AS rank, pg_catalog.array_agg(coalesce(t.change, 0)) AS changes FROM treated t GROUP BY GROUPING SETS ((t.tier), ())
        ),
        estimated AS (
            SELECT g.whole, g.tier, g.rank, pg_catalog.cardinality(g.changes)::bigint AS n, pg_catalog.cardinality(u.changes)::bigint AS m,
                tiering.estimate_effect(g.changes, pg_catalog.array_fill(1::double precision, ARRAY[pg_catalog.cardinality(g.changes)]), g.changes, pg_catalog.array_fill(0::double precision, ARRAY[pg_catalog.cardinality(g.changes)]),
                    u.changes, pg_catalog.array_fill(1::double precision, ARRAY[pg_catalog.cardinality(u.changes)]), u.changes, pg_catalog.array_fill(0::double precision, ARRAY[pg_catalog.cardinality(u.changes)]), tier_effect_against.confidence, tier_effect_against.bootstrap, tier_effect_against.seed) AS e
            FROM groups g CROSS JOIN untreated u
        )
        SELECT CASE WHEN e.whole = 1 THEN 'all' ELSE e.tier END, CASE WHEN e.whole = 0 THEN e.rank END, e.n, e.m, e.e[1], e.e[2], e.e[3], e.e[4], e.e[5], e.e[6], e.e[7], e.e[8]
        FROM estimated e ORDER BY e.whole, e.rank, e.tier;
END
$$;
COMMENT ON FUNCTION tiering.tier_effect_against(text, text, text, timestamptz, interval, double precision, integer, bigint, text) IS
    'difference in differences, for want of a hold-out: how much more a measure changed from the period before a day to the one after it for the customers of a program, by tier of that day, than for the customers of '
    'another program, who are graded but not treated. This is the effect only if both would have changed alike without the treatment, which the figures cannot show. The measure counts as its sum per customer. '
    'ERROR 42704 unknown program or measure, 22023 a measure that is no sum over customers or a length that is not positive; otherwise as tier_effect()';
