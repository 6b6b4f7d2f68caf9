-- The past corrected: orders that are booked for an earlier day change what the tiers should have been then. The runs of that time are done again, from the customers as
-- they are known to have been now; what was found before stays readable, since every row of the history says when it was recorded.

CREATE TABLE tiering.regrades (
    program text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL CHECK (isfinite(at)),
    from_time timestamptz NOT NULL,
    until_time timestamptz NOT NULL CHECK (until_time >= from_time),
    reason text NOT NULL CHECK (reason <> ''),
    moments bigint NOT NULL,
    changes bigint NOT NULL,
    regraded_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, at)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.regrades TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.regrades', '');
COMMENT ON TABLE tiering.regrades IS 'every correction of the past, written by regrade()';
COMMENT ON COLUMN tiering.regrades.program IS 'program';
COMMENT ON COLUMN tiering.regrades.at IS 'when the past was corrected: rows of the history that were recorded then are of this correction';
COMMENT ON COLUMN tiering.regrades.from_time IS 'from when on';
COMMENT ON COLUMN tiering.regrades.until_time IS 'until when';
COMMENT ON COLUMN tiering.regrades.reason IS 'why';
COMMENT ON COLUMN tiering.regrades.moments IS 'how many runs of that time were done again';
COMMENT ON COLUMN tiering.regrades.changes IS 'how many rows were written to the history';
COMMENT ON COLUMN tiering.regrades.regraded_by IS 'by which session user';

CREATE FUNCTION tiering.regrade_from(program text, "from" timestamptz, until timestamptz, reason text, snapshot text, step interval, path text) RETURNS bigint
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
COMMENT ON FUNCTION tiering.regrade_from(text, timestamptz, timestamptz, text, text, interval, text) IS
    'a part of regrade(): snapshot is the FROM item of the customers, with %L for the time; path: search_path under which it is read';

CREATE FUNCTION tiering.regrade(program text, "from" timestamptz, until timestamptz, reason text, customers_as_of regprocedure, step interval DEFAULT NULL, path text DEFAULT current_setting('search_path')) RETURNS bigint
    LANGUAGE sql
BEGIN ATOMIC
    SELECT tiering.regrade_from($1, $2, $3, $4, tiering.snapshot_function($5), $6, $7);
END;
COMMENT ON FUNCTION tiering.regrade(text, timestamptz, timestamptz, text, regprocedure, interval, text) IS
    'corrects the past of a program, as when orders are booked for earlier days: the runs from a time until a time (NULL: now) are done again, each by the version that it applied, from the customers as '
    'they are known to have been now; customers_as_of: a function of a timestamptz that returns them, with the columns of the source. step: grade at each step from from on besides, as where backfill() had graded. Both answers are kept: tiers_as_of(program, at) gives the corrected '
    'tiers, tiers_as_of(program, at, known_at) those that were known before. What contacts and triggers graded between the runs gives way, too; overrides stay. Whose last tier it changes '
    'is graded again as of now. Returns how many rows it wrote to the history; tiering.regrades has the reason. ERROR 42704 unknown program, 22004 no from or reason, 22023 no such time, or the program was not '
    'graded then, or no such function or step, 22008 until in the future, 42501 no administrator, 55000 paused, 55P03 it is being retiered';

CREATE FUNCTION tiering.regrade(program text, "from" timestamptz, until timestamptz, reason text, snapshots regclass, taken_at text, step interval DEFAULT NULL, path text DEFAULT current_setting('search_path')) RETURNS bigint
    LANGUAGE sql
BEGIN ATOMIC
    SELECT tiering.regrade_from($1, $2, $3, $4, tiering.snapshot_table($5, $6), $7, $8);
END;
COMMENT ON FUNCTION tiering.regrade(text, timestamptz, timestamptz, text, regclass, text, interval, text) IS
    'like regrade() from a function; snapshots: a table or view with the columns of the source and taken_at, when each row was copied, as for backfill(). ERROR 42703 no such column';
