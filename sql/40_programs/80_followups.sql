-- Contacts with customers: logged, promised, handed out.

CREATE TABLE tiering.followups (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL CHECK (isfinite(at)),
    n smallint NOT NULL DEFAULT 1 CHECK (n > 0),
    channel text,
    outcome text,
    note text,
    owner text,
    tier text COLLATE "C",
    due date,
    on_time boolean,
    checks text[],
    tier_after text COLLATE "C",
    attempt boolean NOT NULL DEFAULT false,
    logged_at timestamptz NOT NULL DEFAULT now(),
    logged_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, customer, at, n)
);
ALTER TABLE tiering.followups ALTER program SET (n_distinct = 20);
-- The customer comes last for who asks for one (20_assignments.sql).
CREATE INDEX followups_at ON tiering.followups (program, at, customer);
CREATE INDEX followups_owner ON tiering.followups (program, owner, at, customer);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.followups TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.followups', '');
COMMENT ON TABLE tiering.followups IS 'contacts with customers, written by tiering.log_followup()';
COMMENT ON INDEX tiering.followups_at IS 'the contacts of a program in order of time';
COMMENT ON INDEX tiering.followups_owner IS 'the contacts of an owner in order of time';
COMMENT ON COLUMN tiering.followups.program IS 'program';
COMMENT ON COLUMN tiering.followups.customer IS 'customer';
COMMENT ON COLUMN tiering.followups.at IS 'when the contact was';
COMMENT ON COLUMN tiering.followups.n IS 'which of several contacts of one customer at one time';
COMMENT ON COLUMN tiering.followups.channel IS 'by what: a code of tiering.vocabulary (phone, visit, …) or a word of your own';
COMMENT ON COLUMN tiering.followups.outcome IS 'what came of it: a code of tiering.vocabulary (ordered, no_answer, …) or a word of your own';
COMMENT ON COLUMN tiering.followups.note IS 'what is to be remembered';
COMMENT ON COLUMN tiering.followups.owner IS 'who looked after the customer when it was logged';
COMMENT ON COLUMN tiering.followups.tier IS 'tier in force before';
COMMENT ON COLUMN tiering.followups.due IS 'day on which a contact was due; NULL: none was, or the entry came later than that of a later contact';
COMMENT ON COLUMN tiering.followups.on_time IS 'whether the contact was on that day or before';
COMMENT ON COLUMN tiering.followups.checks IS 'items of check-lists that were ticked, sorted; NULL: none';
COMMENT ON COLUMN tiering.followups.tier_after IS 'tier in force after the customer was graded again';
COMMENT ON COLUMN tiering.followups.attempt IS 'whether nobody was reached, so that it is an attempt and no contact: due dates stay';
COMMENT ON COLUMN tiering.followups.logged_at IS 'when it was logged';
COMMENT ON COLUMN tiering.followups.logged_by IS 'by which session user';

CREATE TABLE tiering.promises (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL CHECK (isfinite(made_at)),
    n smallint NOT NULL DEFAULT 1 CHECK (n > 0),
    promise text,
    promised_at timestamptz NOT NULL CHECK (isfinite(promised_at) AND promised_at >= made_at),
    kept_at timestamptz CHECK (kept_at >= made_at),
    withdrawn_at timestamptz,
    owner text,
    made_by text NOT NULL DEFAULT session_user,
    kept_by text,
    PRIMARY KEY (program, customer, made_at, n)
);
ALTER TABLE tiering.promises ALTER program SET (n_distinct = 20);
CREATE INDEX promises_owner ON tiering.promises (program, owner, promised_at, customer);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.promises TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.promises', '');
COMMENT ON INDEX tiering.promises_owner IS 'the promises of an owner in order of the time for which they were made';
COMMENT ON TABLE tiering.promises IS 'what was promised to customers; tiering.promise_status says whether it was kept';
COMMENT ON COLUMN tiering.promises.program IS 'program';
COMMENT ON COLUMN tiering.promises.customer IS 'customer';
COMMENT ON COLUMN tiering.promises.made_at IS 'when it was promised: the time of the contact';
COMMENT ON COLUMN tiering.promises.n IS 'which of several contacts of the customer at that time';
COMMENT ON COLUMN tiering.promises.promise IS 'what was promised';
COMMENT ON COLUMN tiering.promises.promised_at IS 'for when';
COMMENT ON COLUMN tiering.promises.kept_at IS 'when it was kept; NULL: not yet';
COMMENT ON COLUMN tiering.promises.withdrawn_at IS 'when the customer did without it; NULL: still wanted';
COMMENT ON COLUMN tiering.promises.owner IS 'who looked after the customer';
COMMENT ON COLUMN tiering.promises.made_by IS 'which session user logged it';
COMMENT ON COLUMN tiering.promises.kept_by IS 'which session user said that it was kept';

