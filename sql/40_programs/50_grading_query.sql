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

CREATE FUNCTION tiering.cadence_due(
    last_followup timestamptz, zone text, every text, workday text, at_once date, calendar tiering.calendar, earlier date
) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN every IS NULL THEN NULL
        WHEN last_followup IS NULL THEN least(earlier, at_once)
        ELSE tiering.followup_due((last_followup AT TIME ZONE zone)::date, every, workday, calendar)
    END;
COMMENT ON FUNCTION tiering.cadence_due(timestamptz, text, text, text, date, tiering.calendar, date) IS
    'the day of the next follow-up by the cadence of a tier; who was never contacted is due at once, or still since the earlier day. NULL: no cadence';

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

CREATE FUNCTION tiering.source_query(plan tiering.program_plan, few boolean) RETURNS text
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
        CASE WHEN NOT r.is_long THEN r.computed_tier END AS computed_tier, r.score, r.owner, r.contact, r.refused_contact, r.measure%s,
        CASE WHEN r.is_long THEN tiering.key_problem(r.customer) WHEN r.computed_tier IS NULL THEN tiering.grading_problem(plan.document, plan.as_of, %s) END AS problem
    FROM (SELECT k.*, pg_catalog.octet_length(k.customer) > 2000 IS TRUE AS is_long FROM (
        SELECT %s COLLATE pg_catalog."C" AS customer, tiering.try_grade(plan.document, plan.as_of, %s) AS computed_tier, %s AS score,
            %s AS owner, %s AS contact, %s AS refused_contact, %s AS measure, %s
        FROM %s s%s
        OFFSET 0
    ) k) r$query$, 'plan.', '($1).'),
        CASE WHEN plan.with_reasons THEN ', ' || numbered ELSE '' END,
        numbered,
        plan.customer,
        inputs,
        CASE WHEN plan.scored THEN format('tiering.try_grade_score(($1).document, ($1).as_of, %s)', inputs) ELSE 'NULL::pg_catalog.numeric' END,
        plan.owner, plan.contact, plan.refused_contact, coalesce(plan.measured, 'NULL::pg_catalog.numeric'),
        (SELECT string_agg(format('%s AS argument%s', u.argument, u.n), ', ' ORDER BY u.n) FROM unnest(plan.arguments) WITH ORDINALITY AS u (argument, n)),
        plan.source,
        CASE WHEN few THEN chr(10) || '        WHERE ' || plan.chosen ELSE '' END);
END
$$;
COMMENT ON FUNCTION tiering.source_query(tiering.program_plan, boolean) IS
    'the query that grades the rows of the source of a program; $1 is the plan. few: only those of the keys in $2. Who cannot be graded has a problem '
    '(grading_problem()) in place of a tier';

