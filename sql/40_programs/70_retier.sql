-- retier(): everybody graded anew.
--
-- Who writes an assignment holds its row lock. retier() works in two steps: it compares everybody with the assignments under one
-- snapshot, without locks, and sets aside what differs; then it applies that in batches, each locked in the order of the keys and
-- committed. A customer whose row somebody has written meanwhile is left as it is: that grading was the later one.
--
-- Several sessions share the customers by the keys, each with a run of its own, of one moment and one version.

CREATE FUNCTION tiering.begin_run(program text, as_of timestamptz, batch_size integer, path text, part integer DEFAULT NULL, parts integer DEFAULT NULL) RETURNS timestamptz
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    run timestamptz;
    latest timestamptz;
    beside tiering.retier_runs;
    graded tiering.programs;
BEGIN
    IF program IS NULL OR batch_size IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = format('%s is NULL', CASE WHEN program IS NULL THEN 'program' ELSE 'batch_size' END),
            HINT = 'CALL tiering.retier(''program'').';
    END IF;
    PERFORM tiering.require_active(program);
    IF batch_size < 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('batch_size is %s', batch_size),
            HINT = 'It is how many customers are committed at once, at least 1.';
    END IF;
    IF as_of > now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('as_of %s lies in the future', as_of),
            HINT = format('SELECT * FROM tiering.retier_preview(%L, %L) shows what would change.', program, as_of);
    END IF;
    IF (part IS NULL) <> (parts IS NULL) OR part NOT BETWEEN 1 AND parts THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('there is no part %s of %s', coalesce(part::text, 'NULL'), coalesce(parts::text, 'NULL')),
            HINT = format('CALL tiering.retier(%1$L, part => 1, parts => 2) in one session, CALL tiering.retier(%1$L, part => 2, parts => 2) in another.', program);
    END IF;
    PERFORM tiering.lock_program(program, part, parts);
    run := clock_timestamp();
    -- What runs now, and is not refused, are other parts.
    SELECT r.* INTO beside FROM tiering.retier_runs r WHERE r.program = begin_run.program AND r.status = 'running' ORDER BY r.started LIMIT 1;
    IF as_of <> beside.as_of THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('another part of program "%s" is being graded as of %s', program, beside.as_of),
            DETAIL = 'Parts that are graded at the same time are graded as of one moment.', HINT = 'Leave as_of out.';
    END IF;
    as_of := coalesce(as_of, beside.as_of);
    SELECT max(r.as_of) INTO latest FROM tiering.retier_runs r WHERE r.program = begin_run.program AND (r.status = 'done' OR r.done > 0);
    IF as_of < latest THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('program "%s" was already graded as of %s', program, latest),
            HINT = 'A later grading cannot be as of an earlier time; CALL tiering.backfill(…) grades the time before the first one.';
    END IF;
    DELETE FROM tiering.run_problems q WHERE q.program = begin_run.program AND q.at < now() - interval '90 days';
    IF beside.program IS NULL THEN
        PERFORM tiering.follow_source(program);
        PERFORM tiering.follow_renames(program);
    END IF;
    PERFORM tiering.check_program(program);
    IF beside.program IS NULL THEN
        PERFORM tiering.apply_version(program);
    END IF;
    graded := tiering.find_program(program);
    IF parts IS NOT NULL AND tiering.spelt_freely(graded.source, tiering.renamed_column(graded.source, graded.column_numbers, graded.key_column)) THEN
        RAISE EXCEPTION USING ERRCODE = 'feature_not_supported', MESSAGE = format('program "%s" cannot be retiered in parts', program),
            DETAIL = 'Equal keys of its customers may be spelt differently, and would belong to different parts.',
            HINT = format('CALL tiering.retier(%L) retiers all of them.', program);
    END IF;
    UPDATE tiering.programs p SET path = begin_run.path WHERE p.program = begin_run.program AND p.path IS DISTINCT FROM begin_run.path;
    INSERT INTO tiering.retier_runs (program, started, as_of, version, pid, part, parts)
    VALUES (graded.program, run, coalesce(begin_run.as_of, now()), graded.applied_version, pg_backend_pid(), begin_run.part, begin_run.parts);
    RETURN run;
