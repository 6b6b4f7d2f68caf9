-- What report_html() counts and lists, each by one pass over the customers or by an index: what the views say of them, which tests compare. In functions of their own that
-- RETURN QUERY or EXECUTE, because the server gives workers to such a query and none to a SELECT into a variable.

CREATE FUNCTION tiering.titles(en text, zh text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN jsonb_build_object('en', $1, 'zh', $2);
COMMENT ON FUNCTION tiering.titles(text, text) IS 'a text in both languages, as documents hold it';

CREATE FUNCTION tiering.report_place(there boolean, tier text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN NOT $1 THEN '"not_there"'::jsonb WHEN $2 IS NULL THEN '"ungraded"' ELSE jsonb_build_object('tier', $2) END;
COMMENT ON FUNCTION tiering.report_place(boolean, text) IS 'where a customer was, as a report says it: in a tier, ungraded, or not there';

CREATE FUNCTION tiering.report_customers(program text)
    RETURNS TABLE (owner text, tier text, kept_out boolean, customers bigint, overridden bigint, overdue bigint, due_today bigint, due_in_7_days bigint, never_contacted bigint, longest_overdue integer)
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p CONSTANT tiering.programs := tiering.find_program(report_customers.program);
    today CONSTANT date := (now() AT TIME ZONE p.zone)::date;
    h tiering.hold_outs;
BEGIN
    SELECT x.* INTO h FROM tiering.hold_outs x WHERE x.program = p.program AND x.until IS NULL AND x.since <= now();
    RETURN QUERY
        SELECT t.owner, t.tier, t.no_contact OR h.program IS NOT NULL AND tiering.is_drawn(t.customer, h.share, h.seed), count(*), count(*) FILTER (WHERE t.overridden),
            count(*) FILTER (WHERE t.next_due < today), count(*) FILTER (WHERE t.next_due = today), count(*) FILTER (WHERE t.next_due > today AND t.next_due <= today + 7),
            count(*) FILTER (WHERE t.last_followup IS NULL), coalesce(max(today - t.next_due) FILTER (WHERE t.next_due < today), 0)
        FROM tiering.current_tiers t WHERE t.program = p.program GROUP BY 1, 2, 3;
END
$$;
COMMENT ON FUNCTION tiering.report_customers(text) IS
    'the customers of a program by owner, tier and whether due lists leave them out (held out, or not to be contacted): what tier_mix_by_program and owner_workload count, at once. ERROR 42704 unknown program';

CREATE FUNCTION tiering.report_measures(program text, "from" timestamptz, until timestamptz, path text, OUT scorecard jsonb, OUT movements jsonb)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    card record := tiering.scorecard_query(report_measures.program, true);
    -- With the period before.
    bounds CONSTANT timestamptz[] := ARRAY[tiering.period_before(report_measures.program, "from", until), "from", until];
    failed_detail text;
    failed_hint text;
BEGIN
    PERFORM tiering.check_bounds(report_measures.program, bounds, NULL);
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE pg_catalog.format($query$
WITH %1$s, card (begins, ends, tier, rank, measure, asked_as, title_en, title_zh, unit, value, numerator, denominator, n, previous, target) AS (%2$s)
SELECT
    (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('measure', l.measure, 'title', tiering.titles(l.title_en, l.title_zh), 'unit', l.unit, 'tier', l.tier,
            'value', l.value, 'previous', l.previous, 'target', l.target, 'less_is_better', tiering.less_is_better(l.measure)) ORDER BY m.n, l.rank), '[]')
        FROM card l JOIN tiering.scorecard_measures() m ON m.measure = l.measure WHERE l.begins = ($1)[2]),
    (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('from', m.began, 'to', m.ended, 'customers', m.customers) ORDER BY m.from_rank, m.to_rank, m.began, m.ended), '[]')
        FROM (
            SELECT b.rank AS from_rank, e.rank AS to_rank, tiering.report_place(k.at_start = 1, k.tier) AS began, tiering.report_place(k.gone = 0, k.end_tier) AS ended, pg_catalog.sum(k.customers)::bigint AS customers
            FROM counted k
            LEFT JOIN tiering.program_tiers b ON b.program = %3$L AND b.tier = k.tier AND k.at_start = 1
            LEFT JOIN tiering.program_tiers e ON e.program = %3$L AND e.tier = k.end_tier
            WHERE 2 BETWEEN k.first AND k.last GROUP BY 1, 2, 3, 4
        ) m)