CREATE FUNCTION tiering.grading_query(
    plan tiering.program_plan, few boolean, changed_only boolean DEFAULT false, graded text DEFAULT NULL, state text DEFAULT 'tiering.assignments',
    with_gone boolean DEFAULT true
) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    numbered text := (SELECT string_agg(format('r.argument%s', n), ', ' ORDER BY n) FROM generate_subscripts(plan.arguments, 1) AS n);
BEGIN
    -- OFFSET 0 keeps the planner from writing out an expression in each place that uses it.
    RETURN format(replace($query$
WITH graded AS (%s
), joined AS (
    SELECT coalesce(g.customer, a.customer) AS customer, g.customer IS NULL AS is_gone, a.seen, g.computed_tier AS graded_tier, g.score AS graded_score,
        CASE WHEN g.customer IS NULL THEN a.owner ELSE g.owner END AS owner,
        CASE WHEN g.customer IS NULL THEN a.last_followup ELSE greatest(a.last_logged, g.contact) END AS last_followup,
        g.refused_contact, g.problem, %s AS measure, %s
        a.tier AS was_tier, a.rank AS was_rank, a.computed_tier AS was_computed_tier, a.score AS was_score, a.reasons AS was_reasons, a.owner AS was_owner,
        a.since AS was_since, a.last_followup AS was_last_followup, a.cadence_due AS was_cadence_due, a.next_due AS was_next_due,
        a.pending_since AS was_pending_since, a.gone_since AS was_gone_since, a.planned_due, a.snoozed_until,
        -- Who comes back within the transaction that closed him takes up where he was: what the history says of before.
        CASE WHEN g.customer IS NOT NULL AND a.gone_since >= pg_catalog.now() THEN (SELECT l FROM tiering.assignment_log l
            WHERE l.program = plan.program AND l.customer = a.customer AND l.since < a.gone_since ORDER BY l.since DESC LIMIT 1) END AS before
    FROM graded g
    %s JOIN (%s) a ON a.customer = g.customer
    OFFSET 0
), placed AS (
    SELECT j.*, (j.before).since IS NOT NULL AS resumes, j.was_gone_since IS NOT NULL AND (j.before).since IS NULL AS was_gone,
        pg_catalog.array_position(plan.tiers, j.graded_tier) AS graded_rank,
        CASE WHEN j.was_gone_since IS NULL THEN j.was_tier ELSE (j.before).tier END AS previous_tier,
        pg_catalog.array_position(plan.tiers, CASE WHEN j.was_gone_since IS NULL THEN j.was_tier ELSE (j.before).tier END) AS previous_rank,
        CASE WHEN j.was_gone_since IS NULL OR (j.before).since IS NULL THEN j.was_since ELSE (j.before).since END AS previous_since
    FROM joined j
    OFFSET 0
), settled AS (
    SELECT p.*, p.problem IS NOT NULL AND (p.seen IS NULL OR p.was_gone) AS set_aside, %s AS settlement
    FROM placed p
    OFFSET 0
), dated AS (
    SELECT s.*, d.rank,
        CASE WHEN s.problem IS NOT NULL THEN s.previous_tier ELSE plan.tiers[d.rank] END AS tier,
        CASE WHEN s.is_gone OR s.problem IS NOT NULL THEN s.was_computed_tier ELSE s.graded_tier END AS computed_tier,
        CASE WHEN s.is_gone OR s.problem IS NOT NULL THEN s.was_score ELSE s.graded_score END AS score,
        CASE WHEN s.is_gone OR s.problem IS NOT NULL THEN s.was_pending_since ELSE (s.settlement).pending_since END AS pending_since,
        CASE WHEN s.is_gone THEN s.was_cadence_due ELSE tiering.cadence_due(s.last_followup, plan.zone, plan.every[d.rank], plan.workday[d.rank],
            plan.at_once[d.rank], plan.calendar, CASE WHEN NOT s.was_gone THEN s.was_cadence_due END) END AS cadence_due
    FROM settled s
    CROSS JOIN LATERAL (SELECT CASE WHEN s.problem IS NOT NULL THEN coalesce(s.previous_rank, s.was_rank)
        ELSE coalesce((s.settlement).rank, s.graded_rank) END AS rank) d
    OFFSET 0
), reasoned AS (
    SELECT d.*, CASE WHEN NOT d.is_gone THEN tiering.next_due(d.planned_due, d.cadence_due, d.snoozed_until) END AS next_due,
        tiering.change_reason(d.is_gone, d.seen IS NOT NULL, d.was_gone, d.previous_tier, d.previous_rank, d.tier, d.rank) AS reason
    FROM dated d
    OFFSET 0
), outcome AS (
    SELECT r.customer, r.seen, r.previous_tier, r.tier, r.rank, r.computed_tier, r.score, r.owner, r.last_followup, r.pending_since, r.cadence_due, r.next_due,
        r.reason,
        CASE WHEN r.reason IS NULL THEN r.previous_since
            ELSE greatest(plan.as_of, coalesce(r.was_gone_since, r.was_since) + interval '1 microsecond') END AS since,
        CASE WHEN r.is_gone THEN coalesce(r.was_gone_since, greatest(plan.as_of, r.was_since + interval '1 microsecond')) END AS gone_since,
        %s AS reasons,
        CASE WHEN r.resumes THEN r.was_gone_since END AS resumed, r.problem, r.refused_contact, r.set_aside,
        NOT r.set_aside AND (r.seen IS NULL OR r.reason IS NOT NULL OR r.resumes OR NOT r.is_gone
            AND (r.rank, r.computed_tier, r.score, r.owner, r.last_followup, r.pending_since, r.cadence_due, r.next_due) IS DISTINCT FROM
                (r.was_rank, r.was_computed_tier, r.was_score, r.was_owner, r.was_last_followup, r.was_pending_since, r.was_cadence_due, r.was_next_due)) AS differs
    FROM reasoned r%s
)
SELECT plan.program COLLATE pg_catalog."C" AS program, o.* FROM outcome o$query$, 'plan.', '($1).'),
        coalesce('SELECT * FROM ' || graded, tiering.source_query(plan, few)),
        coalesce(plan.measure, 'NULL::pg_catalog.numeric'),
        CASE WHEN plan.with_reasons THEN replace(numbered, 'r.', 'g.') || ',' ELSE '' END,
        CASE WHEN with_gone THEN 'FULL' ELSE 'LEFT' END,
        -- Of a few customers each is looked up by itself: with = ANY the planner might read the whole program. LIMIT 1 says that the key is unique, whatever
        -- is known of the columns: of many rows the planner would think that they are best written by a scan of all.
        format(CASE WHEN few THEN 'SELECT l.* FROM (SELECT DISTINCT k.customer COLLATE pg_catalog."C" AS customer FROM pg_catalog.unnest($2) AS k (customer)) k '
                'CROSS JOIN LATERAL (SELECT a.xmin AS seen, a.* FROM %s a WHERE a.program = ($1).program AND a.customer = k.customer LIMIT 1) l'
            ELSE 'SELECT a.xmin AS seen, a.* FROM %s a WHERE a.program = ($1).program' END, state),
        CASE WHEN plan.stability THEN
            'CASE WHEN p.problem IS NULL AND p.graded_rank <> p.previous_rank THEN tiering.settle_tier(($1).document, ($1).as_of, p.previous_rank, '
            'p.previous_since, p.was_pending_since, p.graded_rank, p.measure) END'
            ELSE 'NULL::tiering.settlement' END,
        CASE WHEN plan.with_reasons THEN
            format('CASE WHEN r.is_gone OR r.problem IS NOT NULL THEN r.was_reasons ELSE tiering.grade_reasons(($1).document, ($1).as_of, %s) END', numbered)
            ELSE 'CASE WHEN r.is_gone OR r.problem IS NOT NULL THEN r.was_reasons END' END,
        CASE WHEN changed_only THEN '
    WHERE r.problem IS NOT NULL OR r.refused_contact IS NOT NULL OR r.seen IS NULL OR r.reason IS NOT NULL OR r.resumes OR NOT r.is_gone
        AND (r.rank, r.computed_tier, r.score, r.owner, r.last_followup, r.pending_since, r.cadence_due, r.next_due) IS DISTINCT FROM
            (r.was_rank, r.was_computed_tier, r.was_score, r.was_owner, r.was_last_followup, r.was_pending_since, r.was_cadence_due, r.was_next_due)'
        ELSE '' END);
