-- All programs one after the other, as a scheduler wants it: one call, and one failure stops only its own program.

CREATE FUNCTION tiering.raise_failures(failed text[], failures tiering.run_failure[], total integer) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = failures[1].state, MESSAGE = format('%s of %s programs could not be graded', cardinality(failed), total),
        DETAIL = (SELECT string_agg(format('"%s": %s', failed[n], tiering.translated(failures[n].message)), chr(10) ORDER BY n) FROM generate_subscripts(failed, 1) AS n),
        HINT = format('%sCALL tiering.retier(%L) says more of the first.', CASE WHEN cardinality(failed) < total THEN 'The others are graded. ' ELSE '' END, failed[1]);
END
$$;
COMMENT ON FUNCTION tiering.raise_failures(text[], tiering.run_failure[], integer) IS
    'the ERROR with which retier_all() ends when some programs could not be graded, with the SQLSTATE of the first';

CREATE FUNCTION tiering.refuse_block(procedure text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE = format('%s cannot run inside a transaction block', procedure),
        DETAIL = 'It commits what it has done of each program.',
        HINT = 'End the transaction first, by COMMIT or ROLLBACK; or CALL tiering.retier(…) for each program, which can be part of a transaction.';
END
$$;
COMMENT ON FUNCTION tiering.refuse_block(text) IS 'ERROR 25001: a procedure that commits was called where it cannot';

CREATE PROCEDURE tiering.retier_all(as_of timestamptz DEFAULT NULL, batch_size integer DEFAULT 20000, max_problems bigint DEFAULT 10000)
    LANGUAGE plpgsql
AS $$
DECLARE
    path pg_catalog.text := pg_catalog.current_setting('search_path');
    in_block boolean := false;
    programs pg_catalog.text[];
    program pg_catalog.text;
    run timestamptz;
    failure tiering.run_failure;
    failed pg_catalog.text[] := '{}';
    failures tiering.run_failure[] := '{}';
BEGIN
    BEGIN
        COMMIT;  -- as in retier()
    EXCEPTION WHEN invalid_transaction_termination THEN
        in_block := SQLERRM OPERATOR(pg_catalog.=) tiering.commit_refusal();
    END;
    IF in_block THEN
        PERFORM tiering.refuse_block('tiering.retier_all()');
    END IF;
    programs := ARRAY(SELECT p.program FROM tiering.programs p WHERE p.status OPERATOR(pg_catalog.=) 'active' ORDER BY p.program);
    COMMIT;
    FOREACH program IN ARRAY programs LOOP
        failure := NULL;
        BEGIN
            run := tiering.begin_run(program, as_of, batch_size, path);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS failure.state = RETURNED_SQLSTATE, failure.message = MESSAGE_TEXT;
        END;
        COMMIT;
        IF failure.state IS NULL THEN
            CALL tiering.run_retier(program, run, batch_size, max_problems, failure);
        END IF;
        IF failure.state IS NOT NULL THEN
            -- A session that is to end does not go on with the next.
            IF failure.state OPERATOR(pg_catalog.=) ANY ('{57014,57P01,57P02,57P03}'::pg_catalog.text[]) THEN
                PERFORM tiering.raise_again(failure.state, failure.message, failure.detail, failure.hint, failure.names);
            END IF;
            failed := pg_catalog.array_append(failed, program);
            failures := pg_catalog.array_append(failures, failure);
            RAISE WARNING USING MESSAGE = tiering.translated(pg_catalog.format('program "%s" could not be graded: %s', program, failure.message));
        END IF;
    END LOOP;
    IF pg_catalog.cardinality(failed) OPERATOR(pg_catalog.>) 0 THEN
        PERFORM tiering.raise_failures(failed, failures, pg_catalog.cardinality(programs));
    END IF;
END
$$;
COMMENT ON PROCEDURE tiering.retier_all(timestamptz, integer, bigint) IS
    'retier() of all programs that are active, in the order of their names, for a scheduler such as pg_cron: SELECT cron.schedule(''tiers'', ''0 2 * * *'', ''CALL tiering.retier_all()''). '
    'Each program is committed by itself; one that fails is named in a WARNING and does not stop the others. At the end, if some failed, an ERROR names all of them, with the SQLSTATE '
    'of the first, so that the scheduler notes it; what was graded stays. as_of, batch_size, max_problems: as in retier(). ERROR 25001 inside a transaction block, 57014 cancelled';