-- PL/pgSQL keeps its plans for the session: every log_followup() asks.
CREATE FUNCTION tiering.own_strategy(program text, tier text) RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(
            (SELECT o.strategy FROM tiering.tier_strategies o WHERE o.scheme = p.scheme AND o.tier = own_strategy.tier ORDER BY o.version DESC LIMIT 1),
            (SELECT t.strategy FROM tiering.program_tiers t WHERE t.program = own_strategy.program AND t.tier = own_strategy.tier))
        FROM tiering.programs p WHERE p.program = own_strategy.program);
END
$$;
COMMENT ON FUNCTION tiering.own_strategy(text, text) IS
    'the actions of a tier of a program, without those of tiers that it includes: as set_strategy() left them, else as in the document';

CREATE FUNCTION tiering.strategy_summary(strategy jsonb, lang text DEFAULT tiering.default_lang()) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT string_agg(coalesce(a.action -> 'action' ->> tiering.language($2), a.action #>> '{action,en}', a.action #>> '{action,zh}'),
        CASE tiering.language($2) WHEN 'zh' THEN '；' ELSE '; ' END ORDER BY a.n)
    FROM jsonb_array_elements($1) WITH ORDINALITY AS a (action, n);
END;
COMMENT ON FUNCTION tiering.strategy_summary(jsonb, text) IS 'the actions of a strategy in one line; lang: en or zh. ERROR 22023 unknown language';

CREATE FUNCTION tiering.strategy_brief(strategy jsonb, lang text DEFAULT tiering.default_lang()) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN length(b.line) <= 60 THEN b.line ELSE rtrim(left(b.line, 59), ' ,;，；、') || '…' END
    FROM (SELECT tiering.strategy_summary(jsonb_build_array($1 -> 0), $2) AS line) b;
END;
COMMENT ON FUNCTION tiering.strategy_brief(jsonb, text) IS
    'the first action of a strategy, cut to 60 characters, for columns of lists; strategy_summary() gives all of them. NULL: there is none. lang: en or zh. ERROR 22023 unknown language';

CREATE FUNCTION tiering.strategy_line(program text, tier text, lang text, brief boolean) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'strategy_line';
COMMENT ON FUNCTION tiering.strategy_line(text, text, text, boolean) IS
    'the actions of a tier of a program in one line, as strategy_summary() or (brief) strategy_brief() writes them, for columns of views: looked up once a statement and tier, not once a row. '
    'ERROR 22023 unknown language';

CREATE FUNCTION tiering.judge_contact(assignment tiering.assignments, zone text, at timestamptz, OUT tier text, OUT due date, OUT on_time boolean)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    overridden boolean := tiering.override_counts(assignment.override_until, assignment.override_kind, assignment.override_rank, assignment.rank);
BEGIN
    tier := CASE WHEN overridden THEN assignment.override_tier ELSE assignment.tier END;
    IF at > assignment.last_followup OR assignment.last_followup IS NULL THEN
        due := CASE WHEN overridden THEN assignment.override_due ELSE assignment.next_due END;
        on_time := (at AT TIME ZONE zone)::date <= due;
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.judge_contact(tiering.assignments, text, timestamptz) IS
    'what is written down with a contact: the tier in force before it, the day on which it was due (NULL: none was, or a later contact is known) and whether it was on time';

CREATE FUNCTION tiering.lock_graded(program text, customer text, path text) RETURNS tiering.assignments
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    a tiering.assignments;
BEGIN
    SELECT x.* INTO a FROM tiering.assignments x WHERE x.program = lock_graded.program AND x.customer = lock_graded.customer FOR NO KEY UPDATE;
    IF NOT FOUND OR a.gone_since IS NOT NULL THEN
        -- New in the source since the last retier, perhaps.
        PERFORM tiering.require_active(lock_graded.program);
        IF tiering.grade_customers(lock_graded.program, ARRAY[lock_graded.customer], 'followup', path) = 0 THEN
            PERFORM tiering.refuse_customer(lock_graded.program, lock_graded.customer);
        END IF;
        SELECT x.* INTO a FROM tiering.assignments x WHERE x.program = lock_graded.program AND x.customer = lock_graded.customer AND x.gone_since IS NULL;
        IF NOT FOUND THEN
            PERFORM tiering.refuse_ungraded(lock_graded.program, lock_graded.customer);
        END IF;
    END IF;
    RETURN a;
END
$$;
COMMENT ON FUNCTION tiering.lock_graded(text, text, text) IS
    'locks the assignment of a customer until the end of the transaction; one who is new in the source is graded first. ERROR 42704 unknown customer';

-- Items of check-lists: of overlays, for all programs, and of the strategies of the program's tiers.
CREATE FUNCTION tiering.check_list(program text DEFAULT NULL, lang text DEFAULT tiering.default_lang()) RETURNS TABLE ("check" text, title text, content text, source text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (c."check") c."check", tiering.label(c."check", check_list.lang),
        coalesce(c.action ->> tiering.language(check_list.lang), c.action ->> 'en', c.action ->> 'zh'), c.source
    FROM (
        SELECT 0 AS layer, o.overlay AS source, e.n, e.action ->> 'check' AS "check", e.action -> 'action' AS action
        FROM tiering.overlays o, jsonb_array_elements(o.document -> 'strategy') WITH ORDINALITY AS e (action, n)
        UNION ALL
        SELECT 1, t.tier, e.n, e.action ->> 'check', e.action -> 'action'
        FROM tiering.program_tiers t, jsonb_array_elements(tiering.own_strategy(t.program, t.tier)) WITH ORDINALITY AS e (action, n)
        WHERE t.program = check_list.program
    ) c
    WHERE c."check" IS NOT NULL
    ORDER BY c."check", c.layer, c.source, c.n;
END;
COMMENT ON FUNCTION tiering.check_list(text, text) IS
    'what can be ticked when a contact is logged: the code, its title, the question, and the overlay or the tier that it stands in. Overlays of check-lists serve all programs; '
    'an action of a strategy that has "check" serves its program. lang: en or zh. ERROR 22023 unknown language';

CREATE FUNCTION tiering.known_checks(program text, checks text[]) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known text[];
    unheard_of text;
BEGIN
    IF checks IS NULL OR checks = '{}' THEN
        RETURN NULL;
    END IF;
    known := ARRAY(SELECT c."check" FROM tiering.check_list(program) c ORDER BY 1);
    SELECT coalesce(u.item, 'NULL') INTO unheard_of FROM unnest(checks) AS u (item) WHERE (u.item = ANY (known)) IS NOT TRUE LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('no check-list has an item "%s"', unheard_of),
            DETAIL = format('There are: %s.', array_to_string(known, ', ')),
            HINT = format('SELECT * FROM tiering.check_list(%L) says what each stands for.', program);
    END IF;
    RETURN ARRAY(SELECT DISTINCT u.item COLLATE "C" FROM unnest(checks) AS u (item) ORDER BY 1);
END
$$;
COMMENT ON FUNCTION tiering.known_checks(text, text[]) IS 'a part of log_followup(): the items that were ticked, sorted, each once; NULL for none. ERROR 22023 an item that no check-list has';

CREATE FUNCTION tiering.require_contact(plan tiering.program_plan, customer text, at timestamptz, promise text, promised_at timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF at IS NULL OR NOT isfinite(at) THEN
        RAISE EXCEPTION USING ERRCODE = CASE WHEN at IS NULL THEN 'null_value_not_allowed' ELSE 'datetime_field_overflow' END,
            MESSAGE = format('at is %s', coalesce(at::text, 'NULL')), HINT = 'Give the time of the contact, or leave it out for now.';
    END IF;
    IF at NOT BETWEEN '0001-01-02 00:00+00' AND '9999-12-29 00:00+00' THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('a follow-up at %s is at no time of the calendar', at),
            HINT = 'Give the time of the contact, or leave it out for now.';
    END IF;
    IF at > clock_timestamp() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('a follow-up at %s lies in the future', at),
            HINT = format('SELECT tiering.plan_followup(%L, %L, %L) plans it.', plan.program, customer, (at AT TIME ZONE plan.zone)::date);
    END IF;
    IF promised_at IS NULL AND promise IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a promise needs the time for which it is made',
            HINT = 'Pass promised_at => timestamp.';
    END IF;
    IF promised_at < at OR NOT isfinite(promised_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('promised_at %s lies before the follow-up at %s', promised_at, at),
            HINT = 'Pass the time by which it is to be kept, such as promised_at => now() + interval ''1 week''.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_contact(tiering.program_plan, text, timestamptz, text, timestamptz) IS
    'a part of log_followup(): ERROR 22004 or 22008 if a contact or a promise cannot be at its time';

-- PL/pgSQL keeps its plan for the session, and what was just written is seen.
CREATE FUNCTION tiering.shared_contact(programs text[], customer text) RETURNS timestamptz
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT max(l.at) FROM unnest(programs) AS o (program) CROSS JOIN LATERAL (
        SELECT f.at FROM tiering.followups f WHERE f.program = o.program AND f.customer = shared_contact.customer AND NOT f.attempt ORDER BY f.at DESC LIMIT 1) l);
END
$$;
COMMENT ON FUNCTION tiering.shared_contact(text[], text) IS 'the last contact that was logged with a customer in one of some programs; attempts are none';

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

-- Its rate is that of a transaction that one would write by hand: the customer is locked once, graded by a statement that the session keeps planned, and each
-- table is written once. The contact is written before the assignment: what agents write is judged by how that was before, and checked by how it is after.
CREATE FUNCTION tiering.log_followup(
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
COMMENT ON FUNCTION tiering.log_followup(text, text, text, text, text, timestamptz, text, timestamptz, text, text[], text, boolean) IS
    'writes down a contact with a customer and grades the customer again from the source, in one transaction: history if the tier changes, next due date '
    'from the last contact, whatever the order of the entries. at: when it was, now or earlier. promise, promised_at: what was promised, for when. '
    'checks: items of check-lists that are ticked, such as {attention,confidence}; tiering.check_list names them. lang: en or zh, for strategy_text. '
    'counts: false logs an attempt, with which nobody was reached: it stands in the log, and due dates stay; NULL: by the outcome (attempts of the program), true: a contact all the same. '
    'WARNING if the customer is not to be contacted (stop_contact). It counts for the other members of a family or group (group of the program), and in programs that share their contacts (shares_contacts), as well. '
    'Returns the tier in force after and before, the tier by the criteria, the strategy of the tier, the next due day, whether the calendar is known for '
    'it and, if lang is given, the strategy as a text. ERROR 42704 unknown program or customer, 55000 paused, 22008 a contact in the future, 22004 a promise '
    'without a time, 22023 an item that no check-list has, or an unknown language';

CREATE FUNCTION tiering.open_promise(program text, customer text, made_at timestamptz, path text) RETURNS tiering.promises
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_promise tiering.promises;
BEGIN
    customer := tiering.customer_key(open_promise.program, open_promise.customer, path);
    SELECT r.* INTO found_promise FROM tiering.promises r
    WHERE r.program = open_promise.program AND r.customer = open_promise.customer AND r.kept_at IS NULL AND r.withdrawn_at IS NULL
        AND (open_promise.made_at IS NULL OR r.made_at = open_promise.made_at)
    ORDER BY r.promised_at, r.made_at, r.n LIMIT 1 FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('nothing promised to customer "%s" of program "%s" is open', customer, program),
            HINT = format('SELECT * FROM tiering.promise_status WHERE program = %L AND customer = %L lists what was promised.', program, customer);
    END IF;
    RETURN found_promise;
END
$$;
COMMENT ON FUNCTION tiering.open_promise(text, text, timestamptz, text) IS
    'locks a promise that is neither kept nor withdrawn: that made at a time, or (NULL) the one for the earliest time; ERROR 42704 none is open';

CREATE FUNCTION tiering.keep_promise(
    program text, customer text, made_at timestamptz DEFAULT NULL, kept_at timestamptz DEFAULT now(), path text DEFAULT current_setting('search_path')
) RETURNS timestamptz
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept tiering.promises;
BEGIN
    IF kept_at > clock_timestamp() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('kept_at %s lies in the future', kept_at),
            HINT = 'Give the time when it was kept, or leave it out for now.';
    END IF;
    kept := tiering.open_promise(program, customer, made_at, path);
    UPDATE tiering.promises r SET kept_at = greatest(coalesce(keep_promise.kept_at, now()), r.made_at), kept_by = session_user
    WHERE r.program = kept.program AND r.customer = kept.customer AND r.made_at = kept.made_at AND r.n = kept.n;
    RETURN kept.promised_at;
END
$$;
COMMENT ON FUNCTION tiering.keep_promise(text, text, timestamptz, timestamptz, text) IS
    'notes that a promise to a customer was kept: that made at a time, or the one for the earliest time; returns for when it was promised. '
    'ERROR 42704 no such promise is open, 22008 kept in the future';

CREATE FUNCTION tiering.withdraw_promise(program text, customer text, made_at timestamptz DEFAULT NULL, path text DEFAULT current_setting('search_path')) RETURNS timestamptz
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    gone tiering.promises := tiering.open_promise(program, customer, made_at, path);
BEGIN
    UPDATE tiering.promises r SET withdrawn_at = now()
    WHERE r.program = gone.program AND r.customer = gone.customer AND r.made_at = gone.made_at AND r.n = gone.n;
    RETURN gone.promised_at;
END
$$;
COMMENT ON FUNCTION tiering.withdraw_promise(text, text, timestamptz, text) IS
    'notes that a customer does without what was promised, so that it counts neither as kept nor as broken; returns for when it was promised. '
    'ERROR 42704 no such promise is open';

CREATE FUNCTION tiering.longest_claim() RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN interval '31 days';
COMMENT ON FUNCTION tiering.longest_claim() IS 'how long claim_followups() keeps customers for somebody at most';

-- Inlined into the queries that ask.
CREATE FUNCTION tiering.claim_holds(claimed_until timestamptz, claimed_by text, owner text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(claimed_until > now() AND (owner IS NULL OR owner = claimed_by), false);
COMMENT ON FUNCTION tiering.claim_holds(timestamptz, text, text) IS 'whether a customer is claimed: the time is not over, and nobody else has become the owner meanwhile';

CREATE FUNCTION tiering.claim_followups(program text, owner text, n integer DEFAULT 1, hold interval DEFAULT '1 hour', again boolean DEFAULT false)
    RETURNS TABLE (customer text, tier text, due date, last_followup timestamptz, label text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(claim_followups.program);
    today date := (now() AT TIME ZONE p.zone)::date;
    held text[] := '{}';
BEGIN
    IF claim_followups.owner IS NULL OR claim_followups.n IS NULL OR claim_followups.hold IS NULL OR claim_followups.n NOT BETWEEN 1 AND 1000 OR claim_followups.hold <= interval '0' OR claim_followups.hold > tiering.longest_claim() THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('owner, n and hold must be given, n from 1 to 1000, hold longer than nothing and at most %s', tiering.longest_claim()),
            HINT = 'SELECT * FROM tiering.claim_followups(program, owner, 10, ''1 hour'').';
    END IF;
    IF claim_followups.again THEN
        held := ARRAY(SELECT a.customer FROM tiering.assignments a
            WHERE a.program = (SELECT claim_followups.program) AND a.claimed_by = claim_followups.owner AND a.gone_since IS NULL AND tiering.claim_holds(a.claimed_until, a.claimed_by, a.owner));
        RETURN QUERY SELECT t.customer, t.tier, t.next_due, t.last_followup, t.label FROM tiering.current_tiers t
            WHERE t.program = claim_followups.program AND t.customer = ANY (held) ORDER BY t.next_due, t.rank, t.customer LIMIT claim_followups.n;
        claim_followups.n := claim_followups.n - cardinality(held);
        IF claim_followups.n <= 0 THEN
            RETURN;
        END IF;
    END IF;
    -- (SELECT $1): the planner takes a program that ANALYZE has not seen yet for one row, for which any index will do; of a name that it does not know
    -- it takes a part of all customers (20_assignments.sql), and looks for the owner.
    RETURN QUERY
        WITH due_to_owner AS (
            SELECT a.customer, a.tier, a.rank, a.next_due AS due, a.last_followup, a.label
            FROM tiering.assignments a
            WHERE a.program = (SELECT claim_followups.program) AND a.owner = claim_followups.owner AND a.next_due <= today AND NOT tiering.claim_holds(a.claimed_until, a.claimed_by, a.owner) AND NOT tiering.override_counts(a.override_until, a.override_kind, a.override_rank, a.rank) AND NOT tiering.is_stopped(a.no_contact, a.no_contact_until) AND NOT tiering.is_held_out(claim_followups.program, a.customer)
            ORDER BY a.next_due, a.rank LIMIT claim_followups.n FOR NO KEY UPDATE SKIP LOCKED
        ), due_to_nobody AS (
            SELECT a.customer, a.tier, a.rank, a.next_due AS due, a.last_followup, a.label
            FROM tiering.assignments a
            WHERE a.program = (SELECT claim_followups.program) AND a.owner IS NULL AND a.next_due <= today AND NOT tiering.claim_holds(a.claimed_until, a.claimed_by, a.owner) AND NOT tiering.override_counts(a.override_until, a.override_kind, a.override_rank, a.rank) AND NOT tiering.is_stopped(a.no_contact, a.no_contact_until) AND NOT tiering.is_held_out(claim_followups.program, a.customer)
            ORDER BY a.next_due, a.rank LIMIT claim_followups.n FOR NO KEY UPDATE SKIP LOCKED
        ), due_by_override AS (
            SELECT a.customer, a.override_tier, a.override_rank, a.override_due, a.last_followup, a.label
            FROM tiering.assignments a
            WHERE a.program = (SELECT claim_followups.program) AND tiering.override_counts(a.override_until, a.override_kind, a.override_rank, a.rank) AND a.override_due <= today AND a.gone_since IS NULL
                AND (a.owner = claim_followups.owner OR a.owner IS NULL) AND NOT tiering.claim_holds(a.claimed_until, a.claimed_by, a.owner) AND NOT tiering.is_stopped(a.no_contact, a.no_contact_until) AND NOT tiering.is_held_out(claim_followups.program, a.customer)
            ORDER BY a.override_due, a.override_rank LIMIT claim_followups.n FOR NO KEY UPDATE SKIP LOCKED
        ), chosen AS MATERIALIZED (
            SELECT * FROM due_to_owner UNION ALL SELECT * FROM due_to_nobody UNION ALL SELECT * FROM due_by_override
            ORDER BY due, rank, customer LIMIT claim_followups.n
        ), claimed AS (
            UPDATE tiering.assignments a SET claimed_by = claim_followups.owner, claimed_until = now() + claim_followups.hold
            FROM (SELECT claim_followups.program AS program, c.customer FROM chosen c OFFSET 0) c
            WHERE a.program = c.program AND a.customer = c.customer
            RETURNING a.customer
        )
        SELECT c.customer, c.tier, c.due, c.last_followup, c.label
        FROM chosen c WHERE EXISTS (SELECT FROM claimed d WHERE d.customer = c.customer)
        ORDER BY c.due, c.rank, c.customer;
END
$$;
COMMENT ON FUNCTION tiering.claim_followups(text, text, integer, interval, boolean) IS
    'hands out the most urgent follow-ups that are due, of the customers of an owner and of nobody, at most n, and keeps them from being handed out again '
    'until a contact is logged, the time is over, another owner has the customer, or release_claims() gives it back. Sessions that ask at once get different customers and do not wait. '
    'again: what the owner has claimed already comes first and counts, so that a call that is repeated gives the same. ERROR 42704 unknown program, '
    '22023 bad argument';
