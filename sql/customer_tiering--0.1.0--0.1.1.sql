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
    shown text := replace(format('%s', snapshots), '%', '%%');
    taken text := replace(format('%I', taken_at), '%', '%%');
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
                WHERE o.customer IN (SELECT k.customer FROM unnest(date_overrides.customers) AS k (customer)));
        END IF;
        overridden := ARRAY(SELECT l.customer FROM (SELECT DISTINCT k.customer COLLATE "C" AS customer FROM unnest(date_overrides.customers) AS k (customer) ORDER BY 1) k
            CROSS JOIN LATERAL (SELECT a.customer FROM tiering.assignments a
                WHERE a.program = date_overrides.program AND a.customer = k.customer AND a.override_tier IS NOT NULL AND tiering.lasts(a.override_until) FOR NO KEY UPDATE) l);
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
        -- An IF of its own for what is mostly so: PL/pgSQL runs a statement for a condition that looks into a table.
        IF a.planned_due IS NOT NULL THEN
            IF log_followup.at >= coalesce((SELECT max(f.planned_at) FROM tiering.followup_plans f
                WHERE f.program = a.program AND f.customer = a.customer AND f.kind = 'plan' AND f.due = a.planned_due), '-infinity')
            THEN
                a.planned_due := a.later_plans[1];
                a.later_plans := nullif(a.later_plans[2:], '{}');
            END IF;
        END IF;
        IF a.snoozed_until IS NOT NULL THEN
            IF log_followup.at >= coalesce((SELECT max(f.planned_at) FROM tiering.followup_plans f
                WHERE f.program = a.program AND f.customer = a.customer AND f.kind = 'snooze'), '-infinity')
            THEN
                a.snoozed_until := NULL;
            END IF;
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
    IF to_regclass('pg_temp."tiering: contacted"') IS NOT NULL THEN
        DROP TABLE pg_temp."tiering: contacted";
    END IF;
    IF to_regclass('pg_temp."tiering: locked"') IS NOT NULL THEN
        DROP TABLE pg_temp."tiering: locked";
    END IF;
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
    IF to_regclass('pg_temp."tiering: contacts"') IS NOT NULL THEN
        DROP TABLE pg_temp."tiering: contacts";
    END IF;
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
    -- A contact that is known already, from an import before or twice in this one, is the same contact. They are compared sorted, each once.
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
            FROM (SELECT t.customer, t.at, t.channel, t.outcome, t.note, NULL::smallint AS known_n, w.owner FROM pg_temp."tiering: contacts" t LEFT JOIN pg_temp."tiering: locked" w ON w.customer = t.customer
                UNION ALL SELECT k.*, NULL FROM known k) u
            ORDER BY u.at, u.customer, u.channel, u.outcome, u.note, u.known_n DESC NULLS LAST
        ) b
    ) c
    WHERE c.known_n IS NULL
    -- In the order of time, in which two of three indexes go on where they are.
    ORDER BY c.at, c.customer;
    GET DIAGNOSTICS imported = ROW_COUNT;
    PERFORM tiering.grade_contacted(p.program, customers, import_followups.path);
    DROP TABLE pg_temp."tiering: contacted", pg_temp."tiering: locked";
    PERFORM tiering.share_contacts(plan, customers, import_followups.path);
    DROP TABLE pg_temp."tiering: contacts";
    RETURN imported;
END
$$;

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
        FROM (SELECT tiering.shard_column(source) AS shard, tiering.rows_elsewhere(source) AS elsewhere, aggregate || '_final' AS final,
            concat(source, ' s', ' WHERE ' || nullif(condition, '')) AS rows,
            (SELECT string_agg(tiering.input_expression(format('s.%I', c.column_name), c.type, c.words), ', ') FROM tiering.input_columns(document, source, mapping) c) AS inputs) t
        -- Readings of a fit or a population do not hold the document, which the final function is given. Outcomes are gathered with it beside the reading.
        CROSS JOIN LATERAL (SELECT format('tiering.%I(tiering.%I($1, $2, %s))', aggregate || '_part', aggregate || '_reading', t.inputs) AS part, ', $1' AS document
            WHERE aggregate IN ('fit', 'population')
            UNION ALL SELECT format('tiering.%I($1, $2, %stiering.reading($1, %s))', aggregate || '_part', arguments, t.inputs), '' WHERE aggregate NOT IN ('fit', 'population')) q);

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
