-- retier(): everybody graded anew.
--
-- Who writes an assignment holds its row lock. retier() works in two steps: it compares everybody with the assignments under one
-- snapshot, without locks, and sets aside what differs; then it applies that in batches, each locked in the order of the keys and
-- committed. A customer whose row somebody has written meanwhile is left as it is: that grading was the later one.

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
    everybody boolean := NOT tiering.hides_rows(source);
    graded text;
    differing bigint;
    duplicates boolean;
BEGIN
    IF to_regclass('pg_temp.tiering_differing') IS NOT NULL THEN
        DROP TABLE pg_temp.tiering_differing;
    END IF;
    IF NOT everybody THEN
        RAISE NOTICE USING MESSAGE = format('customers may be hidden from you in %s: nobody is taken for gone', source);
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
    written_since text[];
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
    SELECT array_agg(l.customer) FILTER (WHERE l.written_since) INTO written_since FROM (
        SELECT a.customer, a.xmin <> d.seen AS written_since FROM tiering.assignments a
        JOIN pg_temp.tiering_differing d ON d.customer = a.customer AND d.ctid >= low AND d.ctid < high AND d.seen IS NOT NULL
        WHERE a.program = $1 AND a.customer BETWEEN first_customer AND last_customer
        ORDER BY a.customer FOR NO KEY UPDATE OF a
    ) l;
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
    -- Of whom somebody has written another thing meanwhile, an override or a plan, what was compared is old: they are graded anew.
    IF written_since IS NOT NULL THEN
        PERFORM tiering.grade_customers($1, written_since, 'retier');
    END IF;
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
