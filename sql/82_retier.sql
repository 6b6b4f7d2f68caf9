-- Grading a program: one query, made for the program, gives the row that each customer should have. retier() runs it
-- over everybody, log_followup() and automatic grading over a few, retier_preview() without writing.
--
-- Who writes an assignment holds its row lock. retier() works in two steps: it compares everybody with the assignments under one
-- snapshot, without locks, and sets aside what differs; then it applies that in batches, each locked in the order of the keys and
-- committed. A customer whose row somebody has written meanwhile is left as it is: that grading was the later one.

CREATE TYPE tiering.program_plan AS (
    program text,
    document tiering.scheme,
    as_of timestamptz,
    today date,
    zone text,
    tiers text[],
    every text[],
    workday text[],
    at_once date[],
    calendar tiering.calendar,
    source text,
    key text,
    key_type text,
    owner text,
    last_followup text,
    arguments text[],
    scored boolean,
    with_reasons boolean,
    stability boolean,
    measure text,
    cuts numeric[],
    promote_margin numeric,
    demote_margin numeric,
    demote_after interval,
    demote_steps integer,
    minimum_stay interval
);
COMMENT ON TYPE tiering.program_plan IS 'all that grading by a program needs to know, gathered once';
COMMENT ON COLUMN tiering.program_plan.program IS 'program';
COMMENT ON COLUMN tiering.program_plan.document IS 'scheme document that is applied';
COMMENT ON COLUMN tiering.program_plan.as_of IS 'time as of which is graded';
COMMENT ON COLUMN tiering.program_plan.today IS 'its day, in the zone of the scheme';
COMMENT ON COLUMN tiering.program_plan.zone IS 'zone of the scheme';
COMMENT ON COLUMN tiering.program_plan.tiers IS 'tiers, by rank';
COMMENT ON COLUMN tiering.program_plan.every IS 'cadences, by rank';
COMMENT ON COLUMN tiering.program_plan.workday IS 'business-day conventions, by rank';
COMMENT ON COLUMN tiering.program_plan.at_once IS 'due days of those never contacted, by rank';
COMMENT ON COLUMN tiering.program_plan.calendar IS 'calendar document; NULL: every day is worked';
COMMENT ON COLUMN tiering.program_plan.source IS 'source, quoted';
COMMENT ON COLUMN tiering.program_plan.key IS 'key column, quoted';
COMMENT ON COLUMN tiering.program_plan.key_type IS 'type of the key column';
COMMENT ON COLUMN tiering.program_plan.owner IS 'expression of the owner';
COMMENT ON COLUMN tiering.program_plan.last_followup IS 'expression of the last follow-up known to the source';
COMMENT ON COLUMN tiering.program_plan.arguments IS 'columns of the inputs, quoted, in the order of the scheme';
COMMENT ON COLUMN tiering.program_plan.scored IS 'whether the scheme has a score';
COMMENT ON COLUMN tiering.program_plan.with_reasons IS 'whether it gives reason codes';
COMMENT ON COLUMN tiering.program_plan.stability IS 'whether it has stability rules';
COMMENT ON COLUMN tiering.program_plan.measure IS 'expression that margins are measured on';
COMMENT ON COLUMN tiering.program_plan.cuts IS 'where tiers begin on the measure, by rank';
COMMENT ON COLUMN tiering.program_plan.promote_margin IS 'stability: promote_margin';
COMMENT ON COLUMN tiering.program_plan.demote_margin IS 'stability: demote_margin';
COMMENT ON COLUMN tiering.program_plan.demote_after IS 'stability: demote_after';
COMMENT ON COLUMN tiering.program_plan.demote_steps IS 'stability: demote_steps';
COMMENT ON COLUMN tiering.program_plan.minimum_stay IS 'stability: minimum_stay';

CREATE FUNCTION tiering.plan_program(program text, as_of timestamptz, version integer DEFAULT NULL) RETURNS tiering.program_plan
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program($1);
    plan tiering.program_plan;
    document jsonb;
    cuts record;
    columns jsonb;
