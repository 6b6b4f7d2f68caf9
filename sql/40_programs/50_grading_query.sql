-- Grading a program: one query, made for the program, gives the row that each customer should have. retier() runs it
-- over everybody, log_followup() and automatic grading over a few, retier_preview() without writing.

CREATE FUNCTION tiering.source_query(plan tiering.program_plan, customers boolean) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN format('SELECT %s AS customer, tiering.grade(($1).document, ($1).as_of, %s) AS computed_tier, %s AS score, %s AS owner, '
            '%s AS last_followup, %s AS measure%s FROM %s s%s',
        ($1).customer, array_to_string(($1).arguments, ', '),
        CASE WHEN ($1).scored THEN format('tiering.grade_score(($1).document, ($1).as_of, %s)', array_to_string(($1).arguments, ', ')) ELSE 'NULL::numeric' END,
        ($1).owner, ($1).last_followup, coalesce(($1).measured, 'NULL::numeric'),
        CASE WHEN ($1).with_reasons THEN
            (SELECT string_agg(format(', %s AS argument%s', u.argument, u.n), '' ORDER BY u.n)
             FROM unnest(($1).arguments) WITH ORDINALITY AS u (argument, n))
            ELSE '' END,
        ($1).source,
        CASE WHEN $2 THEN ' WHERE ' || ($1).chosen ELSE '' END);
COMMENT ON FUNCTION tiering.source_query(tiering.program_plan, boolean) IS
    'the query that grades the rows of the source of a program, all of them or (customers) those of the keys in $2';

