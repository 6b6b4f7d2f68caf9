-- What report_html() counts and lists, each by one pass over the customers or by an index: what the views say of them, which tests compare. In functions of their own that
-- RETURN QUERY, because the server gives workers to such a query and none to one whose result goes into a variable.

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

CREATE FUNCTION tiering.report_movements(program text, "from" timestamptz, until timestamptz)
    RETURNS TABLE (was_there boolean, from_tier text, is_there boolean, to_tier text, customers bigint)
    LANGUAGE plpgsql STABLE ROWS 100 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT m.was_there, m.from_tier, m.is_there, m.to_tier, sum(m.customers)::bigint
        FROM (
            SELECT r.at_start = 1, CASE WHEN r.at_start = 1 THEN r.tier END, r.gone = 0, r.end_tier, count(*)
            FROM tiering.tier_runs(report_movements.program, ARRAY[report_movements."from", report_movements.until], NULL, report_movements."from") r GROUP BY 1, 2, 3, 4
            UNION ALL
            SELECT true, s.tier, true, s.tier, count(*) FROM tiering.steady_customers(report_movements.program, report_movements."from") s GROUP BY s.tier
        ) m (was_there, from_tier, is_there, to_tier, customers)
        GROUP BY 1, 2, 3, 4;
END
$$;
COMMENT ON FUNCTION tiering.report_movements(text, timestamptz, timestamptz) IS
    'how many customers went from which tier at one time to which at another: what a full join of tiers_as_of() at both times counts';

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