BEGIN
    IF NOT isfinite($2) THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('nobody can be graded as of %s', $2);
    END IF;
    SELECT s.document INTO plan.document FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = coalesce($3, p.applied_version);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('scheme "%s" has no version %s, which program "%s" applies', p.scheme, coalesce($3, p.applied_version), p.program),
            HINT = format('CALL tiering.retier(%L) takes up the current version.', p.program);
    END IF;
    document := tiering.to_jsonb(plan.document);
    plan.program := p.program;
    plan.as_of := $2;
    plan.zone := coalesce(document ->> 'timezone', 'UTC');
    plan.today := ($2 AT TIME ZONE plan.zone)::date;
    SELECT c.document INTO plan.calendar FROM tiering.calendars c WHERE c.calendar = p.calendar;
    IF p.calendar IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('calendar "%s", which program "%s" uses, does not exist', p.calendar, p.program),
            HINT = format('SELECT tiering.import_calendar(%L, document) adds it; SELECT tiering.alter_program(%L, ''{"calendar": null}'') does without.',
                p.calendar, p.program);
    END IF;
    SELECT array_agg(t.tier ->> 'code' ORDER BY t.n), array_agg(t.tier #>> '{followup,every}' ORDER BY t.n),
        array_agg(coalesce(t.tier #>> '{followup,workday}', 'none') ORDER BY t.n),
        array_agg(CASE WHEN plan.calendar IS NULL OR coalesce(t.tier #>> '{followup,workday}', 'none') = 'none' THEN plan.today
            ELSE tiering.add_workdays(plan.calendar, plan.today, 0) END ORDER BY t.n)
    INTO plan.tiers, plan.every, plan.workday, plan.at_once
    FROM jsonb_array_elements(document -> 'tiers') WITH ORDINALITY AS t (tier, n);

    plan.source := p.source;
    SELECT jsonb_object_agg(CASE c.purpose WHEN 'input' THEN 'input ' || c.input ELSE c.purpose END, c.column_name) INTO columns
    FROM tiering.program_columns($1) c;
    SELECT CASE c.type WHEN 'bpchar'::regtype THEN 'bpchar' ELSE c.type::text END INTO plan.key_type FROM tiering.program_columns($1) c WHERE c.purpose = 'key';
    plan.key := format('s.%I', columns ->> 'key');
    plan.owner := CASE WHEN columns ? 'owner' THEN format('s.%I::text', columns ->> 'owner') ELSE 'NULL::text' END;
    SELECT CASE WHEN c.type IN ('date'::regtype, 'timestamp'::regtype) THEN format('s.%I::timestamp AT TIME ZONE %L', c.column_name, plan.zone)
        ELSE format('s.%I::timestamptz', c.column_name) END
    INTO plan.last_followup FROM tiering.program_columns($1) c WHERE c.purpose = 'last_followup';
    plan.last_followup := coalesce(plan.last_followup, 'NULL::timestamptz');
    -- Columns of another type than the version wants are refused by grading itself, with a hint.
    SELECT array_agg(format('s.%I', coalesce(columns ->> ('input ' || (i.input ->> 'name')), i.input ->> 'name')) ORDER BY i.n) INTO plan.arguments
    FROM jsonb_array_elements(document -> 'inputs') WITH ORDINALITY AS i (input, n);
    plan.scored := document ? 'score';
    plan.with_reasons := plan.scored AND jsonb_path_exists(document, '$.characteristics[*].baseline');
    plan.stability := document ? 'stability' AND document -> 'stability' <> '{}';
    IF plan.stability THEN
        plan.promote_margin := document #>> '{stability,promote_margin}';
        plan.demote_margin := document #>> '{stability,demote_margin}';
        plan.demote_after := document #>> '{stability,demote_after}';
        plan.demote_steps := document #>> '{stability,demote_steps}';
        plan.minimum_stay := document #>> '{stability,minimum_stay}';
        cuts := tiering.tier_cuts(document);
        plan.cuts := cuts.cuts;
        plan.measure := CASE WHEN cuts.input IS NOT NULL THEN
            format('(%s * s.%I)::numeric', cuts.sign, coalesce(columns ->> ('input ' || cuts.input), cuts.input)) END;
    END IF;
    RETURN plan;
END
$$;
COMMENT ON FUNCTION tiering.plan_program(text, timestamptz, integer) IS
    'gathers what grading by a program needs, by the version that is applied or by another; errors as of program_columns()';

CREATE TYPE tiering.settlement AS (rank integer, pending_since date);
COMMENT ON TYPE tiering.settlement IS 'what stability makes of a change of tier';
COMMENT ON COLUMN tiering.settlement.rank IS 'rank of the tier that is assigned';
COMMENT ON COLUMN tiering.settlement.pending_since IS 'day since which a lower grade waits; NULL: none does';

-- Not inlined and called row by row, but only for customers whose grade differs from the tier that they have.
CREATE FUNCTION tiering.settle_tier(
    plan tiering.program_plan, rank integer, since timestamptz, pending_since date, computed_rank integer, measure numeric
) RETURNS tiering.settlement
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target integer := $5;
    stays boolean := ($1).today < ($3 AT TIME ZONE ($1).zone)::date + ($1).minimum_stay;
    settled tiering.settlement;
BEGIN
    IF $5 < $2 AND ($1).promote_margin IS NOT NULL AND $6 IS NOT NULL THEN
        -- Up to the best tier whose cut point lies as far below.
        WHILE target < $2 AND coalesce($6 < ($1).cuts[target] + ($1).promote_margin, true) LOOP
            target := target + 1;
        END LOOP;
    ELSIF $5 > $2 AND ($1).demote_margin IS NOT NULL AND $6 IS NOT NULL THEN
        -- Down past every tier whose cut point lies as far above.
        target := $2;
        WHILE target < $5 AND coalesce($6 <= ($1).cuts[target] - ($1).demote_margin, true) LOOP
            target := target + 1;
        END LOOP;
    END IF;
    IF target <= $2 THEN
        settled.rank := CASE WHEN stays THEN $2 ELSE target END;
        RETURN settled;
    END IF;
    settled := ROW ($2, coalesce($4, ($1).today));
    IF stays OR ($1).today < settled.pending_since + ($1).demote_after
        -- Of several gradings on one day only the first steps down: a retier that is run again does not go on.
        OR ($1).demote_steps IS NOT NULL AND $4 >= ($1).today
    THEN
        RETURN settled;
    END IF;
    settled := ROW (least(target, $2 + ($1).demote_steps), CASE WHEN target > $2 + ($1).demote_steps THEN ($1).today END);
    RETURN settled;
END
$$;
COMMENT ON FUNCTION tiering.settle_tier(tiering.program_plan, integer, timestamptz, date, integer, numeric) IS
    'the tier that a customer gets who has one of rank, since, and is graded computed_rank: margins first (promote_margin, demote_margin on the '
    'score or the banded number; a cut point must be passed by the margin), then minimum_stay (no change either way before), demote_after (a lower '
    'grade counts once it has lasted; pending_since is when it was first seen) and demote_steps (so many tiers down at once, then it must last again)';

CREATE FUNCTION tiering.source_query(plan tiering.program_plan, customers boolean) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN format('SELECT %s::text COLLATE "C" AS customer, tiering.grade(($1).document, ($1).as_of, %s) AS computed_tier, %s AS score, %s AS owner, '
            '%s AS last_followup, %s AS measure%s FROM %s s%s',
        ($1).key, array_to_string(($1).arguments, ', '),
        CASE WHEN ($1).scored THEN format('tiering.grade_score(($1).document, ($1).as_of, %s)', array_to_string(($1).arguments, ', ')) ELSE 'NULL::numeric' END,
        ($1).owner, ($1).last_followup, coalesce(($1).measure, 'NULL::numeric'),
        CASE WHEN ($1).with_reasons THEN
            (SELECT string_agg(format(', %s AS argument%s', u.argument, u.n), '' ORDER BY u.n)
             FROM unnest(($1).arguments) WITH ORDINALITY AS u (argument, n))
            ELSE '' END,
        ($1).source,
        CASE WHEN $2 THEN format(' WHERE %s IN (SELECT unnest($2::text[]::%s[]))', ($1).key, ($1).key_type) ELSE '' END);
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
                    array_position(($1).tiers, a.tier) AS previous_rank, array_position(($1).tiers, g.computed_tier) AS computed_rank,
                    a.rank AS was_rank, a.computed_tier AS was_computed_tier, a.since AS was_since, a.score AS was_score, a.owner AS was_owner,
                    a.last_followup AS was_last_followup, a.cadence_due AS was_cadence_due, a.next_due AS was_next_due, a.pending_since AS was_pending_since,
                    a.gone_since AS was_gone_since, a.planned_due, a.snoozed_until%3$s
                FROM (%4$s) g
                %5$s JOIN (SELECT a.xmin AS seen, a.* FROM %6$s a WHERE a.program = ($1).program%7$s) a ON a.customer = g.customer
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
            format(', CASE WHEN g.computed_tier IS NULL OR a.tier IS NULL OR a.tier = g.computed_tier OR array_position(($1).tiers, a.tier) IS NULL '
                'THEN ROW(array_position(($1).tiers, g.computed_tier), NULL)::tiering.settlement '
                'ELSE tiering.settle_tier($1, array_position(($1).tiers, a.tier), a.since, a.pending_since, array_position(($1).tiers, g.computed_tier), %s) END AS settled',
                CASE WHEN ($1).measure IS NOT NULL THEN 'g.measure' WHEN ($1).cuts IS NOT NULL THEN 'g.score' ELSE 'NULL' END)
            ELSE '' END,
        coalesce('SELECT * FROM ' || $4, tiering.source_query($1, $2)),
        CASE WHEN $6 THEN 'FULL' ELSE 'LEFT' END,
        $5,
        CASE WHEN $2 THEN ' AND a.customer = ANY ($2)' ELSE '' END,
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
CREATE FUNCTION tiering.grade_customers(program text, customers text[], cause text) RETURNS bigint
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
        PERFORM FROM tiering.assignments a WHERE a.program = $1 AND a.customer = ANY ($2) ORDER BY a.customer FOR NO KEY UPDATE;
        EXECUTE format($query$
            WITH graded AS MATERIALIZED (%s), changed AS (
                UPDATE tiering.assignments a SET tier = g.tier, rank = g.rank, computed_tier = g.computed_tier, score = g.score, owner = g.owner,
                    last_followup = g.last_followup, pending_since = g.pending_since, cadence_due = g.cadence_due, next_due = g.next_due,
                    since = g.since, gone_since = g.gone_since, reasons = CASE WHEN g.gone_since IS NULL THEN g.reasons ELSE a.reasons END
                FROM graded g WHERE a.program = ($1).program AND a.customer = g.customer AND g.seen IS NOT NULL
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
            SELECT count(*), count(DISTINCT g.customer), count(*) FILTER (WHERE g.gone_since IS NULL), count(*) FILTER (WHERE g.seen IS NULL),
                (SELECT count(*) FROM added)
            FROM graded g
            $query$, tiering.grading_query(plan, true, false, with_gone => NOT row_security_active(plan.source::regclass)), $3)
        INTO seen, seen_once, here, new_ones, added_ones USING plan, $2;
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
COMMENT ON FUNCTION tiering.grade_customers(text, text[], text) IS
    'grades some customers of a program again, from the source, and writes what follows; returns how many of them the source has';

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
    EXECUTE format('SELECT count(*), string_agg(k, '', '' ORDER BY k) FILTER (WHERE n <= 3) FROM (SELECT s.%1$I::text AS k, row_number() OVER (ORDER BY s.%1$I::text) AS n '
        'FROM %2$s s WHERE s.%1$I IS NOT NULL GROUP BY s.%1$I::text HAVING count(*) > 1) d', key, p.source) INTO n, examples;
    RAISE EXCEPTION USING ERRCODE = 'unique_violation',
        MESSAGE = format('the source of program "%s" has more than one row for a customer', $1),
        DETAIL = format('Values of column "%s" that several rows of %s have: %s%s.', key, p.source, examples, CASE WHEN n > 3 THEN ' …' ELSE '' END),
        HINT = format('Make a view with one row for each, and use it as the source: SELECT tiering.alter_program(%L, ''{"source": "schema.view"}'').', $1);
END
$$;
COMMENT ON FUNCTION tiering.refuse_keys(text, text) IS 'ERROR 23502 (missing key) or 23505 (duplicate key), with what the source of a program holds';

CREATE FUNCTION tiering.has_unique_key(source regclass, column_name text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- The index of a table says nothing of the tables that inherit from it, unless they are its partitions.
    SELECT EXISTS (
        SELECT FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid AND (c.relkind = 'p' OR c.relkind = 'r' AND NOT c.relhassubclass)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = $2 AND a.attnum = i.indkey[0] AND a.attnotnull
        WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indnkeyatts = 1 AND i.indpred IS NULL);
END;
COMMENT ON FUNCTION tiering.has_unique_key(regclass, text) IS 'whether a table cannot have missing or duplicate values in a column';

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
        tiering.grading_query(plan, false, false, with_gone => NOT row_security_active(p.source)))
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
    PERFORM tiering.require_key($1, $2);
    EXECUTE format('SELECT tiering.explain_grade(($1).document, ($1).as_of, %s) FROM %s s WHERE %s IN (SELECT unnest($2::text[]::%s[])) LIMIT 1',
        array_to_string(plan.arguments, ', '), plan.source, plan.key, plan.key_type)
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

CREATE FUNCTION tiering.require_key(program text, customer text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('SELECT $1::%s', (tiering.plan_program($1, now())).key_type) USING $2;
EXCEPTION WHEN data_exception THEN
    PERFORM tiering.refuse_customer($1, $2);
END
$$;
COMMENT ON FUNCTION tiering.require_key(text, text) IS 'ERROR 42704 if a text cannot be the key of any customer, as one of letters where keys are numbers';

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

-- Runs.

CREATE TABLE tiering.retier_runs (
    program text COLLATE "C" NOT NULL REFERENCES tiering.programs ON UPDATE CASCADE ON DELETE CASCADE,
    started timestamptz NOT NULL,
    as_of timestamptz NOT NULL,
    version integer NOT NULL,
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
    total bigint,
    done bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    moved bigint NOT NULL DEFAULT 0,
    updated bigint NOT NULL DEFAULT 0,
    gone bigint NOT NULL DEFAULT 0,
    applying_since timestamptz,
    finished timestamptz,
    message text,
    pid integer,
    started_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, started)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.retier_runs TO @extowner@ WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.retier_runs', '');
COMMENT ON TABLE tiering.retier_runs IS 'every retier(); tiering.runs shows it with rate, expected end, and whether it really runs';
COMMENT ON COLUMN tiering.retier_runs.program IS 'program';
COMMENT ON COLUMN tiering.retier_runs.started IS 'when it began';
COMMENT ON COLUMN tiering.retier_runs.as_of IS 'as of when it grades';
COMMENT ON COLUMN tiering.retier_runs.version IS 'version of the scheme that it applies';
COMMENT ON COLUMN tiering.retier_runs.status IS 'running, done, failed or interrupted; running also if the server was killed meanwhile';
COMMENT ON COLUMN tiering.retier_runs.total IS 'customers that differ; NULL while they are compared';
COMMENT ON COLUMN tiering.retier_runs.done IS 'customers of these that are behind';
COMMENT ON COLUMN tiering.retier_runs.added IS 'customers who were new';
COMMENT ON COLUMN tiering.retier_runs.moved IS 'customers who got another tier, or came back';
COMMENT ON COLUMN tiering.retier_runs.updated IS 'customers of whom something else changed: score, owner, due date, computed tier';
COMMENT ON COLUMN tiering.retier_runs.gone IS 'customers whom the source has no more';
COMMENT ON COLUMN tiering.retier_runs.applying_since IS 'when the comparison was over';
COMMENT ON COLUMN tiering.retier_runs.finished IS 'when it ended';
COMMENT ON COLUMN tiering.retier_runs.message IS 'what stopped it';
COMMENT ON COLUMN tiering.retier_runs.pid IS 'process of the session';
COMMENT ON COLUMN tiering.retier_runs.started_by IS 'which session user ran it';

CREATE FUNCTION tiering.retier_lock(program text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN hashtextextended('customer_tiering retier ' || $1, 0);
COMMENT ON FUNCTION tiering.retier_lock(text) IS 'key of the advisory lock that the retier() of a program holds';

CREATE FUNCTION tiering.retier_holder(program text) RETURNS integer
    LANGUAGE sql STABLE STRICT
BEGIN ATOMIC
    SELECT l.pid FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        AND l.classid::bigint = (tiering.retier_lock($1) >> 32) & 4294967295 AND l.objid::bigint = tiering.retier_lock($1) & 4294967295
    LIMIT 1;
END;
COMMENT ON FUNCTION tiering.retier_holder(text) IS 'process that retiers a program at the moment; NULL: none';

CREATE VIEW tiering.runs WITH (security_invoker) AS
    SELECT r.program, r.started,
        CASE WHEN r.status = 'running' AND tiering.retier_holder(r.program) IS DISTINCT FROM r.pid THEN 'interrupted' ELSE r.status END AS status,
        r.done, r.total,
        round(r.done / nullif(extract(epoch FROM coalesce(r.finished, clock_timestamp()) - r.applying_since), 0)) AS rate,
        CASE WHEN r.status = 'running' AND r.done > 0 AND tiering.retier_holder(r.program) = r.pid
            THEN r.applying_since + (clock_timestamp() - r.applying_since) * (r.total::float8 / r.done) END AS expected_end,
        r.finished, r.as_of, r.version, r.added, r.moved, r.updated, r.gone, r.message, r.pid, r.started_by
    FROM tiering.retier_runs r;
GRANT SELECT ON tiering.runs TO @extowner@ WITH GRANT OPTION;
COMMENT ON VIEW tiering.runs IS 'every retier(), those under way with their progress';
COMMENT ON COLUMN tiering.runs.program IS 'program';
COMMENT ON COLUMN tiering.runs.started IS 'when it began';
COMMENT ON COLUMN tiering.runs.status IS 'running, done, failed (by an error) or interrupted (cancelled or killed)';
COMMENT ON COLUMN tiering.runs.done IS 'customers that differed and are behind';
COMMENT ON COLUMN tiering.runs.total IS 'customers that differ; NULL while they are compared';
COMMENT ON COLUMN tiering.runs.rate IS 'customers a second';
COMMENT ON COLUMN tiering.runs.expected_end IS 'when it will end at this rate';
COMMENT ON COLUMN tiering.runs.finished IS 'when it ended';
COMMENT ON COLUMN tiering.runs.as_of IS 'as of when it grades';
COMMENT ON COLUMN tiering.runs.version IS 'version of the scheme that it applies';
COMMENT ON COLUMN tiering.runs.added IS 'customers who were new';
COMMENT ON COLUMN tiering.runs.moved IS 'customers who got another tier, or came back';
COMMENT ON COLUMN tiering.runs.updated IS 'customers of whom something else changed: score, owner, due date, computed tier';
COMMENT ON COLUMN tiering.runs.gone IS 'customers whom the source has no more';
COMMENT ON COLUMN tiering.runs.message IS 'what stopped it';
COMMENT ON COLUMN tiering.runs.pid IS 'process of the session';
COMMENT ON COLUMN tiering.runs.started_by IS 'which session user ran it';

CREATE FUNCTION tiering.require_active(program text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (tiering.find_program($1)).status = 'paused' THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = format('program "%s" is paused', $1),
            HINT = format('SELECT tiering.resume_program(%L) lets it grade again.', $1);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_active(text) IS 'ERROR 42704 if there is no such program, 55000 if it is paused';

CREATE FUNCTION tiering.begin_run(program text, as_of timestamptz, batch_size integer, in_block boolean) RETURNS timestamptz
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    run timestamptz := clock_timestamp();
    latest timestamptz;
    granted boolean;
    other record;
BEGIN
    IF $1 IS NULL OR $3 IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = format('%s is NULL', CASE WHEN $1 IS NULL THEN 'program' ELSE 'batch_size' END),
            HINT = 'CALL tiering.retier(''program'').';
    END IF;
    PERFORM tiering.require_active($1);
    IF $3 < 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('batch_size is %s', $3),
            HINT = 'It is how many customers are committed at once, at least 1.';
    END IF;
    IF $2 > now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('as_of %s lies in the future', $2),
            HINT = format('SELECT * FROM tiering.retier_preview(%L, %L) shows what would change.', $1, $2);
    END IF;
    IF $4 THEN
        granted := pg_try_advisory_xact_lock(tiering.retier_lock($1));
    ELSE
        -- Left over in this session from a retier that was cancelled just as it committed.
        WHILE tiering.retier_holder($1) = pg_backend_pid() LOOP
            EXIT WHEN NOT pg_advisory_unlock(tiering.retier_lock($1));
        END LOOP;
        granted := pg_try_advisory_lock(tiering.retier_lock($1));
    END IF;
    IF NOT granted THEN
        SELECT r.* INTO other FROM tiering.runs r WHERE r.program = $1 AND r.status = 'running' ORDER BY r.started DESC LIMIT 1;
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('program "%s" is being retiered by another session', $1),
            DETAIL = format('Process %s began at %s and has done %s of %s customers.', coalesce(other.pid, tiering.retier_holder($1)), other.started, other.done,
                coalesce(other.total::text, 'still unknown')),
            HINT = format('Wait until it ends (SELECT * FROM tiering.runs), or stop it: SELECT pg_cancel_backend(%s).', coalesce(other.pid, tiering.retier_holder($1)));
    END IF;
    BEGIN
        SELECT max(r.as_of) INTO latest FROM tiering.retier_runs r WHERE r.program = $1 AND (r.status = 'done' OR r.done > 0);
        IF $2 < latest THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('program "%s" was already graded as of %s', $1, latest),
                HINT = 'A later grading cannot be as of an earlier time; CALL tiering.backfill(…) grades the time before the first one.';
        END IF;
        UPDATE tiering.retier_runs r SET status = 'interrupted', finished = clock_timestamp() WHERE r.program = $1 AND r.status = 'running';
        PERFORM tiering.follow_renames($1);
        PERFORM tiering.check_program($1);
        PERFORM tiering.apply_version($1);
        INSERT INTO tiering.retier_runs (program, started, as_of, version, pid)
        SELECT p.program, run, coalesce($2, now()), p.applied_version, pg_backend_pid() FROM tiering.programs p WHERE p.program = $1;
    EXCEPTION WHEN query_canceled OR OTHERS THEN
        IF NOT $4 THEN
            PERFORM pg_advisory_unlock(tiering.retier_lock($1));
        END IF;
        RAISE;
    END;
    RETURN run;
END
$$;
COMMENT ON FUNCTION tiering.begin_run(text, timestamptz, integer, boolean) IS
    'a part of retier(): checks, takes the lock of the program, takes up the version of the scheme, notes the run and returns its beginning';

CREATE FUNCTION tiering.compare_run(program text, run timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program($1, (SELECT r.as_of FROM tiering.retier_runs r WHERE r.program = $1 AND r.started = $2));
    source regclass := plan.source::regclass;
    p tiering.programs := tiering.find_program($1);
    everybody boolean := NOT row_security_active(source);
    graded text;
    differing bigint;
    duplicates boolean;
BEGIN
    IF to_regclass('pg_temp.tiering_differing') IS NOT NULL THEN
        DROP TABLE pg_temp.tiering_differing;
    END IF;
    IF NOT everybody THEN
        RAISE NOTICE USING MESSAGE = format('row-level security of %s may hide customers from you: nobody is taken for gone', source);
    END IF;
    IF NOT tiering.has_unique_key(source, p.key_column) THEN
        -- A view may be costly and no two readings of it need be the same: it is read once, and what was read is looked through.
        EXECUTE 'CREATE TEMP TABLE tiering_graded AS ' || tiering.source_query(plan, false) USING plan;
        IF EXISTS (SELECT FROM pg_temp.tiering_graded g WHERE g.customer IS NULL) THEN
            PERFORM tiering.refuse_keys($1, 'missing key');
        END IF;
        SELECT EXISTS (SELECT FROM pg_temp.tiering_graded g GROUP BY g.customer HAVING count(*) > 1) INTO duplicates;
        IF duplicates THEN
            PERFORM tiering.refuse_keys($1, 'duplicate key');
        END IF;
        graded := 'pg_temp.tiering_graded';
    END IF;
    EXECUTE format('CREATE TEMP TABLE tiering_differing AS SELECT * FROM (%s) q ORDER BY q.customer',
        tiering.grading_query(plan, false, true, graded, with_gone => everybody)) USING plan;
    GET DIAGNOSTICS differing = ROW_COUNT;
    IF graded IS NOT NULL THEN
        DROP TABLE pg_temp.tiering_graded;
    END IF;
    UPDATE tiering.retier_runs r SET total = differing, applying_since = clock_timestamp() WHERE r.program = $1 AND r.started = $2;
    RETURN differing;
END
$$;
COMMENT ON FUNCTION tiering.compare_run(text, timestamptz) IS
    'a part of retier(): sets aside the customers whose assignment differs from what it should be, in the order of their keys, and returns how many. '
    'ERROR 23502, 23505 missing or duplicate keys in the source';

CREATE FUNCTION tiering.apply_run(program text, run timestamptz, from_block bigint, to_block bigint) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    low tid := format('(%s,0)', $3);
    high tid := format('(%s,0)', $4);
    first_customer text;
    last_customer text;
    n bigint;
    n_added bigint;
    n_moved bigint;
    n_updated bigint;
    n_gone bigint;
BEGIN
    SELECT count(*), min(d.customer), max(d.customer) INTO n, first_customer, last_customer
    FROM pg_temp.tiering_differing d WHERE d.ctid >= low AND d.ctid < high;
    IF n = 0 THEN
        RETURN 0;
    END IF;
    PERFORM FROM tiering.assignments a
    JOIN pg_temp.tiering_differing d ON d.customer = a.customer AND d.ctid >= low AND d.ctid < high AND d.seen IS NOT NULL
    WHERE a.program = $1 AND a.customer BETWEEN first_customer AND last_customer
    ORDER BY a.customer FOR NO KEY UPDATE OF a;
    WITH changed AS (
        UPDATE tiering.assignments a SET tier = d.tier, rank = d.rank, computed_tier = CASE WHEN d.gone_since IS NULL THEN d.computed_tier ELSE a.computed_tier END,
            score = CASE WHEN d.gone_since IS NULL THEN d.score ELSE a.score END, owner = d.owner, last_followup = d.last_followup,
            pending_since = d.pending_since, cadence_due = d.cadence_due, next_due = d.next_due, since = d.since, gone_since = d.gone_since,
            reasons = CASE WHEN d.gone_since IS NULL THEN d.reasons ELSE a.reasons END
        FROM pg_temp.tiering_differing d
        WHERE d.ctid >= low AND d.ctid < high AND a.program = $1 AND a.customer BETWEEN first_customer AND last_customer
            AND a.customer = d.customer AND a.xmin = d.seen  -- nobody has graded it since
        RETURNING a.customer, a.since, a.tier, d.reason, a.owner, a.reasons
    ), logged AS (
        INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, reasons)
        SELECT $1, c.customer, c.since, c.tier, c.reason, 'retier', c.owner, c.reasons FROM changed c WHERE c.reason IS NOT NULL
    )
    SELECT count(*) FILTER (WHERE c.reason <> 'gone'), count(*) FILTER (WHERE c.reason IS NULL), count(*) FILTER (WHERE c.reason = 'gone')
    INTO n_moved, n_updated, n_gone FROM changed c;
    WITH added AS (
        INSERT INTO tiering.assignments (program, customer, tier, rank, computed_tier, score, owner, last_followup, pending_since, cadence_due,
            next_due, since, reasons)
        SELECT $1, d.customer, d.tier, d.rank, d.computed_tier, d.score, d.owner, d.last_followup, d.pending_since, d.cadence_due, d.next_due, d.since, d.reasons
        FROM pg_temp.tiering_differing d WHERE d.ctid >= low AND d.ctid < high AND d.seen IS NULL
        ON CONFLICT ON CONSTRAINT assignments_pkey DO NOTHING
        RETURNING customer, tier, since, owner, reasons
    ), logged AS (
        INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, reasons)
        SELECT $1, d.customer, d.since, d.tier, CASE WHEN d.tier IS NULL THEN 'ungraded' ELSE 'first' END, 'retier', d.owner, d.reasons FROM added d
    )
    SELECT count(*) INTO n_added FROM added;
    UPDATE tiering.retier_runs r SET done = done + n, added = added + n_added, moved = moved + n_moved, updated = updated + n_updated, gone = gone + n_gone
    WHERE r.program = $1 AND r.started = $2;
    RETURN n;
END
$$;
COMMENT ON FUNCTION tiering.apply_run(text, timestamptz, bigint, bigint) IS
    'a part of retier(): writes the customers that stand in some pages of what was set aside, and returns how many';

CREATE FUNCTION tiering.end_run(program text, run timestamptz, failed_state text, message text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    r tiering.retier_runs;
BEGIN
    IF $3 IS NULL THEN
        PERFORM tiering.date_overrides($1, NULL);
    END IF;
    UPDATE tiering.retier_runs u SET finished = clock_timestamp(), message = $4,
        status = CASE WHEN $3 IS NULL THEN 'done' WHEN $3 IN ('57014', '57P01', '57P02', '57P03') THEN 'interrupted' ELSE 'failed' END
    WHERE u.program = $1 AND u.started = $2 RETURNING u.* INTO r;
    IF to_regclass('pg_temp.tiering_differing') IS NOT NULL THEN
        DROP TABLE pg_temp.tiering_differing;
    END IF;
    IF $3 IS NULL THEN
        RAISE NOTICE USING MESSAGE = format('program "%s": %s new, %s moved, %s otherwise changed, %s gone', $1, r.added, r.moved, r.updated, r.gone);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.end_run(text, timestamptz, text, text) IS 'a part of retier(): notes the end, good (failed_state NULL) or bad';

CREATE FUNCTION tiering.continue_run(program text, run timestamptz, next_block bigint, batch_size integer) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    differing bigint;
    blocks bigint;
    step bigint;
BEGIN
    IF $3 IS NULL THEN
        PERFORM tiering.compare_run($1, $2);
        RETURN 0;
    END IF;
    SELECT r.total INTO differing FROM tiering.retier_runs r WHERE r.program = $1 AND r.started = $2;
    blocks := pg_relation_size('pg_temp.tiering_differing') / current_setting('block_size')::bigint;
    IF $3 >= blocks THEN
        RETURN NULL;
    END IF;
    step := greatest(1, blocks * coalesce($4, differing) / greatest(differing, 1));
    PERFORM tiering.apply_run($1, $2, $3, $3 + step);
    RETURN $3 + step;
END
$$;
COMMENT ON FUNCTION tiering.continue_run(text, timestamptz, bigint, integer) IS
    'a part of retier(): the comparison (next_block NULL), or the next batch from that page on of what it set aside, about batch_size customers; '
    'returns where to go on, NULL at the end';

CREATE FUNCTION tiering.tell_progress(program text, run timestamptz, told timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    r record;
BEGIN
    IF clock_timestamp() < $3 + interval '5 seconds' THEN
        RETURN $3;
    END IF;
    SELECT u.* INTO r FROM tiering.runs u WHERE u.program = $1 AND u.started = $2;
    RAISE NOTICE USING MESSAGE = format('program "%s": %s of %s customers%s', $1, r.done, coalesce(r.total::text, '?'),
        CASE WHEN r.expected_end IS NOT NULL THEN format(', %s a second, until about %s', r.rate, to_char(r.expected_end, 'HH24:MI:SS')) ELSE '' END);
    RETURN clock_timestamp();
END
$$;
COMMENT ON FUNCTION tiering.tell_progress(text, timestamptz, timestamptz) IS
    'a part of retier(): says as NOTICE how far it is, unless it was told within five seconds; returns when it was told';

CREATE FUNCTION tiering.raise_again(state text, message text, detail text, hint text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF $3 <> '' AND $4 <> '' THEN
        RAISE EXCEPTION USING ERRCODE = $1, MESSAGE = $2, DETAIL = $3, HINT = $4;
    ELSIF $3 <> '' THEN
        RAISE EXCEPTION USING ERRCODE = $1, MESSAGE = $2, DETAIL = $3;
    ELSIF $4 <> '' THEN
        RAISE EXCEPTION USING ERRCODE = $1, MESSAGE = $2, HINT = $4;
    END IF;
    RAISE EXCEPTION USING ERRCODE = $1, MESSAGE = $2;
END
$$;
COMMENT ON FUNCTION tiering.raise_again(text, text, text, text) IS 'a part of retier(): the error that was caught, once the end of the run is committed';

CREATE FUNCTION tiering.commit_refusal() RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    COMMIT;
EXCEPTION WHEN invalid_transaction_termination THEN
    RETURN SQLERRM;
END
$$;
COMMENT ON FUNCTION tiering.commit_refusal() IS
    'what the server says, in its language, to a COMMIT where there can be none: inside a function, or a procedure in a transaction block';

-- A procedure that commits cannot SET search_path: it does nothing but call functions that do.
CREATE PROCEDURE tiering.retier(program text, as_of timestamptz DEFAULT NULL, batch_size integer DEFAULT 20000)
    LANGUAGE plpgsql
AS $$
DECLARE
    in_block boolean := false;
    run timestamptz;
    next_block bigint;
    told timestamptz := pg_catalog.clock_timestamp();
    failed_state text;
    failed_message text;
    failed_detail text;
    failed_hint text;
BEGIN
    BEGIN
        COMMIT;  -- never succeeds here, in a subtransaction; in a transaction block the server says so in other words
    EXCEPTION WHEN invalid_transaction_termination THEN
        in_block := SQLERRM OPERATOR(pg_catalog.=) tiering.commit_refusal();
    END;
    run := tiering.begin_run($1, $2, $3, in_block);
    IF in_block THEN
        RAISE NOTICE USING MESSAGE = 'in a transaction block, retier() is one transaction: nobody sees its progress, and nothing stays if it breaks off';
        PERFORM tiering.continue_run($1, run, NULL, NULL);
        PERFORM tiering.continue_run($1, run, 0, NULL);
        PERFORM tiering.end_run($1, run, NULL, NULL);
        RETURN;
    END IF;
    COMMIT;

    -- COMMIT cannot stand inside a block that catches errors, so that each step has its own.
    LOOP
        BEGIN
            next_block := tiering.continue_run($1, run, next_block, $3);
            IF next_block IS NULL THEN
                PERFORM tiering.end_run($1, run, NULL, NULL);
            END IF;
        EXCEPTION WHEN query_canceled OR OTHERS THEN
            GET STACKED DIAGNOSTICS failed_state = RETURNED_SQLSTATE, failed_message = MESSAGE_TEXT,
                failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        END;
        IF failed_state IS NOT NULL THEN
            PERFORM tiering.end_run($1, run, failed_state, failed_message);
        END IF;
        COMMIT;
        EXIT WHEN failed_state IS NOT NULL OR next_block IS NULL;
        told := tiering.tell_progress($1, run, told);
    END LOOP;
    PERFORM pg_catalog.pg_advisory_unlock(tiering.retier_lock($1));
    IF failed_state IS NOT NULL THEN
        PERFORM tiering.raise_again(failed_state, failed_message, failed_detail, failed_hint);
    END IF;
END
$$;
COMMENT ON PROCEDURE tiering.retier(text, timestamptz, integer) IS
    'grades all customers of a program again, and writes what changed: new tiers with history, scores, due dates, owners; customers whom the source has '
    'no more are closed. The newest version of the scheme is taken up unless one is pinned. First everybody is compared under one snapshot, then the '
    'differences are written in batches of about batch_size customers, each committed, so that little is locked; tiering.runs shows the progress. '
    'Cancelled or killed, it is simply called again. In a transaction block it is one transaction. as_of: the time as of which to grade, not in the future and '
    'not before an earlier one; default now(). ERROR 42704 unknown program, 55000 paused, 55P03 another session retiers it, 42P01, 42703 source or column '
    'dropped, 23502, 23505 missing or duplicate keys, 22008 as_of in the future';
