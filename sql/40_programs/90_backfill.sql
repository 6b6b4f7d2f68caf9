-- The past, graded afterwards: from a function that gives the customers as of a time, or from a table of snapshots.

CREATE FUNCTION tiering.backfill_from(program text, "from" timestamptz, "to" timestamptz, step interval, snapshot text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program($1);
    plan tiering.program_plan;
    at timestamptz;
    n integer := 0;
    first timestamptz;
    duplicates boolean;
    changed bigint;
    total bigint := 0;
BEGIN
    PERFORM tiering.require_active($1);
    IF $2 IS NULL OR $3 IS NULL OR $4 IS NULL OR NOT isfinite($2) OR NOT isfinite($3) OR $2 > $3 OR $2 + $4 <= $2 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('from %s to %s by %s is no row of times', $2, $3, $4),
            HINT = 'from must not be later than to, and step must be longer than nothing.';
    END IF;
    IF $3 > now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('to %s lies in the future', $3);
    END IF;
    IF NOT pg_try_advisory_xact_lock(tiering.retier_lock($1)) THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('program "%s" is being retiered by another session', $1),
            HINT = 'Wait until it ends: SELECT * FROM tiering.runs.';
    END IF;
    SELECT min(l.since) INTO first FROM tiering.assignment_log l WHERE l.program = $1;
    IF first <= $3 THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('program "%s" has a history since %s', $1, first),
            HINT = 'Only the time before that can be graded afterwards: choose an earlier "to".';
    END IF;
    PERFORM tiering.follow_renames($1);
    PERFORM tiering.apply_version($1);
    IF to_regclass('pg_temp.tiering_past') IS NOT NULL THEN
        DROP TABLE pg_temp.tiering_past;
    END IF;
    CREATE TEMP TABLE tiering_past (LIKE tiering.assignments INCLUDING DEFAULTS);
    ALTER TABLE pg_temp.tiering_past ADD PRIMARY KEY (program, customer);
    LOOP
        -- From the first time on, not from the last: 31 January plus two months is 31 March.
        at := $2 + n * $4;
        EXIT WHEN at > $3;
        n := n + 1;
        plan := tiering.plan_program($1, at);
        plan.source := format($5, at);
        EXECUTE 'CREATE TEMP TABLE tiering_graded AS ' || tiering.source_query(plan, false) USING plan;
        SELECT EXISTS (SELECT FROM pg_temp.tiering_graded g GROUP BY g.customer HAVING count(*) > 1 OR g.customer IS NULL) INTO duplicates;
        IF duplicates THEN
            RAISE EXCEPTION USING ERRCODE = 'unique_violation', MESSAGE = format('the customers as of %s have missing or duplicate keys', at),
                DETAIL = format('Key column of program "%s": %s.', $1, p.key_column);
        END IF;
        -- A snapshot that is not there would take everybody for gone.
        IF EXISTS (SELECT FROM pg_temp.tiering_graded) THEN
            EXECUTE format($query$
                WITH graded AS MATERIALIZED (%s), written AS (
                    INSERT INTO pg_temp.tiering_past AS a (program, customer, tier, rank, computed_tier, score, owner, last_followup, pending_since, cadence_due,
                        next_due, since, gone_since, reasons)
                    SELECT ($1).program, g.customer, g.tier, g.rank, g.computed_tier, g.score, g.owner, g.last_followup, g.pending_since, g.cadence_due,
                        g.next_due, g.since, g.gone_since, g.reasons
                    FROM graded g
                    ON CONFLICT (program, customer) DO UPDATE SET tier = excluded.tier, rank = excluded.rank, computed_tier = excluded.computed_tier,
                        score = excluded.score, owner = excluded.owner, last_followup = excluded.last_followup, pending_since = excluded.pending_since,
                        cadence_due = excluded.cadence_due, next_due = excluded.next_due, since = excluded.since, gone_since = excluded.gone_since, reasons = excluded.reasons
                ), logged AS (
                    INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, reasons)
                    SELECT ($1).program, g.customer, g.since, g.tier, g.reason, 'backfill', g.owner, g.reasons FROM graded g WHERE g.reason IS NOT NULL
                    RETURNING 1
                )
                SELECT count(*) FROM logged$query$,
                tiering.grading_query(plan, false, true, 'pg_temp.tiering_graded', 'pg_temp.tiering_past')) INTO changed USING plan;
            total := total + changed;
        END IF;
        DROP TABLE pg_temp.tiering_graded;
    END LOOP;
    -- Where nobody was graded yet, the present goes on from there.
    INSERT INTO tiering.assignments SELECT t.* FROM pg_temp.tiering_past t
    WHERE NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = t.program AND a.customer = t.customer);
    DROP TABLE pg_temp.tiering_past;
    RETURN total;
END
$$;
COMMENT ON FUNCTION tiering.backfill_from(text, timestamptz, timestamptz, interval, text) IS
    'a part of backfill(): snapshot is the FROM item of the customers, with %L for the time';

CREATE FUNCTION tiering.backfill(program text, "from" timestamptz, "to" timestamptz, step interval, customers_as_of regprocedure) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF $5 IS NULL OR NOT EXISTS (SELECT FROM pg_proc f WHERE f.oid = $5 AND f.proretset AND f.pronargs = 1 AND f.proargtypes[0] = 'timestamptz'::regtype) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no function of a timestamptz that returns rows', $5),
            HINT = 'Pass one such as crm.accounts_as_of(timestamptz), which returns the columns that the program uses.';
    END IF;
    RETURN tiering.backfill_from($1, $2, $3, $4, replace((SELECT $5::regproc::text), '%', '%%') || '(%L::timestamptz)');
END
$$;
COMMENT ON FUNCTION tiering.backfill(text, timestamptz, timestamptz, interval, regprocedure) IS
    'grades the past of a program, before its first grading, at each step from a time to a time; customers_as_of: a function of a timestamptz that returns '
    'the customers as they were, with the columns of the source. Stability is obeyed from step to step. The criteria are those of now. Returns how many changes it '
    'wrote to the history. ERROR 55000 the program has a history by then, 22023 no such row of times or function, 22008 to in the future';

CREATE FUNCTION tiering.backfill(program text, "from" timestamptz, "to" timestamptz, step interval, snapshots regclass, taken_at text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shown text := replace(format('%s', $5), '%', '%%');
    taken text := replace(format('%I', $6), '%', '%%');
BEGIN
    IF NOT EXISTS (SELECT FROM tiering.source_columns($5) c
        WHERE c.column_name = $6 AND c.type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column', MESSAGE = format('%s has no column "%s" with the time of the snapshot', $5, $6),
            DETAIL = tiering.column_list($5),
            HINT = 'It must be of type timestamptz, timestamp or date.';
    END IF;
    RETURN tiering.backfill_from($1, $2, $3, $4,
        format('(SELECT * FROM %s WHERE %s = (SELECT max(%s) FROM %s WHERE %s <= %%L))', shown, taken, taken, shown, taken));
END
$$;
COMMENT ON FUNCTION tiering.backfill(text, timestamptz, timestamptz, interval, regclass, text) IS
    'like backfill() from a function; snapshots: a table or view with the columns of the source and taken_at, when each row was copied. At each step the '
    'newest snapshot counts, that is all rows of the newest time by then. ERROR 42703 no such column';