$query$, card.parts, card.query, report_measures.program) INTO scorecard, movements USING bounds, NULL::timestamptz, bounds[1], bounds[3], bounds[1];
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_events(report_measures.program, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.report_measures(text, timestamptz, timestamptz, text) IS
    'the scorecard of a period beside the one before it, and how many customers went from which tier to which (what a full join of tiers_as_of() at both times counts), of one reading of the history. '
    'Errors as of tier_scorecard()';

CREATE FUNCTION tiering.report_due(program text, owners text[], n integer)
    RETURNS TABLE (place bigint, owner text, customer text, label text, tier text, due date, last_followup timestamptz, nth bigint)
    LANGUAGE plpgsql STABLE ROWS 400 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p CONSTANT tiering.programs := tiering.find_program(report_due.program);
    today CONSTANT date := (now() AT TIME ZONE p.zone)::date;
    h tiering.hold_outs;
BEGIN
    SELECT x.* INTO h FROM tiering.hold_outs x WHERE x.program = p.program AND x.until IS NULL AND x.since <= now();
    RETURN QUERY
        WITH overridden AS MATERIALIZED (
            -- Few as a rule, and not in the order of the owner.
            SELECT a.owner, a.customer, a.label, a.override_tier AS tier, a.override_rank AS rank, a.override_due AS due, a.last_followup
            FROM tiering.assignments a
            WHERE a.program = p.program AND a.override_due <= today AND a.gone_since IS NULL AND NOT tiering.is_stopped(a.no_contact, a.no_contact_until)
                AND tiering.override_counts(a.override_until, a.override_kind, a.override_rank, a.rank)
                AND (h.program IS NULL OR NOT tiering.is_drawn(a.customer, h.share, h.seed))
        ), candidates AS (
            SELECT w.place, o.* FROM unnest(report_due.owners) WITH ORDINALITY AS w (owner, place) JOIN overridden o ON o.owner = w.owner OR o.owner IS NULL AND w.owner IS NULL
            UNION ALL
            -- The first of each owner by assignments_owner_due, those of nobody as well, whom an equality would not find.
            SELECT w.place, f.* FROM unnest(report_due.owners) WITH ORDINALITY AS w (owner, place)
            CROSS JOIN LATERAL (
                SELECT a.owner, a.customer, a.label, a.tier, a.rank, a.next_due, a.last_followup
                FROM tiering.assignments a
                WHERE a.program = p.program AND a.owner = w.owner AND a.next_due <= today AND a.gone_since IS NULL AND NOT tiering.is_stopped(a.no_contact, a.no_contact_until)
                    AND NOT tiering.override_counts(a.override_until, a.override_kind, a.override_rank, a.rank)
                    AND (h.program IS NULL OR NOT tiering.is_drawn(a.customer, h.share, h.seed))
                ORDER BY a.next_due, a.rank, a.customer LIMIT report_due.n
            ) f
            UNION ALL
            SELECT w.place, f.* FROM unnest(report_due.owners) WITH ORDINALITY AS w (owner, place)
            CROSS JOIN LATERAL (
                SELECT a.owner, a.customer, a.label, a.tier, a.rank, a.next_due, a.last_followup
                FROM tiering.assignments a
                WHERE a.program = p.program AND a.owner IS NULL AND a.next_due <= today AND a.gone_since IS NULL AND NOT tiering.is_stopped(a.no_contact, a.no_contact_until)
                    AND NOT tiering.override_counts(a.override_until, a.override_kind, a.override_rank, a.rank)
                    AND (h.program IS NULL OR NOT tiering.is_drawn(a.customer, h.share, h.seed))
                ORDER BY a.next_due, a.rank, a.customer LIMIT report_due.n
            ) f
            WHERE w.owner IS NULL
        )
        SELECT c.place, c.owner, c.customer, c.label, c.tier, c.due, c.last_followup, c.nth
        FROM (SELECT d.*, row_number() OVER (PARTITION BY d.place ORDER BY d.due, d.rank, d.customer) AS nth FROM candidates d) c
        WHERE c.nth <= report_due.n
        ORDER BY c.place, c.nth;
END
$$;
COMMENT ON FUNCTION tiering.report_due(text, text[], integer) IS
    'the n customers of each of some owners (NULL: those of nobody) whose follow-up has been due longest, in the order of owners: of followups_due those that are due, and the first of them. ERROR 42704 unknown program';
