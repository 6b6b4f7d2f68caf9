-- The measures by tier: one row a tier, and the same as one row a tier and measure. Both are made from the list of measures.

CREATE FUNCTION tiering.scorecard_query(program text, long boolean, OUT parts text, OUT query text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    figures CONSTANT record := tiering.customer_figures_query(scorecard_query.program);
    figures_of_tiers text;
    summed text;
    shown text;
BEGIN
    SELECT string_agg(DISTINCT format('c.%1$I::numeric AS %1$I', f.figure), ', '), string_agg(DISTINCT format('pg_catalog.sum(c.%1$I)', f.figure), ', ') INTO figures_of_tiers, summed
    FROM tiering.scorecard_measures() m, unnest(ARRAY[m.numerator, m.denominator]) AS f (figure)
    WHERE f.figure ~ '^[a-z_]+$';
    SELECT string_agg(CASE WHEN long THEN format('(%L, %s, %s, %s)', e.measure, e.value, e.numerator, e.denominator)
            WHEN e.divides THEN format('%s, %s, %s', e.value, e.numerator, e.denominator) ELSE e.value END, ', ' ORDER BY e.n)
    INTO shown
    FROM (
        SELECT m.n, m.measure, m.denominator IS NOT NULL AS divides, i.numerator, i.denominator,
            CASE
                WHEN m.numerator LIKE 'median of %' THEN format('pg_catalog.round(d.median, %s)', m.digits)
                WHEN m.denominator IS NULL THEN CASE WHEN m.unit = 'money' THEN format('CASE WHEN pg_catalog.scale(%1$s) > 6 THEN pg_catalog.round(%1$s, 6) ELSE %1$s END', i.numerator) WHEN m.measure = 'customers' THEN format('coalesce(%s, 0)::bigint', i.numerator)
                    ELSE i.numerator || '::bigint' END
                ELSE format('pg_catalog.round(%s * %s / nullif(%s, 0), %s)', m.factor, i.numerator, i.denominator, m.digits)
            END || CASE WHEN long THEN '::numeric' ELSE '' END AS value
        FROM tiering.scorecard_measures() m,
            LATERAL (SELECT CASE WHEN m.numerator LIKE 'median of %' THEN 'NULL::numeric' ELSE format('s.%I', m.numerator) END AS numerator,
                CASE WHEN m.denominator IS NULL THEN 'NULL::numeric' WHEN m.denominator LIKE '% of all'
                    THEN format('w.%I', split_part(m.denominator, ' ', 1)) ELSE format('s.%I', m.denominator) END AS denominator) i
    ) e;
    parts := format($query$
%1$s,
sums_of_tiers AS (SELECT c.n, c.tier, 0 AS whole, %3$s FROM (%6$s) c (n, %2$s)),
sums AS (SELECT * FROM sums_of_tiers UNION ALL SELECT c.n, NULL, 1, %5$s FROM sums_of_tiers c GROUP BY c.n),
medians AS (
    SELECT u.n, u.tier, grouping(u.tier) AS whole, (pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY u.hours::double precision))::numeric AS median
    FROM resolved_tickets u GROUP BY GROUPING SETS ((u.n, u.tier), (u.n))
),
lines AS (
    SELECT p.n, p.begins, p.ends, k.* FROM periods p CROSS JOIN (
        SELECT 0 AS whole, t.tier, t.rank, t.title_en, t.title_zh, 1 AS place FROM tiering.program_tiers t WHERE t.program = %4$L
        UNION ALL SELECT 0, NULL, NULL, 'Ungraded', '未分级', 3
        UNION ALL SELECT 1, 'all', NULL, 'All', '合计', 4
    ) k
    UNION ALL
    -- tiers that the scheme has no more
    SELECT p.n, p.begins, p.ends, 0, s.tier, NULL, NULL, NULL, 2 FROM sums_of_tiers s JOIN periods p ON p.n = s.n
    WHERE s.tier IS NOT NULL AND NOT EXISTS (SELECT FROM tiering.program_tiers t WHERE t.program = %4$L AND t.tier = s.tier)
)
$query$, figures.parts, tiering.figure_names(), figures_of_tiers, program, summed, figures.of_tiers);
    query := format($query$
SELECT i.begins, i.ends, %1$s
FROM lines i
LEFT JOIN sums s ON s.n = i.n AND s.whole = i.whole AND (i.whole = 1 OR s.tier IS NOT DISTINCT FROM i.tier)
LEFT JOIN sums w ON w.n = i.n AND w.whole = 1
LEFT JOIN medians d ON d.n = i.n AND d.whole = i.whole AND (i.whole = 1 OR d.tier IS NOT DISTINCT FROM i.tier)
%2$s
$query$,
        CASE WHEN long THEN format('i.tier, i.rank, m.measure, m.asked_as, m.title_en, m.title_zh, m.unit, v.value, v.numerator, v.denominator, '
            'coalesce(CASE WHEN m.denominator IS NULL THEN s.at_start ELSE v.denominator END, 0), pg_catalog.lag(v.value) OVER (PARTITION BY m.n, i.place, i.tier ORDER BY i.n), g.value', program)
            ELSE 'i.tier, i.rank, i.title_en, i.title_zh, ' || shown END,
        CASE WHEN long THEN format('CROSS JOIN LATERAL (VALUES %s) v (measure, value, numerator, denominator) JOIN tiering.scorecard_measures() m ON m.measure = v.measure '
            'LEFT JOIN tiering.scorecard_targets g ON g.program = %L AND g.tier = i.tier AND g.measure = m.measure ORDER BY i.n, m.n, i.place, i.rank, i.tier', shown, program)
            ELSE 'ORDER BY i.n, i.place, i.rank, i.tier' END);