END
$$;
COMMENT ON FUNCTION tiering.grading_query(tiering.program_plan, boolean, boolean, text, text, boolean) IS
    'the query that gives for each customer of a program the assignment that should be; $1 is the plan, $2 the customers if only a few are asked for. '
    'changed_only: no row for those who have it already, and no problem. graded: a table that holds the rows of source_query(). state: the assignments to '
    'compare with. with_gone: those that the source has no more, too. Who cannot be graded keeps the tier, and all that follows from it; who has none is set_aside';

-- Values that could not be used.
CREATE TABLE tiering.run_problems (
    program text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    customer text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('input', 'last_followup', 'contact')),
    n integer NOT NULL DEFAULT 1,
    cause text COLLATE "C" NOT NULL CHECK (cause IN ('retier', 'followup', 'automatic', 'backfill', 'import')),
    input text,
    value text,
    sqlstate text NOT NULL,
    message text NOT NULL,
    detail text,
    hint text,
    PRIMARY KEY (program, at, customer, purpose, n)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.run_problems TO @extowner@ WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.run_problems', '');
COMMENT ON TABLE tiering.run_problems IS
    'values that could not be used: customers that could not be graded, who keep their tier, and contacts that cannot have been. By run: at is retier_runs.started, '
    'or the time of the transaction. A retier() removes those older than 90 days';