CREATE FUNCTION tiering.grading_query(plan tiering.program_plan, customers boolean, changed_only boolean,
    graded text DEFAULT NULL, state text DEFAULT 'tiering.assignments', with_gone boolean DEFAULT true) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- OFFSET 0 keeps the planner from writing out an expression in each place that uses it.
    RETURN format($query$
SELECT d.customer, d.seen, d.previous_tier, d.tier, d.rank, d.computed_tier, d.score, d.owner, d.last_followup, d.pending_since,
    d.cadence_due, d.next_due, d.reason,
    CASE WHEN d.reason IS NULL THEN d.was_since ELSE greatest(($1).as_of, d.was_since + interval '1 microsecond') END AS since,
    CASE WHEN d.gone THEN coalesce(d.was_gone_since, greatest(($1).as_of, d.was_since + interval '1 microsecond')) END AS gone_since,
    %1$s AS reasons
FROM (
    SELECT n.*, CASE WHEN coalesce(n.planned_due, n.cadence_due) IS NOT NULL THEN greatest(coalesce(n.planned_due, n.cadence_due), n.snoozed_until) END AS next_due,
        CASE
            WHEN n.gone THEN CASE WHEN n.was_gone_since IS NULL THEN 'gone' END
            WHEN n.seen IS NULL THEN CASE WHEN n.tier IS NULL THEN 'ungraded' ELSE 'first' END
            WHEN n.was_gone_since IS NOT NULL THEN 'returned'
            WHEN n.tier IS NOT DISTINCT FROM n.previous_tier THEN NULL
            WHEN n.tier IS NULL THEN 'ungraded'
            WHEN n.previous_tier IS NULL THEN 'graded'
            WHEN n.previous_rank IS NULL THEN 'criteria'
            WHEN n.rank < n.previous_rank THEN 'promotion'
            ELSE 'demotion'
        END AS reason
    FROM (
        SELECT r.*, ($1).tiers[r.rank] AS tier,
            CASE
                WHEN ($1).every[r.rank] IS NULL THEN NULL
                WHEN r.last_followup IS NULL THEN least(r.was_cadence_due, ($1).at_once[r.rank])
                ELSE tiering.followup_due((r.last_followup AT TIME ZONE ($1).zone)::date, ($1).every[r.rank], ($1).workday[r.rank], ($1).calendar)
            END AS cadence_due
        FROM (
            SELECT j.*, %2$s
            FROM (
                SELECT coalesce(g.customer, a.customer) AS customer, a.seen, g.customer IS NULL AS gone, g.computed_tier, g.score,
                    CASE WHEN g.customer IS NULL THEN a.owner ELSE g.owner END AS owner,
                    greatest(a.last_followup, g.last_followup) AS last_followup, a.tier AS previous_tier,
                    pg_catalog.array_position(($1).tiers, a.tier) AS previous_rank, pg_catalog.array_position(($1).tiers, g.computed_tier) AS computed_rank,
                    a.rank AS was_rank, a.computed_tier AS was_computed_tier, a.since AS was_since, a.score AS was_score, a.owner AS was_owner,
                    a.last_followup AS was_last_followup, a.cadence_due AS was_cadence_due, a.next_due AS was_next_due, a.pending_since AS was_pending_since,
                    a.gone_since AS was_gone_since, a.planned_due, a.snoozed_until%3$s
                FROM (%4$s) g
                %5$s JOIN (%7$s) a ON a.customer = g.customer
                OFFSET 0
            ) j
        ) r
    ) n OFFSET 0
) d%8$s$query$,
        CASE WHEN ($1).with_reasons THEN
            'CASE WHEN NOT d.gone THEN tiering.grade_reasons(($1).document, ($1).as_of, '
            || (SELECT string_agg('d.argument' || n, ', ' ORDER BY n) FROM generate_series(1, cardinality(($1).arguments)) AS n) || ') END'
            ELSE 'NULL::text[]' END,
        CASE WHEN ($1).stability THEN '(j.settled).rank, (j.settled).pending_since' ELSE 'j.computed_rank AS rank, NULL::date AS pending_since' END,
        CASE WHEN ($1).with_reasons THEN
            (SELECT string_agg(format(', g.argument%1$s', n), '' ORDER BY n) FROM generate_series(1, cardinality(($1).arguments)) AS n)
            ELSE '' END
        || CASE WHEN ($1).stability THEN
            format(', CASE WHEN g.computed_tier IS NULL OR a.tier IS NULL OR a.tier = g.computed_tier OR pg_catalog.array_position(($1).tiers, a.tier) IS NULL '
                'THEN ROW(pg_catalog.array_position(($1).tiers, g.computed_tier), NULL)::tiering.settlement '
                'ELSE tiering.settle_tier(($1).document, ($1).as_of, pg_catalog.array_position(($1).tiers, a.tier), a.since, a.pending_since, pg_catalog.array_position(($1).tiers, g.computed_tier), %s) END AS settled',
                coalesce(($1).measure, 'NULL'))
            ELSE '' END,
        coalesce('SELECT * FROM ' || $4, tiering.source_query($1, $2)),
        CASE WHEN $6 THEN 'FULL' ELSE 'LEFT' END,
        $5,
        -- Of a few customers each is looked up by itself: with = ANY the planner might read the whole program.
        format(CASE WHEN $2 THEN 'SELECT l.* FROM (SELECT DISTINCT k.customer COLLATE "C" AS customer FROM unnest($2) AS k (customer)) k '
                'CROSS JOIN LATERAL (SELECT a.xmin AS seen, a.* FROM %s a WHERE a.program = ($1).program AND a.customer = k.customer OFFSET 0) l'
            ELSE 'SELECT a.xmin AS seen, a.* FROM %s a WHERE a.program = ($1).program' END, $5),
        CASE WHEN $3 THEN '
WHERE d.seen IS NULL OR d.reason IS NOT NULL
    OR NOT d.gone AND (d.rank, d.computed_tier, d.score, d.owner, d.last_followup, d.pending_since, d.cadence_due, d.next_due)
        IS DISTINCT FROM (d.was_rank, d.was_computed_tier, d.was_score, d.was_owner, d.was_last_followup, d.was_pending_since, d.was_cadence_due, d.was_next_due)'
        ELSE '' END);
END
$$;
COMMENT ON FUNCTION tiering.grading_query(tiering.program_plan, boolean, boolean, text, text, boolean) IS
    'the query that gives for each customer of a program the assignment that should be; $1 is the plan, $2 the customers if not all are asked for. '
    'changed_only: no row for those who have it already. graded: a table that holds the rows of source_query(). state: the assignments to compare with. '
    'with_gone: those that the source has no more, too';