END
$$;
COMMENT ON FUNCTION tiering.scorecard_query(text, boolean) IS 'the query of tier_scorecard_periods(), or (long) of tier_scorecard_periods_long(): what stands in its WITH clause, and the rest; its parameters are those of customer_figures_query()';

CREATE FUNCTION tiering.check_bounds(program text, bounds timestamptz[], tier_at timestamptz) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program(program);
    IF cardinality(bounds) IS NULL OR cardinality(bounds) < 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'periods need at least two bounds',
            HINT = 'Give where each begins, and where the last one ends: ARRAY[''2026-07-01'', ''2026-08-01'', ''2026-09-01'']::timestamptz[].';
    END IF;
    PERFORM tiering.check_period(program, bounds[g.n], bounds[g.n + 1], tier_at) FROM generate_series(1, cardinality(bounds) - 1) AS g (n);
END
$$;
COMMENT ON FUNCTION tiering.check_bounds(text, timestamptz[], timestamptz) IS
    'ERROR 42704 unknown program, 22004 a bound is NULL, 22008 a bound is infinite, 22023 fewer than two bounds, or bounds that do not ascend';

DO $do$
DECLARE
    columns text;
    names text;
BEGIN
    SELECT string_agg(CASE
            WHEN m.denominator IS NOT NULL THEN format('%1$s numeric, %1$s_numerator numeric, %1$s_denominator numeric', m.measure)
            WHEN m.unit = 'money' THEN m.measure || ' numeric' ELSE m.measure || ' bigint' END, ', ' ORDER BY m.n),
        string_agg(CASE WHEN m.denominator IS NOT NULL THEN format('s.%1$s, s.%1$s_numerator, s.%1$s_denominator', m.measure) ELSE 's.' || m.measure END, ', ' ORDER BY m.n)
    INTO columns, names FROM tiering.scorecard_measures() m;
    EXECUTE format($create$
        CREATE FUNCTION tiering.tier_scorecard_periods(program text, bounds timestamptz[], tier_at timestamptz DEFAULT NULL, path text DEFAULT current_setting('search_path'))
            RETURNS TABLE (period_start timestamptz, period_end timestamptz, tier text, rank integer, title_en text, title_zh text, %s)
            LANGUAGE plpgsql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
        AS $body$
        DECLARE
            card record := tiering.scorecard_query(tier_scorecard_periods.program, false);
            failed_detail text;
            failed_hint text;
        BEGIN
            PERFORM tiering.check_bounds(tier_scorecard_periods.program, bounds, tier_scorecard_periods.tier_at);
            PERFORM set_config('search_path', tiering.source_path(path), true);
            RETURN QUERY EXECUTE pg_catalog.concat('WITH ', card.parts, card.query) USING bounds, tier_scorecard_periods.tier_at, bounds[1], bounds[pg_catalog.cardinality(bounds)], least(bounds[1], tier_scorecard_periods.tier_at);
        EXCEPTION WHEN OTHERS THEN
            IF tiering.is_of_a_row(SQLSTATE) THEN
                GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
                PERFORM tiering.raise_of_events(tier_scorecard_periods.program, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
            END IF;
            RAISE;
        END
        $body$ $create$, columns);
    EXECUTE format($create$
        CREATE FUNCTION tiering.tier_scorecard(program text, "from" timestamptz, until timestamptz, tier_at timestamptz DEFAULT NULL, path text DEFAULT current_setting('search_path'))
            RETURNS TABLE (tier text, rank integer, title_en text, title_zh text, %s)
            LANGUAGE sql STABLE ROWS 10
        BEGIN ATOMIC
            SELECT s.tier, s.rank, s.title_en, s.title_zh, %s
            FROM tiering.tier_scorecard_periods(tier_scorecard.program, ARRAY[tier_scorecard."from", tier_scorecard.until], tier_scorecard.tier_at, tier_scorecard.path) s;
        END $create$, columns, names);
END
$do$;
COMMENT ON FUNCTION tiering.tier_scorecard(text, timestamptz, timestamptz, timestamptz, text) IS
    'every measure of a program in a period, one row a tier, one for the ungraded (tier NULL) and one for all. Tiers are those at the beginning of the period, or at tier_at. '
    'Rates are rounded for reading, with exact numerator and denominator beside them; NULL where no source of events is registered or the denominator is 0. '
    'tiering.scorecard_measures() explains each. ERROR 42704 unknown program, 22004 a time is NULL, 22008 a time is infinite, 22023 a period that ends before it begins, several currencies or an amount that is not finite, '
    '42P01 or 42703 a source or a column is gone, 42501 no right to read one';
COMMENT ON FUNCTION tiering.tier_scorecard_periods(text, timestamptz[], timestamptz, text) IS
    'tier_scorecard() of several periods, each of which begins where the one before ends, at once: every source is read once. bounds: where each begins, and where the last one ends. '
    'ERROR 22023 fewer than two bounds, or bounds that do not ascend; otherwise as tier_scorecard()';

CREATE FUNCTION tiering.tier_scorecard_periods_long(program text, bounds timestamptz[], tier_at timestamptz DEFAULT NULL, path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (period_start timestamptz, period_end timestamptz, tier text, rank integer, measure text, asked_as text, title_en text, title_zh text,
        unit text, value numeric, numerator numeric, denominator numeric, n numeric, previous numeric, target numeric)
    LANGUAGE plpgsql STABLE ROWS 300 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    card record := tiering.scorecard_query(tier_scorecard_periods_long.program, true);
    failed_detail text;
    failed_hint text;
BEGIN
    PERFORM tiering.check_bounds(tier_scorecard_periods_long.program, bounds, tier_scorecard_periods_long.tier_at);
    PERFORM set_config('search_path', tiering.source_path(path), true);
    RETURN QUERY EXECUTE pg_catalog.concat('WITH ', card.parts, card.query) USING bounds, tier_scorecard_periods_long.tier_at, bounds[1], bounds[pg_catalog.cardinality(bounds)], least(bounds[1], tier_scorecard_periods_long.tier_at);
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_events(tier_scorecard_periods_long.program, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.tier_scorecard_periods_long(text, timestamptz[], timestamptz, text) IS
    'tier_scorecard_long() of several periods, each of which begins where the one before ends, at once; previous: the value of the period before among them. Errors as of tier_scorecard_periods()';

CREATE FUNCTION tiering.period_before(program text, "from" timestamptz, until timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT (l.began - age(l.ended, l.began)) AT TIME ZONE l.zone
    FROM (SELECT p.zone, period_before."from" AT TIME ZONE p.zone AS began, period_before.until AT TIME ZONE p.zone AS ended FROM tiering.find_program(period_before.program) p) l;
END;
COMMENT ON FUNCTION tiering.period_before(text, timestamptz, timestamptz) IS
    'when the period before another one, of the same length by the local clock of the program, begins. ERROR 42704 unknown program';

CREATE FUNCTION tiering.tier_scorecard_long(program text, "from" timestamptz, until timestamptz, tier_at timestamptz DEFAULT NULL, compare boolean DEFAULT false,
    path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (program_name text, period_start timestamptz, period_end timestamptz, tier text, rank integer, measure text, asked_as text, title_en text, title_zh text,
        unit text, value numeric, numerator numeric, denominator numeric, n numeric, previous numeric, target numeric)
    LANGUAGE plpgsql STABLE ROWS 300 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    bounds timestamptz[] := ARRAY[tier_scorecard_long."from", tier_scorecard_long.until];
BEGIN
    PERFORM tiering.check_period(tier_scorecard_long.program, tier_scorecard_long."from", tier_scorecard_long.until, tier_scorecard_long.tier_at);
    IF compare THEN
        bounds := tiering.period_before(tier_scorecard_long.program, tier_scorecard_long."from", tier_scorecard_long.until) || bounds;
    END IF;
    RETURN QUERY
        SELECT tier_scorecard_long.program, l.* FROM tiering.tier_scorecard_periods_long(tier_scorecard_long.program, bounds, tier_scorecard_long.tier_at, path) l
        WHERE l.period_start = tier_scorecard_long."from";
END
$$;
COMMENT ON FUNCTION tiering.tier_scorecard_long(text, timestamptz, timestamptz, timestamptz, boolean, text) IS
    'the measures of tier_scorecard(), one row a tier and measure, as BI tools want them: titles in two languages, unit, value, numerator and denominator (these add up; rates do not), n, the '
    'target that was set, and, with compare, the value of the period of the same length before. Errors as of tier_scorecard()';

CREATE FUNCTION tiering.tier_scorecard_compare(program text, introduced_at timestamptz, length interval, tier_at timestamptz DEFAULT NULL,
    path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (tier text, rank integer, measure text, title_en text, title_zh text, unit text, before numeric, after numeric, change numeric, change_percent numeric)
    LANGUAGE plpgsql STABLE ROWS 300 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    around record := tiering.periods_around(tier_scorecard_compare.program, tier_scorecard_compare.introduced_at, tier_scorecard_compare.length);
BEGIN
    RETURN QUERY
        SELECT l.tier, l.rank, l.measure, l.title_en, l.title_zh, l.unit, l.previous, l.value, l.value - l.previous, pg_catalog.round(100 * (l.value - l.previous) / nullif(l.previous, 0), 1)
        FROM tiering.tier_scorecard_periods_long(tier_scorecard_compare.program, ARRAY[around.began, tier_scorecard_compare.introduced_at, around.ended],
            coalesce(tier_scorecard_compare.tier_at, tier_scorecard_compare.introduced_at), path) l
        WHERE l.period_start = tier_scorecard_compare.introduced_at AND l.measure NOT IN ('stayed', 'moved_up', 'moved_down', 'gone', 'new_customers', 'cac');
END
$$;
COMMENT ON FUNCTION tiering.tier_scorecard_compare(text, timestamptz, interval, timestamptz, text) IS
    'the measures in the period before and the one after a day, such as that of the introduction, of the customers in their tiers of that day (or of tier_at). The difference is called a change and not '
    'a gain: a tier that gathers those who had a bad quarter does better in the next one by itself. tier_effect() tells the gain, against a group that was held out. '
    'ERROR 42704 unknown program, 22023 a length that is not positive; otherwise as tier_scorecard()';

CREATE FUNCTION tiering.tier_roi(program text, introduced_at timestamptz, length interval, baseline text DEFAULT 'before',
    path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (tier text, rank integer, change numeric, cost numeric, roi numeric)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    around record := tiering.periods_around(tier_roi.program, tier_roi.introduced_at, tier_roi.length);
BEGIN
    IF tier_roi.baseline IS NULL OR tier_roi.baseline NOT IN ('before', 'held_out') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = pg_catalog.format('there is no baseline %s', coalesce(pg_catalog.quote_literal(tier_roi.baseline), 'NULL')),
            HINT = 'Choose before, or held_out where a share of the customers was held out.';
    END IF;
    IF tier_roi.baseline = 'held_out' THEN
        RETURN QUERY
            SELECT e.tier, e.rank, pg_catalog.round(e.difference::numeric * e.n_treated, 2), s.program_cost,
                pg_catalog.round((e.difference::numeric * e.n_treated - s.program_cost) / nullif(s.program_cost, 0), 2)
            FROM tiering.tier_effect(tier_roi.program, 'profit', tier_roi.introduced_at, around.ended, bootstrap => 0, path => path) e
            JOIN tiering.tier_scorecard(tier_roi.program, tier_roi.introduced_at, around.ended, path => path) s ON s.tier IS NOT DISTINCT FROM e.tier;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT p.tier, p.rank, p.change, p.cost, pg_catalog.round((p.change - p.cost) / nullif(p.cost, 0), 2)
        FROM (
            SELECT c.tier, c.rank, pg_catalog.min(coalesce(c.after, 0) - coalesce(c.before, 0)) FILTER (WHERE c.measure = 'profit') AS change, pg_catalog.min(c.after) FILTER (WHERE c.measure = 'program_cost') AS cost
            FROM tiering.tier_scorecard_compare(tier_roi.program, tier_roi.introduced_at, tier_roi.length, path => path) c GROUP BY c.tier, c.rank
        ) p ORDER BY coalesce(p.tier = 'all', false), p.rank, p.tier;
END
$$;
COMMENT ON FUNCTION tiering.tier_roi(text, timestamptz, interval, text, text) IS
    'the return on the effort: (change of profit - cost of the tiering) / cost, by tier of the introduction, over a period after it. baseline before: against the period of the same length before, a change '
    'that may have come by itself; held_out: against the customers who were held out, times the number of those who were not. NULL without cost. Errors as of tier_scorecard_compare() and tier_effect()';

CREATE FUNCTION tiering.tier_owner_shares(program text, "from" timestamptz, until timestamptz, tier_at timestamptz DEFAULT NULL, path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (tier text, rank integer, owner text, customers bigint, customers_share numeric, sales numeric, sales_share numeric, contacts numeric, contacts_share numeric,
        retention_cost numeric, retention_cost_share numeric)
    LANGUAGE sql STABLE ROWS 100
BEGIN ATOMIC
    SELECT c.tier, c.rank, c.owner, sum(c.at_start), round(sum(c.at_start)::numeric / nullif(sum(sum(c.at_start)) OVER (), 0), 3),
        sum(c.sales), round(sum(c.sales) / nullif(sum(sum(c.sales)) OVER (), 0), 3), sum(c.contacts), round(sum(c.contacts) / nullif(sum(sum(c.contacts)) OVER (), 0), 3),
        sum(c.retention_cost), round(sum(c.retention_cost) / nullif(sum(sum(c.retention_cost)) OVER (), 0), 3)
    FROM tiering.tier_scorecard_customers(tier_owner_shares.program, tier_owner_shares."from", tier_owner_shares.until, tier_owner_shares.tier_at, tier_owner_shares.path) c
    GROUP BY c.tier, c.rank, c.owner
    ORDER BY c.rank, c.tier, c.owner;
END;
COMMENT ON FUNCTION tiering.tier_owner_shares(text, timestamptz, timestamptz, timestamptz, text) IS
    'where value and effort lie: customers, sales, contacts and costs of keeping, and the share of each, by tier at the beginning and owner. Errors as of tier_scorecard()';

CREATE FUNCTION tiering.recent_bounds(zone text, origin timestamp, step interval, periods integer) RETURNS timestamptz[]
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_agg(b.bound ORDER BY b.bound)
    FROM (
        SELECT (recent_bounds.origin + recent_bounds.step * g.n) AT TIME ZONE recent_bounds.zone AS bound
        FROM generate_series(0, 10000) AS g (n)
        WHERE (recent_bounds.origin + recent_bounds.step * (g.n - 1)) AT TIME ZONE recent_bounds.zone <= now()
        ORDER BY g.n DESC LIMIT recent_bounds.periods + 1
    ) b;
END;
COMMENT ON FUNCTION tiering.recent_bounds(text, timestamp, interval, integer) IS
    'the bounds of the newest periods of a length that begin somewhere, by the local clock of a zone, up to the one that the present lies in';

CREATE FUNCTION tiering.create_scorecard_view(program text, name text, step interval DEFAULT '1 month', periods integer DEFAULT 24, materialized boolean DEFAULT false,
    long boolean DEFAULT false, path text DEFAULT current_setting('search_path')) RETURNS regclass
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    p CONSTANT tiering.programs := tiering.find_program(program);
    parts text[] := tiering.name_parts(name);
    target text;
    kind text := CASE WHEN materialized THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END;
BEGIN
    IF cardinality(parts) IS DISTINCT FROM 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_name', MESSAGE = format('%s does not say in which schema the view is to be', coalesce('"' || name || '"', 'NULL')),
            HINT = format('SELECT tiering.create_scorecard_view(%L, %L).', program, 'public.' || quote_ident(coalesce(parts[cardinality(parts)], 'scorecard')));
    END IF;
    IF step IS NULL OR step < interval '1 day' OR periods IS NULL OR NOT periods BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s periods of %s make no report', coalesce(periods::text, 'NULL'), coalesce(step::text, 'NULL')),
            HINT = 'Take 1 to 1000 periods of a day or longer: step => ''1 month'', periods => 24.';
    END IF;
    target := format('%I.%I', parts[1], parts[2]);
    -- The last period is the one that the present lies in; periods of whole months begin with a month. The search_path is that of who makes the view: a refresh has none.
    EXECUTE format('CREATE %s %s AS SELECT s.* FROM tiering.%I(%L, tiering.recent_bounds(%L, %L, %L, %s), path => %L) s',
        kind, target, CASE WHEN long THEN 'tier_scorecard_periods_long' ELSE 'tier_scorecard_periods' END, program,
        p.zone, tiering.first_period(p.created_at AT TIME ZONE p.zone, step, periods), step, periods, path);
    EXECUTE format('COMMENT ON %s %s IS %L', kind, target,
        format('the measures of program %s by tier and period; made by tiering.create_scorecard_view()', program));
    RETURN target::regclass;
END
$$;
COMMENT ON FUNCTION tiering.create_scorecard_view(text, text, interval, integer, boolean, boolean, text) IS
    'makes a view, or a materialized view, of the measures of a program by tier and period: the newest periods of a length, up to the one that the present lies in; long: one row a measure as of tier_scorecard_long(), with '
    'the value of the period before. Every source is read once for all periods. name: with its schema. path: search_path under which the sources are read. ERROR 42602 no schema is named, 42P07 the name is taken, 22023 no such periods';

CREATE FUNCTION tiering.first_period(day timestamp, step interval, periods integer) RETURNS timestamp
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- Early enough for the periods before the day, and in step with the calendar.
    RETURN CASE WHEN $2 >= interval '1 year' THEN date_trunc('year', $1) WHEN $2 >= interval '1 month' THEN date_trunc('year', $1)
        WHEN $2 = interval '7 days' THEN date_trunc('week', $1) ELSE date_trunc('day', $1) END - $2 * $3;
COMMENT ON FUNCTION tiering.first_period(timestamp, interval, integer) IS 'where the periods of a report begin to be counted';