COMMENT ON COLUMN tiering.run_problems.program IS 'program';
COMMENT ON COLUMN tiering.run_problems.at IS 'beginning of the run, or of the transaction that graded';
COMMENT ON COLUMN tiering.run_problems.customer IS 'customer; empty: the row names none';
COMMENT ON COLUMN tiering.run_problems.purpose IS 'what the value was for: input, last_followup (of the source), contact (to be imported)';
COMMENT ON COLUMN tiering.run_problems.n IS 'which of several of one customer';
COMMENT ON COLUMN tiering.run_problems.cause IS 'what graded: retier, followup, automatic, backfill or import';
COMMENT ON COLUMN tiering.run_problems.input IS 'input of the scheme; NULL: several together, or none';
COMMENT ON COLUMN tiering.run_problems.value IS 'the value as text, its first 200 characters';
COMMENT ON COLUMN tiering.run_problems.sqlstate IS 'SQLSTATE of the error that it would have been';
COMMENT ON COLUMN tiering.run_problems.message IS 'its message';
COMMENT ON COLUMN tiering.run_problems.detail IS 'its detail';
COMMENT ON COLUMN tiering.run_problems.hint IS 'its hint';

CREATE FUNCTION tiering.note_query(program text, at timestamptz, cause text, outcomes text) RETURNS text
    LANGUAGE sql STABLE
    RETURN format($query$INSERT INTO tiering.run_problems (program, at, customer, purpose, cause, input, value, sqlstate, message, detail, hint)
        SELECT %L, %L::timestamptz, o.customer, p.purpose, %L, p.input, pg_catalog.left(p.value, 200), p.sqlstate, p.message, p.detail, p.hint
        FROM %s o
        CROSS JOIN LATERAL (
            SELECT 'input' AS purpose, o.problem ->> 'input' AS input, o.problem ->> 'value' AS value, o.problem ->> 'sqlstate' AS sqlstate,
                o.problem ->> 'message' AS message, o.problem ->> 'detail' AS detail, o.problem ->> 'hint' AS hint WHERE o.problem IS NOT NULL
            UNION ALL
            SELECT 'last_followup', NULL, o.refused_contact, '22008', 'the last contact lies in the future, or is no day of the calendar', NULL,
                'It is ignored until the source is corrected.' WHERE o.refused_contact IS NOT NULL
        ) p
        ON CONFLICT DO NOTHING$query$, program, at, cause, outcomes);
COMMENT ON FUNCTION tiering.note_query(text, timestamptz, text, text) IS
    'the statement that writes the problems of outcomes, rows of grading_query(), to tiering.run_problems';

