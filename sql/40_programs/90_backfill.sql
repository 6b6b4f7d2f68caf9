-- The past, graded afterwards: from a function that gives the customers as of a time, or from a table of snapshots.

CREATE FUNCTION tiering.snapshot_function(customers_as_of regprocedure) RETURNS text
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

CREATE FUNCTION tiering.snapshot_table(snapshots regclass, taken_at text) RETURNS text
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

CREATE FUNCTION tiering.drop_past() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.drop_temporary('tiering: past', 'tiering: wanted');
END
$$;
COMMENT ON FUNCTION tiering.drop_past() IS 'a part of backfill() and regrade(): drops the temporary tables of the past';

CREATE FUNCTION tiering.goes_on(at timestamptz, step interval) RETURNS boolean
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    -- What is longer than nothing as an interval need not be so from every day on: '1 month -29 days'.
    RETURN CASE WHEN step > interval '0' AND step <= interval '1000 years' THEN at + step > at ELSE false END;
COMMENT ON FUNCTION tiering.goes_on(timestamptz, interval) IS 'whether times that are a step apart go on from a time: the step is longer than nothing, and no longer than 1000 years';

CREATE FUNCTION tiering.backfill_from(program text, "from" timestamptz, "to" timestamptz, step interval, snapshot text, path text) RETURNS bigint
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
COMMENT ON FUNCTION tiering.backfill_from(text, timestamptz, timestamptz, interval, text, text) IS
    'a part of backfill(): snapshot is the FROM item of the customers, with %L for the time; path: search_path under which it is read';

CREATE FUNCTION tiering.backfill(program text, "from" timestamptz, "to" timestamptz, step interval, customers_as_of regprocedure, path text DEFAULT current_setting('search_path')) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN tiering.backfill_from(program, "from", "to", step, tiering.snapshot_function(customers_as_of), path);
END
$$;
COMMENT ON FUNCTION tiering.backfill(text, timestamptz, timestamptz, interval, regprocedure, text) IS
    'grades the past of a program, before its first grading, at each step from a time to a time; customers_as_of: a function of a timestamptz that returns '
    'the customers as they were, with the columns of the source. Stability is obeyed from step to step. The criteria are those of now. Who cannot be graded at a step keeps the tier of the step before, and stands in tiering.run_problems. Returns how many changes it '
    'wrote to the history. ERROR 55000 the program has a history by then, 22023 no such row of times or function, 22008 to in the future';

CREATE FUNCTION tiering.backfill(program text, "from" timestamptz, "to" timestamptz, step interval, snapshots regclass, taken_at text, path text DEFAULT current_setting('search_path')) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN tiering.backfill_from(program, "from", "to", step, tiering.snapshot_table(snapshots, taken_at), path);
END
$$;
COMMENT ON FUNCTION tiering.backfill(text, timestamptz, timestamptz, interval, regclass, text, text) IS
    'like backfill() from a function; snapshots: a table or view with the columns of the source and taken_at, when each row was copied. At each step the '
    'newest snapshot counts, that is all rows of the newest time by then. ERROR 42703 no such column';