-- A few customers, in one statement: those of log_followup() and of automatic grading. The row of each is written even if nothing
-- changes, so that a retier() which compared it before knows that it was graded since.
CREATE FUNCTION tiering.grade_customers(program text, customers text[], cause text, path text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program($1, now());
    seen bigint;
    seen_once bigint;
    here bigint;
    new_ones bigint;
    added_ones bigint;
BEGIN
    FOR attempt IN 1..2 LOOP
        PERFORM FROM (SELECT DISTINCT k.customer COLLATE "C" AS customer FROM unnest($2) AS k (customer) ORDER BY 1) k
        CROSS JOIN LATERAL (SELECT FROM tiering.assignments a WHERE a.program = $1 AND a.customer = k.customer FOR NO KEY UPDATE) l;
        -- Policies and functions of the user find their tables by the path of the caller; ours are qualified, operators those of pg_catalog.
        PERFORM set_config('search_path', concat_ws(', ', 'pg_catalog', nullif(path, ''), 'pg_temp'), true);
        EXECUTE format($query$
            WITH graded AS MATERIALIZED (SELECT ($1).program, q.* FROM (%s) q), changed AS (
                UPDATE tiering.assignments a SET tier = g.tier, rank = g.rank, computed_tier = g.computed_tier, score = g.score, owner = g.owner,
                    last_followup = g.last_followup, pending_since = g.pending_since, cadence_due = g.cadence_due, next_due = g.next_due,
                    since = g.since, gone_since = g.gone_since, reasons = CASE WHEN g.gone_since IS NULL THEN g.reasons ELSE a.reasons END
                FROM graded g WHERE a.program = g.program AND a.customer = g.customer AND g.seen IS NOT NULL
                RETURNING a.customer, a.since, a.tier, g.reason, a.owner, a.reasons
            ), added AS (
                INSERT INTO tiering.assignments AS a (program, customer, tier, rank, computed_tier, score, owner, last_followup, pending_since, cadence_due,
                    next_due, since, reasons)
                SELECT ($1).program, g.customer, g.tier, g.rank, g.computed_tier, g.score, g.owner, g.last_followup, g.pending_since, g.cadence_due,
                    g.next_due, g.since, g.reasons
                FROM graded g WHERE g.seen IS NULL ORDER BY g.customer
                ON CONFLICT ON CONSTRAINT assignments_pkey DO NOTHING
                RETURNING a.customer, a.since, a.tier, CASE WHEN a.tier IS NULL THEN 'ungraded' ELSE 'first' END AS reason, a.owner, a.reasons
            ), logged AS (
                INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, reasons)
                SELECT ($1).program, c.customer, c.since, c.tier, c.reason, %L, c.owner, c.reasons
                FROM (SELECT * FROM changed WHERE reason IS NOT NULL UNION ALL SELECT * FROM added) c
            )
            SELECT pg_catalog.count(*), pg_catalog.count(DISTINCT g.customer), pg_catalog.count(*) FILTER (WHERE g.gone_since IS NULL), pg_catalog.count(*) FILTER (WHERE g.seen IS NULL),
                (SELECT pg_catalog.count(*) FROM added)
            FROM graded g
            $query$, tiering.grading_query(plan, true, false, with_gone => NOT tiering.hides_rows(plan.source::regclass)), $3)
        INTO seen, seen_once, here, new_ones, added_ones USING plan, $2;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        IF seen > seen_once THEN
            PERFORM tiering.refuse_keys($1, 'duplicate key');
        END IF;
        -- Fewer were added than were new: another session has added some since, whose rows are seen now, and graded again.
        EXIT WHEN new_ones = added_ones;
        IF attempt = 2 THEN
            RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('program "%s" hides customers from you that you were to grade', $1),
                DETAIL = 'They belong to other owners.',
                HINT = 'An administrator adds the owners that you stand for to tiering.agents.';
        END IF;
    END LOOP;
    PERFORM tiering.date_overrides($1, $2);
    RETURN here;
END
$$;
COMMENT ON FUNCTION tiering.grade_customers(text, text[], text, text) IS
    'grades some customers of a program again, from the source, and writes what follows; returns how many of them the source has. path: the search_path by '
    'which policies and functions of the user are to run';