CREATE FUNCTION tiering.warn_of_problems(program text, at timestamptz, customers text[] DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_ones record;
BEGIN
    SELECT count(*) AS n, string_agg(format('customer "%s": %s', p.customer, p.message), '; ' ORDER BY p.customer) FILTER (WHERE p.place <= 3) AS first_ones
    INTO found_ones
    FROM (
        SELECT q.customer, q.message || coalesce(' (' || q.value || ')', '') AS message, row_number() OVER (ORDER BY q.customer) AS place
        FROM tiering.run_problems q
        WHERE q.program = warn_of_problems.program AND q.at = warn_of_problems.at AND (customers IS NULL OR q.customer = ANY (customers))
    ) p;
    IF found_ones.n > 0 THEN
        RAISE WARNING USING MESSAGE = format('program "%s": values that cannot be used: %s', program, found_ones.n),
            DETAIL = format('%s%s.', found_ones.first_ones, CASE WHEN found_ones.n > 3 THEN ' …' ELSE '' END),
            HINT = format('SELECT * FROM tiering.run_problems WHERE program = %L ORDER BY at DESC lists them. Those customers keep their tier.', program);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.warn_of_problems(text, timestamptz, text[]) IS 'WARNING with the number and the first of the problems of a run, if there are any';

-- What stands below is read or written by generated statements, dozens of lines long. Errors in them are told without these: with the program, and with
-- what to look at. A statement that fails alone would put all of its text into the CONTEXT of the error.
CREATE FUNCTION tiering.raise_of_source(plan tiering.program_plan, customers text[], statement text, state text, message text, detail text, hint text, context text)
    RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- The lines before the statement are those of the user's own functions, which say where it came up.
    inside text := CASE WHEN strpos(context, statement) > 0 THEN rtrim(split_part(context, 'SQL statement "' || statement, 1), chr(10)) ELSE '' END;
BEGIN
    -- What has a hint of its own says enough; what the server or other sessions stopped is no fault of the source.
    IF hint = '' AND left(state, 2) NOT IN ('40', '53', '54', '55', '57') THEN
        detail := concat_ws(' ', nullif(detail, ''), format('This came up while customers of program "%s" were graded%s.', plan.program,
            coalesce(', in ' || nullif(replace(inside, chr(10), ', '), ''), '')));
        hint := CASE WHEN state = '42501' THEN
                format('Who grades customers reads %s and has the rights of an agent: GRANT SELECT ON %1$s TO %2$I; SELECT tiering.grant_agent(%2$L).', plan.source, current_user)
            ELSE format('SELECT * FROM %s%s shows whether the source itself can be read.%s', plan.source,
                CASE WHEN customers IS NOT NULL THEN format(' s WHERE %s', replace(plan.chosen, '$2', quote_literal(customers[1:10]::text))) ELSE '' END,
                CASE WHEN state LIKE '22%' THEN ' A view that fails for one row fails for all: let it give NULL there, as nullif(x, 0) and CASE do.' ELSE '' END) END;
    END IF;
    PERFORM tiering.raise_again(state, message, detail, hint);
END
$$;
COMMENT ON FUNCTION tiering.raise_of_source(tiering.program_plan, text[], text, text, text, text, text, text) IS
    'an error of a generated statement, without the text of the statement; with the program in the DETAIL and a HINT, if it has none';

CREATE FUNCTION tiering.run_statement(plan tiering.program_plan, statement text, customers text[], path text) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer record;
    n bigint;
    failed_detail text;
    failed_hint text;
    failed_context text;
BEGIN
    PERFORM set_config('search_path', tiering.source_path(path), true), set_config('customer_tiering.source_path', tiering.source_path(path), true);
    IF statement LIKE 'CREATE %' THEN
        EXECUTE statement USING plan, customers;
        GET DIAGNOSTICS n = ROW_COUNT;
        RETURN pg_catalog.to_jsonb(n);
    END IF;
    EXECUTE statement INTO answer USING plan, customers;
    RETURN CASE WHEN answer IS NOT NULL THEN pg_catalog.to_jsonb(answer) END;
EXCEPTION WHEN query_canceled OR OTHERS THEN
    GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT, failed_context = PG_EXCEPTION_CONTEXT;
    PERFORM tiering.raise_of_source(plan, customers, statement, SQLSTATE, SQLERRM, failed_detail, failed_hint, failed_context);
END
$$;
COMMENT ON FUNCTION tiering.run_statement(tiering.program_plan, text, text[], text) IS
    'runs a statement that reads the source of a program, with the plan as $1 and the customers as $2, under the search_path of the caller; returns its only row, or for '
    'CREATE TABLE AS the number of rows. An error of it is told by raise_of_source()';

CREATE FUNCTION tiering.graded_columns() RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '{tier,rank,computed_tier,score,owner,last_followup,pending_since,cadence_due,next_due,since,gone_since,reasons}'::text[];
COMMENT ON FUNCTION tiering.graded_columns() IS 'the columns of tiering.assignments that a grading writes';

CREATE FUNCTION tiering.write_query(
    program text, cause text, outcomes text, state text DEFAULT 'tiering.assignments', condition text DEFAULT 'true', problems_at timestamptz DEFAULT NULL
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
    UPDATE %2$s a SET (%3$s) = ROW (%4$s)
    FROM outcome o WHERE a.program = o.program AND a.customer = o.customer AND a.xmin = o.seen AND NOT o.set_aside AND %6$s
    RETURNING a.customer, a.since, a.tier, o.reason, a.owner, a.reasons, o.resumed
), resumed AS (
    -- Who came back in the transaction that closed him was never gone.
    DELETE FROM tiering.assignment_log l USING outcome o
    WHERE o.resumed IS NOT NULL AND l.program = o.program AND l.customer = o.customer AND l.since = o.resumed AND l.reason = 'gone'
), added AS (
    INSERT INTO %2$s AS a (program, customer, %3$s)
    SELECT %5$L, o.customer, %4$s FROM outcome o WHERE o.seen IS NULL AND NOT o.set_aside ORDER BY o.customer
    ON CONFLICT (program, customer) DO NOTHING
    RETURNING a.customer, a.since, a.tier, CASE WHEN a.tier IS NULL THEN 'ungraded' ELSE 'first' END AS reason, a.owner, a.reasons
), logged AS (
    INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, reasons)
    SELECT %5$L, c.customer, c.since, c.tier, c.reason, %7$L, c.owner, c.reasons
    FROM (SELECT x.customer, x.since, x.tier, x.reason, x.owner, x.reasons FROM changed x WHERE x.reason IS NOT NULL UNION ALL SELECT * FROM added) c
    RETURNING 1
)%8$s
SELECT o.*, c.*, (SELECT pg_catalog.count(*) FROM added) AS added, (SELECT pg_catalog.count(*) FROM logged) AS logged
FROM (SELECT pg_catalog.count(*) AS rows, pg_catalog.count(DISTINCT x.customer) AS customers, pg_catalog.count(*) FILTER (WHERE x.gone_since IS NULL) AS here,
        pg_catalog.count(*) FILTER (WHERE x.seen IS NULL AND NOT x.set_aside) AS unknown, pg_catalog.count(x.problem) + pg_catalog.count(x.refused_contact) AS problems FROM outcome x) o