END
$$;
COMMENT ON FUNCTION tiering.begin_run(text, timestamptz, integer, text, integer, integer) IS
    'a part of retier(): checks, locks the program, takes up the version of the scheme, notes the run and returns its beginning; beside other parts that are under way, with their moment and version';

-- A name that nobody gives to a table of their own.
CREATE FUNCTION tiering.drop_differing() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.drop_temporary('tiering: graded', 'tiering: differing');
END
$$;
COMMENT ON FUNCTION tiering.drop_differing() IS 'a part of retier(): drops the temporary tables of a comparison';

CREATE FUNCTION tiering.compare_run(program text, run timestamptz, max_problems bigint, path text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program(compare_run.program,
        (SELECT r.as_of FROM tiering.retier_runs r WHERE r.program = compare_run.program AND r.started = run));
    source regclass := plan.source::regclass;
    p tiering.programs := tiering.find_program(compare_run.program);
    shared record;
    assignments text := 'tiering.assignments';
    everybody boolean := NOT tiering.hides_rows(source);
    read_once boolean := NOT tiering.has_unique_key(source, tiering.key_columns(p.program));
    begun boolean := EXISTS (SELECT FROM tiering.assignments a WHERE a.program = compare_run.program);
    graded text;
    duplicates boolean;
    differing text[];
    missing text[];
    problem record;
    compared record;
    total_found bigint;
    n_problems bigint;
    n_refused bigint;
BEGIN
    IF max_problems < 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('max_problems is %s', max_problems),
            HINT = 'It is how many customers may be set aside: 0 for none, NULL for any number.';
    END IF;
    PERFORM tiering.drop_differing();
    SELECT r.part, r.parts INTO shared FROM tiering.retier_runs r WHERE r.program = plan.program AND r.started = run;
    IF shared.part IS NULL OR shared.part = 1 THEN
        PERFORM tiering.tell_kept_out(plan, path);
    END IF;
    IF shared.parts IS NOT NULL THEN
        plan.present := concat_ws(' AND ', plan.present, format('tiering.is_of_part(%s, %s, %s)', plan.customer, shared.part, shared.parts));
        assignments := format('(SELECT x.xmin, x.* FROM tiering.assignments x WHERE tiering.is_of_part(x.customer, %s, %s))', shared.part, shared.parts);
    END IF;
    IF plan.spelt_freely THEN
        PERFORM tiering.follow_spellings(plan, NULL, path);
    END IF;
    IF NOT everybody THEN
        RAISE NOTICE USING MESSAGE = tiering.translated(format('customers may be hidden from you in %s: nobody is taken for gone', source));
    END IF;
    LOOP
        IF read_once THEN
            -- A view may be costly and no two readings of it need be the same: it is read once, and what was read is looked through.
            PERFORM tiering.read_source(plan, path, max_problems);
            IF EXISTS (SELECT FROM pg_temp."tiering: graded" g WHERE g.customer IS NULL) THEN
                PERFORM tiering.refuse_keys(plan.program, 'missing key', path);
            END IF;
            SELECT EXISTS (SELECT FROM pg_temp."tiering: graded" g GROUP BY g.customer HAVING count(*) > 1) INTO duplicates;
            IF duplicates THEN
                PERFORM tiering.refuse_keys(plan.program, 'duplicate key', path);
            END IF;
            graded := 'pg_temp."tiering: graded"';
        END IF;
        BEGIN
            IF begun THEN
                SELECT d.differing, CASE WHEN everybody THEN d.missing WHEN d.missing IS NOT NULL THEN '{}' END INTO differing, missing
                FROM tiering.differing_customers(plan, assignments, graded, path) d;
            END IF;
            compared := tiering.run_statement(plan, format('CREATE TEMP TABLE pg_temp."tiering: differing" AS SELECT * FROM (%s) q ORDER BY q.customer',
                CASE WHEN begun THEN tiering.grading_query(plan, false, true, graded, with_gone => everybody, state => assignments, missing => missing)
                    ELSE tiering.first_grading_query(plan, graded) END), differing, path);
            EXIT;
        EXCEPTION WHEN OTHERS THEN
            -- A table may fail for one row, too: by a policy.
            IF read_once OR NOT tiering.is_of_a_row(SQLSTATE) THEN
                RAISE;
            END IF;
            read_once := true;
        END;
    END LOOP;
    total_found := compared.n;
    IF graded IS NOT NULL THEN
        DROP TABLE pg_temp."tiering: graded";
    END IF;

    SELECT count(d.problem), count(d.refused) INTO n_problems, n_refused FROM pg_temp."tiering: differing" d;
    IF n_problems > max_problems THEN
        SELECT d.customer, d.problem ->> 'sqlstate' AS state, d.problem ->> 'message' AS message, d.problem ->> 'detail' AS detail, d.problem ->> 'hint' AS hint
        INTO problem FROM pg_temp."tiering: differing" d WHERE d.problem IS NOT NULL ORDER BY d.customer LIMIT 1;
        IF max_problems = 0 THEN
            PERFORM tiering.raise_problem(plan.program, problem.customer, problem.state, problem.message, problem.detail, problem.hint);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'data_exception',
            MESSAGE = format('%s customers of program "%s" cannot be graded', n_problems, plan.program),
            DETAIL = format('At most %s may be set aside. The first is customer "%s": %s.', max_problems, problem.customer, problem.message),
            HINT = format('SELECT * FROM tiering.check_inputs(…) tells what is wrong with the source; CALL tiering.retier(%L, max_problems => %s) goes on without them.',
                plan.program, n_problems);
    END IF;
    IF n_problems + n_refused > 0 THEN
        EXECUTE tiering.note_query(plan.program, quote_literal(run) || '::timestamptz', 'retier', 'pg_temp."tiering: differing"');
        DELETE FROM pg_temp."tiering: differing" d WHERE NOT d.differs;
        GET DIAGNOSTICS n_problems = ROW_COUNT;
        total_found := total_found - n_problems;
    END IF;
    UPDATE tiering.retier_runs r SET total = total_found, applying_since = clock_timestamp(),
        problems = (SELECT count(*) FROM tiering.run_problems q WHERE q.program = plan.program AND q.at = run)
    WHERE r.program = plan.program AND r.started = run;
    RETURN total_found;
END
$$;
COMMENT ON FUNCTION tiering.compare_run(text, timestamptz, bigint, text) IS
    'a part of retier(): sets aside the customers whose assignment differs from what it should be, in the order of their keys, notes those that cannot be '
    'graded, and returns how many differ. ERROR 23502, 23505 missing or duplicate keys in the source, 22000 more than max_problems cannot be graded';

CREATE FUNCTION tiering.apply_run(program text, run timestamptz, from_block bigint, to_block bigint, path text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    low tid := format('(%s,0)', from_block);
    high tid := format('(%s,0)', to_block);
    outcomes CONSTANT text := 'SELECT * FROM pg_temp."tiering: differing" d WHERE d.ctid >= $1 AND d.ctid < $2';
    first_customer text;
    last_customer text;
    written_since text[];
    n bigint;
    n_known bigint;
    written record;
BEGIN
    SELECT count(*), count(d.seen) INTO n, n_known FROM pg_temp."tiering: differing" d WHERE d.ctid >= low AND d.ctid < high;
    IF n = 0 THEN
        RETURN 0;
    END IF;
    IF n_known = 0 THEN
        BEGIN
            EXECUTE tiering.add_query(program, 'retier', outcomes) USING low, high;
            UPDATE tiering.retier_runs r SET done = done + n, added = added + n WHERE r.program = apply_run.program AND r.started = run;
            RETURN n;
        EXCEPTION WHEN unique_violation THEN
            NULL;  -- another session has added one of them meanwhile
        END;
    END IF;
    SELECT min(d.customer), max(d.customer) INTO first_customer, last_customer FROM pg_temp."tiering: differing" d WHERE d.ctid >= low AND d.ctid < high;
    -- Joined by the program as a column: the planner may take a program that ANALYZE has not seen for one row, and compare each row with each.
    SELECT array_agg(l.customer) FILTER (WHERE l.written_since) INTO written_since FROM (
        SELECT a.customer, a.xmin <> d.seen AS written_since FROM tiering.assignments a
        JOIN pg_temp."tiering: differing" d ON d.program = a.program AND d.customer = a.customer AND d.ctid >= low AND d.ctid < high AND d.seen IS NOT NULL
        WHERE a.customer BETWEEN first_customer AND last_customer
        ORDER BY a.customer FOR NO KEY UPDATE OF a
    ) l;
    EXECUTE tiering.write_query(program, 'retier', outcomes,
        condition => 'a.customer BETWEEN $3 AND $4') INTO written USING low, high, first_customer, last_customer;
    -- Of whom somebody has written another thing meanwhile, an override or a plan, what was compared is old: they are graded anew.
    IF written_since IS NOT NULL THEN
        PERFORM tiering.grade_customers(program, written_since, 'retier', path);
    END IF;
    UPDATE tiering.retier_runs r SET done = done + n, added = added + written.added, moved = moved + written.moved,
        updated = updated + written.updated, gone = gone + written.gone
    WHERE r.program = apply_run.program AND r.started = run;
    RETURN n;
END
$$;
COMMENT ON FUNCTION tiering.apply_run(text, timestamptz, bigint, bigint, text) IS
    'a part of retier(): writes the customers that stand in some pages of what was set aside, and returns how many';

-- Autovacuum comes when a tenth of all rows are new; until then the planner takes a program beside larger ones for one row, and views and the users' own
-- queries of current_tiers for cheap joins row by row. The key alone is quick, and leaves autovacuum what it has to do. Whoever holds the lock sees to it.
CREATE FUNCTION tiering.tell_planner(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error
AS $$
BEGIN
    IF (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'tiering.assignments'::regclass) AND NOT EXISTS (
        SELECT FROM pg_stats s WHERE s.schemaname = 'tiering' AND s.tablename = 'assignments' AND s.attname = 'program'
            AND tell_planner.program = ANY (s.most_common_vals::text::text[]))
    THEN
        ANALYZE (SKIP_LOCKED) tiering.assignments (program, customer);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.tell_planner(text) IS
    'a part of retier(): lets the planner count the customers of a program that it does not know yet, where the owner of the extension retiers';

CREATE FUNCTION tiering.end_run(program text, run timestamptz, failed_state text, message text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    ended tiering.retier_runs;
BEGIN
    IF failed_state IS NULL THEN
        PERFORM tiering.date_overrides(program, NULL);
        PERFORM tiering.keep_scores(r.program, r.as_of, r.part, r.parts) FROM tiering.retier_runs r WHERE r.program = end_run.program AND r.started = run;
    END IF;
    UPDATE tiering.retier_runs r SET finished = clock_timestamp(), message = end_run.message,
        status = CASE WHEN failed_state IS NULL THEN 'done' WHEN failed_state IN ('57014', '57P01', '57P02', '57P03') THEN 'interrupted' ELSE 'failed' END
    WHERE r.program = end_run.program AND r.started = run RETURNING r.* INTO ended;
    PERFORM tiering.drop_differing();
    IF failed_state IS NULL THEN
        RAISE NOTICE USING MESSAGE = tiering.translated(format('program "%s": %s new, %s moved, %s otherwise changed, %s gone',
            ended.program, ended.added, ended.moved, ended.updated, ended.gone));
        IF ended.added >= 100 THEN
            PERFORM tiering.tell_planner(ended.program);
        END IF;
        IF ended.problems > 0 THEN
            PERFORM tiering.warn_of_problems(ended.program, run);
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.end_run(text, timestamptz, text, text) IS 'a part of retier(): notes the end, good (failed_state NULL) or bad';

CREATE FUNCTION tiering.continue_run(program text, run timestamptz, next_block bigint, batch_size integer, path text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    differing bigint := (SELECT r.total FROM tiering.retier_runs r WHERE r.program = continue_run.program AND r.started = run);
    blocks bigint := pg_relation_size('pg_temp."tiering: differing"') / current_setting('block_size')::bigint;
    step bigint := greatest(1, blocks * coalesce(batch_size, differing) / greatest(differing, 1));
BEGIN
    IF next_block >= blocks THEN
        RETURN NULL;
    END IF;
    PERFORM tiering.apply_run(program, run, next_block, next_block + step, path);
    RETURN next_block + step;
END
$$;
COMMENT ON FUNCTION tiering.continue_run(text, timestamptz, bigint, integer, text) IS
    'a part of retier(): the next batch from a page on of what the comparison set aside, about batch_size customers; returns where to go on, NULL at the end';

CREATE FUNCTION tiering.tell_progress(program text, run timestamptz, told timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    r record;
BEGIN
    IF clock_timestamp() < told + interval '5 seconds' THEN
        RETURN told;
    END IF;
    SELECT u.* INTO r FROM tiering.runs u WHERE u.program = tell_progress.program AND u.started = run;
    RAISE NOTICE USING MESSAGE = tiering.translated(format('program "%s": %s of %s customers%s', program, r.done, coalesce(r.total::text, '?'),
        CASE WHEN r.expected_end IS NOT NULL THEN format(', %s a second, until about %s', r.rate, to_char(r.expected_end, 'HH24:MI:SS')) ELSE '' END));
    RETURN clock_timestamp();
END
$$;
COMMENT ON FUNCTION tiering.tell_progress(text, timestamptz, timestamptz) IS
    'a part of retier(): says as NOTICE how far it is, unless it was told within five seconds; returns when it was told';

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

CREATE TYPE tiering.run_failure AS (state text, message text, detail text, hint text, names tiering.error_names);
COMMENT ON TYPE tiering.run_failure IS 'the error that ended a run of retier(); all NULL if none did';
COMMENT ON COLUMN tiering.run_failure.state IS 'SQLSTATE';
COMMENT ON COLUMN tiering.run_failure.message IS 'message';
COMMENT ON COLUMN tiering.run_failure.detail IS 'detail, empty if there is none';
COMMENT ON COLUMN tiering.run_failure.hint IS 'hint, empty if there is none';
COMMENT ON COLUMN tiering.run_failure.names IS 'what the error is about';

-- A procedure that commits cannot SET search_path: it does nothing but call functions that do.
CREATE PROCEDURE tiering.run_retier(program text, run timestamptz, batch_size integer, max_problems bigint, INOUT failure tiering.run_failure)
    LANGUAGE plpgsql
AS $$
DECLARE
    path pg_catalog.text := pg_catalog.current_setting('search_path');
    compared boolean := false;
    next_block bigint := 0;
    then_block bigint;
    deadlocks integer := 0;
    told timestamptz := pg_catalog.clock_timestamp();
    failed_state pg_catalog.text;
    failed_message pg_catalog.text;
    failed_detail pg_catalog.text;
    failed_hint pg_catalog.text;
    names tiering.error_names;
BEGIN
    failure := NULL;
    -- COMMIT cannot stand inside a block that catches errors, so that each step has its own.
    LOOP
        PERFORM tiering.hold_run(program, run);
        failed_state := NULL;
        BEGIN
            IF NOT compared THEN
                PERFORM tiering.compare_run(program, run, max_problems, path);
                then_block := next_block;
            ELSE
                then_block := tiering.continue_run(program, run, next_block, batch_size, path);
                IF then_block IS NULL THEN
                    PERFORM tiering.end_run(program, run, NULL, NULL);
                END IF;
            END IF;
        EXCEPTION WHEN query_canceled OR OTHERS THEN
            GET STACKED DIAGNOSTICS failed_state = RETURNED_SQLSTATE, failed_message = MESSAGE_TEXT,
                failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT,
                names.column_name = COLUMN_NAME, names.constraint_name = CONSTRAINT_NAME, names.type_name = PG_DATATYPE_NAME,
                names.table_name = TABLE_NAME, names.schema_name = SCHEMA_NAME;
        END;
        -- Others lock several customers in orders of their own: the batch is done again.
        IF failed_state OPERATOR(pg_catalog.=) '40P01' AND deadlocks OPERATOR(pg_catalog.<) 100 THEN
            deadlocks := deadlocks OPERATOR(pg_catalog.+) 1;
            COMMIT;
            CONTINUE;
        END IF;
        IF failed_state IS NOT NULL THEN
            failure := ROW(failed_state, failed_message, failed_detail, failed_hint, names);
            PERFORM tiering.end_run(program, run, failed_state, failed_message);
        END IF;
        COMMIT;
        EXIT WHEN failed_state IS NOT NULL OR then_block IS NULL;
        compared := true;
        next_block := then_block;
        told := tiering.tell_progress(program, run, told);
    END LOOP;
END
$$;
COMMENT ON PROCEDURE tiering.run_retier(text, timestamptz, integer, bigint, tiering.run_failure) IS
    'a part of retier(): compares and writes a run that has begun, batch by batch, and says with which error it ended, if it did';

CREATE PROCEDURE tiering.retier(
    program text, as_of timestamptz DEFAULT NULL, batch_size integer DEFAULT 20000, strict boolean DEFAULT false, max_problems bigint DEFAULT 10000,
    part integer DEFAULT NULL, parts integer DEFAULT NULL
)
    LANGUAGE plpgsql
AS $$
DECLARE
    path pg_catalog.text := pg_catalog.current_setting('search_path');
    most bigint := CASE WHEN strict THEN 0 ELSE max_problems END;
    in_block boolean := false;
    run timestamptz;
    failure tiering.run_failure;
BEGIN
    BEGIN
        COMMIT;  -- never succeeds here, in a subtransaction; in a transaction block the server says so in other words
    EXCEPTION WHEN invalid_transaction_termination THEN
        in_block := SQLERRM OPERATOR(pg_catalog.=) tiering.commit_refusal();
    END;
    run := tiering.begin_run(program, as_of, batch_size, path, part, parts);
    IF in_block THEN
        RAISE NOTICE USING MESSAGE = tiering.translated('in a transaction block, retier() is one transaction: nobody sees its progress, and nothing stays if it breaks off');
        PERFORM tiering.compare_run(program, run, most, path);
        PERFORM tiering.continue_run(program, run, 0, NULL, path);
        PERFORM tiering.end_run(program, run, NULL, NULL);
        RETURN;
    END IF;
    COMMIT;
    CALL tiering.run_retier(program, run, batch_size, most, failure);
    IF failure.state IS NOT NULL THEN
        PERFORM tiering.raise_again(failure.state, failure.message, failure.detail, failure.hint, failure.names);
    END IF;
END
$$;
COMMENT ON PROCEDURE tiering.retier(text, timestamptz, integer, boolean, bigint, integer, integer) IS
    'grades all customers of a program again, and writes what changed: new tiers with history, scores, due dates, owners; customers whom the source has '
    'no more are closed. The newest version of the scheme is taken up unless one is pinned. First everybody is compared under one snapshot, then the '
    'differences are written in batches of about batch_size customers, each committed, so that little is locked; tiering.runs shows the progress. '
    'Cancelled or killed, it is simply called again. In a transaction block it is one transaction. as_of: the time as of which to grade, not in the future and '
    'not before an earlier one; default now(). A second run as of the same moment takes the place of the first: tiers_as_of() gives what the last one found. Customers that cannot be graded are set aside: they keep their tier, stand in tiering.run_problems with input, value '
    'and message, and a WARNING counts them; if they are more than max_problems (NULL: no limit), or any with strict, the run fails and nothing is written. '
    'part, parts: the customers of one part alone, so that several sessions share them: part => 1, parts => 4 in one, part => 2, parts => 4 in the next. Each has a row in tiering.runs and sets aside '
    'up to max_problems; those that run at the same time grade as of the moment of the first, by its version. '
    'ERROR 42704 unknown program, 55000 paused, 55P03 another session retiers it, or the same part, 22023 no such part, 0A000 parts where equal keys may be spelt differently, 42P01, 42703 source or column '
    'dropped, 23502, 23505 missing or duplicate keys, 22008 as_of in the future, 22000 too many cannot be graded, with strict the error of the first of them';
