-- From 0.1.0 to 0.1.1. CONTRIBUTING.md, "Change what is released", says what stands here.
\echo Use "ALTER EXTENSION customer_tiering UPDATE" to load this file. \quit

CREATE OR REPLACE FUNCTION tiering.snapshot_function(customers_as_of regprocedure) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF customers_as_of IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'customers_as_of must be given',
            HINT = 'Pass a function such as crm.accounts_as_of(timestamptz), which returns the columns that the program uses.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_proc f WHERE f.oid = customers_as_of AND f.proretset AND f.pronargs = 1 AND f.proargtypes[0] = 'timestamptz'::regtype) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no function of a timestamptz that returns rows', customers_as_of),
            HINT = 'Pass one such as crm.accounts_as_of(timestamptz), which returns the columns that the program uses.';
    END IF;
    RETURN replace((SELECT customers_as_of::regproc::text), '%', '%%') || '(%L::timestamptz)';
END
$$;
COMMENT ON FUNCTION tiering.snapshot_function(regprocedure) IS
    'the FROM item of the customers as a function returns them for a time, with %L for the time; ERROR 22004 NULL, 22023 no function of a timestamptz that returns rows';

CREATE OR REPLACE FUNCTION tiering.snapshot_table(snapshots regclass, taken_at text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shown text;
    taken text;
BEGIN
    IF snapshots IS NULL OR taken_at IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'snapshots and taken_at must be given',
            HINT = 'Pass a table or view with the columns of the source, and the name of its column that says when each row was copied: snapshots => ''crm.accounts_daily'', taken_at => ''copied_at''.';
    END IF;
    IF NOT EXISTS (SELECT FROM tiering.source_columns(snapshots) c
        WHERE c.column_name = taken_at AND c.type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column', MESSAGE = format('%s has no column "%s" with the time of the snapshot', snapshots, taken_at),
            DETAIL = tiering.column_list(snapshots),
            HINT = 'It must be of type timestamptz, timestamp or date.';
    END IF;
    shown := replace(snapshots::text, '%', '%%');
    taken := replace(format('%I', taken_at), '%', '%%');
    RETURN format('(SELECT * FROM %s WHERE %s = (SELECT max(%s) FROM %s WHERE %s <= %%L))', shown, taken, taken, shown, taken);
END
$$;
COMMENT ON FUNCTION tiering.snapshot_table(regclass, text) IS
    'the FROM item of the customers of the newest snapshot of a table by a time, with %L for the time; ERROR 22004 a NULL, 42703 no such column';

CREATE OR REPLACE FUNCTION tiering.grading_query(
    plan tiering.program_plan, few boolean, changed_only boolean DEFAULT false, graded text DEFAULT NULL, state text DEFAULT 'tiering.assignments',
    with_gone boolean DEFAULT true, only_one boolean DEFAULT false, contacted text DEFAULT NULL, missing text[] DEFAULT NULL
) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    numbered text := (SELECT string_agg(format('r.argument%s', n), ', ' ORDER BY n) FROM generate_subscripts(plan.arguments, 1) AS n);
    -- Expressions that are used in several places, with names in braces for the values of a customer (with_names()).
    counts_from CONSTANT text := tiering.counts_from_expression();
    step CONSTANT text := tiering.step_expression(plan);
    joined CONSTANT text := tiering.joined_expression(plan);
    since_contacted CONSTANT text := CASE WHEN contacted IS NOT NULL THEN ', a.contacted' ELSE '' END;
    carried CONSTANT text := CASE WHEN contacted IS NOT NULL THEN ' {of}.contacted, {of}.place,' ELSE '' END;
    contact CONSTANT text := tiering.contact_expression(plan, 'a.last_logged, g.contact' || since_contacted, 'g.customer', 'g.group_key');
    joined_placed CONSTANT text := tiering.with_names(joined, '', '', '', '', 'p.customer', 'p.joined');
    -- Only those who are there are graded one by one (log_followup()), and a few always as of now.
    before CONSTANT text := CASE WHEN only_one THEN 'NULL::tiering.assignment_log' ELSE 'CASE WHEN g.customer IS NOT NULL AND a.gone_since >= pg_catalog.now() '
        'THEN (SELECT l FROM tiering.assignment_log l WHERE l.program = plan.program AND l.customer = a.customer AND l.since < a.gone_since ORDER BY l.since DESC LIMIT 1) END' END;
    standing CONSTANT text := CASE WHEN few THEN 'NULL::tiering.assignment_log AS standing, j.was_pending_since AS standing_pending'
        ELSE 'CASE WHEN j.again AND plan.as_of < pg_catalog.now() THEN (SELECT l FROM tiering.assignment_log l '
        'WHERE l.program = plan.program AND l.customer = j.customer AND l.since < plan.as_of ORDER BY l.since DESC LIMIT 1) END AS standing, '
        'CASE WHEN j.again AND plan.as_of < pg_catalog.now() THEN (SELECT l.pending_since FROM tiering.assignment_log l '
        'WHERE l.program = plan.program AND l.customer = j.customer AND l.since = plan.as_of) ELSE j.was_pending_since END AS standing_pending' END;
    began CONSTANT text := 'CASE WHEN s.problem IS NOT NULL OR s.seen IS NOT NULL AND NOT s.was_gone AND ($1).tiers[d.rank] IS NOT DISTINCT FROM s.previous_tier '
        'THEN s.previous_since ELSE ($1).as_of END';
    -- Of nearly everybody nothing changes. This is told of a joined row at once; all others go on through what follows.
    stays CONSTANT text := format($c$(g.customer IS NOT NULL AND g.problem IS NULL AND g.refused IS NULL AND g.computed_tier IS NOT DISTINCT FROM a.tier
        AND g.score IS NOT DISTINCT FROM a.score AND g.owner IS NOT DISTINCT FROM a.owner AND g.group_key IS NOT DISTINCT FROM a.group_key AND g.label IS NOT DISTINCT FROM a.label
        AND a.last_followup IS NOT DISTINCT FROM %s AND %s)$c$, contact, tiering.stays_expression(plan));
BEGIN
    -- OFFSET 0 keeps the planner from writing out an expression in each place that uses it.
    RETURN format(replace(replace(replace(replace(replace(replace(replace($query$
WITH graded AS (%s
), joined AS (
    SELECT coalesce(g.customer, a.customer) AS customer, g.customer IS NULL AS is_gone, a.seen, g.computed_tier AS graded_tier, g.score AS graded_score,
        -- Of who is gone, and of a row that could not be read (read_source()), the source says nothing.
        CASE WHEN g.customer IS NULL OR g.problem ? 'unread' THEN a.owner ELSE g.owner END AS owner,
        CASE WHEN g.customer IS NULL THEN greatest(a.last_followup{contacted}) WHEN g.problem ? 'unread' THEN greatest(a.last_followup, a.last_logged{contacted}) ELSE %s END AS last_followup,
        g.refused, g.problem, %s AS measure, g.joined, CASE WHEN g.customer IS NULL OR g.problem ? 'unread' THEN a.group_key ELSE g.group_key END AS group_key, a.group_key AS was_group_key,
        CASE WHEN g.customer IS NULL OR g.problem ? 'unread' THEN a.label ELSE g.label END AS label, a.label AS was_label, a.rhythm_since AS was_rhythm_since, a.valid_until AS was_valid_until, a.override_until, %s
        a.tier AS was_tier, a.rank AS was_rank, a.computed_tier AS was_computed_tier, a.score AS was_score, a.reasons AS was_reasons, a.owner AS was_owner,
        a.since AS was_since, a.last_followup AS was_last_followup, a.cadence_due AS was_cadence_due, a.next_due AS was_next_due,
        a.pending_since AS was_pending_since, a.gone_since AS was_gone_since, a.planned_due, a.snoozed_until,{carried}
        -- Who comes back within the transaction that closed him takes up where he was: what the history says of before.
        {before} AS before,
        -- Graded before as of the same moment: what is found now takes the place of what was found then.
        CASE WHEN coalesce(a.gone_since, a.since) >= plan.as_of THEN (SELECT coalesce(l.as_of, l.since) = plan.as_of FROM tiering.assignment_log l
            WHERE l.program = plan.program AND l.customer = a.customer AND l.since = coalesce(a.gone_since, a.since)) ELSE false END AS again
    FROM graded g
    %s
    OFFSET 0
), placed AS (
    SELECT j.*, (j.before).since IS NOT NULL AS resumes, j.was_gone_since IS NOT NULL AND (j.before).since IS NULL AS was_gone,
        pg_catalog.array_position(plan.tiers, j.graded_tier) AS graded_rank,
        CASE WHEN j.was_gone_since IS NULL THEN j.was_tier ELSE (j.before).tier END AS previous_tier,
        pg_catalog.array_position(plan.tiers, CASE WHEN j.was_gone_since IS NULL THEN j.was_tier ELSE (j.before).tier END) AS previous_rank,
        CASE WHEN j.was_gone_since IS NULL OR (j.before).since IS NULL THEN j.was_since ELSE (j.before).since END AS previous_since,
        -- Stability goes by the tier that the customer had before that moment; within one transaction by the one that he has.
        {standing}
    FROM joined j
    OFFSET 0
), settled AS (
    SELECT p.*, p.problem IS NOT NULL AND (p.seen IS NULL OR p.was_gone) AS set_aside, %s AS settlement
    FROM placed p
    {settlement}
), dated AS (
    SELECT s.*, d.rank, b.rhythm_since,
        CASE WHEN s.problem IS NOT NULL THEN s.previous_tier ELSE plan.tiers[d.rank] END AS tier,
        CASE WHEN s.is_gone OR s.problem IS NOT NULL THEN s.was_computed_tier ELSE s.graded_tier END AS computed_tier,
        CASE WHEN s.is_gone OR s.problem IS NOT NULL THEN s.was_score ELSE s.graded_score END AS score,
        CASE WHEN s.is_gone OR s.problem IS NOT NULL THEN s.was_pending_since ELSE (s.settlement).pending_since END AS pending_since,
        CASE WHEN s.is_gone THEN s.was_cadence_due ELSE coalesce(%s, tiering.cadence_due(s.last_followup, plan.zone, plan.every[d.rank], plan.workday[d.rank],
            plan.at_once[d.rank], plan.calendar, CASE WHEN NOT s.was_gone THEN s.was_cadence_due END,
            greatest(b.rhythm_since, %s), plan.grace[d.rank])) END AS cadence_due
    FROM settled s
    CROSS JOIN LATERAL (SELECT CASE WHEN s.problem IS NOT NULL THEN coalesce(s.previous_rank, s.was_rank)
        ELSE coalesce((s.settlement).rank, s.graded_rank) END AS rank) d
    CROSS JOIN LATERAL (SELECT CASE WHEN s.seen IS NOT NULL AND NOT s.is_gone AND s.problem IS NULL AND (s.was_gone OR plan.tiers[d.rank] IS DISTINCT FROM s.previous_tier)
        THEN plan.today ELSE s.was_rhythm_since END AS rhythm_since) b
    OFFSET 0
), reasoned AS (
    SELECT d.*, CASE WHEN NOT d.is_gone THEN tiering.next_due(d.planned_due, d.cadence_due, d.snoozed_until) END AS next_due,
        tiering.change_reason(d.is_gone, d.seen IS NOT NULL, d.was_gone, d.previous_tier, d.previous_rank, d.tier, d.rank) AS reason, %s AS valid_until
    FROM dated d
    OFFSET 0
), outcome AS (
    SELECT r.customer, r.seen, r.previous_tier, r.tier, r.rank, r.computed_tier, r.score, r.owner, r.last_followup, r.pending_since, r.cadence_due, r.next_due,
        r.rhythm_since, r.valid_until, r.group_key, r.label, r.reason,
        CASE WHEN r.reason IS NULL THEN r.previous_since
            ELSE greatest(plan.as_of, coalesce(r.was_gone_since, r.was_since) + interval '1 microsecond') END AS since,
        CASE WHEN r.again AND r.reason IS NOT NULL THEN plan.as_of END AS as_of, r.standing_pending AS pending_before,
        CASE WHEN r.is_gone THEN coalesce(r.was_gone_since, greatest(plan.as_of, r.was_since + interval '1 microsecond')) END AS gone_since,
        %s AS reasons,
        CASE WHEN r.resumes THEN r.was_gone_since END AS resumed, r.problem, r.refused, r.set_aside,{carried_on}
        NOT r.set_aside AND (r.seen IS NULL OR r.reason IS NOT NULL OR r.resumes OR NOT r.is_gone
            AND (r.rank, r.computed_tier, r.score, r.owner, r.last_followup, r.pending_since, r.cadence_due, r.next_due, r.valid_until, r.group_key, r.label) IS DISTINCT FROM
                (r.was_rank, r.was_computed_tier, r.was_score, r.was_owner, r.was_last_followup, r.was_pending_since, r.was_cadence_due, r.was_next_due, r.was_valid_until, r.was_group_key, r.was_label)) AS differs
    FROM reasoned r%s
)
SELECT plan.program COLLATE pg_catalog."C" AS program, o.* FROM outcome o$query$, '{before}', before), '{standing}', standing), '{contacted}', since_contacted), 'plan.', '($1).'),
        '{settlement}', CASE WHEN plan.stability THEN 'OFFSET 0' ELSE '' END), '{carried}', replace(carried, '{of}', 'a')), '{carried_on}', replace(carried, '{of}', 'r')),
        coalesce('SELECT * FROM ' || graded || CASE WHEN missing IS NOT NULL THEN ' g WHERE g.customer = ANY ($2)' ELSE '' END, tiering.source_query(plan, few OR missing IS NOT NULL, only_one)),
        contact,
        coalesce(plan.measure, 'NULL::pg_catalog.numeric'),
        CASE WHEN plan.with_reasons THEN replace(numbered, 'r.', 'g.') || ',' ELSE '' END,
        -- Of a few customers each is looked up by itself: with = ANY the planner might read the whole program. LIMIT 1 says that the key is unique, whatever
        -- is known of the columns: of many rows the planner would think that they are best written by a scan of all.
        CASE WHEN with_gone THEN 'FULL' ELSE 'LEFT' END || ' JOIN (' || format(CASE WHEN only_one THEN 'SELECT ''1''::pg_catalog.xid AS seen, ($3).*'
                WHEN contacted IS NOT NULL THEN 'SELECT a.*, k.at AS contacted FROM %s a JOIN ' || contacted || ' k ON k.customer = a.customer'
                WHEN few THEN 'SELECT l.* FROM (SELECT DISTINCT k.customer COLLATE pg_catalog."C" AS customer FROM pg_catalog.unnest($2) AS k (customer)) k '
                    'CROSS JOIN LATERAL (SELECT a.xmin AS seen, a.* FROM %s a WHERE a.program = ($1).program AND a.customer = k.customer LIMIT 1) l'
                ELSE 'SELECT a.xmin AS seen, a.* FROM %s a WHERE a.program = ($1).program' || coalesce(' AND a.customer = ANY ($2 || ' || quote_literal(missing) || '::pg_catalog.text[])', '') END, state)
                || ') a ON a.customer = g.customer'
                || CASE WHEN changed_only THEN ' WHERE ' || tiering.with_names(stays, 'a.rank', 'a.since', 'a.last_followup', 'a.override_until', 'a.customer', 'g.joined') || ' IS NOT TRUE'
                    ELSE '' END,
        CASE WHEN plan.stability THEN
            'CASE WHEN p.problem IS NULL AND p.again AND ($1).as_of < pg_catalog.now() THEN CASE WHEN p.graded_rank <> pg_catalog.array_position(($1).tiers, (p.standing).tier) THEN '
            'tiering.settle_tier(($1).document, ($1).as_of, pg_catalog.array_position(($1).tiers, (p.standing).tier), (p.standing).since, p.standing_pending, p.graded_rank, p.measure'
            || joined_placed || ') END '
            'WHEN p.problem IS NULL AND p.graded_rank <> p.previous_rank THEN tiering.settle_tier(($1).document, ($1).as_of, p.previous_rank, '
            'p.previous_since, p.was_pending_since, p.graded_rank, p.measure' || joined_placed || ') END'
            ELSE 'NULL::tiering.settlement' END,
        tiering.with_names(step, 'd.rank', began, 's.last_followup', 's.override_until', 's.customer', ''),
        tiering.with_names(counts_from, 'd.rank', '', '', 's.override_until', '', ''),
        CASE WHEN plan.kept THEN
            'CASE WHEN d.problem IS NOT NULL THEN d.was_valid_until WHEN NOT d.is_gone AND d.tier IS NOT NULL THEN tiering.kept_until(($1).document, ($1).as_of, '
            'CASE WHEN d.tier = d.previous_tier AND NOT d.was_gone THEN d.previous_since ELSE ($1).as_of END' || tiering.with_names(joined, '', '', '', '', 'd.customer', 'd.joined') || ') END'
            ELSE 'NULL::pg_catalog.date' END,
        CASE WHEN plan.with_reasons THEN
            format('CASE WHEN r.is_gone OR r.problem IS NOT NULL THEN r.was_reasons ELSE tiering.grade_reasons(($1).document, ($1).as_of, %s) END', numbered)
            ELSE 'CASE WHEN r.is_gone OR r.problem IS NOT NULL THEN r.was_reasons END' END,
        CASE WHEN changed_only THEN '
    WHERE r.problem IS NOT NULL OR r.refused IS NOT NULL OR r.seen IS NULL OR r.reason IS NOT NULL OR r.resumes OR NOT r.is_gone
        AND (r.rank, r.computed_tier, r.score, r.owner, r.last_followup, r.pending_since, r.cadence_due, r.next_due, r.valid_until, r.group_key, r.label) IS DISTINCT FROM
            (r.was_rank, r.was_computed_tier, r.was_score, r.was_owner, r.was_last_followup, r.was_pending_since, r.was_cadence_due, r.was_next_due, r.was_valid_until, r.was_group_key, r.was_label)'
        ELSE '' END);
END
$$;
COMMENT ON FUNCTION tiering.grading_query(tiering.program_plan, boolean, boolean, text, text, boolean, boolean, text, text[]) IS
    'the query that gives for each customer of a program the assignment that should be; $1 is the plan, $2 the customers if only a few are asked for. '
    'changed_only: no row for those who have it already, and no problem. graded: a table that holds the rows of source_query(). state: the assignments to '
    'compare with. with_gone: those that the source has no more, too. only_one: only the first customer of $2, whose assignment is $3. contacted: a table of a few customers with the last contact (at) that counts besides; their assignments are then those of lock_contacted(). missing: with everybody, only the customers of $2, and these, whom the source has no more. Who cannot be graded keeps the tier, and all that follows from it; who has none is set_aside';

CREATE OR REPLACE FUNCTION tiering.plan_few(program text, cause text DEFAULT NULL) RETURNS tiering.program_plan
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_program record;
    name text := plan_few.program || coalesce(' ' || cause, '');
    plan tiering.program_plan;
BEGIN
    -- All that plan_program() reads: versions of rows, and those of the columns of the source. The due day of those never contacted is of a day.
    -- Looked up one by one: a join of so few rows takes longer to set up than to run.
    SELECT p.source, pg_catalog.concat_ws(' ', p.xmin, p.ctid, (SELECT pg_catalog.concat_ws(' ', s.xmin, s.ctid) FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = p.applied_version),
        (SELECT pg_catalog.concat_ws(' ', c.xmin, c.ctid) FROM tiering.calendars c WHERE c.calendar = coalesce(p.calendar, (SELECT d.calendar FROM tiering.defaults d))),
        (SELECT pg_catalog.concat_ws(' ', d.xmin, d.ctid) FROM tiering.defaults d), (now() AT TIME ZONE p.zone)::date,
        tiering.row_type_revision(p.source), tiering.row_type_revision('tiering.program_plan'::regclass), (SELECT t.xmin FROM pg_class t WHERE t.oid = p.source),
        md5(tiering.kept_out_condition(p.program, '')), CASE WHEN p.shares_contacts IS NOT NULL
            THEN (SELECT pg_catalog.string_agg(q.program, ' ' ORDER BY q.program) FROM tiering.programs q WHERE q.shares_contacts = p.shares_contacts) END) AS revision INTO found_program
    FROM tiering.programs p
    WHERE p.program = plan_few.program;
    IF NOT FOUND THEN
        PERFORM tiering.find_program(program);
    END IF;
    IF cause IS NOT NULL THEN
        found_program.revision := found_program.revision || ' ' || tiering.hides_rows(found_program.source);
    END IF;
    plan := tiering.kept_plan(name, found_program.revision);
    IF plan.program IS NULL THEN
        -- Now and then only: a source that is renamed or gone changes the revision.
        IF tiering.is_administrator() THEN
            PERFORM tiering.follow_source(program);
            SELECT p.source INTO found_program.source FROM tiering.programs p WHERE p.program = plan_few.program;
        END IF;
        plan := tiering.plan_program(program, now());
        IF cause IS NULL THEN
            plan.read_one := format(CASE WHEN tiering.has_unique_key(found_program.source, tiering.key_columns(program)) THEN 'SELECT o.*, 1::pg_catalog.int8 AS rows FROM (%s) o'
                ELSE 'SELECT o.*, pg_catalog.count(*) OVER () AS rows FROM (%s) o LIMIT 1' END, tiering.grading_query(plan, true, with_gone => false, only_one => true));
        ELSE
            plan.write_few := tiering.write_query(plan.program, cause,
                tiering.grading_query(plan, true, with_gone => NOT tiering.hides_rows(found_program.source)), problems_at => 'pg_catalog.now()');
        END IF;
        PERFORM tiering.keep_plan(name, found_program.revision, plan);
    END IF;
    plan.as_of := now();
    plan.latest_contact := tiering.latest_contact(plan.as_of);
    RETURN plan;
END
$$;

CREATE OR REPLACE FUNCTION tiering.write_query(
    program text, cause text, outcomes text, state text DEFAULT 'tiering.assignments', condition text DEFAULT 'true', problems_at text DEFAULT NULL,
    log text DEFAULT 'tiering.assignment_log', contacted text DEFAULT NULL
) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    written text := array_to_string(tiering.graded_columns(), ', ');
BEGIN
    RETURN format($query$
WITH outcome AS MATERIALIZED (%1$s
), changed AS (
    -- Nobody has graded it since: the version of the row is the one that was compared.
    UPDATE %2$s a SET (%3$s) = ROW (%4$s)%10$s
    FROM outcome o WHERE a.program = o.program AND a.customer = o.customer AND a.xmin = o.seen AND NOT o.set_aside AND %6$s
    RETURNING a.customer, a.since, a.tier, o.reason, a.owner, a.reasons, o.resumed, o.as_of, o.pending_before
), resumed AS (
    -- Who came back in the transaction that closed him was never gone.
    DELETE FROM %9$s l USING outcome o
    WHERE o.resumed IS NOT NULL AND l.program = o.program AND l.customer = o.customer AND l.since = o.resumed AND l.reason = 'gone'
), added AS (
    INSERT INTO %2$s AS a (program, customer, %3$s)
    SELECT %5$L, o.customer, %4$s FROM outcome o WHERE o.seen IS NULL AND NOT o.set_aside ORDER BY o.owner COLLATE pg_catalog."C", o.customer
    ON CONFLICT (program, customer) DO NOTHING
    RETURNING a.customer, a.since, a.tier, CASE WHEN a.tier IS NULL THEN 'ungraded' ELSE 'first' END AS reason, a.owner, a.reasons
), logged AS (
    INSERT INTO %9$s (program, customer, since, tier, reason, cause, owner, reasons, as_of, pending_since)
    SELECT %5$L, c.customer, c.since, c.tier, c.reason, %7$L, c.owner, c.reasons, c.as_of, c.pending_before
    FROM (SELECT x.customer, x.since, x.tier, x.reason, x.owner, x.reasons, x.as_of, x.pending_before FROM changed x WHERE x.reason IS NOT NULL
        UNION ALL SELECT n.*, NULL, NULL FROM added n) c
    RETURNING 1
)%8$s
SELECT o.*, c.*, (SELECT pg_catalog.count(*) FROM added) AS added, (SELECT pg_catalog.count(*) FROM logged) AS logged
FROM (SELECT pg_catalog.count(*) AS rows, %11$s AS customers, pg_catalog.count(*) FILTER (WHERE x.gone_since IS NULL) AS here,
        pg_catalog.count(*) FILTER (WHERE x.seen IS NULL AND NOT x.set_aside) AS unknown, pg_catalog.count(x.problem) + pg_catalog.count(x.refused) AS problems FROM outcome x) o
CROSS JOIN (SELECT pg_catalog.count(*) FILTER (WHERE x.reason <> 'gone' OR x.resumed IS NOT NULL) AS moved, pg_catalog.count(*) FILTER (WHERE x.reason IS NULL AND x.resumed IS NULL) AS updated,
        pg_catalog.count(*) FILTER (WHERE x.reason = 'gone') AS gone FROM changed x) c$query$,
        outcomes, state, written, (SELECT string_agg('o.' || u.name, ', ' ORDER BY u.n) FROM unnest(tiering.graded_columns()) WITH ORDINALITY AS u (name, n)),
        program, condition, cause,
        CASE WHEN problems_at IS NOT NULL THEN format(', noted AS (%s)', tiering.note_query(program, problems_at, cause, 'outcome')) ELSE '' END, log,
        CASE WHEN contacted IS NOT NULL THEN ', last_logged = greatest(a.last_logged, o.contacted)' ELSE '' END,
        -- Of many it would be a sort of them all.
        CASE WHEN contacted IS NOT NULL AND tiering.has_unique_key((tiering.find_program(program)).source, tiering.key_columns(program)) THEN 'pg_catalog.count(*)'
            ELSE 'pg_catalog.count(DISTINCT x.customer)' END);
END
$$;

CREATE OR REPLACE FUNCTION tiering.grade_customers(program text, customers text[], cause text, path text DEFAULT current_setting('search_path'), contacted text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_few(grade_customers.program, cause);
    written record;
BEGIN
    IF NOT has_any_column_privilege('tiering.assignments', 'UPDATE') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('you may not grade customers of program "%s"', plan.program),
            DETAIL = 'Whoever changes the source of a program that grades automatically, or logs contacts, grades customers.',
            HINT = format('SELECT tiering.grant_agent(%L) gives the rights of an agent.', current_user);
    END IF;
    IF plan.spelt_freely THEN
        customers := tiering.follow_spellings(plan, customers, path);
    END IF;
    IF contacted IS NOT NULL THEN
        -- Found by where they are: for so many the planner would make a hash table of all assignments that there are, of other programs, too.
        plan.write_few := tiering.write_query(plan.program, cause, tiering.grading_query(plan, true, with_gone => NOT tiering.hides_rows(plan.source::regclass), contacted => contacted,
            state => 'pg_temp."tiering: locked"'),
            condition => 'a.ctid = ANY (ARRAY(SELECT p.place FROM outcome p))', problems_at => 'pg_catalog.now()', contacted => contacted);
    END IF;
    FOR attempt IN 1..2 LOOP
        -- An import has locked them.
        IF contacted IS NULL THEN
            PERFORM FROM (SELECT DISTINCT k.customer COLLATE "C" AS customer FROM unnest(customers) AS k (customer) ORDER BY 1) k
            CROSS JOIN LATERAL (SELECT FROM tiering.assignments a WHERE a.program = plan.program AND a.customer = k.customer FOR NO KEY UPDATE) l;
        END IF;
        -- Of many customers the planner knows better what to do when it sees them.
        written := tiering.run_statement(plan, plan.write_few, customers, path, contacted IS NULL AND cardinality(customers) <= 100, NULL, CASE WHEN contacted IS NULL THEN cause END);
        IF written.rows > written.customers THEN
            PERFORM tiering.refuse_keys(plan.program, 'duplicate key', path);
        END IF;
        -- Whoever waited for the rows of a program that was dropped meanwhile adds nobody to it.
        IF written.added > 0 THEN
            PERFORM tiering.find_program(plan.program);
        END IF;
        -- Fewer were added than were new: another session has added some since, whose rows are seen now, and graded again.
        EXIT WHEN written.unknown = written.added;
        IF attempt = 2 THEN
            RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
                MESSAGE = format('program "%s" hides customers from you that you were to grade', plan.program),
                DETAIL = 'They belong to other owners.',
                HINT = 'An administrator adds the owners that you stand for to tiering.agents.';
        END IF;
    END LOOP;
    IF written.problems > 0 THEN
        PERFORM tiering.warn_of_problems(plan.program, now(), customers);
    END IF;
    PERFORM tiering.date_overrides(plan.program, customers);
    RETURN CASE WHEN contacted IS NULL THEN written.here ELSE written.moved + written.updated END;
END
$$;

COMMENT ON FUNCTION tiering.grade_customers(text, text[], text, text, text) IS
    'grades some customers of a program again, from the source, and writes what follows; returns how many of them the source has. Who cannot be graded keeps '
    'the tier, and stands in tiering.run_problems. path: the search_path under which the source is read. contacted: a table of them, whom lock_contacted() has locked and read, with the last contact (at) that is to be written as well; then it returns how many were written, and a row of the source that cannot be read is an ERROR';

CREATE OR REPLACE FUNCTION tiering.date_overrides(program text, customers text[]) RETURNS void
    -- The index has those who have an override and nobody else, whatever the planner takes their number for.
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    plan tiering.program_plan;
    overridden text[];
BEGIN
    -- Locked before they are read, so that a contact that is being logged counts. Each customer is looked up by
    -- itself: the planner might read the whole program for = ANY.
    IF date_overrides.customers IS NULL THEN
        overridden := ARRAY(SELECT l.customer FROM (SELECT a.customer FROM tiering.assignments a
            WHERE a.program = date_overrides.program AND a.override_tier IS NOT NULL AND tiering.lasts(a.override_until) ORDER BY a.customer FOR NO KEY UPDATE) l);
    ELSE
        -- Many are looked for among those who have an override.
        IF cardinality(date_overrides.customers) > 1000 THEN
            customers := ARRAY(SELECT o.customer FROM (SELECT a.customer FROM tiering.assignments a WHERE a.program = date_overrides.program AND a.override_tier IS NOT NULL OFFSET 0) o
                -- by hash, as no join of what the planner takes for one row would be
                WHERE (o.customer IN (SELECT k.customer FROM unnest(date_overrides.customers) AS k (customer))) IS TRUE);
        END IF;
        overridden := ARRAY(SELECT l.customer FROM (SELECT DISTINCT k.customer COLLATE "C" AS customer FROM unnest(date_overrides.customers) AS k (customer) ORDER BY 1) k
            -- By the key: in the index of those who have an override, where the owner comes first, each would be looked for among all.
            CROSS JOIN LATERAL (SELECT a.customer FROM tiering.assignments a
                WHERE a.program = date_overrides.program AND a.customer = k.customer AND coalesce(a.override_tier, '') <> '' AND tiering.lasts(a.override_until) FOR NO KEY UPDATE) l);
    END IF;
    IF overridden = '{}' THEN
        RETURN;
    END IF;
    plan := tiering.plan_program(date_overrides.program, now());
    UPDATE tiering.assignments a SET override_rank = array_position(plan.tiers, a.override_tier), override_due = tiering.override_due(plan, a)
    FROM (SELECT date_overrides.program AS program, unnest(overridden) AS customer) d
    WHERE a.program = d.program AND a.customer = d.customer
        AND (a.override_rank, a.override_due) IS DISTINCT FROM (array_position(plan.tiers, a.override_tier), tiering.override_due(plan, a));
END
$$;

CREATE OR REPLACE FUNCTION tiering.log_followup(
    program text, customer text, channel text DEFAULT NULL, outcome text DEFAULT NULL, note text DEFAULT NULL, at timestamptz DEFAULT now(),
    promise text DEFAULT NULL, promised_at timestamptz DEFAULT NULL, path text DEFAULT current_setting('search_path'),
    checks text[] DEFAULT NULL, lang text DEFAULT NULL, counts boolean DEFAULT NULL,
    OUT tier text, OUT previous_tier text, OUT computed_tier text, OUT strategy jsonb, OUT next_due date, OUT calendar_known boolean, OUT strategy_text text
)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    plan tiering.program_plan := tiering.plan_few(log_followup.program);
    a tiering.assignments;
    judged record;
    number integer;
    graded record;
    is_attempt boolean := NOT coalesce(log_followup.counts, (tiering.code_of('outcome', log_followup.outcome) = ANY (plan.attempts)) IS NOT TRUE);
BEGIN
    IF plan.paused THEN
        PERFORM tiering.require_active(plan.program);
    END IF;
    IF log_followup.lang IS NOT NULL THEN
        PERFORM tiering.language(log_followup.lang);
    END IF;
    IF plan.grouped IS NOT NULL OR plan.sharing IS NOT NULL THEN
        PERFORM tiering.lock_sharing(plan, ARRAY[log_followup.customer]);
    END IF;
    -- Named as graded, the customer is found at once; otherwise the key may be spelt in another way, or be new in the source.
    SELECT x.* INTO a FROM tiering.assignments x WHERE x.program = plan.program AND x.customer = log_followup.customer AND x.gone_since IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        log_followup.customer := tiering.customer_key(plan.program, log_followup.customer, path);
    END IF;
    IF log_followup.at IS DISTINCT FROM now() OR log_followup.promise IS NOT NULL OR log_followup.promised_at IS NOT NULL THEN
        PERFORM tiering.require_contact(plan, log_followup.customer, log_followup.at, log_followup.promise, log_followup.promised_at);
    END IF;
    IF a.customer IS NULL THEN
        a := tiering.lock_graded(plan.program, log_followup.customer, path);
    END IF;
    judged := tiering.judge_contact(a, plan.zone, log_followup.at);
    previous_tier := judged.tier;
    -- Nearly nobody has had one.
    IF EXISTS (SELECT FROM tiering.contact_stops s WHERE s.program = a.program AND s.customer = a.customer) THEN
        PERFORM tiering.warn_of_stop(a, tiering.code_of('channel', log_followup.channel));
    END IF;

    -- After an attempt the customer is still to be contacted, by whoever has claimed it. A late entry of an earlier contact moves nothing: due dates count from
    -- the last one. What was planned is done by a contact since.
    IF is_attempt THEN
        judged.due := NULL;
        judged.on_time := NULL;
    ELSE
        a.last_logged := greatest(a.last_logged, log_followup.at);
        a.claimed_by := NULL;
        a.claimed_until := NULL;
        IF a.planned_due IS NOT NULL OR a.snoozed_until IS NOT NULL THEN
            a := tiering.after_contact(a, log_followup.at);
        END IF;
    END IF;

    graded := tiering.run_statement(plan, plan.read_one, ARRAY[a.customer], path, true, a, 'followup');
    IF graded IS NULL THEN
        PERFORM tiering.refuse_customer(plan.program, a.customer);
    ELSIF graded.rows > 1 THEN
        PERFORM tiering.refuse_keys(plan.program, 'duplicate key', path);
    END IF;
    a.last_followup := graded.last_followup;
    a.cadence_due := graded.cadence_due;
    a.next_due := graded.next_due;
    tier := graded.tier;
    next_due := graded.next_due;
    computed_tier := graded.computed_tier;
    IF a.override_tier IS NOT NULL AND tiering.lasts(a.override_until) THEN
        a.override_rank := array_position(plan.tiers, a.override_tier);
        a.override_due := tiering.override_due(plan, a);
        IF tiering.override_counts(a.override_until, a.override_kind, a.override_rank, graded.rank) THEN
            tier := a.override_tier;
            next_due := a.override_due;
        END IF;
    END IF;

    IF graded.reason IS NOT NULL THEN
        INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, reasons)
        VALUES (a.program, a.customer, graded.since, graded.tier, graded.reason, 'followup', graded.owner, graded.reasons);
    END IF;
    WITH contact AS (
        INSERT INTO tiering.followups AS f (program, customer, at, n, channel, outcome, note, owner, tier, due, on_time, checks, tier_after, attempt)
        VALUES (a.program, a.customer, log_followup.at,
            (SELECT coalesce(max(f.n), 0) + 1 FROM tiering.followups f WHERE f.program = a.program AND f.customer = a.customer AND f.at = log_followup.at), tiering.code_of('channel', log_followup.channel), tiering.code_of('outcome', log_followup.outcome),
            log_followup.note, a.owner, judged.tier, judged.due, judged.on_time, tiering.known_checks(plan.program, checks), log_followup.tier, is_attempt)
        RETURNING f.program, f.customer, f.n
    )
    UPDATE tiering.assignments x SET tier = graded.tier, rank = graded.rank, computed_tier = graded.computed_tier, score = graded.score, owner = graded.owner,
        last_logged = a.last_logged, last_followup = a.last_followup, pending_since = graded.pending_since, cadence_due = a.cadence_due, next_due = a.next_due,
        since = graded.since, reasons = graded.reasons, rhythm_since = graded.rhythm_since, valid_until = graded.valid_until, group_key = graded.group_key, label = graded.label,
        planned_due = a.planned_due, later_plans = a.later_plans, snoozed_until = a.snoozed_until, claimed_by = a.claimed_by, claimed_until = a.claimed_until,
        override_rank = a.override_rank, override_due = a.override_due
    FROM contact c WHERE x.program = c.program AND x.customer = c.customer
    RETURNING c.n INTO number;
    IF log_followup.promised_at IS NOT NULL THEN
        INSERT INTO tiering.promises (program, customer, made_at, n, promise, promised_at, owner)
        VALUES (a.program, a.customer, log_followup.at, number, log_followup.promise, log_followup.promised_at, a.owner);
    END IF;
    IF graded.problem IS NOT NULL OR graded.refused IS NOT NULL THEN
        EXECUTE tiering.note_query(plan.program, 'pg_catalog.now()', 'followup', '(SELECT $1 AS customer, $2 AS problem, $3 AS refused)')
        USING a.customer, graded.problem, graded.refused;
        PERFORM tiering.warn_of_problems(plan.program, now(), ARRAY[a.customer]);
    END IF;

    IF (plan.sharing IS NOT NULL OR plan.grouped IS NOT NULL) AND NOT is_attempt THEN
        PERFORM tiering.share_contacts(plan, ARRAY[a.customer], path);
    END IF;
    strategy := tiering.own_strategy(plan.program, log_followup.tier);
    IF lang IS NOT NULL THEN
        strategy_text := tiering.strategy_summary(strategy, lang);
    END IF;
    calendar_known := coalesce(tiering.calendar_covers(plan.calendar, log_followup.next_due), true);
END
$$;

CREATE OR REPLACE FUNCTION tiering.set_contacts_aside(program text, strict boolean) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    problem record;
    n_problems bigint;
    first_ones text;
BEGIN
    SELECT c.customer, c.given::text AS at, c.state, c.message INTO problem FROM pg_temp."tiering: contacts" c WHERE c.state IS NOT NULL ORDER BY c.customer, c.given::text LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    IF strict THEN
        PERFORM tiering.raise_again(problem.state, problem.message,
            format('Customer %s at %s.', coalesce('"' || problem.customer || '"', 'NULL'), coalesce(problem.at, 'NULL')),
            'Import from a view that leaves out such rows, or without strict, which sets them aside.');
    END IF;
    SELECT count(*), string_agg(format('customer %s at %s: %s', coalesce('"' || c.customer || '"', 'NULL'), coalesce(c.at, 'NULL'), c.message), '; ' ORDER BY c.place)
        FILTER (WHERE c.place <= 3) INTO n_problems, first_ones
    FROM (SELECT t.customer, t.given::text AS at, t.message, row_number() OVER (ORDER BY t.customer, t.given::text) AS place FROM pg_temp."tiering: contacts" t WHERE t.state IS NOT NULL) c;
    INSERT INTO tiering.run_problems (program, at, customer, purpose, n, cause, value, sqlstate, message, hint)
    SELECT set_contacts_aside.program, now(), c.customer, 'contact',
        row_number() OVER (PARTITION BY c.customer ORDER BY c.at) + coalesce((SELECT max(q.n) FROM tiering.run_problems q
            WHERE q.program = set_contacts_aside.program AND q.at = now() AND q.customer = c.customer AND q.purpose = 'contact'), 0),
        'import', left(c.at, 200), c.state, c.message, 'Correct it and import again: contacts that are known already are not logged twice.'
    FROM (SELECT coalesce(t.customer, '') AS customer, t.given::text AS at, t.state, t.message FROM pg_temp."tiering: contacts" t
        WHERE t.state IS NOT NULL ORDER BY t.customer, t.given::text LIMIT 10000) c;
    DELETE FROM pg_temp."tiering: contacts" c WHERE c.state IS NOT NULL;
    RAISE WARNING USING MESSAGE = format('program "%s": contacts that cannot be imported: %s', program, n_problems),
        DETAIL = format('%s%s.', first_ones, CASE WHEN n_problems > 3 THEN ' …' ELSE '' END),
        HINT = format('SELECT * FROM tiering.run_problems WHERE program = %L AND purpose = ''contact'' ORDER BY at DESC lists them. '
            'Corrected, they come with another import: what is known already is not logged twice.', program);
    RETURN n_problems;
END
$$;

CREATE FUNCTION tiering.lock_contacted(program text, attempts text[]) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    customers text[];
BEGIN
    PERFORM tiering.drop_temporary('tiering: contacted', 'tiering: locked');
    CREATE TEMP TABLE pg_temp."tiering: contacted" AS
        SELECT c.customer, max(c.at) FILTER (WHERE (c.outcome = ANY (attempts)) IS NOT TRUE) AS at
        FROM pg_temp."tiering: contacts" c WHERE c.state IS NULL GROUP BY c.customer ORDER BY c.customer;
    customers := ARRAY(SELECT k.customer FROM pg_temp."tiering: contacted" k);
    -- In the order of their keys, in which they are locked by others, too, and stand in the indexes.
    CREATE TEMP TABLE pg_temp."tiering: locked" AS
        SELECT a.xmin AS seen, a.ctid AS place, a.* FROM tiering.assignments a
        WHERE a.program = lock_contacted.program AND a.customer = ANY (customers) ORDER BY a.customer FOR NO KEY UPDATE;
    RETURN customers;
END
$$;
COMMENT ON FUNCTION tiering.lock_contacted(text, text[]) IS
    'a part of import_followups(): the customers of the contacts that are not set aside, with the last contact that is no attempt (at), and their assignments, which it locks and reads once, stand in temporary tables '
    'afterwards: tiering: contacted, tiering: locked. Returns the customers';

CREATE OR REPLACE FUNCTION tiering.unsettled_customers(program text, customers text[], path text) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program(unsettled_customers.program, now());
    settled record;
BEGIN
    settled := tiering.run_statement(plan, format($query$
        SELECT pg_catalog.array_agg(b.customer) AS customers FROM (
            SELECT a.customer, a.owner COLLATE pg_catalog."C" AS owner FROM pg_temp."tiering: locked" a WHERE a.gone_since IS NULL
            INTERSECT SELECT %s COLLATE pg_catalog."C", (%s) COLLATE pg_catalog."C" FROM %s s WHERE %s) b$query$,
        plan.customer, plan.owner, plan.source, concat_ws(' AND ', plan.present, plan.chosen)), customers, path);
    RETURN CASE WHEN coalesce(cardinality(settled.customers), 0) = cardinality(customers) THEN NULL
        ELSE ARRAY(SELECT k.customer FROM unnest(customers) AS k (customer) EXCEPT SELECT b.customer FROM unnest(settled.customers) AS b (customer)) END;
EXCEPTION WHEN OTHERS THEN
    IF NOT tiering.is_of_a_row(SQLSTATE) THEN
        RAISE;
    END IF;
    -- Whose row cannot be read, grading finds.
    RETURN customers;
END
$$;
COMMENT ON FUNCTION tiering.unsettled_customers(text, text[], text) IS
    'a part of import_followups(), after lock_contacted(): those of some customers who have no assignment, are gone, are not in the source any more, or belong to another owner there; NULL: none of them';

CREATE OR REPLACE FUNCTION tiering.import_followups(
    program text, source regclass, customer text DEFAULT 'customer', at text DEFAULT 'at', channel text DEFAULT NULL,
    outcome text DEFAULT NULL, note text DEFAULT NULL, strict boolean DEFAULT false, path text DEFAULT current_setting('search_path')
) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(import_followups.program);
    found_type regtype;
    imported bigint;
    customers text[];
    keys text[];
    unsettled text[];
    of_others text[];
    plan tiering.program_plan;
BEGIN
    PERFORM tiering.require_active(p.program);
    IF import_followups.source IS NULL OR import_followups.customer IS NULL OR import_followups.at IS NULL OR import_followups.strict IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'source, customer, at and strict must not be NULL',
            HINT = 'SELECT tiering.import_followups(program, ''schema.table'', customer => ''column'', at => ''column'').';
    END IF;
    PERFORM tiering.require_column(import_followups.source, u.name, 'Name the columns: customer => ''…'', at => ''…'', channel => ''…''.')
    FROM unnest(ARRAY[import_followups.customer, import_followups.at, import_followups.channel, import_followups.outcome, import_followups.note]) AS u (name)
    WHERE u.name IS NOT NULL;
    SELECT c.type INTO found_type FROM tiering.source_columns(import_followups.source) c WHERE c.column_name = import_followups.at;
    IF found_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
            MESSAGE = format('column "%s" of %s is of type %s, but a contact has a time', import_followups.at, import_followups.source, found_type),
            HINT = 'Import from a view that casts it to timestamptz, timestamp or date.';
    END IF;
    PERFORM tiering.drop_temporary('tiering: contacts');
    plan := tiering.plan_program(p.program, now());
    plan.path := NULL;  -- it is not the source of the program that is read
    PERFORM tiering.read_import(plan, format(
        'CREATE TEMP TABLE pg_temp."tiering: contacts" AS SELECT %1$s COLLATE pg_catalog."C" AS customer, s.%2$I::%3$s AS given, '
        'CASE WHEN s.%2$I BETWEEN ''0001-01-02''::%3$s AND ''9999-12-29''::%3$s THEN s.%2$I::%4$s END AS at, '
        'tiering.code_of(''channel'', %5$s::pg_catalog.text) AS channel, tiering.code_of(''outcome'', %6$s::pg_catalog.text) AS outcome, %7$s::pg_catalog.text AS note, '
        'NULL::pg_catalog.text COLLATE pg_catalog."C" AS state, NULL::pg_catalog.text AS message FROM %8$s s',
        (SELECT tiering.key_expression(format('s.%I', c.column_name), c.type) FROM tiering.source_columns(import_followups.source) c
            WHERE c.column_name = import_followups.customer),
        import_followups.at, found_type,
        CASE WHEN found_type = 'timestamptz'::regtype THEN 'timestamptz' ELSE format('timestamp AT TIME ZONE %L', p.zone) END,
        coalesce('s.' || quote_ident(import_followups.channel), 'NULL'), coalesce('s.' || quote_ident(import_followups.outcome), 'NULL'),
        coalesce('s.' || quote_ident(import_followups.note), 'NULL'), import_followups.source), import_followups.source,
        ARRAY[import_followups.customer, import_followups.at, import_followups.channel, import_followups.outcome, import_followups.note], import_followups.customer, import_followups.path);
    UPDATE pg_temp."tiering: contacts" c SET
        state = CASE WHEN c.customer IS NULL OR c.given IS NULL THEN '22004' ELSE '22008' END,
        message = CASE WHEN c.customer IS NULL THEN 'the contact names no customer' WHEN c.given IS NULL THEN 'the contact has no time'
            WHEN c.at > clock_timestamp() THEN 'the contact lies in the future' ELSE 'the contact is at no time of the calendar' END
    WHERE c.customer IS NULL OR c.at IS NULL OR c.at > clock_timestamp();
    -- Mostly all are named as they were graded, and nothing has to be said of them but that. Whose contacts count for others is locked before.
    IF plan.grouped IS NULL AND plan.sharing IS NULL THEN
        customers := tiering.lock_contacted(p.program, p.attempts);
        unsettled := tiering.unsettled_customers(p.program, customers, import_followups.path);
    ELSE
        customers := ARRAY(SELECT DISTINCT c.customer FROM pg_temp."tiering: contacts" c WHERE c.state IS NULL ORDER BY 1);
    END IF;
    IF unsettled IS NOT NULL OR plan.grouped IS NOT NULL OR plan.sharing IS NOT NULL THEN
        -- Not in the statement, which would look them up once to be planned and once to be run.
        keys := tiering.customer_keys(p.program, customers, import_followups.path, false);
        UPDATE pg_temp."tiering: contacts" c SET customer = coalesce(k.key, left(c.customer, 500)), state = CASE WHEN k.key IS NULL THEN '42704' END,
            message = CASE WHEN k.key IS NULL THEN format('program "%s" has no customer "%s"', p.program, left(c.customer, 500)) END
        FROM unnest(customers, keys) AS k (customer, key)
        WHERE k.customer = c.customer AND c.state IS NULL AND k.key IS DISTINCT FROM c.customer;
        IF plan.grouped IS NOT NULL OR plan.sharing IS NOT NULL THEN
            PERFORM tiering.lock_sharing(plan, ARRAY(SELECT DISTINCT c.customer FROM pg_temp."tiering: contacts" c WHERE c.state IS NULL ORDER BY 1));
        END IF;
        customers := tiering.lock_contacted(p.program, p.attempts);
        -- Customers whom no retier has seen yet are graded first, and so is known whom the source has not. All others are graded once, with their contacts.
        unsettled := tiering.unsettled_customers(p.program, customers, import_followups.path);
    END IF;
    IF unsettled IS NOT NULL THEN
        of_others := tiering.grade_allowed(p.program, unsettled, import_followups.path);
        UPDATE pg_temp."tiering: contacts" c SET state = '42501', message = format('customer "%s" of program "%s" belongs to an owner for whom you do not stand', c.customer, p.program)
        WHERE c.customer = ANY (of_others) AND c.state IS NULL;
        UPDATE pg_temp."tiering: contacts" c SET state = coalesce(u.sqlstate, '42704'), message = coalesce(u.message, format('program "%s" has no customer "%s"', p.program, c.customer))
        FROM unnest(unsettled) AS k (customer)
        LEFT JOIN LATERAL (SELECT q.sqlstate, q.message FROM tiering.run_problems q WHERE q.program = p.program AND q.at = now() AND q.customer = k.customer
            AND q.purpose = 'input' ORDER BY q.n DESC LIMIT 1) u ON true
        WHERE c.customer = k.customer AND c.state IS NULL
            -- Of customers who are gone an administrator brings in what was; agents write of those who are there (97_agent_writes.sql).
            AND NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = p.program AND a.customer = k.customer AND (a.gone_since IS NULL OR tiering.is_administrator()) OFFSET 0);
    END IF;
    PERFORM tiering.set_contacts_aside(p.program, import_followups.strict);
    IF unsettled IS NOT NULL THEN
        -- Some were graded, or set aside.
        customers := tiering.lock_contacted(p.program, p.attempts);
    END IF;
    PERFORM tiering.finish_plans(p.program, p.attempts);
    -- A contact that is known already, from an import before or twice in this one, is the same contact. They are compared sorted, each once.
    BEGIN
        INSERT INTO tiering.followups (program, customer, at, n, channel, outcome, note, attempt, owner)
        WITH known AS (
            -- Of few customers those alone, by the key; of many all contacts of the program at such times, once.
            SELECT f.customer, f.at, f.channel, f.outcome, f.note, f.n FROM unnest(customers) AS k (customer)
            CROSS JOIN LATERAL (SELECT x.* FROM tiering.followups x WHERE x.program = p.program AND x.customer = k.customer OFFSET 0) f WHERE cardinality(customers) <= 1000
            UNION ALL
            SELECT f.customer, f.at, f.channel, f.outcome, f.note, f.n FROM tiering.followups f WHERE f.program = p.program AND cardinality(customers) > 1000
                AND f.at BETWEEN (SELECT min(t.at) FROM pg_temp."tiering: contacts" t) AND (SELECT max(t.at) FROM pg_temp."tiering: contacts" t)
        )
        -- Side by side, not joined: whatever the planner takes the number of contacts for, nothing is looked for row by row.
        SELECT p.program, c.customer, c.at, c.n, c.channel, c.outcome, c.note, (c.outcome = ANY (p.attempts)) IS TRUE, c.owner
        FROM (
            SELECT b.*, count(*) FILTER (WHERE b.known_n IS NULL) OVER (PARTITION BY b.at, b.customer ORDER BY b.channel, b.outcome, b.note)
                + coalesce(max(b.known_n) OVER (PARTITION BY b.at, b.customer), 0) AS n
            FROM (
                SELECT DISTINCT ON (u.at, u.customer, u.channel, u.outcome, u.note) u.*
                -- The owner is looked up before they are sorted: a join would come out in another order.
                FROM (SELECT t.customer, t.at, t.channel, t.outcome, t.note, NULL::smallint AS known_n, w.owner FROM pg_temp."tiering: contacts" t
                    LEFT JOIN pg_temp."tiering: locked" w ON w.customer = t.customer
                    UNION ALL SELECT k.*, NULL FROM known k) u
                ORDER BY u.at, u.customer, u.channel, u.outcome, u.note, u.known_n DESC NULLS LAST
            ) b
        ) c
        WHERE c.known_n IS NULL
        -- In the order of time, in which two of three indexes go on where they are.
        ORDER BY c.at, c.customer;
        GET DIAGNOSTICS imported = ROW_COUNT;
    EXCEPTION WHEN numeric_value_out_of_range THEN
        PERFORM tiering.refuse_crowd();
    END;
    PERFORM tiering.grade_contacted(p.program, customers, import_followups.path);
    DROP TABLE pg_temp."tiering: contacted", pg_temp."tiering: locked";
    PERFORM tiering.share_contacts(plan, customers, import_followups.path);
    DROP TABLE pg_temp."tiering: contacts";
    RETURN imported;
END
$$;
COMMENT ON FUNCTION tiering.import_followups(text, regclass, text, text, text, text, text, boolean, text) IS
    'logs the contacts of a whole table or view, and returns how many; the customers are graded again, once each. Name its columns: customer, at (timestamptz, '
    'timestamp or date), channel, outcome, note. Contacts without customer or time, in the future, of customers whom the source does not have, or who belong to others of whom an agent sees nothing, are set aside: they stand in '
    'tiering.run_problems (cause import, purpose contact), and a WARNING counts them; with strict the first of them is an error, and nothing is imported. '
    'What was planned or put off before a contact is done by it, as by log_followup(). A contact of the same customer, time, channel, outcome and note is the same contact: an import '
    'that is repeated brings what is new, and returns its count. Whether they were on time is not judged: what was due then is not known. '
    'path: search_path under which both sources are read. ERROR 42703 no such column, 42804 at is no time, 42704 unknown program, 55000 paused; with strict 22004, 22008, 42501, 42704';

-- Fits and populations of other servers, in one argument.

CREATE FUNCTION tiering.fit_final(part tiering.fitting, scheme tiering.scheme) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_finish';
COMMENT ON FUNCTION tiering.fit_final(tiering.fitting) IS 'final function of aggregate fit, and what makes a scheme of parts that hold theirs: that with the cut points of this pass. Errors as of fit()';
COMMENT ON FUNCTION tiering.fit_final(tiering.fitting, tiering.scheme) IS
    'a scheme with the cut points of this pass, of parts of its readings. Errors as of fit(), and 22023 parts of another scheme';
CREATE FUNCTION tiering.population_final(part tiering.headcount, scheme tiering.scheme) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'population_finish';
COMMENT ON FUNCTION tiering.population_final(tiering.headcount) IS 'final function of aggregate population, and what makes jsonb of parts that hold their scheme: the counts by bin and tier';
COMMENT ON FUNCTION tiering.population_final(tiering.headcount, tiering.scheme) IS
    'the counts by bin and tier, as jsonb, of parts of readings of a scheme. ERROR 22023 parts of another scheme, 55000 as population()';
CREATE FUNCTION tiering.fit_reading(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS bytea
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_reading';
CREATE FUNCTION tiering.population_reading(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS bytea
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'population_reading';
COMMENT ON FUNCTION tiering.fit_reading(tiering.scheme, timestamptz, "any") IS
    'the values of a customer to which the next pass fits a scheme, or what is wrong with one: (scheme, as_of, inputs…), the inputs as for grade(). fit_part() gathers it. NULL without scheme or '
    'as_of. Errors as of fit(), but for values';
COMMENT ON FUNCTION tiering.population_reading(tiering.scheme, timestamptz, "any") IS
    'the bins and the tier of a customer, or why it cannot be graded: (scheme, as_of, inputs…), the inputs as for grade(). population_part() gathers it. NULL without scheme or as_of. '
    'Errors as of population(), but for values';

CREATE FUNCTION tiering.fit_add(tiering.fitting, reading bytea) RETURNS tiering.fitting
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_add_reading';
CREATE FUNCTION tiering.population_add(tiering.headcount, reading bytea) RETURNS tiering.headcount
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'population_add_reading';
COMMENT ON FUNCTION tiering.fit_add(tiering.fitting, bytea) IS 'transition of aggregate fit_part';
COMMENT ON FUNCTION tiering.population_add(tiering.headcount, bytea) IS 'transition of aggregate population_part';

CREATE AGGREGATE tiering.fit_part (reading bytea) (
    SFUNC = tiering.fit_add, STYPE = tiering.fitting, SSPACE = 1048576, FINALFUNC = tiering.fitting_final, COMBINEFUNC = tiering.fitting_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.fit_part (bytea) IS
    'a part of fit(), which another server can compute, of what tiering.fit_reading(scheme, as_of, inputs…) has made of each customer. rollup() merges parts, fit_final(part, scheme) makes the '
    'scheme of them. Customers are set aside as by fit(); NULLs are ignored. ERROR 22P03 bytes that are no reading, 22023 readings of different schemes';
CREATE AGGREGATE tiering.population_part (reading bytea) (
    SFUNC = tiering.population_add, STYPE = tiering.headcount, FINALFUNC = tiering.headcount_final, COMBINEFUNC = tiering.headcount_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.population_part (bytea) IS
    'a part of population(), which another server can compute, of what tiering.population_reading(scheme, as_of, inputs…) has made of each customer. rollup() merges parts, '
    'population_final(part, scheme) counts them. Customers are set aside as by population(); NULLs are ignored. ERROR 22P03 bytes that are no reading, 22023 readings of different schemes';

REVOKE EXECUTE ON FUNCTION tiering.fit_add(tiering.fitting, bytea), tiering.population_add(tiering.headcount, bytea) FROM PUBLIC;

COMMENT ON FUNCTION tiering.reading(tiering.scheme, "any") IS
    'the inputs of a customer as a scheme reads them, or what is wrong with one: (scheme, inputs…), the inputs as for grade(). Parts of outcomes and grade() take it '
    'instead of the inputs; for a fit and a population fit_reading() and population_reading() take less time on Citus. NULL for a NULL row. Errors as of grade(), but for values';

COMMENT ON AGGREGATE tiering.fit_part (tiering.scheme, timestamptz, bytea) IS
    'superseded by fit_part(fit_reading(…)), which does not pass the scheme with each customer. A part of fit(), which another server can compute: (scheme, as_of, reading), with tiering.reading(scheme, inputs…). rollup() merges parts, fit_final() makes the scheme of '
    'them. Customers are set aside as by fit(). ERROR 22P03 bytes that are no reading of the scheme';
COMMENT ON AGGREGATE tiering.population_part (tiering.scheme, timestamptz, bytea) IS
    'superseded by population_part(population_reading(…)), which does not pass the scheme with each customer. A part of population(), which another server can compute: (scheme, as_of, reading), with tiering.reading(scheme, inputs…). rollup() merges parts, population_final() counts '
    'them. Customers are set aside as by population(). ERROR 22P03 bytes that are no reading of the scheme, 55000 for an unfitted scheme';
CREATE OR REPLACE FUNCTION tiering.over_source(document tiering.scheme, source regclass, mapping jsonb, aggregate text, arguments text DEFAULT '', condition text DEFAULT '') RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN (SELECT CASE
            WHEN t.shard IS NOT NULL THEN format('SELECT tiering.%I(tiering.rollup(p.part)%s), pg_catalog.sum(p.n)::pg_catalog.int8 FROM (SELECT %s AS part, pg_catalog.count(*) AS n FROM %s GROUP BY s.%I) p',
                t.final, q.document, q.part, t.rows, t.shard)
            WHEN t.elsewhere IS NOT NULL THEN format('SELECT tiering.%I(%s%s), pg_catalog.count(*) FROM %s', t.final, q.part, q.document, t.rows)
            -- where all rows are here, nobody has to write readings for others
            ELSE format('SELECT tiering.%I($1, $2, %s%s), pg_catalog.count(*) FROM %s', aggregate, arguments, t.inputs, t.rows) END
        FROM (SELECT tiering.shard_column(source) AS shard, tiering.rows_elsewhere(source) AS elsewhere, aggregate || '_final' AS final, aggregate IN ('fit', 'population') AS of_readings,
            concat(source, ' s', ' WHERE ' || nullif(condition, '')) AS rows,
            (SELECT string_agg(tiering.input_expression(format('s.%I', c.column_name), c.type, c.words), ', ') FROM tiering.input_columns(document, source, mapping) c) AS inputs) t
        -- Readings of a fit or a population do not hold the document, which the final function is given. Outcomes are gathered with it beside the reading.
        CROSS JOIN LATERAL (SELECT CASE WHEN t.of_readings THEN format('tiering.%I(tiering.%I($1, $2, %s))', aggregate || '_part', aggregate || '_reading', t.inputs)
                ELSE format('tiering.%I($1, $2, %stiering.reading($1, %s))', aggregate || '_part', arguments, t.inputs) END AS part,
            CASE WHEN t.of_readings THEN ', $1' END AS document) q);

CREATE FUNCTION tiering.goes_on(at timestamptz, step interval) RETURNS boolean
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    -- What is longer than nothing as an interval need not be so from every day on: '1 month -29 days'.
    RETURN CASE WHEN step > interval '0' AND step <= interval '1000 years' THEN at + step > at ELSE false END;
COMMENT ON FUNCTION tiering.goes_on(timestamptz, interval) IS 'whether times that are a step apart go on from a time: the step is longer than nothing, and no longer than 1000 years';

CREATE OR REPLACE FUNCTION tiering.backfill_from(program text, "from" timestamptz, "to" timestamptz, step interval, snapshot text, path text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    p tiering.programs := tiering.find_program(backfill_from.program);
    plan tiering.program_plan;
    at timestamptz;
    n integer := 0;
    first timestamptz;
    unkeyed boolean;
    written record;
    problems bigint := 0;
    total bigint := 0;
BEGIN
    PERFORM tiering.require_active(p.program);
    IF "from" IS NULL OR "to" IS NULL OR step IS NULL OR NOT isfinite("from") OR NOT isfinite("to") OR "from" > "to" OR NOT tiering.goes_on("from", step) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('from %s to %s by %s is no row of times', "from", "to", step),
            HINT = 'from must not be later than to, and step must be longer than nothing and no longer than 1000 years.';
    END IF;
    IF "to" > now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('to %s lies in the future', "to"),
            HINT = 'Only the past can be graded afterwards: choose an earlier "to".';
    END IF;
    PERFORM tiering.lock_program(p.program);
    SELECT min(l.since) INTO first FROM tiering.assignment_log l WHERE l.program = p.program;
    IF first <= "to" THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('program "%s" has a history since %s', p.program, first),
            HINT = 'Only the time before that can be graded afterwards: choose an earlier "to".';
    END IF;
    PERFORM tiering.follow_source(p.program);
    PERFORM tiering.follow_renames(p.program);
    PERFORM tiering.apply_version(p.program);
    PERFORM tiering.drop_differing();
    PERFORM tiering.drop_past();
    CREATE TEMP TABLE "tiering: past" (LIKE tiering.assignments INCLUDING DEFAULTS);
    ALTER TABLE pg_temp."tiering: past" ADD PRIMARY KEY (program, customer);
    LOOP
        -- From the first time on, not from the last: 31 January plus two months is 31 March.
        at := "from" + n * step;
        EXIT WHEN at > "to";
        n := n + 1;
        plan := tiering.plan_program(p.program, at);
        plan.source := format(snapshot, at);
        PERFORM tiering.read_source(plan, path, NULL);
        SELECT EXISTS (SELECT FROM pg_temp."tiering: graded" g GROUP BY g.customer HAVING count(*) > 1 OR g.customer IS NULL) INTO unkeyed;
        IF unkeyed THEN
            RAISE EXCEPTION USING ERRCODE = 'unique_violation', MESSAGE = format('the customers as of %s have missing or duplicate keys', at),
                DETAIL = format('Key column of program "%s": %s.', p.program, concat_ws(', ', p.tenant_column, p.key_column)),
                HINT = format('For %s each customer has one row, with its key: SELECT * FROM %s s shows them.', at, plan.source);
        END IF;
        -- A snapshot that is not there would take everybody for gone.
        IF EXISTS (SELECT FROM pg_temp."tiering: graded") THEN
            EXECUTE tiering.write_query(p.program, 'backfill',
                tiering.grading_query(plan, false, true, 'pg_temp."tiering: graded"', 'pg_temp."tiering: past"'), 'pg_temp."tiering: past"', problems_at => 'pg_catalog.now()')
            INTO written USING plan;
            total := total + written.logged;
            problems := problems + written.problems;
        END IF;
        DROP TABLE pg_temp."tiering: graded";
    END LOOP;
    -- Where nobody was graded yet, the present goes on from there.
    INSERT INTO tiering.assignments SELECT t.* FROM pg_temp."tiering: past" t
    WHERE NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = t.program AND a.customer = t.customer);
    PERFORM tiering.drop_past();
    IF problems > 0 THEN
        PERFORM tiering.warn_of_problems(p.program, now());
    END IF;
    RETURN total;
END
$$;

CREATE OR REPLACE FUNCTION tiering.regrade_from(program text, "from" timestamptz, until timestamptz, reason text, snapshot text, step interval, path text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    p tiering.programs := tiering.find_program(program);
    plan tiering.program_plan;
    moment record;
    moments bigint := 0;
    problems bigint := 0;
    written record;
    unkeyed boolean;
    total bigint;
    customers text[];
BEGIN
    PERFORM tiering.require_administrator(p.program, 'correct the past');
    PERFORM tiering.require_active(p.program);
    until := coalesce(until, now());
    IF "from" IS NULL OR coalesce(reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'from and reason must be given',
            HINT = 'SELECT tiering.regrade(program, ''2026-03-01'', NULL, ''orders booked late'', ''crm.accounts_as_of(timestamptz)''); until NULL is now.';
    END IF;
    IF "from" > until OR NOT isfinite("from") THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('from %s until %s is no time', "from", until), HINT = 'from must not be later than until.';
    END IF;
    IF until > now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('until %s lies in the future', until), HINT = 'Leave it out for now: NULL.';
    END IF;
    IF NOT tiering.goes_on("from", step) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('step is %s', step), HINT = 'It must be longer than nothing and no longer than 1000 years; NULL grades at the times of the runs.';
    END IF;
    PERFORM tiering.lock_program(p.program);
    PERFORM tiering.follow_renames(p.program);
    PERFORM tiering.drop_differing();
    PERFORM tiering.drop_past();
    -- Whoever logs a contact or gives a tier meanwhile waits: what is compared here is the last word.
    PERFORM FROM tiering.assignments a WHERE a.program = p.program ORDER BY a.customer FOR NO KEY UPDATE;
    CREATE TEMP TABLE "tiering: past" (LIKE tiering.assignments INCLUDING DEFAULTS);
    ALTER TABLE pg_temp."tiering: past" ADD PRIMARY KEY (program, customer);
    CREATE TEMP TABLE "tiering: wanted" (LIKE tiering.assignment_log INCLUDING DEFAULTS);
    -- Everybody begins with what the history says of just before.
    INSERT INTO pg_temp."tiering: past" (program, customer, tier, rank, computed_tier, since, gone_since, owner)
    SELECT l.program, l.customer, l.tier, t.rank, l.tier, l.since, CASE WHEN l.reason = 'gone' THEN l.since END, l.owner
    FROM (SELECT DISTINCT ON (h.customer) h.* FROM tiering.assignment_log h WHERE h.program = p.program AND coalesce(h.as_of, h.since) < "from" ORDER BY h.customer, h.since DESC) l
    LEFT JOIN tiering.program_tiers t ON t.program = l.program AND t.tier = l.tier;
    INSERT INTO pg_temp."tiering: wanted" (program, customer, since, tier, reason, cause, owner)
    SELECT s.program, s.customer, '-infinity', s.tier, CASE WHEN s.gone_since IS NULL THEN 'first' ELSE 'gone' END, 'regrade', s.owner FROM pg_temp."tiering: past" s;

    FOR moment IN
        SELECT m.as_of, max(m.version) AS version FROM (
            SELECT r.as_of, CASE WHEN EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = r.version) THEN r.version END AS version
            FROM tiering.retier_runs r WHERE r.program = p.program AND (r.status = 'done' OR r.done > 0)
            UNION ALL SELECT DISTINCT coalesce(l.as_of, l.since), NULL::integer FROM tiering.assignment_log l WHERE l.program = p.program AND l.cause IN ('backfill', 'regrade')
            UNION ALL SELECT s.at, NULL FROM generate_series("from", until, step) AS s (at)) m
        WHERE m.as_of BETWEEN "from" AND until GROUP BY m.as_of ORDER BY m.as_of
    LOOP
        moments := moments + 1;
        plan := tiering.plan_program(p.program, moment.as_of, moment.version);
        plan.source := format(snapshot, moment.as_of);
        PERFORM tiering.read_source(plan, path, NULL);
        SELECT EXISTS (SELECT FROM pg_temp."tiering: graded" g GROUP BY g.customer HAVING count(*) > 1 OR g.customer IS NULL) INTO unkeyed;
        IF unkeyed THEN
            RAISE EXCEPTION USING ERRCODE = 'unique_violation', MESSAGE = format('the customers as of %s have missing or duplicate keys', moment.as_of),
                DETAIL = format('Key column of program "%s": %s.', p.program, concat_ws(', ', p.tenant_column, p.key_column)),
                HINT = format('For %s each customer has one row, with its key: SELECT * FROM %s s shows them.', moment.as_of, plan.source);
        END IF;
        -- A snapshot that is not there would take everybody for gone.
        IF EXISTS (SELECT FROM pg_temp."tiering: graded") THEN
            EXECUTE tiering.write_query(p.program, 'regrade', tiering.grading_query(plan, false, true, 'pg_temp."tiering: graded"', 'pg_temp."tiering: past"'),
                'pg_temp."tiering: past"', problems_at => 'pg_catalog.now()', log => 'pg_temp."tiering: wanted"')
            INTO written USING plan;
            problems := problems + written.problems;
        END IF;
        DROP TABLE pg_temp."tiering: graded";
    END LOOP;
    IF moments = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('program "%s" was not graded between %s and %s', p.program, "from", until),
            HINT = format('SELECT as_of FROM tiering.runs WHERE program = %L lists when it was.', p.program);
    END IF;

    -- Where what should have been differs from what stands there, by the last word on each moment, a row is written that takes its place.
    INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, reasons, as_of)
    WITH standing AS (
        SELECT DISTINCT ON (l.customer, coalesce(l.as_of, l.since)) l.customer, coalesce(l.as_of, l.since) AS at, l.since, l.tier, l.reason = 'gone' AS gone
        FROM tiering.assignment_log l WHERE l.program = p.program AND coalesce(l.as_of, l.since) BETWEEN "from" AND until
        ORDER BY l.customer, coalesce(l.as_of, l.since), l.since DESC
    ), placed AS (
        SELECT m.customer, m.at, s.since AS standing_since, s.tier AS standing_tier, s.gone AS standing_gone, w.tier, w.reason, w.owner, w.reasons,
            count(w.since) OVER (PARTITION BY m.customer ORDER BY m.at) AS n
        FROM (SELECT x.customer, x.since AS at FROM pg_temp."tiering: wanted" x UNION SELECT y.customer, y.at FROM standing y) m
        LEFT JOIN pg_temp."tiering: wanted" w ON w.customer = m.customer AND w.since = m.at
        LEFT JOIN standing s ON s.customer = m.customer AND s.at = m.at
    ), carried AS (
        SELECT c.*, lag(c.wanted_tier) OVER k AS before_tier, lag(c.wanted_gone) OVER k AS before_gone
        FROM (SELECT d.*, first_value(d.tier) OVER g AS wanted_tier, d.n = 0 OR first_value(d.reason) OVER g = 'gone' AS wanted_gone,
            first_value(d.owner) OVER g AS wanted_owner, first_value(d.reasons) OVER g AS wanted_reasons
            FROM placed d WINDOW g AS (PARTITION BY d.customer, d.n ORDER BY d.at)) c
        WINDOW k AS (PARTITION BY c.customer ORDER BY c.at)
    ), compared AS (
        SELECT c.*, CASE WHEN c.standing_since IS NOT NULL THEN c.standing_tier ELSE c.before_tier END AS found_tier,
            CASE WHEN c.standing_since IS NOT NULL THEN c.standing_gone ELSE coalesce(c.before_gone, true) END AS found_gone,
            c.standing_since IS NOT NULL OR c.before_gone IS NOT NULL AS known
        FROM carried c WHERE c.at > '-infinity'
    )
    SELECT p.program, c.customer, coalesce(c.standing_since + interval '1 microsecond', c.at), CASE WHEN NOT c.wanted_gone THEN c.wanted_tier END,
        tiering.change_reason(c.wanted_gone, c.known, c.known AND c.found_gone AND NOT c.wanted_gone, c.found_tier,
            (SELECT t.rank FROM tiering.program_tiers t WHERE t.program = p.program AND t.tier = c.found_tier), c.wanted_tier,
            (SELECT t.rank FROM tiering.program_tiers t WHERE t.program = p.program AND t.tier = c.wanted_tier)),
        'regrade', c.wanted_owner, c.wanted_reasons, CASE WHEN c.standing_since IS NOT NULL THEN c.at END
    FROM compared c
    WHERE c.wanted_gone <> c.found_gone OR NOT c.wanted_gone AND c.wanted_tier IS DISTINCT FROM c.found_tier;
    GET DIAGNOSTICS total = ROW_COUNT;

    -- Who was graded by nobody yet is known from now on; whose last word has changed is graded again as of now.
    INSERT INTO tiering.assignments (program, customer, tier, rank, computed_tier, since, gone_since, owner)
    SELECT t.program, t.customer, t.tier, t.rank, t.computed_tier, t.since, t.gone_since, t.owner FROM pg_temp."tiering: past" t
    WHERE NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = t.program AND a.customer = t.customer);
    WITH latest AS (
        SELECT DISTINCT ON (l.customer) l.* FROM tiering.assignment_log l WHERE l.program = p.program ORDER BY l.customer, l.since DESC
    ), corrected AS (
        UPDATE tiering.assignments a SET tier = l.tier, rank = (SELECT t.rank FROM tiering.program_tiers t WHERE t.program = p.program AND t.tier = l.tier),
            since = l.since, gone_since = CASE WHEN l.reason = 'gone' THEN l.since END, pending_since = NULL
        FROM latest l WHERE l.cause = 'regrade' AND l.recorded_at = now() AND a.program = p.program AND a.customer = l.customer
        RETURNING a.customer
    )
    SELECT array_agg(c.customer ORDER BY c.customer) INTO customers FROM corrected c;
    INSERT INTO tiering.regrades (program, at, from_time, until_time, reason, moments, changes)
    VALUES (p.program, greatest(now(), (SELECT max(r.at) + interval '1 microsecond' FROM tiering.regrades r WHERE r.program = p.program)), "from", until, reason, moments, total);
    PERFORM tiering.drop_past();
    IF customers IS NOT NULL THEN
        PERFORM tiering.grade_customers(p.program, customers, 'regrade', path);
    END IF;
    IF problems > 0 THEN
        PERFORM tiering.warn_of_problems(p.program, now());
    END IF;
    RETURN total;
END
$$;

CREATE OR REPLACE FUNCTION tiering.periods_around(program text, introduced_at timestamptz, length interval, OUT began timestamptz, OUT ended timestamptz)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone text := (tiering.find_program(program)).zone;
BEGIN
    IF length IS NULL OR length <= interval '0' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no length of a period', coalesce(length::text, 'NULL')),
            HINT = 'Give how long before and after are compared: length => ''3 months''.';
    END IF;
    IF introduced_at IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'the moment before and after which periods are compared is NULL',
            HINT = format('SELECT * FROM tiering.tier_scorecard_compare(%L, ''2026-07-01'', ''3 months'').', program);
    END IF;
    IF length > interval '1000 years' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no length of a period', length),
            HINT = 'Give how long before and after are compared: length => ''3 months''.';
    END IF;
    -- The latest times have no next day.
    PERFORM tiering.check_period(program, introduced_at, greatest(introduced_at, least(introduced_at, timestamptz '9999-01-01 00:00+00') + interval '1 day'), NULL);
    began := ((introduced_at AT TIME ZONE zone) - length) AT TIME ZONE zone;
    ended := ((introduced_at AT TIME ZONE zone) + length) AT TIME ZONE zone;
END
$$;

CREATE OR REPLACE FUNCTION tiering.set_lifetime_model(program text, purchases tiering.lifetime_model, spend tiering.lifetime_model, horizon double precision DEFAULT 52,
    discount_rate double precision DEFAULT 0) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM tiering.hold_program(program);
    IF purchases IS NOT NULL AND spend IS NOT NULL THEN
        IF horizon IS NULL OR discount_rate IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'horizon and discount_rate must not be NULL',
                HINT = 'Leave them out for 52 and 0, or give how far ahead value is counted, in units of the model, and the discount rate per unit.';
        END IF;
        -- What the models, the horizon and the rate do not fit for is said now, not by every scorecard.
        PERFORM tiering.customer_lifetime_value(purchases, spend, tiering.rfm(day, 1::numeric), date '2000-03-01', horizon, discount_rate)
        FROM unnest('{2000-01-01,2000-02-01}'::date[]) AS day;
        INSERT INTO tiering.program_lifetime_models (program, purchases, spend, horizon, discount_rate)
        VALUES (program, purchases, spend, horizon, discount_rate)
        ON CONFLICT ON CONSTRAINT program_lifetime_models_pkey DO UPDATE SET purchases = excluded.purchases, spend = excluded.spend, horizon = excluded.horizon,
            discount_rate = excluded.discount_rate, set_at = DEFAULT, set_by = DEFAULT;
    ELSIF purchases IS NULL AND spend IS NULL THEN
        DELETE FROM tiering.program_lifetime_models m WHERE m.program = set_lifetime_model.program;
    ELSE
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a lifetime value needs both models',
            HINT = 'Give one from fit_bg_nbd(), fit_mbg_nbd() or fit_pareto_nbd() and one from fit_gamma_gamma(), or NULL for both to take them away.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.set_lifetime_model(text, tiering.lifetime_model, tiering.lifetime_model, double precision, double precision) IS
    'says by which models tier_scorecard() predicts lifetime value: of purchases and of spend, the horizon and the discount rate per unit of the models'' time; '
    'NULL models take it away. ERROR 42704 unknown program, 22023 a model of the wrong kind, a horizon or a rate out of range, 22004 one of them is NULL';

CREATE OR REPLACE FUNCTION tiering.record_scheme_review(scheme text, decision text, reason text) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    reviewed integer := tiering.wanted_version(record_scheme_review.scheme, NULL);
BEGIN
    IF record_scheme_review.scheme IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'scheme is NULL',
            HINT = 'SELECT tiering.record_scheme_review(scheme, ''keep'', ''why'').';
    END IF;
    IF record_scheme_review.decision IS NULL OR record_scheme_review.decision NOT IN ('keep', 'revise', 'retire') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a review of a scheme cannot decide "%s"', coalesce(record_scheme_review.decision, 'NULL')),
            HINT = 'Decide keep, revise or retire: SELECT tiering.record_scheme_review(scheme, ''keep'', ''why'').';
    END IF;
    IF coalesce(record_scheme_review.reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a review needs a reason',
            HINT = format('SELECT tiering.record_scheme_review(scheme, %L, ''why'').', record_scheme_review.decision);
    END IF;
    INSERT INTO tiering.scheme_reviews (scheme, at, version, decision, reason)
    VALUES (record_scheme_review.scheme, greatest(now(), (SELECT max(r.at) + interval '1 microsecond' FROM tiering.scheme_reviews r
        WHERE r.scheme = record_scheme_review.scheme)), reviewed, record_scheme_review.decision, record_scheme_review.reason);
    RETURN reviewed;
END
$$;
COMMENT ON FUNCTION tiering.record_scheme_review(text, text, text) IS
    'writes down what the review of a scheme decided and why, in the name of the session user, and returns the version that was looked at, the current one. It is a record: '
    'revise_scheme() and retire_scheme() carry it out, approve_scheme() begins the next period. ERROR 42704 unknown scheme, 55000 no version is approved, '
    '22023 another decision than keep, revise, retire, 22004 no scheme or reason';

CREATE FUNCTION tiering.name_parts(name text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN parse_ident(name);
EXCEPTION WHEN invalid_parameter_value THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_name', MESSAGE = format('"%s" is no name', name), DETAIL = 'A name that is not of small letters, digits and underscores alone stands in double quotes.',
        HINT = 'Write it as SQL does: schema.name, or "Schema"."the name".';
END
$$;
COMMENT ON FUNCTION tiering.name_parts(text) IS 'schema and name of a qualified name, each as it is; ERROR 42602 unless it is written as SQL writes names';

CREATE OR REPLACE FUNCTION tiering.create_tier_view(program text, name text, materialized boolean DEFAULT false, path text DEFAULT current_setting('search_path')) RETURNS regclass
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(create_tier_view.program);
    parts text[] := tiering.name_parts(name);
    target text;
    kind text := CASE WHEN materialized THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END;
    key record;
    tenant record;
    owner record;
    label record;
    taken text[] := '{tier,rank,title_en,title_zh,computed_tier,overridden,since,score,reasons,last_followup,next_due}';
    key_shown text;
    tenant_shown text;
    owner_shown text;
    label_shown text;
    query text;
BEGIN
    IF parts IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'name is NULL',
            HINT = 'SELECT tiering.create_tier_view(program, ''schema.view'').';
    END IF;
    IF cardinality(parts) <> 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_name', MESSAGE = format('"%s" does not say in which schema the view is to be', name),
            HINT = format('SELECT tiering.create_tier_view(%L, %L).', p.program, 'public.' || quote_ident(parts[cardinality(parts)]));
    END IF;
    target := format('%I.%I', parts[1], parts[2]);
    SELECT c.column_name INTO key FROM tiering.program_columns(p.program) c WHERE c.purpose = 'key';
    SELECT c.column_name INTO tenant FROM tiering.program_columns(p.program) c WHERE c.purpose = 'tenant';
    SELECT c.column_name INTO owner FROM tiering.program_columns(p.program) c WHERE c.purpose = 'owner';
    SELECT c.column_name INTO label FROM tiering.program_columns(p.program) c WHERE c.purpose = 'label';
    -- A column of the source that has the name of one of ours is shown under another.
    SELECT n.name INTO key_shown FROM unnest(ARRAY[key.column_name, 'customer']) WITH ORDINALITY AS n (name, i) WHERE n.name <> ALL (taken) ORDER BY n.i LIMIT 1;
    SELECT n.name INTO owner_shown FROM unnest(ARRAY[owner.column_name, 'owner', 'owner_of_customer']) WITH ORDINALITY AS n (name, i)
    WHERE n.name <> ALL (taken || key_shown) ORDER BY n.i LIMIT 1;
    SELECT n.name INTO label_shown FROM unnest(ARRAY[label.column_name, 'label', 'label_of_customer']) WITH ORDINALITY AS n (name, i)
    WHERE n.name <> ALL (taken || key_shown || coalesce(owner_shown, '')) ORDER BY n.i LIMIT 1;
    SELECT n.name INTO tenant_shown FROM unnest(ARRAY[tenant.column_name, 'tenant', 'tenant_of_customer']) WITH ORDINALITY AS n (name, i)
    WHERE n.name <> ALL (array_remove(taken || key_shown || owner_shown || label_shown, NULL)) AND tenant.column_name IS NOT NULL ORDER BY n.i LIMIT 1;
    -- Each row of the source looks up its own customer, so that whoever asks for some of them (a key, an owner, a region) does not read the others: a join by hash would read all.
    -- The program is looked up: of a name that ANALYZE has not seen the planner thinks that any index on it will do, and would read all customers for each (as in assignment_history).
    query := format('CREATE %s %s %s AS SELECT %ss.%I AS %I, t.tier, t.rank, p.title_en, p.title_zh, t.computed_tier, t.overridden, t.since, t.score, '
            't.reasons, t.last_followup, t.next_due%s%s '
            'FROM %s s CROSS JOIN LATERAL (SELECT c.* FROM tiering.current_tiers c '
            'WHERE c.program = (SELECT r.program FROM tiering.programs r WHERE r.program = %10$L) AND c.customer = %11$s OFFSET 0) t '
            'LEFT JOIN tiering.program_tiers p ON p.program = %10$L AND p.tier = t.tier',
        kind, target, CASE WHEN materialized THEN '' ELSE 'WITH (security_invoker)' END,
        CASE WHEN tenant_shown IS NULL THEN '' ELSE format('s.%I AS %I, ', tenant.column_name, tenant_shown) END, key.column_name, key_shown,
        CASE WHEN owner.column_name IS NULL OR owner.column_name IN (key.column_name, tenant.column_name) THEN '' ELSE format(', s.%I AS %I', owner.column_name, owner_shown) END,
        CASE WHEN label.column_name IS NULL OR label.column_name IN (key.column_name, tenant.column_name, owner.column_name) THEN '' ELSE format(', s.%I AS %I', label.column_name, label_shown) END,
        p.source, p.program, tiering.program_key(p.program));
    -- A materialized one reads the source now; from PostgreSQL 17 on the server does so under pg_catalog, whatever the path.
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE query;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    IF materialized THEN
        EXECUTE format('CREATE UNIQUE INDEX ON %s (%s)', target, concat_ws(', ', quote_ident(tenant_shown), quote_ident(key_shown)));
    END IF;
    EXECUTE format('COMMENT ON %s %s IS %L', kind, target, format('the customers of program %s and their tiers; made by tiering.create_tier_view()', p.program));
    RETURN target::regclass;
END
$$;

CREATE OR REPLACE FUNCTION tiering.create_scorecard_view(program text, name text, step interval DEFAULT '1 month', periods integer DEFAULT 24, materialized boolean DEFAULT false,
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

CREATE OR REPLACE FUNCTION tiering.qualified(name text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts text[] := tiering.name_parts(qualified.name);
BEGIN
    IF cardinality(parts) IS DISTINCT FROM 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_name', MESSAGE = format('%s is not the name of a table with its schema', coalesce('"' || qualified.name || '"', 'NULL')),
            HINT = 'Write it as schema.table, such as public.customers.';
    END IF;
    RETURN parts;
END
$$;

CREATE OR REPLACE FUNCTION tiering.read_keys(key_type regtype, customers text[], tenant_type regtype DEFAULT NULL) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    keys text[];
    middle integer := cardinality(customers) / 2;
BEGIN
    -- Halves are taken by the places 1, 2, …, which an array of several dimensions has not.
    IF array_ndims(customers) > 1 OR array_lower(customers, 1) <> 1 THEN
        customers := ARRAY(SELECT k.customer FROM unnest(customers) WITH ORDINALITY AS k (customer, n) ORDER BY k.n);
    END IF;
    IF tenant_type IS NULL THEN
        EXECUTE format('SELECT array_agg(%s ORDER BY k.n) FROM unnest($1::text[]::%s[]) WITH ORDINALITY AS k (key, n)',
            tiering.key_expression('k.key', key_type), format_type(key_type, -1)) INTO keys USING customers;
    ELSE
        EXECUTE format('SELECT array_agg(CASE WHEN k.customer ~ ''^[^/]*/[^/]*$'' THEN %s END ORDER BY k.n) FROM unnest($1) WITH ORDINALITY AS k (customer, n)',
            tiering.tenant_key_expression(format('(tiering.tenant_key_parts(ARRAY[k.customer], 1))[1]::%s', format_type(tenant_type, -1)), tenant_type,
                format('(tiering.tenant_key_parts(ARRAY[k.customer], 2))[1]::%s', format_type(key_type, -1)), key_type)) INTO keys USING customers;
    END IF;
    RETURN keys;
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
    -- The type says that one is wrong, not which.
    IF middle = 0 THEN
        RETURN ARRAY[NULL::text];
    END IF;
    RETURN tiering.read_keys(key_type, customers[:middle], tenant_type) || tiering.read_keys(key_type, customers[middle + 1:], tenant_type);
END
$$;

CREATE OR REPLACE FUNCTION tiering.warn_of_stop(assignment tiering.assignments, channel text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stop tiering.contact_stops;
BEGIN
    SELECT s.* INTO stop FROM tiering.contact_stops s
    WHERE s.program = (assignment).program AND s.customer = (assignment).customer AND tiering.lasts(s.until) AND (s.channel IS NULL OR s.channel = warn_of_stop.channel)
    ORDER BY s.channel NULLS FIRST LIMIT 1;
    IF FOUND THEN
        RAISE WARNING USING MESSAGE = format('customer "%s" of program "%s" is not to be contacted%s', stop.customer, stop.program, ' by ' || stop.channel),
            DETAIL = format('Since %s: %s', stop.since, stop.reason),
            HINT = format('If that has changed: SELECT tiering.allow_contact(%L, %L%s).', stop.program, stop.customer, ', ' || quote_literal(stop.channel));
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION tiering.check_event_column(source regclass, column_name text, purpose text, types regtype[], expected text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_type regtype;
BEGIN
    SELECT c.type INTO found_type FROM tiering.source_columns(check_event_column.source) c WHERE c.column_name = check_event_column.column_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column', MESSAGE = format('%s has no column "%s"', source, column_name),
            DETAIL = tiering.column_list(source), HINT = format('Say which column is the %s: %s => ''column''.', purpose, purpose);
    END IF;
    IF found_type <> ALL (types) THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
            MESSAGE = format('column "%s" of %s is of type %s, but %s is %s', column_name, source, found_type, purpose, expected),
            -- Two columns of a view cannot have one name.
            HINT = (SELECT format('Make a view that casts the column, such as SELECT *, %I::%s AS %s FROM %s, and register the view with %s => %L.', column_name,
                    n.type, n.name, source, purpose, n.name)
                FROM (SELECT t.type, purpose || CASE WHEN EXISTS (SELECT FROM tiering.source_columns(source) c WHERE c.column_name = purpose) THEN '_as_' || t.type ELSE '' END AS name
                    FROM (SELECT CASE WHEN 'numeric'::regtype = ANY (types) THEN 'numeric' ELSE 'timestamptz' END AS type) t) n);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION tiering.raise_of_source(plan tiering.program_plan, customers text[], statement text, state text, message text, detail text, hint text, context text,
    names tiering.error_names
) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Of a past that is graded afterwards it is a function, or a query of snapshots.
    is_relation CONSTANT boolean := plan.source NOT LIKE '%)';
BEGIN
    -- What has a hint of its own says enough; what the server, the transaction or other sessions stopped is no fault of the source.
    IF hint = '' AND left(state, 2) NOT IN ('25', '40', '53', '54', '55', '57') THEN
        detail := concat_ws(' ', nullif(detail, ''), format('This came up while %s%s.',
            CASE WHEN plan.program IS NULL THEN plan.source || ' was imported' ELSE format('customers of program "%s" were graded', plan.program) END, coalesce(', in ' || tiering.inside_of(context, statement), '')));
        hint := CASE WHEN state = '42501' THEN
                format('Who %s reads %s and has the rights of an agent: %sSELECT tiering.grant_agent(%L).', CASE WHEN plan.program IS NULL THEN 'imports it' ELSE 'grades customers' END,
                    CASE WHEN is_relation THEN plan.source ELSE 'what they are graded from' END, CASE WHEN is_relation THEN format('GRANT SELECT ON %s TO %I; ', plan.source, current_user) END, current_user)
                || CASE WHEN has_database_privilege(current_database(), 'TEMPORARY') THEN ''
                    ELSE format(' It takes temporary tables, too: GRANT TEMPORARY ON DATABASE %I TO %I.', current_database(), current_user) END
            ELSE format('SELECT * FROM %s%s shows whether the source itself can be read.%s', plan.source,
                CASE WHEN customers IS NOT NULL THEN format(' s WHERE %s', replace(plan.chosen, '$2', quote_literal(customers[1:10]::text))) WHEN NOT is_relation THEN ' s' ELSE '' END,
                CASE WHEN state LIKE '22%' THEN ' A view that fails for one row fails for all: let it give NULL there, as nullif(x, 0) and CASE do.' ELSE '' END) END;
    END IF;
    PERFORM tiering.raise_again(state, message, detail, hint, names);
END
$$;
COMMENT ON FUNCTION tiering.raise_of_source(tiering.program_plan, text[], text, text, text, text, text, text, tiering.error_names) IS
    'an error of a generated statement, without the text of the statement; with the program in the DETAIL, or (NULL) with what is imported, and a HINT, if it has none';

CREATE OR REPLACE FUNCTION tiering.read_import(plan tiering.program_plan, statement text, source regclass, columns text[], key text, path text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- It is not the source of the program that is read, and may fail.
    plan.source := source::text;
    plan.program := NULL;
    PERFORM tiering.run_statement(plan, statement, NULL, path);
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        PERFORM tiering.raise_of_reading(source::text, array_remove(columns, NULL), key, NULL, path, SQLSTATE, SQLERRM, NULL, '');
    END IF;
    RAISE;
END
$$;

CREATE OR REPLACE FUNCTION tiering.fit_scheme(scheme text, source regclass, mapping jsonb DEFAULT '{}', fitted_as text DEFAULT NULL,
        as_of timestamptz DEFAULT now(), key text DEFAULT NULL, strict boolean DEFAULT false, path text DEFAULT current_setting('search_path'),
        only_if_drift numeric DEFAULT NULL)
    RETURNS TABLE (stored_as text, version integer, characteristic text, share_of text, cuts numeric[], n bigint, min numeric, max numeric)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_partitionwise_aggregate = on
AS $$
#variable_conflict use_column
DECLARE
    shown CONSTANT integer := 3;
    name text := coalesce(fit_scheme.fitted_as, fit_scheme.scheme);
    document tiering.scheme;
    population jsonb;
    customers bigint;
    set_aside bigint;
    stored integer;
    query text;
    fitted tiering.scheme;
    first_fitted tiering.scheme;
    moved record;
    failed_detail text;
    failed_hint text;
BEGIN
    IF fit_scheme.scheme IS NULL OR fit_scheme.source IS NULL OR fit_scheme.mapping IS NULL OR fit_scheme.as_of IS NULL THEN
        RETURN;
    END IF;
    IF fit_scheme.key IS NOT NULL THEN
        PERFORM tiering.require_column(fit_scheme.source, fit_scheme.key, 'Name the column that identifies the customer.');
    END IF;
    document := tiering.newest_scheme(fit_scheme.scheme);
    IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = name AND s.built_in) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('scheme "%s" belongs to the extension', name),
            HINT = format('Give the fitted scheme a name of its own: SELECT * FROM tiering.fit_scheme(%L, %L, %L, fitted_as => ''my_%s'').', fit_scheme.scheme, fit_scheme.source, fit_scheme.mapping, fit_scheme.scheme);
    END IF;
    -- What is wrong with the mapping is told of this scheme: one of the other name need not be there yet.
    PERFORM FROM tiering.input_columns(document, fit_scheme.source, fit_scheme.mapping);
    document := tiering.unfitted(tiering.scheme(tiering.to_jsonb(document) || jsonb_build_object('scheme', name)));
    IF fit_scheme.only_if_drift IS NOT NULL THEN
        IF NOT (fit_scheme.only_if_drift > 0 AND fit_scheme.only_if_drift < 'infinity') THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('only_if_drift is %s', fit_scheme.only_if_drift),
                DETAIL = 'It is a population stability index: below 0.1 nothing has moved, from 0.25 on much has.',
                HINT = 'only_if_drift => 0.1 fits the scheme if something has moved, NULL in any case.';
        END IF;
        -- Of the newest version, a draft as well: a fit that waits for approval is not done again. Other criteria, also than those that were fitted, are fitted in any case.
        SELECT s.document INTO fitted FROM tiering.schemes s WHERE s.scheme = name AND s.status <> 'retired' ORDER BY s.version DESC LIMIT 1;
        SELECT s.document INTO first_fitted FROM tiering.schemes s
        WHERE s.scheme = name AND tiering.to_jsonb(s.document) -> 'population' = tiering.to_jsonb(fitted) -> 'population' ORDER BY s.version LIMIT 1;
        IF tiering.unfitted(fitted) = document AND tiering.unfitted(first_fitted) = document THEN
            query := tiering.over_source(fitted, fit_scheme.source, fit_scheme.mapping, 'population');
            PERFORM set_config('search_path', tiering.source_path(path), true);
            EXECUTE query INTO population USING fitted, fit_scheme.as_of;
            PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
            SELECT d.name, d.psi INTO moved FROM tiering.population_drift(tiering.to_jsonb(fitted), name, population) d WHERE d.code IS NULL ORDER BY d.psi DESC NULLS LAST LIMIT 1;
            IF moved.psi < fit_scheme.only_if_drift THEN
                RAISE NOTICE USING MESSAGE = tiering.translated(format('scheme "%s" stays as it is: the largest drift is %s, of "%s"', name, moved.psi, moved.name)),
                    HINT = tiering.translated(format('SELECT * FROM tiering.scheme_drift(%L, %L, %L) shows all.', name, fit_scheme.source, fit_scheme.mapping));
                RETURN;
            END IF;
        END IF;
    END IF;
    LOOP
        query := tiering.over_source(document, fit_scheme.source, fit_scheme.mapping, 'fit');
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO document, customers USING document, fit_scheme.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        IF document IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
                MESSAGE = format('nothing to fit scheme "%s" to', fit_scheme.scheme),
                DETAIL = format('%s holds no customers, or none that you may see.', fit_scheme.source),
                HINT = 'Pass a table or view with one row for each customer.';
        END IF;
        EXIT WHEN NOT tiering.is_unfitted(document);
    END LOOP;
    query := tiering.over_source(document, fit_scheme.source, fit_scheme.mapping, 'population');
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE query INTO population, customers USING document, fit_scheme.as_of;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    set_aside := customers - (population ->> 'n')::bigint;
    IF set_aside > 0 THEN
        IF fit_scheme.strict THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
                MESSAGE = format('%s of %s customers have values that cannot be graded', set_aside, customers),
                DETAIL = tiering.unreadable_customers(document, fit_scheme.source, fit_scheme.mapping, fit_scheme.key, shown, path),
                HINT = format('SELECT * FROM tiering.check_inputs(%L, %L, %L) lists what is wrong; strict => false fits the scheme to the others.', fit_scheme.scheme, fit_scheme.source, fit_scheme.mapping);
        END IF;
        RAISE NOTICE USING MESSAGE = tiering.translated(format('%s of %s customers were set aside', set_aside, customers)),
            DETAIL = tiering.translated(tiering.unreadable_customers(document, fit_scheme.source, fit_scheme.mapping, fit_scheme.key, shown, path));
    END IF;
    document := tiering.scheme(tiering.to_jsonb(document) || jsonb_build_object('population', population));
    IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = name) THEN
        stored := tiering.revise_scheme(document);
    ELSE
        stored := tiering.create_scheme(document);
    END IF;
    RETURN QUERY
        SELECT name, stored, f.characteristic, f.fit ->> 'share_of', f.cuts, (f.fitted ->> 'n')::bigint, (f.fitted ->> 'min')::numeric, (f.fitted ->> 'max')::numeric
        FROM (
            SELECT c.n, c.c ->> 'name', c.c -> 'fit', c.c -> 'fitted',
                -- The best bin first: each cut is the lower end of the better bin, or of the worse where low is best.
                ARRAY(SELECT (b.b ->> 'gte')::numeric FROM jsonb_array_elements(c.c -> 'bins') WITH ORDINALITY AS b (b, n)
                    WHERE b.b ? 'gte' ORDER BY b.n)
            FROM jsonb_array_elements(tiering.to_jsonb(document) -> 'characteristics') WITH ORDINALITY AS c (c, n)
            UNION ALL
            SELECT NULL, 'score', d.d -> 'fit', d.d -> 'fitted',
                ARRAY(SELECT (b.b ->> 'gte')::numeric FROM jsonb_array_elements(d.d -> 'cuts') WITH ORDINALITY AS b (b, n)
                    WHERE b.b ? 'gte' ORDER BY b.n)
            FROM (SELECT tiering.to_jsonb(document) -> 'decision') AS d (d)
        ) AS f (n, characteristic, fit, fitted, cuts)
        WHERE f.fitted IS NOT NULL
        ORDER BY f.n;
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_inputs(document, fit_scheme.source, fit_scheme.mapping, '{}', fit_scheme.key, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;

CREATE OR REPLACE FUNCTION tiering.fit_scorecard(scheme text, source regclass, outcome text, mapping jsonb DEFAULT '{}', fitted_as text DEFAULT NULL,
        as_of timestamptz DEFAULT now(), options jsonb DEFAULT '{}', path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (stored_as text, version integer, characteristic text, bins integer, information_value numeric, coefficient numeric,
        standard_error numeric, share numeric, finding text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_partitionwise_aggregate = on
AS $$
#variable_conflict use_column
DECLARE
    name text := coalesce(fit_scorecard.fitted_as, fit_scorecard.scheme);
    document tiering.scheme;
    query text;
    population jsonb;
    customers bigint;
    stored integer;
    failed_detail text;
    failed_hint text;
BEGIN
    IF fit_scorecard.scheme IS NULL OR fit_scorecard.source IS NULL OR fit_scorecard.outcome IS NULL OR fit_scorecard.mapping IS NULL
        OR fit_scorecard.as_of IS NULL OR fit_scorecard.options IS NULL THEN
        RETURN;
    END IF;
    PERFORM tiering.require_options(fit_scorecard.options, '{weight,split,within,points_to_double_odds,base_points,base_odds,decimals,ridge,wrong_sign,max_bins,min_share,trend,rebin,probability}');
    document := tiering.newest_scheme(fit_scorecard.scheme);
    IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = name AND s.built_in) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use', MESSAGE = format('scheme "%s" belongs to the extension', name),
            HINT = format('Give the fitted scheme a name of its own: fitted_as => ''my_%s''.', fit_scorecard.scheme);
    END IF;
    IF NOT jsonb_path_exists(tiering.to_jsonb(document), '$.characteristics[*].fit.to') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('scheme "%s" has nothing to fit to an outcome', fit_scorecard.scheme),
            DETAIL = 'None of its characteristics has a "fit" to an outcome.',
            HINT = 'Give characteristics {"fit": {"to": "outcome"}} instead of bins, and the scheme a "score": {}; lead_conversion and churn_risk are examples.';
    END IF;
    -- What is wrong with the mapping is told of this scheme: one of the other name need not be there yet.
    PERFORM FROM tiering.input_columns(document, fit_scorecard.source, fit_scorecard.mapping);
    document := tiering.unfitted(tiering.scheme(tiering.with_outcome_options(tiering.to_jsonb(document) - 'population' || jsonb_build_object('scheme', name), fit_scorecard.options)));
    -- Bins by shares of the customers come first, if there are any beside those that are learned.
    IF jsonb_path_exists(tiering.to_jsonb(document), '$.characteristics[*].fit.share_of') THEN
        query := tiering.over_source(document, fit_scorecard.source, fit_scorecard.mapping, 'fit');
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO document, customers USING document, fit_scorecard.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    END IF;
    FOR pass IN 1..2 LOOP
        query := tiering.outcome_query(document, fit_scorecard.source, fit_scorecard.mapping, fit_scorecard.outcome, fit_scorecard.as_of, fit_scorecard.options,
            CASE pass WHEN 1 THEN 'outcome_bins' ELSE 'outcome_points' END);
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO document, customers USING document, fit_scorecard.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        IF document IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('nothing to fit scheme "%s" to', fit_scorecard.scheme),
                DETAIL = format('%s holds no customers, or none that you may see, or all are held out.', fit_scorecard.source),
                HINT = 'Pass a table or view with one row for each customer.';
        END IF;
    END LOOP;
    -- Cuts by shares are those of the score, which there is now.
    IF tiering.is_unfitted(document) THEN
        query := tiering.over_source(document, fit_scorecard.source, fit_scorecard.mapping, 'fit');
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO document, customers USING document, fit_scorecard.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    END IF;
    -- Nobody need be counted once more where the points were fitted to all customers.
    IF fit_scorecard.options ? 'split' OR (tiering.to_jsonb(document) #>> '{population,n}')::bigint IS DISTINCT FROM customers THEN
        query := tiering.over_source(document, fit_scorecard.source, fit_scorecard.mapping, 'population');
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO population, customers USING document, fit_scorecard.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        document := tiering.scheme(tiering.to_jsonb(document) || jsonb_build_object('population', population));
    END IF;
    IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = name) THEN
        stored := tiering.revise_scheme(document);
    ELSE
        stored := tiering.create_scheme(document);
    END IF;
    RETURN QUERY SELECT name, stored, c.characteristic, c.bins, c.information_value, c.coefficient, c.standard_error, c.share, c.finding
        FROM tiering.scorecard_characteristics(document) c;
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_inputs(document, fit_scorecard.source, fit_scorecard.mapping, ARRAY[fit_scorecard.outcome], NULL, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;

CREATE OR REPLACE FUNCTION tiering.erase_customer(program text, customer text, path text DEFAULT current_setting('search_path'), keep_out boolean DEFAULT false) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs;
    n bigint;
    erased bigint;
    total bigint := 0;
    found_in_source boolean;
    is_kept_out boolean := false;
    named text := customer;
    spelt text[];
    of_customers regclass;
BEGIN
    IF erase_customer.program IS NOT NULL THEN
        PERFORM tiering.find_program(erase_customer.program);
    END IF;
    FOR p IN SELECT q.* FROM tiering.programs q WHERE q.program = erase_customer.program OR erase_customer.program IS NULL ORDER BY q.program LOOP
        BEGIN
            customer := tiering.customer_key(p.program, named, path);
        EXCEPTION WHEN undefined_object THEN
            CONTINUE;  -- the keys of this program are of another type
        END;
        spelt := tiering.all_spellings(p, customer);
        PERFORM FROM tiering.assignments a WHERE a.program = p.program AND a.customer = ANY (spelt) ORDER BY a.customer FOR UPDATE;
        erased := 0;
        -- The assignment comes last: by it, policies and triggers know whose the rest is.
        FOR of_customers IN
            SELECT t.name FROM unnest(tiering.program_tables()) AS t (name)
            JOIN pg_attribute a ON a.attrelid = t.name AND a.attname = 'customer' AND NOT a.attisdropped
            ORDER BY t.name = 'tiering.assignments'::regclass, t.name::text
        LOOP
            EXECUTE format('DELETE FROM %s t WHERE t.program = $1 AND t.customer = ANY ($2)', of_customers) USING p.program, spelt;
            GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        END LOOP;
        DELETE FROM tiering.successions s WHERE s.program = p.program AND s.successor = ANY (spelt);
        GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        IF erased > 0 THEN
            INSERT INTO tiering.erasures AS e (program, month, customers) VALUES (p.program, date_trunc('month', now() AT TIME ZONE p.zone)::date, 1)
            ON CONFLICT ON CONSTRAINT erasures_pkey DO UPDATE SET customers = e.customers + 1;
        END IF;
        -- Who was erased before, or never graded, is kept out as well if the source has the customer.
        IF erased > 0 OR erase_customer.keep_out THEN
            found_in_source := tiering.source_has(p.program, erase_customer.customer, path);
            IF erase_customer.keep_out AND (erased > 0 OR found_in_source) THEN
                PERFORM tiering.keep_out(p.program, erase_customer.customer);
                is_kept_out := true;
            ELSIF erased > 0 AND found_in_source THEN
                RAISE WARNING USING MESSAGE = format('customer "%s" still stands in %s', erase_customer.customer, p.source),
                    HINT = format('The next retier would grade it again: delete it there as well, or keep it out: SELECT tiering.erase_customer(%L, %L, keep_out => true).', p.program, erase_customer.customer);
            END IF;
        END IF;
        total := total + erased;
    END LOOP;
    IF total = 0 AND NOT is_kept_out THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('nothing is known of customer "%s"', named),
            DETAIL = CASE WHEN erase_customer.program IS NULL THEN 'No program has graded it.' ELSE format('Program "%s" has not graded it.', erase_customer.program) END,
            HINT = 'Customers are named by their key as text. keep_out => true keeps out who was never graded, if the source has the customer.';
    END IF;
    PERFORM tiering.warn_of_copies('materialized views may still show the customer: %s');
    RETURN total;
END
$$;
COMMENT ON FUNCTION tiering.erase_customer(text, text, text, boolean) IS
    'removes all that a program, or (NULL) every program, knows of a customer: tier, history, overrides, contacts, plans, promises, complaints, reviews, problems; returns the number of rows. '
    'A count without a name stays in tiering.erasures. keep_out: whoever the source still has is not graded again, by a salted hash of the key, until let_in(); a retier says how many are kept out; also of one who was erased before, or never graded. WARNING if the source still has the customer, and of materialized views that may. ERROR 42704 unknown program or customer';

CREATE FUNCTION tiering.kept_out_salt(program text) RETURNS text
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k.salt FROM tiering.kept_out k WHERE k.program = $1 LIMIT 1;
END;
COMMENT ON FUNCTION tiering.kept_out_salt(text) IS 'the salt of a program, the same for all of its customers who are kept out; NULL: nobody is';

CREATE OR REPLACE FUNCTION tiering.keep_out(program text, customer text) RETURNS void
    LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO tiering.kept_out (program, hash, salt, month)
    SELECT p.program, h.hash, s.salt, date_trunc('month', now() AT TIME ZONE p.zone)::date
    FROM tiering.programs p
    CROSS JOIN LATERAL (SELECT coalesce(tiering.kept_out_salt(p.program), gen_random_uuid()::text) AS salt) s
    CROSS JOIN LATERAL unnest(tiering.kept_out_hashes(p, $2, s.salt)) AS h (hash)
    WHERE p.program = $1
    ON CONFLICT DO NOTHING;
END;

CREATE FUNCTION tiering.is_kept_out(p tiering.programs, customer text) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    salt text := tiering.kept_out_salt(p.program);
    hashes text[];
BEGIN
    IF salt IS NULL THEN
        RETURN false;
    END IF;
    hashes := tiering.kept_out_hashes(p, customer, salt);
    RETURN EXISTS (SELECT FROM tiering.kept_out k WHERE k.program = p.program AND k.hash = ANY (hashes));
END
$$;
COMMENT ON FUNCTION tiering.is_kept_out(tiering.programs, text) IS 'whether a customer is kept out of a program, by the key as customer_key() gives it';

CREATE FUNCTION tiering.refuse_kept_out(program text, customer text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('customer "%s" is kept out of program "%s"', customer, program),
        DETAIL = 'It was erased, and is graded no more.', HINT = CASE WHEN tiering.is_administrator() THEN format('SELECT tiering.let_in(%L, %L) lets it in again.', program, customer) ELSE 'An administrator can let it in again.' END;
END
$$;
COMMENT ON FUNCTION tiering.refuse_kept_out(text, text) IS 'ERROR 42704: the customer is kept out of the program';

CREATE OR REPLACE FUNCTION tiering.let_in(program text, customer text, path text DEFAULT current_setting('search_path')) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(let_in.program);
    key text := tiering.customer_key(p.program, let_in.customer, let_in.path);
    salt text := tiering.kept_out_salt(p.program);
    -- As the source spells the key now, and as it was when he was kept out.
    hashes text[] := tiering.kept_out_hashes(p, key, salt) || tiering.kept_out_hashes(p, let_in.customer, salt);
BEGIN
    DELETE FROM tiering.kept_out k WHERE k.program = p.program AND k.hash = ANY (hashes);
    RETURN FOUND;
END
$$;

CREATE OR REPLACE FUNCTION tiering.rename_customer(program text, "from" text, "to" text, reason text DEFAULT NULL, path text DEFAULT current_setting('search_path')) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(rename_customer.program);
    new_key text;
    total bigint;
BEGIN
    PERFORM tiering.require_administrator(p.program, 'rename customers');
    PERFORM tiering.require_active(p.program);
    IF rename_customer."from" IS NULL OR rename_customer."to" IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'from and to must not be NULL', HINT = 'SELECT tiering.rename_customer(program, ''old key'', ''new key'').';
    END IF;
    -- The old key as it was written; it need not be one of the source any more.
    PERFORM FROM tiering.assignments a WHERE a.program = p.program AND a.customer = rename_customer."from" FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has graded no customer "%s"', p.program, rename_customer."from"),
            HINT = 'Name the customer by the key that the program has: SELECT customer FROM tiering.assignments.';
    END IF;
    new_key := tiering.customer_key(p.program, rename_customer."to", rename_customer.path);
    IF new_key = rename_customer."from" OR EXISTS (SELECT FROM tiering.assignments a WHERE a.program = p.program AND a.customer = new_key) THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_object', MESSAGE = format('program "%s" has a customer "%s" already', p.program, new_key),
            HINT = format('SELECT tiering.merge_customers(%L, %L, %L, ''why'') merges them.', p.program, rename_customer."from", new_key);
    END IF;
    IF tiering.is_kept_out(p, new_key) THEN
        PERFORM tiering.refuse_kept_out(p.program, new_key);
    END IF;
    IF NOT tiering.source_has(p.program, new_key, rename_customer.path) THEN
        PERFORM tiering.refuse_customer(p.program, new_key);
    END IF;
    total := tiering.rename_rows(p.program, ARRAY[rename_customer."from"], ARRAY[new_key], nullif(rename_customer.reason, ''));
    PERFORM tiering.grade_customers(p.program, ARRAY[rename_customer."from", new_key], 'automatic', rename_customer.path);
    RETURN total;
END
$$;

CREATE OR REPLACE FUNCTION tiering.refuse_customer(program text, customer text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(refuse_customer.program);
BEGIN
    -- Who may not read the table is not told. Other spellings of a key need not be looked for: the source gives the one that is there.
    IF has_table_privilege('tiering.kept_out', 'SELECT') THEN
        IF EXISTS (SELECT FROM tiering.kept_out k WHERE k.program = p.program AND k.hash = tiering.key_hash(tiering.kept_out_salt(p.program), refuse_customer.customer)) THEN
            PERFORM tiering.refuse_kept_out(p.program, refuse_customer.customer);
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has no customer "%s"', refuse_customer.program, CASE WHEN length(refuse_customer.customer) > 200 THEN left(refuse_customer.customer, 200) || '…' ELSE refuse_customer.customer END),
        DETAIL = format('No row of %s that you may see has this value in column "%s".', p.source,
            concat_ws(', ', tiering.renamed_column(p.source, p.column_numbers, p.tenant_column), tiering.renamed_column(p.source, p.column_numbers, p.key_column))),
        HINT = CASE WHEN p.tenant_column IS NULL THEN 'Customers are named by their key as text.'
            ELSE 'Customers are named by tenant and key, as tiering.tenant_key() writes them: 7/4711.' END;
END
$$;

CREATE FUNCTION tiering.after_contact(a tiering.assignments, at timestamptz) RETURNS tiering.assignments
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Of several that were made in one transaction the later ones are noted a little after it: nothing is planned after now.
    IF a.planned_due IS NOT NULL AND at >= coalesce((SELECT least(max(f.planned_at), now()) FROM tiering.followup_plans f
        WHERE f.program = a.program AND f.customer = a.customer AND f.kind = 'plan' AND f.due = a.planned_due), '-infinity')
    THEN
        a.planned_due := a.later_plans[1];
        a.later_plans := nullif(a.later_plans[2:], '{}');
    END IF;
    IF a.snoozed_until IS NOT NULL AND at >= coalesce((SELECT least(max(f.planned_at), now()) FROM tiering.followup_plans f
        WHERE f.program = a.program AND f.customer = a.customer AND f.kind = 'snooze'), '-infinity')
    THEN
        a.snoozed_until := NULL;
    END IF;
    RETURN a;
END
$$;
COMMENT ON FUNCTION tiering.after_contact(tiering.assignments, timestamptz) IS
    'the assignment of a customer after a contact: what was planned or put off before is done, one plan by each contact; an earlier contact that is entered late does none';

CREATE FUNCTION tiering.finish_plans(program text, attempts text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    contacted record;
    a tiering.assignments;
    contact timestamptz;
    done text[];
BEGIN
    FOR contacted IN
        SELECT o.customer, array_agg(o.at ORDER BY o.at) AS contacts FROM (
            SELECT DISTINCT c.customer, c.at, c.channel, c.outcome, c.note
            FROM (SELECT l.customer, coalesce((SELECT min(f.planned_at) FROM tiering.followup_plans f WHERE f.program = finish_plans.program AND f.customer = l.customer
                    AND (f.kind = 'snooze' OR f.due = ANY (l.planned_due || l.later_plans))), '-infinity') AS planned_at
                FROM pg_temp."tiering: locked" l WHERE l.planned_due IS NOT NULL OR l.snoozed_until IS NOT NULL OFFSET 0) l
            JOIN pg_temp."tiering: contacts" c ON c.customer = l.customer AND c.at >= l.planned_at
            WHERE (c.outcome = ANY (attempts)) IS NOT TRUE
        ) o
        WHERE NOT EXISTS (SELECT FROM tiering.followups f WHERE f.program = finish_plans.program AND f.customer = o.customer AND f.at = o.at
            AND (f.channel, f.outcome, f.note) IS NOT DISTINCT FROM (o.channel, o.outcome, o.note) OFFSET 0)
        GROUP BY o.customer ORDER BY o.customer
    LOOP
        SELECT x.* INTO a FROM tiering.assignments x WHERE x.program = finish_plans.program AND x.customer = contacted.customer;
        FOREACH contact IN ARRAY contacted.contacts LOOP
            a := tiering.after_contact(a, contact);
        END LOOP;
        UPDATE tiering.assignments x SET planned_due = a.planned_due, later_plans = a.later_plans, snoozed_until = a.snoozed_until
        WHERE x.program = a.program AND x.customer = a.customer
            AND (x.planned_due, x.later_plans, x.snoozed_until) IS DISTINCT FROM (a.planned_due, a.later_plans, a.snoozed_until);
        IF FOUND THEN
            done := done || a.customer;
        END IF;
    END LOOP;
    -- Where the rows are now, and what they say.
    UPDATE pg_temp."tiering: locked" l SET seen = n.seen, place = n.place, planned_due = n.planned_due, later_plans = n.later_plans, snoozed_until = n.snoozed_until
    FROM (SELECT x.xmin AS seen, x.ctid AS place, x.customer, x.planned_due, x.later_plans, x.snoozed_until FROM unnest(done) AS d (customer)
        JOIN tiering.assignments x ON x.program = finish_plans.program AND x.customer = d.customer) n
    WHERE l.customer = n.customer;
END
$$;
COMMENT ON FUNCTION tiering.finish_plans(text, text[]) IS
    'a part of import_followups(), after lock_contacted(): what was planned with customers, or put off, before one of the contacts that are new is done, as by log_followup()';

CREATE FUNCTION tiering.refuse_crowd() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    most record;
BEGIN
    SELECT c.customer, c.at, count(*) AS contacts INTO most FROM pg_temp."tiering: contacts" c GROUP BY c.customer, c.at ORDER BY contacts DESC LIMIT 1;
    RAISE EXCEPTION USING ERRCODE = 'program_limit_exceeded', MESSAGE = format('customer "%s" has more than 32767 contacts at %s', most.customer, most.at),
        DETAIL = format('There are %s in this import.', most.contacts), HINT = 'Import from a view that leaves such a customer out, or that gives the time of the day as well.';
END
$$;
COMMENT ON FUNCTION tiering.refuse_crowd() IS 'a part of import_followups(): ERROR 54000, one customer has more contacts at one time than can be numbered';

CREATE OR REPLACE FUNCTION tiering.set_target(program text, tier text, measure text, value numeric) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM tiering.hold_program(program);
    PERFORM tiering.require_measure(measure);
    IF tier <> 'all' AND NOT EXISTS (SELECT FROM tiering.program_tiers t WHERE t.program = set_target.program AND t.tier = set_target.tier) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has no tier "%s"', program, tier),
            DETAIL = format('Its tiers are: %s.', (SELECT string_agg(t.tier, ', ' ORDER BY t.rank) FROM tiering.program_tiers t WHERE t.program = set_target.program)),
            HINT = 'Name one of them, or all.';
    END IF;
    IF tier IS NULL OR value IN ('NaN', 'Infinity', '-Infinity') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'a target is a number for a tier, or for all',
            HINT = format('SELECT tiering.set_target(%L, ''all'', %L, 0.9) sets one; NULL as the value takes it away.', program, measure);
    END IF;
    IF value IS NULL THEN
        DELETE FROM tiering.scorecard_targets t WHERE t.program = set_target.program AND t.tier = set_target.tier AND t.measure = set_target.measure;
        RETURN;
    END IF;
    INSERT INTO tiering.scorecard_targets AS t (program, tier, measure, value) VALUES (program, tier, measure, value)
    ON CONFLICT ON CONSTRAINT scorecard_targets_pkey DO UPDATE SET value = excluded.value, set_at = DEFAULT, set_by = DEFAULT;
END
$$;

CREATE OR REPLACE FUNCTION tiering.hold_out(program text, share double precision, seed bigint DEFAULT 1, at timestamptz DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    began timestamptz := coalesce(at, now());
    may_begin boolean;
    held bigint;
BEGIN
    PERFORM tiering.hold_program(program);
    IF share IS NULL OR NOT share BETWEEN 0 AND 0.999999 OR seed IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no share of customers to hold out', coalesce(share::text, 'NULL')),
            HINT = format('SELECT tiering.hold_out(%L, 0.1) holds out one in ten; 0 ends it.', program);
    END IF;
    may_begin := isfinite(began) AND NOT EXISTS (SELECT FROM tiering.hold_outs h WHERE h.program = hold_out.program AND (h.since >= began OR h.until > began));
    IF may_begin THEN
        UPDATE tiering.hold_outs h SET until = began WHERE h.program = hold_out.program AND h.until IS NULL;
        IF share > 0 THEN
            INSERT INTO tiering.hold_outs (program, since, share, seed) VALUES (program, began, share, seed) ON CONFLICT DO NOTHING;
            may_begin := FOUND;  -- or another session has begun one meanwhile
        END IF;
    END IF;
    IF NOT may_begin THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a hold-out cannot begin at %s', began),
            DETAIL = 'What was held out before stays on record; a new draw begins after it.',
            HINT = format('SELECT * FROM tiering.hold_outs WHERE program = %L shows the earlier ones.', program);
    END IF;
    IF began < now() AND share > 0 THEN
        RAISE WARNING USING MESSAGE = format('the hold-out of program "%s" begins in the past', program),
            DETAIL = 'Until now the due lists showed these customers as all others.',
            HINT = 'An effect from before now is one only if they were left out by other means.';
    END IF;
    SELECT count(*) INTO held FROM tiering.assignments a
    WHERE a.program = hold_out.program AND a.gone_since IS NULL AND share > 0 AND tiering.is_drawn(a.customer, share, seed);
    RETURN held;
END
$$;

CREATE FUNCTION tiering.hold_program(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program(program);
    IF tiering.is_administrator() THEN
        PERFORM FROM tiering.programs p WHERE p.program = hold_program.program FOR KEY SHARE;
        IF NOT FOUND THEN
            PERFORM tiering.find_program(program);
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.hold_program(text) IS
    'keeps a program from being dropped or renamed until the end of the transaction, if the caller may change programs; ERROR 42704 if there is none, as after the session that drops it';

CREATE OR REPLACE FUNCTION tiering.set_review_periods(program text, customers interval DEFAULT NULL, scheme interval DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wrong interval;
BEGIN
    PERFORM tiering.hold_program(set_review_periods.program);
    SELECT u.period INTO wrong FROM unnest(ARRAY[set_review_periods.customers, set_review_periods.scheme]) AS u (period)
    WHERE NOT tiering.is_review_period(u.period) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no time between two reviews', wrong),
            HINT = 'Give one day to ten years: customers => ''6 months'', scheme => ''1 year''.';
    END IF;
    INSERT INTO tiering.review_periods AS r (program, customers, scheme)
    VALUES (set_review_periods.program, coalesce(set_review_periods.customers, '1 year'), coalesce(set_review_periods.scheme, '1 year'))
    ON CONFLICT ON CONSTRAINT review_periods_pkey DO UPDATE SET customers = coalesce(set_review_periods.customers, r.customers),
        scheme = coalesce(set_review_periods.scheme, r.scheme), set_at = now(), set_by = session_user;
END
$$;

CREATE OR REPLACE FUNCTION tiering.register_events(
    program text, kind text, source regclass, customer text, at text, amount text DEFAULT NULL, profit text DEFAULT NULL,
    ended_at text DEFAULT NULL, item text DEFAULT NULL, only_where text DEFAULT NULL, currency text DEFAULT NULL,
    scale numrange DEFAULT NULL, threshold numeric DEFAULT NULL, cost_share text DEFAULT 'customers', churn_after interval DEFAULT '90 days',
    path text DEFAULT current_setting('search_path')
) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    moments CONSTANT regtype[] := '{timestamptz,timestamp,date}';
    numbers CONSTANT regtype[] := '{smallint,integer,bigint,numeric,real,float8}';
    is_cost boolean := right(register_events.kind, 5) = '_cost';
    asked record;
    named record;
    qualified text;
BEGIN
    PERFORM tiering.hold_program(register_events.program);
    SELECT k.* INTO asked FROM tiering.event_kinds() k WHERE k.kind = register_events.kind;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('there is no kind of event "%s"', register_events.kind),
            DETAIL = format('There are: %s.', (SELECT string_agg(k.kind, ', ') FROM tiering.event_kinds() k)),
            HINT = 'SELECT * FROM tiering.event_kinds() says what each is for.';
    END IF;
    SELECT u.argument INTO named
    FROM (VALUES ('source', source IS NULL), ('at', at IS NULL), ('customer', customer IS NULL AND NOT is_cost),
        ('amount', amount IS NULL AND asked.amount = 'required'), ('cost_share', cost_share IS NULL), ('churn_after', churn_after IS NULL)) u (argument, lacking)
    WHERE u.lacking LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = format('%s is NULL', named.argument),
            DETAIL = format('Events of kind "%s" need it.', register_events.kind), HINT = format(CASE named.argument WHEN 'source' THEN 'Name the table or view: source => ''schema.table''.' WHEN 'cost_share' THEN 'Choose customers, contacts or sales.'
                WHEN 'churn_after' THEN 'Give how long a buyer may be silent: churn_after => ''90 days''.' ELSE 'Say which column it is: %s => ''column''.' END, named.argument);
    END IF;
    SELECT u.argument INTO named
    FROM (VALUES ('amount', amount), ('profit', profit), ('ended_at', ended_at), ('item', item), ('currency', currency)) u (argument, given)
    WHERE u.given IS NOT NULL AND u.argument <> ALL (asked.other) AND NOT (u.argument = 'amount' AND asked.amount <> 'none') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('events of kind "%s" have no %s', register_events.kind, named.argument),
            HINT = format('Leave %s out, or register the table as another kind as well.', named.argument);
    END IF;
    IF register_events.kind NOT IN ('survey', 'nps', 'relation') AND (scale IS NOT NULL OR threshold IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('events of kind "%s" have no scale and no threshold', register_events.kind),
            HINT = 'Only answers (survey, nps, relation) have.';
    END IF;
    scale := CASE register_events.kind WHEN 'nps' THEN numrange(0, 10, '[]') WHEN 'survey' THEN coalesce(scale, numrange(1, 5, '[]')) ELSE scale END;
    threshold := CASE register_events.kind WHEN 'survey' THEN coalesce(threshold, 4) ELSE threshold END;
    IF threshold = 'NaN' OR scale IS NOT NULL AND threshold IS NOT NULL AND NOT scale @> threshold THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('threshold %s is not on the scale %s', threshold, scale),
            HINT = 'For answers from 1 to 10: scale => ''[1,10]'', threshold => 8.';
    END IF;
    IF cost_share NOT IN ('customers', 'contacts', 'sales') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('costs cannot be shared by "%s"', cost_share),
            HINT = 'Choose customers, contacts or sales.';
    END IF;
    IF churn_after <= interval '0' OR churn_after > interval '1000 years' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a silence of %s makes nobody lost', churn_after),
            HINT = 'Give how long a buyer may be silent: churn_after => ''90 days''.';
    END IF;
    PERFORM tiering.check_event_column(source, at, 'at', moments, 'a timestamptz, timestamp or date');
    IF customer IS NOT NULL THEN
        PERFORM tiering.check_event_column(source, customer, 'customer', ARRAY(SELECT c.type FROM tiering.source_columns(source) c), 'any');
    END IF;
    FOR named IN SELECT u.* FROM (VALUES ('amount', amount), ('profit', profit)) u (argument, given) WHERE u.given IS NOT NULL LOOP
        PERFORM tiering.check_event_column(source, named.given, named.argument, numbers, 'a number');
    END LOOP;
    IF ended_at IS NOT NULL THEN
        PERFORM tiering.check_event_column(source, ended_at, 'ended_at', moments, 'a timestamptz, timestamp or date');
    END IF;
    FOR named IN SELECT u.* FROM (VALUES ('item', item), ('currency', currency)) u (argument, given) WHERE u.given IS NOT NULL LOOP
        PERFORM tiering.check_event_column(source, named.given, named.argument, ARRAY(SELECT c.type FROM tiering.source_columns(source) c), 'any');
    END LOOP;
    SELECT format('%I.%I', n.nspname, c.relname) INTO qualified FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = source;
    IF only_where IS NOT NULL THEN
        BEGIN
            PERFORM tiering.parse_condition(only_where);
            -- Read as it will be.
            PERFORM set_config('search_path', tiering.source_path(path), true);
            EXECUTE format('SELECT FROM %s e WHERE (%s' || chr(10) || ') LIMIT 0', qualified, only_where);
            PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        EXCEPTION WHEN syntax_error OR undefined_column OR datatype_mismatch OR undefined_function OR undefined_table THEN
            RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = format('only_where is no condition on %s: %s', qualified, SQLERRM),
                DETAIL = format('Found: %s. %s', only_where, tiering.column_list(source)), HINT = 'Give what would stand after WHERE: only_where => ''kind = ''''csat''''''.';
        END;
    END IF;
    INSERT INTO tiering.event_sources (program, kind, source, customer_column, at_column, amount_column, profit_column, ended_at_column,
        item_column, currency_column, only_where, scale, threshold, cost_share, churn_after)
    VALUES (register_events.program, register_events.kind, qualified, customer, at, amount, profit, ended_at, item, currency, only_where, scale,
        threshold, cost_share, churn_after)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_object', MESSAGE = format('%s already gives events of kind "%s" to program "%s"', qualified, register_events.kind, register_events.program),
            HINT = format('SELECT tiering.unregister_events(%L, %L, %L) takes it away first.', register_events.program, register_events.kind, qualified);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION tiering.import_overrides(
    program text, source regclass, customer text DEFAULT 'customer', tier text DEFAULT 'tier', reason text DEFAULT 'reason', until text DEFAULT NULL,
    kind text DEFAULT 'fixed', strict boolean DEFAULT false, dry_run boolean DEFAULT false, path text DEFAULT current_setting('search_path')
) RETURNS TABLE (rejected text, column_name text, value text, problem text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(import_overrides.program);
    until_type regtype;
    customers text[];
    wrong record;
    n_wrong bigint;
    began timestamptz := now();
    taken bigint := 0;
    unchanged bigint;
BEGIN
    IF import_overrides.source IS NULL OR import_overrides.customer IS NULL OR import_overrides.tier IS NULL OR import_overrides.reason IS NULL
        OR import_overrides.strict IS NULL OR import_overrides.dry_run IS NULL
    THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'source, customer, tier, reason, strict and dry_run must not be NULL',
            HINT = 'SELECT * FROM tiering.import_overrides(program, ''schema.table'', customer => ''column'', tier => ''column'', reason => ''column'').';
    END IF;
    IF (import_overrides.kind IN ('fixed', 'at_least', 'at_most')) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('an override cannot be of kind "%s"', coalesce(import_overrides.kind, 'NULL')),
            HINT = 'kind => ''fixed'' gives this tier, ''at_least'' this or a better one, ''at_most'' this or a worse one.';
    END IF;
    PERFORM tiering.require_column(import_overrides.source, u.name, 'Name the columns: customer => ''…'', tier => ''…'', reason => ''…'', until => ''…''.')
    FROM unnest(ARRAY[import_overrides.customer, import_overrides.tier, import_overrides.reason, import_overrides.until]) AS u (name) WHERE u.name IS NOT NULL;
    SELECT tiering.base_type(c.type) INTO until_type FROM tiering.source_columns(import_overrides.source) c WHERE c.column_name = import_overrides.until;
    IF until_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
            MESSAGE = format('column "%s" of %s is of type %s, but an override ends at a time', import_overrides.until, import_overrides.source, until_type),
            HINT = 'Import from a view that casts it to timestamptz, timestamp or date.';
    END IF;
    PERFORM tiering.drop_temporary('tiering: overrides');
    PERFORM tiering.read_import(tiering.plan_program(p.program, now()), format(
        'CREATE TEMP TABLE pg_temp."tiering: overrides" AS SELECT pg_catalog.row_number() OVER () AS n, %1$s COLLATE pg_catalog."C" AS customer, '
        '%1$s COLLATE pg_catalog."C" AS written, s.%2$I::pg_catalog.text COLLATE pg_catalog."C" AS tier, s.%3$I::pg_catalog.text AS reason, %4$s AS until, '
        'NULL::pg_catalog.text AS wrong_column, NULL::pg_catalog.text AS value, NULL::pg_catalog.text AS problem FROM %5$s s',
        (SELECT tiering.key_expression(format('s.%I', c.column_name), c.type) FROM tiering.source_columns(import_overrides.source) c
            WHERE c.column_name = import_overrides.customer),
        import_overrides.tier, import_overrides.reason,
        coalesce('nullif(' || tiering.moment_expression('s.' || quote_ident(import_overrides.until), until_type, p.zone) || ', ''infinity''::timestamptz)', 'NULL::timestamptz'),
        import_overrides.source), import_overrides.source, ARRAY[import_overrides.customer, import_overrides.tier, import_overrides.reason, import_overrides.until], import_overrides.customer,
        import_overrides.path);

    customers := ARRAY(SELECT DISTINCT o.customer FROM pg_temp."tiering: overrides" o WHERE o.customer IS NOT NULL ORDER BY 1);
    UPDATE pg_temp."tiering: overrides" o SET customer = k.key
    FROM unnest(customers, tiering.customer_keys(p.program, customers, import_overrides.path, false)) AS k (customer, key)
    WHERE k.customer = o.customer AND k.key IS DISTINCT FROM o.customer;
    -- The first thing that is wrong with a row is told. Rows of a customer are numbered in one pass.
    UPDATE pg_temp."tiering: overrides" o SET (wrong_column, value, problem) = (SELECT w.column_name, w.value, w.problem FROM (
        SELECT 1 AS n, import_overrides.customer AS column_name, o.written AS value, 'names no customer' AS problem WHERE o.written IS NULL
        UNION ALL SELECT 2, import_overrides.customer, left(o.written, 200), format('program "%s" has graded no such customer', p.program)
            WHERE NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = p.program AND a.customer = o.customer AND a.gone_since IS NULL OFFSET 0)
        UNION ALL SELECT 3, import_overrides.customer, o.written, 'the customer stands in an earlier row, too'
            WHERE o.customer IS NOT NULL AND d.place > 1
        UNION ALL SELECT 4, import_overrides.tier, left(o.tier, 200), format('the scheme has no such tier; it has: %s',
                (SELECT string_agg(t.tier, ', ' ORDER BY t.rank) FROM tiering.program_tiers t WHERE t.program = p.program))
            WHERE NOT EXISTS (SELECT FROM tiering.program_tiers t WHERE t.program = p.program AND t.tier = o.tier)
        UNION ALL SELECT 5, import_overrides.reason, o.reason, 'an override needs a reason' WHERE coalesce(o.reason, '') = ''
        UNION ALL SELECT 6, import_overrides.until, o.until::text, 'lies in the past' WHERE o.until <= now()
    ) w ORDER BY w.n LIMIT 1)
    FROM (SELECT e.n, row_number() OVER (PARTITION BY e.customer ORDER BY e.n) AS place FROM pg_temp."tiering: overrides" e) d
    WHERE d.n = o.n;
    SELECT o.customer, o.written, o.wrong_column, o.value, o.problem INTO wrong FROM pg_temp."tiering: overrides" o WHERE o.problem IS NOT NULL ORDER BY o.n LIMIT 1;
    SELECT count(*) INTO n_wrong FROM pg_temp."tiering: overrides" o WHERE o.problem IS NOT NULL;
    IF n_wrong > 0 AND import_overrides.strict THEN
        RAISE EXCEPTION USING ERRCODE = 'data_exception', MESSAGE = format('overrides that cannot be imported: %s', n_wrong),
            DETAIL = format('The first is that of customer %s: column "%s", %s.', coalesce('"' || left(wrong.written, 200) || '"', 'NULL'), wrong.wrong_column, wrong.problem),
            HINT = 'Without strict those are left out and returned; dry_run => true returns them and imports nothing.';
    END IF;
    -- The same decree twice is one.
    DELETE FROM pg_temp."tiering: overrides" o USING tiering.overrides x
    WHERE o.problem IS NULL AND x.program = p.program AND x.customer = o.customer AND tiering.lasts(x.until)
        AND (x.tier, x.reason, x.author, x.until, x.kind) IS NOT DISTINCT FROM (o.tier, o.reason, session_user::text, o.until, import_overrides.kind);
    GET DIAGNOSTICS unchanged = ROW_COUNT;
    IF import_overrides.dry_run THEN
        SELECT count(*) INTO taken FROM pg_temp."tiering: overrides" o WHERE o.problem IS NULL;
    ELSE
        PERFORM tiering.hold_program(p.program);
        customers := ARRAY(SELECT o.customer FROM pg_temp."tiering: overrides" o WHERE o.problem IS NULL ORDER BY 1);
        PERFORM FROM unnest(customers) AS k (customer)
        CROSS JOIN LATERAL (SELECT FROM tiering.assignments a WHERE a.program = p.program AND a.customer = k.customer COLLATE "C" FOR NO KEY UPDATE) l;
        -- Later than every earlier one of these customers, should several have been given in this transaction.
        SELECT greatest(began, max(l.since) + interval '1 microsecond') INTO began FROM unnest(customers) AS k (customer)
        CROSS JOIN LATERAL (SELECT x.since FROM tiering.overrides x WHERE x.program = p.program AND x.customer = k.customer COLLATE "C" ORDER BY x.since DESC LIMIT 1) l;
        UPDATE tiering.overrides x SET until = began, cleared_by = session_user
        FROM unnest(customers) AS k (customer) WHERE x.program = p.program AND x.customer = k.customer COLLATE "C" AND coalesce(x.until > began, true);
        INSERT INTO tiering.overrides (program, customer, since, until, tier, reason, kind)
        SELECT p.program, o.customer, began, CASE WHEN o.until IS NOT NULL THEN greatest(o.until, began) END, o.tier, o.reason, import_overrides.kind
        FROM pg_temp."tiering: overrides" o WHERE o.problem IS NULL ORDER BY o.customer;
        GET DIAGNOSTICS taken = ROW_COUNT;
        PERFORM tiering.date_overrides(p.program, customers);
    END IF;
    RAISE NOTICE USING MESSAGE = format('program "%s": overrides %s: %s, in force already: %s, rejected: %s', p.program,
        CASE WHEN import_overrides.dry_run THEN 'that would be taken' ELSE 'taken' END, taken, unchanged, n_wrong);
    RETURN QUERY SELECT o.written, o.wrong_column, o.value, o.problem FROM pg_temp."tiering: overrides" o WHERE o.problem IS NOT NULL ORDER BY o.n;
    DROP TABLE pg_temp."tiering: overrides";
END
$$;

CREATE OR REPLACE FUNCTION tiering.report_document(program text, "from" timestamptz, until timestamptz, path text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    -- As many as people read; the rest is counted.
    owners_shown CONSTANT integer := 40;
    due_shown CONSTANT integer := 10;
    p tiering.programs := tiering.find_program(report_document.program);
    shown CONSTANT text := 'YYYY-MM-DD';
    today CONSTANT date := (now() AT TIME ZONE p.zone)::date;
    document jsonb;
    scorecard jsonb;
    held_out CONSTANT boolean := EXISTS (SELECT FROM tiering.hold_outs h WHERE h.program = p.program AND h.since < report_document.until AND coalesce(h.until > report_document."from", true));
BEGIN
    SELECT jsonb_build_object('program', p.program, 'scheme', coalesce(tiering.to_jsonb(s.document) -> 'title', tiering.titles(s.scheme, NULL)), 'version', s.version, 'source', p.source::text, 'zone', p.zone,
            'from', to_char(report_document."from" AT TIME ZONE p.zone, shown), 'until', to_char(report_document.until AT TIME ZONE p.zone, shown),
            'made_at', to_char(now() AT TIME ZONE p.zone, 'YYYY-MM-DD HH24:MI'), 'held_out', held_out)
    INTO document
    FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = coalesce(p.applied_version, p.version, (SELECT max(c.version) FROM tiering.schemes c WHERE c.scheme = p.scheme));

    WITH counted AS MATERIALIZED (SELECT c.* FROM tiering.report_customers(p.program) c),
        mix AS (SELECT c.tier, sum(c.customers)::bigint AS customers, sum(c.overridden)::bigint AS by_hand FROM counted c GROUP BY c.tier)
    SELECT document || jsonb_build_object(
        'tiers', coalesce((
            SELECT jsonb_agg(jsonb_build_object('tier', m.tier, 'title', tiering.titles(m.title_en, m.title_zh), 'customers', m.customers, 'by_hand', m.by_hand,
                'strategy', tiering.titles(tiering.strategy_summary(o.strategy, 'en'), tiering.strategy_summary(o.strategy, 'zh'))) ORDER BY m.rank)
            FROM (
                SELECT t.tier, t.rank, t.title_en, t.title_zh, coalesce(m.customers, 0) AS customers, coalesce(m.by_hand, 0) AS by_hand
                FROM tiering.program_tiers t LEFT JOIN mix m ON m.tier = t.tier WHERE t.program = p.program
                UNION ALL SELECT NULL, NULL, NULL, NULL, m.customers, m.by_hand FROM mix m WHERE m.tier IS NULL
            ) m CROSS JOIN LATERAL (SELECT tiering.own_strategy(p.program, m.tier) AS strategy) o), '[]'),
        'owners', coalesce((
            SELECT jsonb_agg(jsonb_build_object('owner', w.owner, 'customers', w.customers, 'overdue', w.overdue, 'today', w.today, 'week', w.week, 'never', w.never, 'latest', w.latest)
                ORDER BY w.overdue DESC, w.owner)
            FROM (
                SELECT c.owner, sum(c.customers) AS customers, sum(c.overdue) AS overdue, sum(c.due_today) AS today, sum(c.due_in_7_days) AS week,
                    sum(c.never_contacted) AS never, max(c.longest_overdue) AS latest
                FROM counted c WHERE NOT c.kept_out
                GROUP BY c.owner HAVING sum(c.overdue + c.due_today + c.due_in_7_days) > 0
                ORDER BY sum(c.overdue) DESC, c.owner LIMIT owners_shown
            ) w), '[]'),
        'due_in_all', coalesce((SELECT sum(c.overdue + c.due_today) FROM counted c WHERE NOT c.kept_out), 0))
    INTO document;

    document := document || jsonb_build_object('due', coalesce((
        SELECT jsonb_agg(jsonb_build_object('owner', d.owner, 'customer', concat_ws(' · ', d.customer, d.label), 'tier', d.tier, 'due', to_char(d.due, shown), 'days', today - d.due,
            'last', to_char(d.last_followup AT TIME ZONE p.zone, shown)) ORDER BY d.place, d.nth)
        FROM tiering.report_due(p.program, ARRAY(SELECT o.owner ->> 'owner' FROM jsonb_array_elements(document -> 'owners') WITH ORDINALITY AS o (owner, place) ORDER BY o.place), due_shown) d), '[]'));

    SELECT m.scorecard, document || jsonb_build_object('movements', m.movements) INTO scorecard, document
    FROM tiering.report_measures(p.program, report_document."from", report_document.until, path) m;
    document := document || jsonb_build_object('scorecard', scorecard, 'effects', '[]'::jsonb);

    IF held_out THEN
        document := document || jsonb_build_object('effects', coalesce((
            SELECT jsonb_agg(jsonb_build_object('title', tiering.titles(m.title_en, m.title_zh), 'unit', m.unit, 'tier', e.tier, 'n_treated', e.n_treated, 'n_held_out', e.n_held_out,
                'difference', e.difference, 'low', e.low, 'high', e.high, 'detectable', e.detectable) ORDER BY m.n, e.rank)
            FROM tiering.scorecard_measures() m
            CROSS JOIN LATERAL tiering.tier_effect(p.program, m.measure, report_document."from", report_document.until, bootstrap => 0, path => path) e
            -- The few that say whether it pays, of those that have a value at all.
            WHERE m.measure IN ('sales_per_customer', 'retained', 'csat', 'active_share') AND e.tier IS NOT NULL
                AND scorecard @> jsonb_build_array(jsonb_build_object('measure', m.measure, 'tier', 'all')) AND NOT scorecard @> jsonb_build_array(jsonb_build_object('measure', m.measure, 'tier', 'all', 'value', NULL))
        ), '[]'));
    END IF;
    RETURN jsonb_build_object('program', document);
END
$$;

CREATE OR REPLACE FUNCTION tiering.customer_report_html(program text, customer text, lang text DEFAULT NULL, path text DEFAULT current_setting('search_path')) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    -- As many as people read of the past.
    events_shown CONSTANT integer := 200;
    spoken CONSTANT text := tiering.language(coalesce(customer_report_html.lang, tiering.default_lang()));
    p tiering.programs := tiering.find_program(customer_report_html.program);
    key CONSTANT text := tiering.customer_key(customer_report_html.program, customer_report_html.customer, customer_report_html.path);
    shown CONSTANT text := 'YYYY-MM-DD HH24:MI';
    a tiering.current_tiers;
    said jsonb;
    scheme jsonb;
    explanation jsonb;
    title jsonb;
    document jsonb;
BEGIN
    SELECT t.* INTO a FROM tiering.current_tiers t WHERE t.program = p.program AND t.customer = key;
    IF a.customer IS NULL AND NOT EXISTS (SELECT FROM tiering.assignment_log l WHERE l.program = p.program AND l.customer = key) THEN
        PERFORM tiering.refuse_customer(p.program, key);
    END IF;
    BEGIN
        said := tiering.explain_customer(p.program, key, path);
    EXCEPTION WHEN undefined_object OR insufficient_privilege OR undefined_table OR undefined_column THEN
        -- The source does not know the customer any more, or cannot be read: the rest of the page stands all the same.
        said := NULL;
    END;
    SELECT tiering.to_jsonb(s.document) INTO scheme FROM tiering.schemes s WHERE s.scheme = p.scheme
        AND s.version = coalesce(p.applied_version, p.version, (SELECT max(c.version) FROM tiering.schemes c WHERE c.scheme = p.scheme));
    SELECT tiering.titles(t.title_en, t.title_zh) INTO title FROM tiering.program_tiers t WHERE t.program = p.program AND t.tier = a.tier;
    IF said IS NOT NULL THEN
        SELECT jsonb_build_object(
            'inputs', coalesce((SELECT jsonb_agg(jsonb_build_object('title', coalesce(i.input -> 'title', tiering.titles(i.input ->> 'name', NULL)), 'value',
                    -- as people call it
                    coalesce(i.input #>> ARRAY['value_titles', v.value, spoken], i.input #>> ARRAY['value_titles', v.value, 'en'], v.value)) ORDER BY i.n)
                FROM jsonb_array_elements(scheme -> 'inputs') WITH ORDINALITY AS i (input, n), LATERAL (SELECT said -> 'inputs' ->> (i.input ->> 'name')) AS v (value)), '[]'),
            'rule', said #> '{decided_by,annotation}', 'score', said ->> 'score',
            'reasons', coalesce((SELECT jsonb_agg(coalesce(CASE WHEN jsonb_typeof(r.reason) = 'object' THEN r.reason -> 'title' END, tiering.titles(coalesce(r.reason ->> 'code', r.reason #>> '{}'), NULL)) ORDER BY r.n)
                FROM jsonb_array_elements(said -> 'reasons') WITH ORDINALITY AS r (reason, n)), '[]'),
            'nearest', (SELECT jsonb_build_object('tier', c.change ->> 'tier', 'title', coalesce(i.input -> 'title', tiering.titles(c.change ->> 'input', NULL)),
                    'now', coalesce(i.input #>> ARRAY['value_titles', c.change ->> 'from', spoken], i.input #>> ARRAY['value_titles', c.change ->> 'from', 'en'], c.change ->> 'from'),
                    'needs', coalesce(i.input #>> ARRAY['value_titles', c.change ->> 'needs', spoken], i.input #>> ARRAY['value_titles', c.change ->> 'needs', 'en'],
                        tiering.report_bound(c.change -> 'needs')))
                FROM (SELECT said -> 'nearest_change' AS change) c LEFT JOIN jsonb_array_elements(scheme -> 'inputs') AS i (input) ON i.input ->> 'name' = c.change ->> 'input'
                WHERE jsonb_typeof(c.change) = 'object'))
        INTO explanation;
    END IF;
    document := jsonb_build_object('program', p.program, 'customer', concat_ws(' · ', key, a.label), 'scheme', coalesce(scheme -> 'title', tiering.titles(p.scheme, NULL)), 'zone', p.zone, 'made_at', to_char(now() AT TIME ZONE p.zone, shown),
        'tier', a.tier, 'title', coalesce(title, tiering.titles(NULL, NULL)), 'since', to_char(a.since AT TIME ZONE p.zone, shown), 'by_hand', a.override_reason, 'owner', a.owner,
        'last', to_char(a.last_followup AT TIME ZONE p.zone, shown), 'due', to_char(a.next_due, 'YYYY-MM-DD'),
        'strategy', (SELECT tiering.titles(tiering.strategy_summary(o.strategy, 'en'), tiering.strategy_summary(o.strategy, 'zh')) FROM (SELECT tiering.own_strategy(p.program, a.tier) AS strategy) o),
        'explanation', explanation,
        'history', coalesce((
            SELECT jsonb_agg(jsonb_build_object('since', to_char(c.at AT TIME ZONE p.zone, shown), 'tier', c.to_tier, 'rank', g.rank, 'reason', c.reason, 'cause', c.cause) ORDER BY c.at DESC)
            FROM (SELECT * FROM tiering.tier_changes t WHERE t.program = p.program AND t.customer = key ORDER BY t.at DESC LIMIT events_shown) c
            LEFT JOIN tiering.program_tiers g ON g.program = c.program AND g.tier = c.to_tier), '[]'),
        'events', coalesce((
            SELECT jsonb_agg(jsonb_build_object('at', to_char(e.at AT TIME ZONE p.zone, shown), 'kind', tiering.titles(e.kind_en, e.kind_zh), 'content', tiering.titles(e.text_en, e.text_zh), 'by_whom', e.by_whom) ORDER BY e.at DESC, e.kind)
            FROM (SELECT * FROM tiering.customer_log l WHERE l.program = p.program AND l.customer = key ORDER BY l.at DESC LIMIT events_shown) e), '[]'),
        'promises', coalesce((
            SELECT jsonb_agg(jsonb_build_object('promise', r.promise, 'promised_for', to_char(r.promised_at AT TIME ZONE p.zone, shown), 'status', r.status) ORDER BY r.promised_at DESC)
            FROM tiering.promise_status r WHERE r.program = p.program AND r.customer = key), '[]'));
    RETURN tiering.report_page(jsonb_build_object('customer', document), spoken);
END
$$;

CREATE FUNCTION tiering.drop_temporary(VARIADIC names text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY names LOOP
        IF to_regclass(format('pg_temp.%I', name)) IS NOT NULL THEN
            EXECUTE format('DROP TABLE pg_temp.%I', name);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.drop_temporary(text[]) IS 'drops temporary tables that are there, without a word of those that are not';

CREATE OR REPLACE FUNCTION tiering.drop_past() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.drop_temporary('tiering: past', 'tiering: wanted');
END
$$;

CREATE OR REPLACE FUNCTION tiering.alter_program(program text, changes jsonb) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(alter_program.program);
    unheard_of text;
    moved boolean;
BEGIN
    IF jsonb_typeof(alter_program.changes) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'changes is not a jsonb object',
            HINT = 'Name what changes, such as {"calendar": "cn", "version": null}.';
    END IF;
    SELECT k.key INTO unheard_of FROM jsonb_object_keys(alter_program.changes) AS k (key)
    WHERE k.key NOT IN ('scheme', 'version', 'source', 'key', 'tenant', 'inputs', 'owner', 'last_followup', 'joined', 'deleted', 'group', 'label', 'calendar', 'timezone', 'own_customers_only', 'attempts', 'shares_contacts', 'score_step') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a program has no "%s" to change', unheard_of),
            HINT = 'Keys: scheme, version, source, key, tenant, inputs, owner, last_followup, joined, deleted, group, label, calendar, timezone, own_customers_only, attempts, shares_contacts, score_step; null takes an optional one away.';
    END IF;
    SELECT k.key INTO unheard_of FROM jsonb_each(alter_program.changes) AS k
    WHERE k.key IN ('scheme', 'source', 'key', 'inputs', 'own_customers_only', 'attempts') AND k.value = 'null'
        OR k.key = 'score_step' AND k.value <> 'null' AND (jsonb_typeof(k.value) <> 'number' OR (k.value #>> '{}')::numeric < 0)
        OR k.key = 'shares_contacts' AND k.value <> 'null' AND (jsonb_typeof(k.value) <> 'string' OR k.value #>> '{}' = '')
        OR k.key = 'attempts' AND (jsonb_typeof(k.value) <> 'array' OR jsonb_path_exists(k.value, 'strict $[*] ? (@.type() != "string" || @ == "")'))
        OR k.key = 'source' AND jsonb_typeof(k.value) <> 'string'
        OR k.key = 'inputs' AND jsonb_typeof(k.value) <> 'object' OR k.key = 'own_customers_only' AND jsonb_typeof(k.value) <> 'boolean'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('"%s" of a program cannot be %s', unheard_of, alter_program.changes -> unheard_of),
            HINT = format('SELECT tiering.alter_program(program, ''{"%s": %s}'').', unheard_of, CASE unheard_of WHEN 'inputs' THEN '{"annual_value": "turnover"}' WHEN 'own_customers_only' THEN 'true'
                WHEN 'attempts' THEN '["no_answer"]' WHEN 'score_step' THEN '5' ELSE '"name"' END);
    END IF;
    PERFORM tiering.require_inputs(alter_program.changes -> 'inputs');
    IF jsonb_typeof(alter_program.changes -> 'version') <> 'null' AND (alter_program.changes ->> 'version' !~ '^[0-9]{1,9}$' OR alter_program.changes ->> 'version' ~ '^0*$') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('"version" of a program cannot be %s', alter_program.changes -> 'version'),
            HINT = 'Versions are numbers from 1 on: {"version": 1} pins one, {"version": null} takes up the current one.';
    END IF;
    PERFORM tiering.name_parts(alter_program.changes ->> 'source');
    IF alter_program.changes ? 'source' AND to_regclass(alter_program.changes ->> 'source') IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_table', MESSAGE = format('relation "%s" does not exist', alter_program.changes ->> 'source'),
            HINT = 'Name the table or view with its schema.';
    END IF;
    IF NOT alter_program.changes ? 'source' THEN
        PERFORM tiering.follow_source(alter_program.program);
    END IF;
    PERFORM tiering.follow_renames(alter_program.program);
    moved := alter_program.changes ?| '{scheme,version,source,inputs}';
    UPDATE tiering.programs q SET
        scheme = coalesce(alter_program.changes ->> 'scheme', q.scheme),
        applied_version = CASE WHEN coalesce(alter_program.changes ->> 'scheme', q.scheme) = q.scheme THEN q.applied_version END,
        version = CASE WHEN alter_program.changes ? 'version' THEN (alter_program.changes ->> 'version')::integer WHEN NOT alter_program.changes ? 'scheme' THEN q.version END,
        source_oid = coalesce((alter_program.changes ->> 'source')::regclass, q.source_oid),
        key_column = coalesce(alter_program.changes ->> 'key', q.key_column),
        tenant_column = CASE WHEN alter_program.changes ? 'tenant' THEN alter_program.changes ->> 'tenant' ELSE q.tenant_column END,
        owner_column = CASE WHEN alter_program.changes ? 'owner' THEN alter_program.changes ->> 'owner' ELSE q.owner_column END,
        last_followup_column = CASE WHEN alter_program.changes ? 'last_followup' THEN alter_program.changes ->> 'last_followup' ELSE q.last_followup_column END,
        joined_column = CASE WHEN alter_program.changes ? 'joined' THEN alter_program.changes ->> 'joined' ELSE q.joined_column END,
        deleted_column = CASE WHEN alter_program.changes ? 'deleted' THEN alter_program.changes ->> 'deleted' ELSE q.deleted_column END,
        group_column = CASE WHEN alter_program.changes ? 'group' THEN alter_program.changes ->> 'group' ELSE q.group_column END,
        label_column = CASE WHEN alter_program.changes ? 'label' THEN alter_program.changes ->> 'label' ELSE q.label_column END,
        calendar = CASE WHEN alter_program.changes ? 'calendar' THEN alter_program.changes ->> 'calendar' ELSE q.calendar END,
        timezone = CASE WHEN alter_program.changes ? 'timezone' THEN alter_program.changes ->> 'timezone' ELSE q.timezone END,
        score_step = CASE WHEN alter_program.changes ? 'score_step' THEN (alter_program.changes ->> 'score_step')::numeric ELSE q.score_step END,
        shares_contacts = CASE WHEN alter_program.changes ? 'shares_contacts' THEN alter_program.changes ->> 'shares_contacts' ELSE q.shares_contacts END,
        attempts = CASE WHEN alter_program.changes ? 'attempts'
            THEN ARRAY(SELECT DISTINCT tiering.code_of('outcome', e.outcome) FROM jsonb_array_elements_text(alter_program.changes -> 'attempts') AS e (outcome) ORDER BY 1) ELSE q.attempts END,
        own_customers_only = coalesce((alter_program.changes ->> 'own_customers_only')::boolean, q.own_customers_only)
    WHERE q.program = alter_program.program
    RETURNING q.* INTO p;
    IF moved THEN
        UPDATE tiering.programs q SET inputs = coalesce((
            SELECT jsonb_object_agg(e.input ->> 'name', coalesce(alter_program.changes -> 'inputs' -> (e.input ->> 'name'), p.inputs -> (e.input ->> 'name'), e.input -> 'name'))
            FROM tiering.schemes s, jsonb_array_elements(tiering.to_jsonb(s.document) -> 'inputs') AS e (input)
            WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version)), '{}')
            || coalesce(tiering.coded_inputs((SELECT s.document FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version)),
                alter_program.changes -> 'inputs'), '{}')
        WHERE q.program = alter_program.program;
    END IF;
    PERFORM tiering.check_program(alter_program.program);
    PERFORM tiering.apply_version(alter_program.program);
    IF alter_program.changes -> 'own_customers_only' = 'true' THEN
        PERFORM tiering.warn_of_copies('materialized views show the customers of all owners to whoever may read them: %s');
    END IF;
    RETURN alter_program.program;
END
$$;

CREATE OR REPLACE FUNCTION tiering.input_columns(document tiering.scheme, source regclass, mapping jsonb, key text DEFAULT NULL)
    RETURNS TABLE (input text, column_name text, type regtype, words jsonb)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    name text := tiering.scheme_name(input_columns.document);
    inputs jsonb := tiering.to_jsonb(input_columns.document) -> 'inputs';
    unheard_of text;
BEGIN
    IF input_columns.document IS NULL OR input_columns.source IS NULL OR input_columns.mapping IS NULL THEN
        RETURN;
    END IF;
    IF jsonb_typeof(input_columns.mapping) <> 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'mapping is not a jsonb object',
            HINT = 'Pass the columns by input, such as {"annual_value": "turnover"}.';
    END IF;
    PERFORM tiering.require_inputs(input_columns.mapping);
    mapping := tiering.coded_inputs(input_columns.document, input_columns.mapping);
    SELECT m.key INTO unheard_of FROM jsonb_object_keys(input_columns.mapping) AS m (key)
    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(inputs) AS e (input) WHERE e.input ->> 'name' = m.key)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('scheme "%s" has no input "%s"', name, unheard_of),
            DETAIL = format('Its inputs are: %s.',
                (SELECT string_agg(e.input ->> 'name', ', ') FROM jsonb_array_elements(inputs) AS e (input))),
            HINT = format('Give the column of one of them: mapping => ''{"%s": "column"}''.', inputs #>> '{0,name}');
    END IF;
    FOR input, column_name, words IN
        SELECT e.input ->> 'name', coalesce(tiering.input_column(input_columns.mapping -> (e.input ->> 'name')), e.input ->> 'name'), tiering.input_words(input_columns.mapping -> (e.input ->> 'name'))
        FROM jsonb_array_elements(inputs) WITH ORDINALITY AS e (input, n)
        UNION ALL SELECT NULL, input_columns.key, NULL WHERE input_columns.key IS NOT NULL
    LOOP
        type := tiering.require_column(input_columns.source, column_name,
            format('Name the columns in the mapping; SELECT * FROM tiering.suggest_mapping(%L, %L) proposes one.', name, input_columns.source));
        PERFORM tiering.require_words(input_columns.document, input, words);
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION tiering.override_tier(program text, customer text, tier text, reason text, until timestamptz DEFAULT NULL, path text DEFAULT current_setting('search_path'), kind text DEFAULT 'fixed') RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    began timestamptz;
BEGIN
    until := nullif(until, 'infinity');
    IF (override_tier.kind IN ('fixed', 'at_least', 'at_most')) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('an override cannot be of kind "%s"', coalesce(override_tier.kind, 'NULL')),
            HINT = 'kind => ''fixed'' gives this tier, ''at_least'' this or a better one, ''at_most'' this or a worse one.';
    END IF;
    IF coalesce(override_tier.reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'an override needs a reason',
            HINT = 'SELECT tiering.override_tier(program, customer, tier, ''why'', until).';
    END IF;
    customer := tiering.customer_key(program, customer, path);
    PERFORM tiering.lock_customer(override_tier.program, override_tier.customer);
    IF NOT EXISTS (SELECT FROM tiering.program_tiers t WHERE t.program = override_tier.program AND t.tier = override_tier.tier) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('scheme "%s" of program "%s" has no tier "%s"', (tiering.find_program(override_tier.program)).scheme, override_tier.program, override_tier.tier),
            DETAIL = format('Its tiers are: %s.', (SELECT string_agg(t.tier, ', ' ORDER BY t.rank) FROM tiering.program_tiers t WHERE t.program = override_tier.program)),
            HINT = format('Give one of them; SELECT * FROM tiering.program_tiers WHERE program = %L says what each is.', override_tier.program);
    END IF;
    IF override_tier.until <= now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('until %s lies in the past', override_tier.until),
            HINT = 'Leave it out for an override without end.';
    END IF;
    -- The same decree twice is one.
    IF EXISTS (SELECT FROM tiering.overrides o WHERE o.program = override_tier.program AND o.customer = override_tier.customer AND tiering.lasts(o.until)
        AND (o.tier, o.reason, o.author, o.until, o.kind) IS NOT DISTINCT FROM (override_tier.tier, override_tier.reason, session_user::text, override_tier.until, override_tier.kind))
    THEN
        RETURN;
    END IF;
    began := greatest(now(), (SELECT max(o.since) + interval '1 microsecond' FROM tiering.overrides o WHERE o.program = override_tier.program AND o.customer = override_tier.customer));
    UPDATE tiering.overrides o SET until = began, cleared_by = session_user
    WHERE o.program = override_tier.program AND o.customer = override_tier.customer AND coalesce(o.until > began, true);
    INSERT INTO tiering.overrides (program, customer, since, until, tier, reason, kind)
    VALUES (override_tier.program, override_tier.customer, began, CASE WHEN override_tier.until IS NOT NULL THEN greatest(override_tier.until, began) END, override_tier.tier, override_tier.reason, override_tier.kind);
    PERFORM tiering.date_overrides(override_tier.program, ARRAY[override_tier.customer]);
END
$$;

CREATE OR REPLACE FUNCTION tiering.check_program(program text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(check_program.program);
    stored tiering.scheme;
    document jsonb;
    i jsonb;
    chosen text;
    unheard_of text;
    found_type regtype;
BEGIN
    IF NOT EXISTS (SELECT FROM tiering.found_source(p.source)) THEN
        PERFORM FROM tiering.program_columns(p.program);
    END IF;
    SELECT s.document, tiering.to_jsonb(s.document) INTO stored, document
    FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version);
    SELECT m.key INTO unheard_of FROM jsonb_object_keys(p.inputs) AS m (key)
    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(document -> 'inputs') AS e (input) WHERE e.input ->> 'name' = m.key)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('scheme "%s" has no input "%s"', p.scheme, unheard_of),
            DETAIL = format('Its inputs are: %s.',
                (SELECT string_agg(e.input ->> 'name', ', ') FROM jsonb_array_elements(document -> 'inputs') AS e (input))),
            HINT = format('Give the column of one of them: inputs => ''{"%s": "column"}''.', document #>> '{inputs,0,name}');
    END IF;
    FOR chosen IN
        SELECT u.column_name FROM (
            SELECT p.key_column UNION ALL SELECT p.tenant_column UNION ALL SELECT p.owner_column UNION ALL SELECT p.last_followup_column
            UNION ALL SELECT p.joined_column UNION ALL SELECT p.deleted_column UNION ALL SELECT p.group_column UNION ALL SELECT p.label_column
            UNION ALL SELECT tiering.input_column(m.value) FROM jsonb_each(p.inputs) AS m
        ) u (column_name) WHERE u.column_name IS NOT NULL
    LOOP
        IF NOT p.column_numbers ? chosen THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_column', MESSAGE = format('%s has no column "%s"', p.source, chosen),
                DETAIL = tiering.column_list(p.source),
                HINT = format('SELECT * FROM tiering.suggest_mapping(%L, %L) proposes columns for the inputs.', p.scheme, p.source);
        END IF;
    END LOOP;
    PERFORM tiering.require_key_type(p.source, p.key_column);
    IF p.tenant_column IS NOT NULL THEN
        PERFORM tiering.require_tenant(p.source, p.tenant_column, p.key_column);
    END IF;
    FOR i IN SELECT e.input FROM jsonb_array_elements(document -> 'inputs') AS e (input) LOOP
        IF NOT p.inputs ? (i ->> 'name') THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_column',
                MESSAGE = format('%s has no column "%s" for the input of that name of scheme "%s"', p.source, i ->> 'name', p.scheme),
                HINT = format('Say which column serves: inputs => ''{"%s": "column"}''. SELECT * FROM tiering.suggest_mapping(%L, %L) proposes one.',
                    i ->> 'name', p.scheme, p.source);
        END IF;
        IF tiering.input_words(p.inputs -> (i ->> 'name')) IS NOT NULL THEN
            PERFORM tiering.require_words(stored, i ->> 'name', tiering.input_words(p.inputs -> (i ->> 'name')));
            CONTINUE;
        END IF;
        SELECT c.type INTO found_type FROM tiering.source_columns(p.source) c WHERE c.column_name = p.inputs ->> (i ->> 'name');
        IF NOT tiering.type_serves(i ->> 'type', found_type) THEN
            RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
                MESSAGE = format('column "%s" of %s is of type %s, but input "%s" of scheme "%s" is of type %s',
                    p.inputs ->> (i ->> 'name'), p.source, found_type, i ->> 'name', p.scheme, i ->> 'type'),
                HINT = format('Say which value its words stand for: inputs => ''{"%1$s": {"column": "%2$s", "values": {"word": value}}}''; '
                    '"values": {} reads the words themselves as type %3$s.', i ->> 'name', p.inputs ->> (i ->> 'name'), i ->> 'type')
                    || CASE WHEN p.applied_version IS NOT NULL THEN format(' SELECT tiering.alter_program(%L, ''{"inputs": {"%s": …}}'') takes it, or another column.', p.program, i ->> 'name') ELSE '' END;
        END IF;
    END LOOP;
    IF p.last_followup_column IS NOT NULL THEN
        SELECT c.type INTO found_type FROM tiering.source_columns(p.source) c WHERE c.column_name = p.last_followup_column;
        IF found_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
            RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
                MESSAGE = format('column "%s" of %s is of type %s, but a last follow-up is a timestamptz, timestamp or date',
                    p.last_followup_column, p.source, found_type),
                HINT = 'Make a view that casts the column, and use it as the source.';
        END IF;
    END IF;
    IF p.joined_column IS NOT NULL THEN
        SELECT c.type INTO found_type FROM tiering.source_columns(p.source) c WHERE c.column_name = p.joined_column;
        IF found_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
            RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
                MESSAGE = format('column "%s" of %s is of type %s, but the day of joining is a date, timestamp or timestamptz', p.joined_column, p.source, found_type),
                HINT = 'Make a view that casts the column, and use it as the source.';
        END IF;
    END IF;
    IF p.deleted_column IS NOT NULL THEN
        SELECT c.type INTO found_type FROM tiering.source_columns(p.source) c WHERE c.column_name = p.deleted_column;
        IF found_type NOT IN ('boolean'::regtype, 'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
            RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
                MESSAGE = format('column "%s" of %s is of type %s, but what marks a row as deleted is a boolean or a time', p.deleted_column, p.source, found_type),
                DETAIL = 'Rows in which it is true, or has a time, are no customers.',
                HINT = 'Make a view that says it with a boolean, such as (status = ''deleted'') AS deleted, and use it as the source.';
        END IF;
    END IF;
    PERFORM tiering.require_calendar(p.calendar);
    PERFORM tiering.require_timezone(p.timezone);
    IF (document #> '{stability,promote_margin}' IS NOT NULL OR document #> '{stability,demote_margin}' IS NOT NULL)
        AND tiering.margin_measure(stored) IS NULL
    THEN
        RAISE WARNING USING MESSAGE = format('the margins of scheme "%s" have no effect', p.scheme),
            DETAIL = 'Margins are measured on a score, or on the number whose bands are the tiers.';
    END IF;
END
$$;

CREATE FUNCTION tiering.churn_rate_add(tiering.customer_share, boolean) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'churn_rate_add_churned';
COMMENT ON FUNCTION tiering.churn_rate_add(tiering.customer_share, boolean) IS 'transition of aggregate churn_rate, where the query says who has churned';
CREATE FUNCTION tiering.churned(rfm tiering.rfm, as_of timestamptz, inactive_for interval) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'churned';
COMMENT ON FUNCTION tiering.churned(tiering.rfm, timestamptz, interval) IS
    'whether the last order of a buyer lies further back from as_of than inactive_for, as churn_rate() counts it: churned(purchases, now(), ''90 days''). NULL for who had never bought by then. Errors as of churn_rate()';
CREATE AGGREGATE tiering.churn_rate (churned boolean) (
    SFUNC = tiering.churn_rate_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.churn_rate (boolean) IS
    'the share of those who have churned, such as churn_rate(churned(r, now(), ''90 days'')). NULLs are ignored; NULL without buyers. On Citus it is faster than churn_rate(r, as_of, inactive_for), '
    'whose arguments Citus packs into a row for each customer';
CREATE FUNCTION tiering.retention_add(tiering.customer_share, boolean) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'retention_add_retained';
COMMENT ON FUNCTION tiering.retention_add(tiering.customer_share, boolean) IS 'transition of aggregate retention, where the query says who was retained';
CREATE FUNCTION tiering.retained(rfm tiering.rfm, from_day date, until_day date, again_until_day date) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'retained';
CREATE FUNCTION tiering.retained(rfm tiering.rfm, from_day date, until_day date, again_until_day date, known_until date) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'retained';
COMMENT ON FUNCTION tiering.retained(tiering.rfm, date, date, date) IS
    'whether who bought from from_day to before until_day bought again from until_day to before again_until_day, as retention() counts it. NULL for who bought nothing in the first period. '
    'ERROR 22023 unless the days ascend';
COMMENT ON FUNCTION tiering.retained(tiering.rfm, date, date, date, date) IS
    'the same where orders are known up to before a day: NULL while the second period is not over by then';
CREATE AGGREGATE tiering.retention (retained boolean) (
    SFUNC = tiering.retention_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.retention (boolean) IS
    'the share of those who were retained, such as retention(retained(r, ''2026-01-01'', ''2026-02-01'', ''2026-03-01'')). NULLs are ignored; NULL if nobody bought in the first period. On Citus it is '
    'faster than the forms of several arguments';
REVOKE EXECUTE ON FUNCTION tiering.churn_rate_add(tiering.customer_share, boolean), tiering.retention_add(tiering.customer_share, boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tiering.add_query(program text, cause text, outcomes text) RETURNS text
    LANGUAGE sql STABLE
    RETURN format($query$
WITH added AS (
    INSERT INTO tiering.assignments AS a (program, customer, %1$s)
    SELECT %2$L, o.customer, %3$s FROM (%4$s) o
    ORDER BY o.owner COLLATE pg_catalog."C", o.customer
    RETURNING a.customer, a.since, a.tier, a.owner, a.reasons
)
INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, reasons)
SELECT %2$L, n.customer, n.since, n.tier, CASE WHEN n.tier IS NULL THEN 'ungraded' ELSE 'first' END, %5$L, n.owner, n.reasons FROM added n$query$,
        array_to_string(tiering.graded_columns(), ', '), $1, (SELECT string_agg('o.' || u.name, ', ' ORDER BY u.n) FROM unnest(tiering.graded_columns()) WITH ORDINALITY AS u (name, n)), $3, $2);

CREATE OR REPLACE FUNCTION tiering.set_due(program text, customer text, day date, kind text, reason text, path text, beside boolean DEFAULT false) RETURNS date
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    p tiering.programs := tiering.find_program(program);
    due date;
    replaced date;
    plans date[];
BEGIN
    IF beside IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'beside is NULL', HINT = 'beside => true leaves earlier plans open, false takes their place.';
    END IF;
    IF kind = 'snooze' AND coalesce(reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a follow-up is put off for a reason',
            HINT = 'SELECT tiering.snooze_followup(program, customer, day, ''why'').';
    END IF;
    IF day IS NULL OR NOT isfinite(day) THEN
        RAISE EXCEPTION USING ERRCODE = CASE WHEN day IS NULL THEN 'null_value_not_allowed' ELSE 'datetime_field_overflow' END,
            MESSAGE = format('the day is %s', coalesce(day::text, 'NULL')), HINT = 'Give the day of the next follow-up, such as current_date + 7.';
    END IF;
    IF day < (now() AT TIME ZONE p.zone)::date THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('%s lies in the past', day),
            HINT = 'A contact of the past is logged: SELECT tiering.log_followup(program, customer, at => …).';
    END IF;
    customer := tiering.customer_key(program, customer, path);
    PERFORM tiering.lock_customer(program, customer);
    SELECT a.planned_due || a.later_plans INTO plans FROM tiering.assignments a WHERE a.program = set_due.program AND a.customer = set_due.customer AND a.planned_due IS NOT NULL;
    -- The same plan twice is one: what the last one set stands still, and so does a plan beside others that is open.
    IF NOT EXISTS (
        SELECT FROM (SELECT f.* FROM tiering.followup_plans f WHERE f.program = set_due.program AND f.customer = set_due.customer
            AND (NOT beside OR f.kind = 'plan' AND f.due = day AND f.reason IS NOT DISTINCT FROM set_due.reason) ORDER BY f.planned_at DESC LIMIT 1) f
        JOIN tiering.assignments a ON a.program = f.program AND a.customer = f.customer
        WHERE f.kind = set_due.kind AND f.due = day AND f.reason IS NOT DISTINCT FROM set_due.reason AND f.planned_by = session_user
            AND CASE WHEN f.kind = 'snooze' THEN a.snoozed_until = day WHEN beside THEN day = ANY (plans) ELSE plans = ARRAY[day] END)
    THEN
        replaced := (SELECT u.due FROM unnest(plans) AS u (due) WHERE kind = 'plan' AND NOT beside AND u.due <> day LIMIT 1);
        IF replaced IS NOT NULL THEN
            RAISE NOTICE USING MESSAGE = format('the plan for %s takes the place of that for %s%s', day, replaced,
                (SELECT format(' (%s)', f.reason) FROM tiering.followup_plans f WHERE f.program = set_due.program AND f.customer = set_due.customer AND f.kind = 'plan' AND f.due = replaced
                    AND f.reason <> '' ORDER BY f.planned_at DESC LIMIT 1)),
                DETAIL = format('Customer "%s" of program "%s" has one next follow-up.%s', customer, program,
                    ' Nor are these open any more: ' || array_to_string(nullif(array_remove(array_remove(plans, day), replaced), '{}'), ', ') || '.'),
                HINT = 'beside => true leaves earlier plans open.';
        END IF;
        plans := CASE WHEN beside THEN ARRAY(SELECT u.due FROM unnest(plans || day) AS u (due) ORDER BY 1) ELSE ARRAY[day] END;
        INSERT INTO tiering.followup_plans (program, customer, planned_at, kind, due, reason) VALUES (program, customer, greatest(now(), (
            SELECT max(f.planned_at) + interval '1 microsecond' FROM tiering.followup_plans f
            WHERE f.program = set_due.program AND f.customer = set_due.customer)), kind, day, reason);
        UPDATE tiering.assignments a SET
            planned_due = CASE kind WHEN 'plan' THEN plans[1] ELSE a.planned_due END,
            later_plans = CASE kind WHEN 'plan' THEN nullif(plans[2:], '{}') ELSE a.later_plans END,
            snoozed_until = CASE kind WHEN 'snooze' THEN day END,  -- a plan made later than a snooze counts
            next_due = CASE kind WHEN 'plan' THEN plans[1] ELSE tiering.next_due(a.planned_due, a.cadence_due, day) END,
            claimed_by = NULL, claimed_until = NULL
        WHERE a.program = set_due.program AND a.customer = set_due.customer;
        PERFORM tiering.date_overrides(program, ARRAY[customer]);
    END IF;
    SELECT t.next_due INTO due FROM tiering.current_tiers t WHERE t.program = set_due.program AND t.customer = set_due.customer;
    RETURN due;
END
$$;

COMMENT ON COLUMN tiering.retier_runs.done IS 'customers of these that have been written';
COMMENT ON COLUMN tiering.runs.done IS 'customers that differed and have been written';
COMMENT ON COLUMN tiering.current_tiers.override_kind IS
    'kind of the override that has not ended: fixed, at_least or at_most; also while the criteria give a better tier than at_least, or a worse one than at_most, and the tier is theirs; NULL: there is none';

CREATE OR REPLACE FUNCTION tiering.scorecard_measures()
    RETURNS TABLE (n integer, measure text, asked_as text, unit text, numerator text, denominator text, factor integer, digits integer, title_en text, title_zh text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- numerator and denominator are figures of tier_scorecard_customers(), added up over the customers of a tier. Without a denominator the measure
    -- is the sum itself.
    SELECT row_number() OVER ()::integer, m.measure, m.asked_as, m.unit, m.numerator, m.denominator, m.factor, m.digits, m.title_en, m.title_zh
    FROM (VALUES
        ('customers', 'R02', 'customers', 'at_start', NULL, 1, 0, 'Customers', '客户数'),
        ('stayed', 'R02', 'customers', 'stayed', NULL, 1, 0, 'Stayed in the tier', '等级不变'),
        ('moved_up', 'R02', 'customers', 'moved_up', NULL, 1, 0, 'Moved up', '升级'),
        ('moved_down', 'R02', 'customers', 'moved_down', NULL, 1, 0, 'Moved down', '降级'),
        ('gone', 'R02', 'customers', 'gone', NULL, 1, 0, 'Gone', '离开项目'),
        ('csat_answers', 'M01', 'answers', 'csat_answers', NULL, 1, 0, 'Answers about satisfaction', '满意度答卷数'),
        ('csat', 'M01', 'share', 'csat_positive', 'csat_answers', 1, 3, 'Satisfied', '满意率'),
        ('nps_answers', 'M01', 'answers', 'nps_answers', NULL, 1, 0, 'Answers about recommending', '净推荐值答卷数'),
        ('nps', 'M01', 'points', 'nps_net', 'nps_answers', 100, 1, 'Net promoter score', '净推荐值'),
        ('buyers', 'M02', 'customers', 'buying', NULL, 1, 0, 'Buyers', '购买客户数'),
        ('repeat_rate', 'M02', 'share', 'repeat_buying', 'buying', 1, 3, 'Bought on several days', '复购率'),
        ('repeat_rate_to_date', 'M02', 'share', 'repeated_ever', 'bought_ever', 1, 3, 'Ever bought on several days', '累计复购率'),
        ('retained', 'M02', 'share', 'retained', 'bought_before', 1, 3, 'Bought before and again', '留存率'),
        ('churned', 'M02', 'share', 'churned', 'bought_ever', 1, 3, 'Silent buyers', '流失率'),
        ('referrals', 'M02', 'referrals', 'referrals', NULL, 1, 0, 'Referrals', '转介绍数'),
        ('referring_share', 'M02', 'share', 'referring', 'at_start', 1, 3, 'Customers who refer others', '转介绍客户占比'),
        ('orders', 'M03', 'orders', 'orders', NULL, 1, 0, 'Orders', '订单数'),
        ('sales', 'M03', 'money', 'sales', NULL, 1, 2, 'Sales', '销售额'),
        ('profit', 'M03', 'money', 'profit', NULL, 1, 2, 'Profit', '利润'),
        ('sales_share', 'M03', 'share', 'sales', 'sales of all', 1, 3, 'Share of sales', '销售额占比'),
        ('sales_per_customer', 'M03', 'money', 'sales', 'at_start', 1, 2, 'Sales per customer', '户均销售额'),
        ('value_to_date', 'M04', 'money', 'value_to_date', 'valued', 1, 0, 'Value to date per customer', '累计客户价值'),
        ('value_predicted', 'M04', 'money', 'value_predicted', 'predicted', 1, 0, 'Predicted value per customer', '预计客户价值'),
        ('contacts', 'M05', 'contacts', 'contacts', NULL, 1, 0, 'Contacts', '跟进次数'),
        ('contacts_per_customer', 'M05', 'contacts', 'contacts', 'at_start', 1, 2, 'Contacts per customer', '户均跟进次数'),
        ('on_time_share', 'M05', 'share', 'on_time', 'timed', 1, 3, 'Contacts on time', '按时跟进率'),
        ('new_customers', 'M06', 'customers', 'is_new', NULL, 1, 0, 'New customers', '新增客户数'),
        ('acquisition_cost', 'M06', 'money', 'acquisition_cost', NULL, 1, 2, 'Cost of winning customers', '获客成本总额'),
        ('cac', 'M06', 'money', 'acquisition_cost', 'is_new', 1, 2, 'Cost per customer won', '单客获客成本'),
        ('retention_cost', 'M07', 'money', 'retention_cost', NULL, 1, 2, 'Cost of keeping customers', '维系成本总额'),
        ('crc', 'M07', 'money', 'retention_cost', 'at_start', 1, 2, 'Cost of keeping a customer', '单客维系成本'),
        ('opportunities', 'M08', 'opportunities', 'opportunities', NULL, 1, 0, 'Opportunities', '商机数'),
        ('taken', 'M08', 'share', 'taken', 'opportunities', 1, 3, 'Opportunities taken', '商机转化率'),
        ('cross_sold', 'M08', 'orders', 'cross_sold', NULL, 1, 0, 'Orders of something new', '交叉销售订单数'),
        ('up_sold', 'M08', 'orders', 'up_sold', NULL, 1, 0, 'Orders larger than ever', '向上销售订单数'),
        ('tickets', 'M09', 'tickets', 'tickets', NULL, 1, 0, 'Tickets', '工单数'),
        ('open_tickets', 'M09', 'tickets', 'open_tickets', NULL, 1, 0, 'Tickets still open', '未解决工单数'),
        ('resolved', 'M09', 'tickets', 'resolved', NULL, 1, 0, 'Tickets resolved', '已解决工单数'),
        ('mean_resolve', 'M09', 'hours', 'resolve_hours', 'resolved', 1, 1, 'Mean hours to resolve', '平均解决时长（小时）'),
        ('median_resolve', 'M09', 'hours', 'median of resolve_times', 'resolved', 1, 1, 'Median hours to resolve', '解决时长中位数（小时）'),
        ('within_target_share', 'M09', 'share', 'within_target', 'targeted', 1, 3, 'Resolved within the target of the tier', '按等级时限解决率'),
        ('complaints', 'M10', 'complaints', 'complaints', NULL, 1, 0, 'Complaints', '投诉数'),
        ('complaints_per_customer', 'M10', 'complaints', 'complaints', 'at_start', 1, 3, 'Complaints per customer', '户均投诉数'),
        ('complaint_rate', 'M10', 'share', 'complaints', 'tickets', 1, 3, 'Complaints per ticket', '工单投诉率'),
        ('active_share', 'M11', 'share', 'active', 'at_start', 1, 3, 'Active customers', '活跃客户占比'),
        ('activity_per_customer', 'M11', 'events', 'activity', 'at_start', 1, 2, 'Activity per customer', '户均活跃次数'),
        ('relation_answers', 'M12', 'answers', 'relation_answers', NULL, 1, 0, 'Marks for the relationship', '客情评分数'),
        ('relation', 'M12', 'points', 'relation_sum', 'relation_answers', 1, 2, 'Relationship', '客情关系评分'),
        ('promises_kept_share', 'M12', 'share', 'promises_kept', 'promises', 1, 3, 'Promises kept', '承诺兑现率'),
        ('program_cost', 'M14', 'money', 'program_cost', NULL, 1, 2, 'Cost of the tiering', '分级项目成本')
    ) m (measure, asked_as, unit, numerator, denominator, factor, digits, title_en, title_zh);
END;

CREATE OR REPLACE FUNCTION tiering.drop_differing() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.drop_temporary('tiering: graded', 'tiering: differing');
END
$$;

CREATE OR REPLACE FUNCTION tiering.enable_automatic(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(enable_automatic.program);
    key text[] := tiering.key_columns(p.program);
    event text;
    inherited CONSTANT boolean := EXISTS (SELECT FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent AND c.relkind = 'r' WHERE h.inhparent = p.source);
    by_hand CONSTANT text := format('Let it be retiered regularly: SELECT cron.schedule(%L, ''0 3 * * *'', %L), with pg_cron.', 'retier ' || p.program,
        format('CALL tiering.retier(%L)', p.program));
BEGIN
    IF tiering.rows_elsewhere(p.source) = 'distributed' THEN
        RAISE EXCEPTION USING ERRCODE = 'wrong_object_type', MESSAGE = format('%s, the source of program "%s", is distributed by Citus', p.source, p.program),
            DETAIL = 'Citus has no triggers on distributed tables: their rows are changed on its workers.', HINT = by_hand;
    END IF;
    IF (SELECT c.relkind NOT IN ('r', 'p') FROM pg_class c WHERE c.oid = p.source) THEN
        RAISE EXCEPTION USING ERRCODE = 'wrong_object_type', MESSAGE = format('%s, the source of program "%s", is not a table', p.source, p.program),
            DETAIL = CASE (SELECT c.relkind FROM pg_class c WHERE c.oid = p.source) WHEN 'f' THEN 'Statements that change the rows of a foreign table on its server fire no trigger here.'
                ELSE 'A view has no rows of its own that could change.' END, HINT = by_hand;
    END IF;
    IF EXISTS (SELECT FROM pg_partition_tree(p.source) AS t JOIN pg_class c ON c.oid = t.relid WHERE c.relkind = 'f') THEN
        RAISE EXCEPTION USING ERRCODE = 'wrong_object_type', MESSAGE = format('%s, the source of program "%s", has rows on other servers', p.source, p.program),
            DETAIL = 'Statements that change them there fire no trigger here.', HINT = by_hand;
    END IF;
    IF NOT tiering.has_unique_key(p.source, key, true) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format(CASE cardinality(key) WHEN 1 THEN '%s has no unique index on column "%s", or the column may be NULL' ELSE '%s has no unique index on columns "%s", or one may be NULL' END,
                p.source, array_to_string(key, '", "')),
            DETAIL = CASE WHEN inherited THEN 'Other tables inherit from it, and an index of it says nothing of their rows.'
                ELSE 'Without it, each statement would search the whole table for its customers.' END,
            -- A unique index over partitions has the columns by which they are made.
            HINT = CASE WHEN inherited OR EXISTS (SELECT FROM pg_partitioned_table t JOIN unnest(t.partattrs) AS n (number) ON true
                    LEFT JOIN pg_attribute a ON a.attrelid = t.partrelid AND a.attnum = n.number AND a.attname = ANY (key) WHERE t.partrelid = p.source AND a.attname IS NULL)
                THEN by_hand ELSE format('ALTER TABLE %s %s, ADD UNIQUE (%s).', p.source, (SELECT string_agg(format('ALTER %I SET NOT NULL', k.name), ', ' ORDER BY k.n) FROM unnest(key) WITH ORDINALITY AS k (name, n)),
                    (SELECT string_agg(quote_ident(k.name), ', ' ORDER BY k.n) FROM unnest(key) WITH ORDINALITY AS k (name, n))) END;
    END IF;
    PERFORM tiering.lock_source(p.source);
    PERFORM tiering.hold_program(p.program);  -- after the table, as drop_program() takes them
    PERFORM tiering.drop_triggers(p.program, NULL);
    FOREACH event IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION tiering.grade_changed(%L)',
            tiering.trigger_name(p.program, event), upper(event), p.source,
            CASE event WHEN 'insert' THEN 'REFERENCING NEW TABLE AS tiering_new' WHEN 'update' THEN 'REFERENCING OLD TABLE AS tiering_old NEW TABLE AS tiering_new'
                WHEN 'delete' THEN 'REFERENCING OLD TABLE AS tiering_old' ELSE '' END, p.program);
    END LOOP;
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION tiering.grade_replicated(%L)',
        tiering.trigger_name(p.program, 'replica'), p.source, p.program);
    EXECUTE format('ALTER TABLE %s ENABLE REPLICA TRIGGER %I', p.source, tiering.trigger_name(p.program, 'replica'));
    -- A truncation that is replicated fires triggers of the statement.
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', p.source, tiering.trigger_name(p.program, 'truncate'));
END
$$;