CROSS JOIN (SELECT pg_catalog.count(*) FILTER (WHERE x.reason <> 'gone' OR x.resumed IS NOT NULL) AS moved, pg_catalog.count(*) FILTER (WHERE x.reason IS NULL AND x.resumed IS NULL) AS updated,
        pg_catalog.count(*) FILTER (WHERE x.reason = 'gone') AS gone FROM changed x) c$query$,
        outcomes, state, written, (SELECT string_agg('o.' || u.name, ', ' ORDER BY u.n) FROM unnest(tiering.graded_columns()) WITH ORDINALITY AS u (name, n)),
        program, condition, cause,
        CASE WHEN problems_at IS NOT NULL THEN format(', noted AS (%s)', tiering.note_query(program, problems_at, cause, 'outcome')) ELSE '' END);
END
$$;
COMMENT ON FUNCTION tiering.write_query(text, text, text, text, text, timestamptz) IS
    'the statement that writes outcomes, a query of rows as grading_query() gives them, to the assignments and the history, and counts them: rows, customers, '
    'here, unknown, problems, moved, updated, gone, added, logged. condition: which rows are to be looked for; problems_at: problems are noted as of then';

-- A few customers, in one statement: those of log_followup() and of automatic grading. The row of each is written even if nothing
-- changes, so that a retier() which compared it before knows that it was graded since.
CREATE FUNCTION tiering.grade_customers(program text, customers text[], cause text, path text DEFAULT current_setting('search_path')) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program(grade_customers.program, now());
    statement text := tiering.write_query(plan.program, cause,
        tiering.grading_query(plan, true, with_gone => NOT tiering.hides_rows(plan.source::regclass)), problems_at => now());
    written record;
BEGIN
    IF NOT has_any_column_privilege('tiering.assignments', 'UPDATE') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('you may not grade customers of program "%s"', plan.program),
            DETAIL = 'Whoever changes the source of a program that grades automatically, or logs contacts, grades customers.',
            HINT = format('SELECT tiering.grant_agent(%L) gives the rights of an agent.', current_user);
    END IF;
    FOR attempt IN 1..2 LOOP
        PERFORM FROM (SELECT DISTINCT k.customer COLLATE "C" AS customer FROM unnest(customers) AS k (customer) ORDER BY 1) k
        CROSS JOIN LATERAL (SELECT FROM tiering.assignments a WHERE a.program = plan.program AND a.customer = k.customer FOR NO KEY UPDATE) l;
        SELECT w.* INTO written FROM jsonb_to_record(tiering.run_statement(plan, statement, customers, path))
            AS w (rows bigint, customers bigint, here bigint, unknown bigint, added bigint, problems bigint);
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
    RETURN written.here;
