-- What new criteria would mean for the work, and how far two programs on the same customers agree, before anything is approved.

CREATE FUNCTION tiering.contacts_a_month(every text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- A month is a twelfth of 365.25 days.
    RETURN CASE WHEN every IS NOT NULL THEN 1 / (extract(year FROM every::interval) * 12 + extract(month FROM every::interval) + extract(day FROM every::interval) / 30.4375) ELSE 0 END;
COMMENT ON FUNCTION tiering.contacts_a_month(text) IS 'how many contacts a cadence (ISO 8601) asks for in a month of 30.4375 days; 0 if there is none';

CREATE FUNCTION tiering.workload_preview(
    program text, version integer DEFAULT NULL, as_of timestamptz DEFAULT now(), path text DEFAULT current_setting('search_path')
) RETURNS TABLE (owner text, tier text, customers_now bigint, customers_then bigint, contacts_now numeric, contacts_then numeric)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(workload_preview.program);
    plan tiering.program_plan := tiering.plan_program(p.program, coalesce(workload_preview.as_of, now()), CASE WHEN workload_preview.version IS NULL
        THEN tiering.wanted_version(p.scheme, p.version) ELSE (tiering.find_version(p.scheme, workload_preview.version, 'draft')).version_found END);
    query text := format(
        'WITH later AS (SELECT q.owner, CASE WHEN o.counts THEN a.override_tier ELSE q.tier END AS tier '
        'FROM (%s) q LEFT JOIN tiering.assignments a ON a.program = q.program AND a.customer = q.customer '
        'CROSS JOIN LATERAL (SELECT coalesce(tiering.override_counts(a.override_until, a.override_kind, pg_catalog.array_position(($1).tiers, a.override_tier), q.rank), false) AS counts) o '
        'WHERE q.gone_since IS NULL AND NOT q.set_aside), counted AS ('
        'SELECT t.owner, t.tier, count(*) AS now, 0 AS later FROM tiering.current_tiers t WHERE t.program = ($1).program GROUP BY 1, 2 '
        'UNION ALL SELECT n.owner, n.tier, 0, count(*) FROM later n GROUP BY 1, 2) '
        'SELECT c.owner, c.tier, sum(c.now)::bigint, sum(c.later)::bigint, '
        'round(sum(c.now) * tiering.contacts_a_month((SELECT g.followup_every FROM tiering.program_tiers g WHERE g.program = ($1).program AND g.tier = c.tier)), 1), '
        'round(sum(c.later) * tiering.contacts_a_month(($1).every[pg_catalog.array_position(($1).tiers, c.tier)]), 1) '
        'FROM counted c GROUP BY c.owner, c.tier '
        'ORDER BY c.owner NULLS LAST, pg_catalog.array_position(($1).tiers, c.tier), c.tier', tiering.grading_query(plan, false, with_gone => NOT tiering.hides_rows(p.source)));
    failed_detail text;
    failed_hint text;
    failed_context text;
    names tiering.error_names;
BEGIN
    PERFORM set_config('search_path', tiering.source_path(path), true);
    RETURN QUERY EXECUTE query USING plan;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
EXCEPTION WHEN query_canceled OR OTHERS THEN
    GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT, failed_context = PG_EXCEPTION_CONTEXT,
        names.column_name = COLUMN_NAME, names.constraint_name = CONSTRAINT_NAME, names.type_name = PG_DATATYPE_NAME, names.table_name = TABLE_NAME,
        names.schema_name = SCHEMA_NAME;
    PERFORM tiering.raise_of_program(plan, query, path, SQLSTATE, SQLERRM, failed_detail, failed_hint, failed_context);
    PERFORM tiering.raise_of_source(plan, NULL, query, SQLSTATE, SQLERRM, failed_detail, failed_hint, failed_context, names);
END
$$;
COMMENT ON FUNCTION tiering.workload_preview(text, integer, timestamptz, text) IS
    'what a version of the scheme of a program, a draft as well, would mean for the work, by owner and tier in force, overrides counted: customers now and then, and the contacts that the '
    'cadences ask for in a month, now and then. version NULL: that which retier() would take up. path: search_path under which the source is read. '
    'ERROR 42704 unknown program or version';

CREATE FUNCTION tiering.compare_programs(program text, other text) RETURNS TABLE (tier text, other_tier text, customers bigint, share numeric)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM tiering.find_program(compare_programs.program), tiering.find_program(compare_programs.other);
    -- || '': of a name that it does not know the planner takes a share of all rows, and joins by hash.
    RETURN QUERY SELECT coalesce(a.tier, CASE WHEN a.customer IS NULL THEN '-' END), coalesce(b.tier, CASE WHEN b.customer IS NULL THEN '-' END), count(*), round(count(*) / sum(count(*)) OVER (), 4)
    FROM (SELECT t.* FROM tiering.current_tiers t WHERE t.program = compare_programs.program || '') a
    FULL JOIN (SELECT t.* FROM tiering.current_tiers t WHERE t.program = compare_programs.other || '') b ON b.customer = a.customer
    GROUP BY a.rank, a.tier, a.customer IS NULL, b.rank, b.tier, b.customer IS NULL
    ORDER BY a.customer IS NULL, a.rank, b.customer IS NULL, b.rank;
END
$$;
COMMENT ON FUNCTION tiering.compare_programs(text, text) IS
    'the customers of two programs side by side, as of a scheme that is tried beside the one in force: how many have which tier in the one and which in the other, by the tiers in force, and '
    'their share. - stands for customers that one of them has not, NULL for those without a tier. ERROR 42704 unknown program';

CREATE FUNCTION tiering.program_agreement(program text, other text, OUT customers bigint, OUT same bigint, OUT agreement numeric, OUT kappa numeric)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH cells AS (
        SELECT c.* FROM tiering.compare_programs(program_agreement.program, program_agreement.other) AS c WHERE c.tier <> '-' AND c.other_tier <> '-'
    ), margins AS (
        SELECT sum(r.customers * o.customers) AS expected FROM (SELECT c.tier, sum(c.customers) AS customers FROM cells c GROUP BY 1) r
        JOIN (SELECT c.other_tier, sum(c.customers) AS customers FROM cells c GROUP BY 1) o ON o.other_tier = r.tier
    )
    SELECT t.n::bigint, t.same::bigint, round(t.same / nullif(t.n, 0), 4),
        round((t.same / nullif(t.n, 0) - m.expected / nullif(t.n * t.n, 0)) / nullif(1 - m.expected / nullif(t.n * t.n, 0), 0), 4)
    FROM (SELECT coalesce(sum(c.customers), 0) AS n, coalesce(sum(c.customers) FILTER (WHERE c.tier = c.other_tier), 0) AS same FROM cells c) t
    CROSS JOIN (SELECT coalesce(x.expected, 0) AS expected FROM margins x) m;
END;
COMMENT ON FUNCTION tiering.program_agreement(text, text) IS
    'how far two programs agree on the customers that have a tier in both: how many, how many with a tier of the same code, their share, and Cohen''s kappa, by which agreement by chance is '
    'taken off (1: they always agree, 0: no more than by chance; NULL: there is but one tier). J. Cohen, A Coefficient of Agreement for Nominal Scales, 1960. ERROR 42704 unknown program';
