-- Grading a program. One query, made for the program, gives the row that each customer should have: the source is graded, joined with the
-- assignments as they are, settled by the stability rules, and dated. retier() runs it over everybody, log_followup() and automatic grading over a few,
-- retier_preview() without writing, backfill() over the past.
--
-- Only the source is the user's: its functions and policies run with the search_path of the caller. So do the operators in the query around it, with
-- pg_catalog searched first; names of relations, functions and types are qualified.

CREATE FUNCTION tiering.source_path(path text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 'pg_catalog' || coalesce(', ' || nullif(path, ''), '');
COMMENT ON FUNCTION tiering.source_path(text) IS
    'the search_path under which the source of a program is read: that of the caller, behind pg_catalog. Functions that read it take the path as an '
    'argument whose default is that of the caller, and are called from functions that do not SET it';

-- Inlined into the queries that use them.
CREATE FUNCTION tiering.next_due(planned_due date, cadence_due date, snoozed_until date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN coalesce(planned_due, cadence_due) IS NOT NULL THEN greatest(coalesce(planned_due, cadence_due), snoozed_until) END;
COMMENT ON FUNCTION tiering.next_due(date, date, date) IS
    'the day of the next follow-up: the planned one or else that of the cadence, not before a snooze ends; NULL: none';

CREATE FUNCTION tiering.first_due(rhythm_since date, grace text, workday text, calendar tiering.calendar) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN grace IS NOT NULL THEN tiering.followup_due(rhythm_since, grace, workday, calendar)
        WHEN workday = 'none' OR calendar IS NULL THEN rhythm_since
        ELSE tiering.add_workdays(calendar, rhythm_since, 0)
    END;
COMMENT ON FUNCTION tiering.first_due(date, text, text, tiering.calendar) IS
    'the earliest day on which a rhythm that began on a day is due: that day, or as much later as the grace says, moved to a working day';

CREATE FUNCTION tiering.cadence_due(
    last_followup timestamptz, zone text, every text, workday text, at_once date, calendar tiering.calendar, earlier date,
    rhythm_since date DEFAULT NULL, grace text DEFAULT NULL
) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN every IS NULL THEN NULL
        WHEN last_followup IS NULL AND rhythm_since IS NOT NULL AND grace IS NOT NULL THEN greatest(least(earlier, at_once), tiering.first_due(rhythm_since, grace, workday, calendar))
        WHEN last_followup IS NULL THEN least(earlier, at_once)
        WHEN rhythm_since IS NULL OR (last_followup AT TIME ZONE zone)::date >= rhythm_since THEN
            tiering.followup_due((last_followup AT TIME ZONE zone)::date, every, workday, calendar)
        -- Nobody can be late for a rhythm that began later.
        ELSE greatest(tiering.followup_due((last_followup AT TIME ZONE zone)::date, every, workday, calendar), tiering.first_due(rhythm_since, grace, workday, calendar))
    END;
COMMENT ON FUNCTION tiering.cadence_due(timestamptz, text, text, text, date, tiering.calendar, date, date, text) IS
    'the day of the next follow-up by the cadence of a tier; who was never contacted is due at once, or still since the earlier day. rhythm_since: the day since which '
    'the cadence counts: nobody is due before its grace is over, nor, if contacted before, before that day. NULL: no cadence';

CREATE FUNCTION tiering.change_reason(
    is_gone boolean, was_known boolean, was_gone boolean, previous_tier text, previous_rank integer, tier text, rank integer
) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN is_gone THEN CASE WHEN NOT was_gone THEN 'gone' END
        WHEN NOT was_known THEN CASE WHEN tier IS NULL THEN 'ungraded' ELSE 'first' END
        WHEN was_gone THEN 'returned'
        WHEN tier IS NOT DISTINCT FROM previous_tier THEN NULL
        WHEN tier IS NULL THEN 'ungraded'
        WHEN previous_tier IS NULL THEN 'graded'
        WHEN previous_rank IS NULL THEN 'criteria'
        WHEN rank < previous_rank THEN 'promotion'
        ELSE 'demotion'
    END;
COMMENT ON FUNCTION tiering.change_reason(boolean, boolean, boolean, text, integer, text, integer) IS
    'what the history says of a grading: first, promotion, demotion, graded, ungraded, criteria, gone, returned; NULL: the tier is the same';

CREATE FUNCTION tiering.key_problem(customer text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN jsonb_build_object('sqlstate', '54000', 'message', 'the key is too long to name a customer', 'detail', format('It has %s bytes; at most 2000 fit into an index.', octet_length(customer)),
        'hint', 'Use a shorter key, or a view with md5() of it.');
COMMENT ON FUNCTION tiering.key_problem(text) IS 'why a customer with a key of more than 2000 bytes cannot be graded, as grading_problem() says it';

CREATE FUNCTION tiering.source_query(plan tiering.program_plan, few boolean, only_one boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    inputs text := array_to_string(plan.arguments, ', ');
    numbered text := (SELECT string_agg(format('argument%s', n), ', ' ORDER BY n) FROM generate_subscripts(plan.arguments, 1) AS n);
BEGIN
    -- Rows are chosen by their key before anything of them is graded: that of one customer never depends on the rows of others.
    -- OFFSET 0: the planner would write out each expression in both places that use it, and grade twice.
    RETURN format(replace($query$
    SELECT CASE WHEN r.is_long THEN pg_catalog.left(r.customer, 100) || '…' || pg_catalog.md5(r.customer) ELSE r.customer END AS customer,
        CASE WHEN NOT r.is_long THEN r.computed_tier END AS computed_tier, r.score, r.owner, r.contact, r.refused, r.measure, r.joined, r.group_key, r.label%s,
        CASE WHEN r.is_long THEN tiering.key_problem(r.customer) WHEN r.computed_tier IS NULL THEN tiering.grading_problem(plan.document, plan.as_of, %s) END AS problem
    FROM (SELECT k.*, pg_catalog.octet_length(k.customer) > 2000 IS TRUE AS is_long FROM (
        SELECT %s COLLATE pg_catalog."C" AS customer, tiering.try_grade(plan.document, plan.as_of, %s) AS computed_tier, %s AS score,
            %s AS owner, %s AS contact, %s AS refused, %s AS measure, %s AS joined, %s AS group_key, %s AS label, %s
        FROM %s s%s
        OFFSET 0
    ) k) r$query$, 'plan.', '($1).'),
        CASE WHEN plan.with_reasons THEN ', ' || numbered ELSE '' END,
        numbered,
        plan.customer,
        inputs,
        CASE WHEN plan.scored THEN format('tiering.try_grade_score(($1).document, ($1).as_of, %s)', inputs) ELSE 'NULL::pg_catalog.numeric' END,
        plan.owner, plan.contact, plan.refused, coalesce(plan.measured, 'NULL::pg_catalog.numeric'), coalesce(plan.joined, 'NULL::pg_catalog.date'), coalesce(plan.grouped, 'NULL::pg_catalog.text'),
        coalesce(plan.labelled, 'NULL::pg_catalog.text'),
        (SELECT string_agg(format('%s AS argument%s', u.argument, u.n), ', ' ORDER BY u.n) FROM unnest(plan.arguments) WITH ORDINALITY AS u (argument, n)),
        plan.source,
        coalesce(chr(10) || '        WHERE ' || nullif(concat_ws(' AND ', plan.present, CASE WHEN only_one THEN plan.chosen_one WHEN few THEN plan.chosen END), ''), ''));
END
$$;
COMMENT ON FUNCTION tiering.source_query(tiering.program_plan, boolean, boolean) IS
    'the query that grades the rows of the source of a program; $1 is the plan. few: only those of the keys in $2; only_one: of the first of these. Who cannot be graded has a problem '
    '(grading_problem()) in place of a tier';

CREATE FUNCTION tiering.with_names(template text, rank text, began text, contact text, until text, customer text, joined text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN replace(replace(replace(replace(replace(replace($1, '{rank}', $2), '{began}', $3), '{contact}', $4), '{until}', $5), '{customer}', $6), '{joined}', $7);
COMMENT ON FUNCTION tiering.with_names(text, text, text, text, text, text, text) IS
    'a part of grading_query(): an expression with the names under which the values of a customer stand where it is used: rank, since when the tier is held, last contact, end of the override, key, day of joining';

-- Expressions of grading queries, with names in braces for the values of a customer (with_names()).
CREATE FUNCTION tiering.counts_from_expression() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 'greatest(($1).rhythm_since[{rank}], CASE WHEN {until} <= ($1).as_of THEN ({until} AT TIME ZONE ($1).zone)::pg_catalog.date END)';
COMMENT ON FUNCTION tiering.counts_from_expression() IS 'a part of grading_query(): from when on a rhythm counts';

CREATE FUNCTION tiering.step_expression(plan tiering.program_plan) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- Of all who were not contacted since it is told without a call of step_due().
    RETURN CASE WHEN plan.steps IS NOT NULL THEN
        'CASE WHEN ($1).steps[{rank}] IS NOT NULL THEN CASE WHEN ({contact} > {began}) IS NOT TRUE '
        'THEN greatest(tiering.followup_due(({began} AT TIME ZONE ($1).zone)::pg_catalog.date, ($1).steps[{rank}] #>> ''{0,after}'', ($1).workday[{rank}], ($1).calendar), '
        'tiering.first_due(' || tiering.counts_from_expression() || ', NULL, ($1).workday[{rank}], ($1).calendar)) '
        'ELSE tiering.step_due(($1).steps[{rank}], ($1).program, {customer}, {began}, {contact}, ($1).zone, ($1).workday[{rank}], ($1).calendar, '
        || tiering.counts_from_expression() || ') END END'
        ELSE 'NULL::pg_catalog.date' END;
COMMENT ON FUNCTION tiering.step_expression(tiering.program_plan) IS 'a part of grading_query(): the day of the contact that comes next of those that come first in the tier; NULL: none does';

CREATE FUNCTION tiering.joined_expression(plan tiering.program_plan) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- Where the source does not say it, a customer has joined with the first grading.
    RETURN CASE WHEN plan.joined IS NOT NULL THEN ', coalesce({joined}, (SELECT (pg_catalog.min(l.since) AT TIME ZONE ($1).zone)::pg_catalog.date '
        'FROM tiering.assignment_log l WHERE l.program = ($1).program AND l.customer = {customer}))' ELSE '' END;
COMMENT ON FUNCTION tiering.joined_expression(tiering.program_plan) IS 'a part of grading_query(): the last argument of kept_until() and settle_tier(), where they need the day of joining';

CREATE FUNCTION tiering.contact_expression(plan tiering.program_plan, times text, customer text, group_key text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- What counted once goes on to count: who grades may not see other programs, or other members of the group.
    RETURN 'greatest(' || times || CASE WHEN plan.sharing IS NOT NULL OR plan.grouped IS NOT NULL THEN ', a.last_followup' ELSE '' END
        || CASE WHEN plan.sharing IS NOT NULL THEN format(', tiering.shared_contact(($1).sharing, %s)', customer) ELSE '' END
        || CASE WHEN plan.grouped IS NOT NULL THEN format(', CASE WHEN %1$s IS NOT NULL THEN tiering.group_contact(($1).program, %1$s) END', group_key) ELSE '' END || ')';
COMMENT ON FUNCTION tiering.contact_expression(tiering.program_plan, text, text, text) IS
    'a part of grading_query(): the last contact with a customer, of some times, of other programs and of other members of the group; all are expressions, a is the assignment';

CREATE FUNCTION tiering.stays_expression(plan tiering.program_plan) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN format($c$(a.gone_since IS NULL AND a.pending_since IS NULL AND a.since < ($1).as_of
        AND a.computed_tier IS NOT DISTINCT FROM a.tier AND ($1).tiers[a.rank] IS NOT DISTINCT FROM a.tier AND a.valid_until IS NOT DISTINCT FROM %s
        AND a.next_due IS NOT DISTINCT FROM tiering.next_due(a.planned_due, a.cadence_due, a.snoozed_until)
        AND a.cadence_due IS NOT DISTINCT FROM coalesce(%s, tiering.cadence_due(a.last_followup, ($1).zone, ($1).every[a.rank], ($1).workday[a.rank],
            ($1).at_once[a.rank], ($1).calendar, a.cadence_due, greatest(a.rhythm_since, %s), ($1).grace[a.rank])))$c$,
        CASE WHEN plan.kept THEN 'CASE WHEN a.tier IS NOT NULL THEN tiering.kept_until(($1).document, ($1).as_of, a.since' || tiering.joined_expression(plan) || ') END'
            ELSE 'NULL::pg_catalog.date' END,
        tiering.step_expression(plan), tiering.counts_from_expression());
COMMENT ON FUNCTION tiering.stays_expression(tiering.program_plan) IS
    'a part of grading_query(): whether nothing of an assignment, a, changes as long as the source gives the same tier, owner and contact';

-- Where nobody has been graded there is nothing to compare, to settle or to resume.
CREATE FUNCTION tiering.first_grading_query(plan tiering.program_plan, graded text DEFAULT NULL) RETURNS text
    LANGUAGE sql STABLE
    RETURN format($query$
SELECT ($1).program COLLATE pg_catalog."C" AS program, d.customer, NULL::pg_catalog.xid AS seen, NULL::pg_catalog.text AS previous_tier, d.computed_tier AS tier, d.rank,
    d.computed_tier, d.score, d.owner, d.last_followup, NULL::pg_catalog.date AS pending_since, d.cadence_due, d.cadence_due AS next_due, NULL::pg_catalog.date AS rhythm_since,
    %s AS valid_until, d.group_key, d.label, CASE WHEN d.computed_tier IS NULL THEN 'ungraded' ELSE 'first' END AS reason, ($1).as_of AS since, NULL::timestamptz AS as_of,
    NULL::pg_catalog.date AS pending_before, NULL::timestamptz AS gone_since, %s AS reasons, NULL::timestamptz AS resumed, d.problem, d.refused,
    d.problem IS NOT NULL AS set_aside, d.problem IS NULL AS differs
FROM (
    SELECT r.*, coalesce(%s, tiering.cadence_due(r.last_followup, ($1).zone, ($1).every[r.rank], ($1).workday[r.rank], ($1).at_once[r.rank], ($1).calendar, NULL,
        %s, ($1).grace[r.rank])) AS cadence_due
    FROM (
        SELECT g.*, pg_catalog.array_position(($1).tiers, g.computed_tier) AS rank, greatest(g.contact%s) AS last_followup
        FROM (%s) g
        -- Each expression is computed once, not in all places that use it.
        OFFSET 0
    ) r
    OFFSET 0
) d$query$,
        CASE WHEN plan.kept THEN 'CASE WHEN d.computed_tier IS NOT NULL THEN tiering.kept_until(($1).document, ($1).as_of, ($1).as_of'
            || tiering.with_names(tiering.joined_expression(plan), '', '', '', '', 'd.customer', 'd.joined') || ') END' ELSE 'NULL::pg_catalog.date' END,
        CASE WHEN plan.with_reasons THEN format('CASE WHEN d.problem IS NULL THEN tiering.grade_reasons(($1).document, ($1).as_of, %s) END',
            (SELECT string_agg(format('d.argument%s', n), ', ' ORDER BY n) FROM generate_subscripts(plan.arguments, 1) AS n)) ELSE 'NULL::pg_catalog.text[]' END,
        tiering.with_names(tiering.step_expression(plan), 'r.rank', '($1).as_of', 'r.last_followup', 'NULL::timestamptz', 'r.customer', ''),
        tiering.with_names(tiering.counts_from_expression(), 'r.rank', '', '', 'NULL::timestamptz', '', ''),
        CASE WHEN plan.sharing IS NOT NULL THEN ', tiering.shared_contact(($1).sharing, g.customer)' ELSE '' END
            || CASE WHEN plan.grouped IS NOT NULL THEN ', CASE WHEN g.group_key IS NOT NULL THEN tiering.group_contact(($1).program, g.group_key) END' ELSE '' END,
        coalesce('SELECT * FROM ' || graded, tiering.source_query(plan, false)));
COMMENT ON FUNCTION tiering.first_grading_query(tiering.program_plan, text) IS
    'what grading_query() gives for everybody of a program of which nobody has been graded yet; $1 is the plan. graded: a table that holds the rows of source_query()';

CREATE FUNCTION tiering.grading_query(
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