END
$$;
COMMENT ON FUNCTION tiering.grade_customers(text, text[], text, text) IS
    'grades some customers of a program again, from the source, and writes what follows; returns how many of them the source has. Who cannot be graded keeps '
    'the tier, and stands in tiering.run_problems. path: the search_path under which the source is read';

CREATE FUNCTION tiering.refuse_ungraded(program text, customer text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    problem tiering.run_problems;
BEGIN
    SELECT q.* INTO problem FROM tiering.run_problems q
    WHERE q.program = refuse_ungraded.program AND q.customer = refuse_ungraded.customer AND q.purpose = 'input' AND q.at = now() ORDER BY q.n DESC LIMIT 1;
    IF FOUND THEN
        PERFORM tiering.raise_problem(problem.program, problem.customer, problem.sqlstate, problem.message, problem.detail, problem.hint);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.refuse_ungraded(text, text) IS 'ERROR of the problem that kept a customer who has no tier yet from being graded in this transaction';

CREATE FUNCTION tiering.raise_problem(program text, customer text, state text, message text, detail text, hint text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.raise_again(state, message, format('Customer "%s" of program "%s".%s', customer, program, coalesce(' ' || detail, '')), coalesce(hint, ''));
END
$$;
COMMENT ON FUNCTION tiering.raise_problem(text, text, text, text, text, text) IS 'the ERROR that grading a customer would have raised, with the name of the customer';

CREATE FUNCTION tiering.raise_again(state text, message text, detail text, hint text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF detail <> '' AND hint <> '' THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail, HINT = hint;
    ELSIF detail <> '' THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail;
    ELSIF hint <> '' THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, HINT = hint;
    END IF;
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message;
END
$$;
COMMENT ON FUNCTION tiering.raise_again(text, text, text, text) IS 'an error that was caught, once what is to stay of its transaction is committed';

CREATE FUNCTION tiering.refuse_keys(program text, finding text, path text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(refuse_keys.program);
    -- The columns as they are now; the row may still have the names from before a rename.
    key text := (SELECT c.column_name FROM tiering.program_columns(p.program) c WHERE c.purpose = 'key');
    customer text := (tiering.plan_program(p.program, now())).customer;
    n bigint;
    examples text;
BEGIN
    PERFORM set_config('search_path', tiering.source_path(path), true);
    IF finding = 'missing key' THEN
        EXECUTE format('SELECT pg_catalog.count(*) FROM %s s WHERE s.%I IS NULL', p.source, key) INTO n;
    ELSE
        EXECUTE format('SELECT pg_catalog.count(*), pg_catalog.string_agg(d.k, '', '' ORDER BY d.n) FILTER (WHERE d.n <= 3) FROM ('
            'SELECT c.k, pg_catalog.row_number() OVER (ORDER BY c.k COLLATE pg_catalog."C") AS n FROM (SELECT %s AS k FROM %s s) c '
            'WHERE c.k IS NOT NULL GROUP BY c.k HAVING pg_catalog.count(*) > 1) d', customer, p.source) INTO n, examples;
    END IF;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    IF finding = 'missing key' THEN
        RAISE EXCEPTION USING ERRCODE = 'not_null_violation',
            MESSAGE = format('the source of program "%s" has rows without a key', p.program),
            DETAIL = format('Rows of %s in which column "%s" is NULL: %s.', p.source, key, n),
            HINT = format('Make a view without those rows, and use it as the source: SELECT tiering.alter_program(%L, ''{"source": "schema.view"}'').', p.program);
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'unique_violation',
        MESSAGE = format('the source of program "%s" has more than one row for a customer', p.program),
        DETAIL = format('Values of column "%s" that several rows of %s have: %s%s.', key, p.source, examples, CASE WHEN n > 3 THEN ' …' ELSE '' END),
        HINT = format('Make a view with one row for each, and use it as the source: SELECT tiering.alter_program(%L, ''{"source": "schema.view"}'').', p.program);
END
$$;
COMMENT ON FUNCTION tiering.refuse_keys(text, text, text) IS 'ERROR 23502 (missing key) or 23505 (duplicate key), with what the source of a program holds';

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

CREATE FUNCTION tiering.retier_preview(program text, as_of timestamptz DEFAULT now(), path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (customer text, from_tier text, to_tier text, computed_tier text, reason text, score numeric, reasons text[])
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(retier_preview.program);
    plan tiering.program_plan := tiering.plan_program(p.program, coalesce(retier_preview.as_of, now()), tiering.wanted_version(p.scheme, p.version));
    query text := format(
        'SELECT q.customer, q.previous_tier, q.tier, CASE WHEN q.gone_since IS NULL THEN q.computed_tier END, q.reason, '
        'CASE WHEN q.gone_since IS NULL THEN q.score END, CASE WHEN q.gone_since IS NULL THEN q.reasons END FROM (%s) q '
        'WHERE q.reason IS NOT NULL AND NOT q.set_aside ORDER BY q.customer', tiering.grading_query(plan, false, with_gone => NOT tiering.hides_rows(p.source)));
    failed_detail text;
    failed_hint text;
    failed_context text;
BEGIN
    PERFORM set_config('search_path', tiering.source_path(path), true);
    RETURN QUERY EXECUTE query USING plan;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
EXCEPTION WHEN query_canceled OR OTHERS THEN
    GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT, failed_context = PG_EXCEPTION_CONTEXT;
    PERFORM tiering.raise_of_source(plan, NULL, query, SQLSTATE, SQLERRM, failed_detail, failed_hint, failed_context);
END
$$;
COMMENT ON FUNCTION tiering.retier_preview(text, timestamptz, text) IS
    'what retier() would change, without writing: customer, tier now and then, tier by the criteria alone, reason (first, promotion, demotion, graded, '
    'ungraded, criteria, gone, returned), score and reason codes. By the version that retier() would take up. Customers that cannot be graded keep their '
    'tier and do not stand here. path: search_path under which the source is read';

CREATE FUNCTION tiering.explain_customer(program text, customer text, path text DEFAULT current_setting('search_path')) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program(explain_customer.program, now());
    explanation jsonb;
BEGIN
    customer := tiering.customer_key(plan.program, customer, path);
    explanation := tiering.run_statement(plan, format('SELECT tiering.explain_grade(($1).document, ($1).as_of, %s) AS explanation FROM %s s WHERE %s LIMIT 1',
        array_to_string(plan.arguments, ', '), plan.source, plan.chosen), ARRAY[customer], path) -> 'explanation';
    IF explanation IS NULL THEN
        PERFORM tiering.refuse_customer(plan.program, customer);
    END IF;
    RETURN explanation || (
        SELECT jsonb_build_object('program', plan.program, 'customer', explain_customer.customer,
            'version', (SELECT p.applied_version FROM tiering.programs p WHERE p.program = plan.program),
            'tier_in_force', t.tier, 'overridden', t.overridden, 'override_reason', t.override_reason, 'since', t.since, 'pending_since', t.pending_since)
        FROM (SELECT 1) one LEFT JOIN tiering.current_tiers t ON t.program = plan.program AND t.customer = explain_customer.customer);
END
$$;
COMMENT ON FUNCTION tiering.explain_customer(text, text, text) IS
    'why a customer of a program has the tier: explain_grade() of the row of the source as it is now, with the tier in force, override and pending '
    'demotion; path: search_path under which the source is read. ERROR 42704 if the source has no such customer';

CREATE FUNCTION tiering.refuse_customer(program text, customer text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(refuse_customer.program);
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has no customer "%s"', refuse_customer.program, CASE WHEN length(refuse_customer.customer) > 200 THEN left(refuse_customer.customer, 200) || '…' ELSE refuse_customer.customer END),
        DETAIL = format('No row of %s that you may see has this value in column "%s".', p.source, tiering.renamed_column(p.source, p.column_numbers, p.key_column)),
        HINT = 'Customers are named by their key as text.';
END
$$;
COMMENT ON FUNCTION tiering.refuse_customer(text, text) IS 'ERROR 42704: the program has no such customer';