CREATE FUNCTION tiering.refuse_keys(program text, finding text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program($1);
    -- The columns as they are now; the row may still have the names from before a rename.
    key text := (SELECT c.column_name FROM tiering.program_columns($1) c WHERE c.purpose = 'key');
    n bigint;
    examples text;
BEGIN
    IF $2 = 'missing key' THEN
        EXECUTE format('SELECT count(*) FROM %s s WHERE s.%I IS NULL', p.source, key) INTO n;
        RAISE EXCEPTION USING ERRCODE = 'not_null_violation',
            MESSAGE = format('the source of program "%s" has rows without a key', $1),
            DETAIL = format('Rows of %s in which column "%s" is NULL: %s.', p.source, key, n),
            HINT = format('Make a view without those rows, and use it as the source: SELECT tiering.alter_program(%L, ''{"source": "schema.view"}'').', $1);
    END IF;
    EXECUTE format('SELECT count(*), string_agg(d.k, '', '' ORDER BY d.n) FILTER (WHERE d.n <= 3) FROM ('
        'SELECT c.k, row_number() OVER (ORDER BY c.k) AS n FROM (SELECT %s AS k FROM %s s) c WHERE c.k IS NOT NULL GROUP BY c.k HAVING count(*) > 1) d',
        (tiering.plan_program($1, now())).customer, p.source) INTO n, examples;
    RAISE EXCEPTION USING ERRCODE = 'unique_violation',
        MESSAGE = format('the source of program "%s" has more than one row for a customer', $1),
        DETAIL = format('Values of column "%s" that several rows of %s have: %s%s.', key, p.source, examples, CASE WHEN n > 3 THEN ' …' ELSE '' END),
        HINT = format('Make a view with one row for each, and use it as the source: SELECT tiering.alter_program(%L, ''{"source": "schema.view"}'').', $1);
END
$$;
COMMENT ON FUNCTION tiering.refuse_keys(text, text) IS 'ERROR 23502 (missing key) or 23505 (duplicate key), with what the source of a program holds';

CREATE FUNCTION tiering.has_unique_key(source regclass, column_name text, or_deferred boolean DEFAULT false) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- The index of a table says nothing of the tables that inherit from it, unless they are its partitions.
    SELECT EXISTS (
        SELECT FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid AND (c.relkind = 'p' OR c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid))
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = $2 AND a.attnum = i.indkey[0] AND a.attnotnull
        WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND (i.indimmediate OR $3) AND i.indnkeyatts = 1 AND i.indpred IS NULL);
END;
COMMENT ON FUNCTION tiering.has_unique_key(regclass, text, boolean) IS
    'whether a table cannot have missing or duplicate values in a column; or_deferred: or has duplicates only until the end of a transaction';

CREATE FUNCTION tiering.retier_preview(program text, as_of timestamptz DEFAULT now())
    RETURNS TABLE (customer text, from_tier text, to_tier text, computed_tier text, reason text, score numeric, reasons text[])
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program($1);
    plan tiering.program_plan := tiering.plan_program($1, coalesce($2, now()), tiering.wanted_version(p.scheme, p.version));
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT q.customer, q.previous_tier, q.tier, q.computed_tier, q.reason, q.score, q.reasons FROM (%s) q WHERE q.reason IS NOT NULL ORDER BY q.customer',
        tiering.grading_query(plan, false, false, with_gone => NOT tiering.hides_rows(p.source)))
    USING plan;
END
$$;
COMMENT ON FUNCTION tiering.retier_preview(text, timestamptz) IS
    'what retier() would change, without writing: customer, tier now and then, tier by the criteria alone, reason (first, promotion, demotion, graded, '
    'ungraded, criteria, gone, returned), score and reason codes. By the version that retier() would take up';

CREATE FUNCTION tiering.explain_customer(program text, customer text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program($1, now());
    explanation jsonb;
BEGIN
    customer := tiering.customer_key(program, customer);
    EXECUTE format('SELECT tiering.explain_grade(($1).document, ($1).as_of, %s) FROM %s s WHERE %s LIMIT 1',
        array_to_string(plan.arguments, ', '), plan.source, plan.chosen)
    INTO explanation USING plan, ARRAY[$2];
    IF explanation IS NULL THEN
        PERFORM tiering.refuse_customer($1, $2);
    END IF;
    RETURN explanation || (
        SELECT jsonb_build_object('program', $1, 'customer', $2, 'version', (SELECT p.applied_version FROM tiering.programs p WHERE p.program = $1),
            'tier_in_force', t.tier, 'overridden', t.overridden, 'override_reason', t.override_reason, 'since', t.since, 'pending_since', t.pending_since)
        FROM (SELECT 1) one LEFT JOIN tiering.current_tiers t ON t.program = $1 AND t.customer = $2);
END
$$;
COMMENT ON FUNCTION tiering.explain_customer(text, text) IS
    'why a customer of a program has the tier: explain_grade() of the row of the source as it is now, with the tier in force, override and pending '
    'demotion; ERROR 42704 if the source has no such customer';

CREATE FUNCTION tiering.refuse_customer(program text, customer text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program($1);
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has no customer "%s"', $1, $2),
        DETAIL = format('No row of %s that you may see has this value in column "%s".', p.source, tiering.renamed_column(p.source, p.column_numbers, p.key_column)),
        HINT = 'Customers are named by their key as text.';
END
$$;
COMMENT ON FUNCTION tiering.refuse_customer(text, text) IS 'ERROR 42704: the program has no such customer';
