-- Runs of retier(): what they compared, how far they are, how they ended.

CREATE TABLE tiering.retier_runs (
    program text COLLATE "C" NOT NULL,
    started timestamptz NOT NULL,
    as_of timestamptz NOT NULL,
    version integer NOT NULL,
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
    total bigint,
    done bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    moved bigint NOT NULL DEFAULT 0,
    updated bigint NOT NULL DEFAULT 0,
    gone bigint NOT NULL DEFAULT 0,
    problems bigint NOT NULL DEFAULT 0,
    applying_since timestamptz,
    finished timestamptz,
    message text,
    pid integer,
    started_by text NOT NULL DEFAULT session_user,
    part integer,
    parts integer,
    PRIMARY KEY (program, started),
    CHECK (part IS NULL AND parts IS NULL OR part IS NOT NULL AND part BETWEEN 1 AND parts)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.retier_runs TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.retier_runs', '');
COMMENT ON TABLE tiering.retier_runs IS 'every retier(); tiering.runs shows it with rate, expected end, and whether it really runs';
COMMENT ON COLUMN tiering.retier_runs.program IS 'program';
COMMENT ON COLUMN tiering.retier_runs.started IS 'when it began';
COMMENT ON COLUMN tiering.retier_runs.as_of IS 'as of when it grades';
COMMENT ON COLUMN tiering.retier_runs.version IS 'version of the scheme that it applies';
COMMENT ON COLUMN tiering.retier_runs.status IS 'running, done, failed or interrupted; running also if the server was killed meanwhile';
COMMENT ON COLUMN tiering.retier_runs.total IS 'customers that differ; NULL while they are compared';
COMMENT ON COLUMN tiering.retier_runs.done IS 'customers of these that have been written';
COMMENT ON COLUMN tiering.retier_runs.added IS 'customers who were new';
COMMENT ON COLUMN tiering.retier_runs.moved IS 'customers who got another tier, or came back';
COMMENT ON COLUMN tiering.retier_runs.updated IS 'customers of whom something else changed: score, owner, due date, computed tier';
COMMENT ON COLUMN tiering.retier_runs.gone IS 'customers whom the source has no more';
COMMENT ON COLUMN tiering.retier_runs.problems IS 'values that could not be used; tiering.run_problems lists them';
COMMENT ON COLUMN tiering.retier_runs.applying_since IS 'when the comparison was over';
COMMENT ON COLUMN tiering.retier_runs.finished IS 'when it ended';
COMMENT ON COLUMN tiering.retier_runs.message IS 'what stopped it';
COMMENT ON COLUMN tiering.retier_runs.pid IS 'process of the session';
COMMENT ON COLUMN tiering.retier_runs.started_by IS 'which session user ran it';
COMMENT ON COLUMN tiering.retier_runs.part IS 'which part of the customers it graded; NULL: all of them';
COMMENT ON COLUMN tiering.retier_runs.parts IS 'in how many parts the customers are divided; NULL: in none';

-- A run that is under way holds the lock of its row in tiering.retier_runs, which needs the right to change that table, and loses it
-- with its transaction, however that ends: what is marked as running and not locked is over.
CREATE FUNCTION tiering.retier_holder(program text, started timestamptz) RETURNS integer
    LANGUAGE sql VOLATILE STRICT
BEGIN ATOMIC
    SELECT l.pid FROM tiering.retier_runs r
    JOIN pg_locks l ON l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock' AND l.transactionid = r.xmax
    WHERE r.program = retier_holder.program AND r.started = retier_holder.started
    LIMIT 1;
END;
COMMENT ON FUNCTION tiering.retier_holder(text, timestamptz) IS 'process that holds a run of retier() at the moment; NULL: none, it is over';

CREATE FUNCTION tiering.refuse_busy(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    other record;
BEGIN
    SELECT r.started, r.done, r.total, tiering.retier_holder(r.program, r.started) AS pid INTO other
    FROM tiering.retier_runs r WHERE r.program = refuse_busy.program AND r.status = 'running' ORDER BY r.started DESC LIMIT 1;
    IF other.pid IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('program "%s" is being retiered by another session', program),
            DETAIL = format('Process %s began at %s and has done %s of %s customers.', other.pid, other.started, other.done,
                coalesce(other.total::text, 'still unknown')),
            HINT = format('Wait until it ends (SELECT * FROM tiering.runs), or stop it: SELECT pg_cancel_backend(%s).', other.pid);
    END IF;
    SELECT l.pid INTO other FROM tiering.programs p
    JOIN pg_locks l ON l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock' AND l.transactionid = p.xmax
    WHERE p.program = refuse_busy.program LIMIT 1;
    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('program "%s" is being retiered by another session', program),
        DETAIL = format('A transaction that is not committed yet%s retiers or changes it.', ' of process ' || other.pid),
        HINT = coalesce('Wait until it ends, or end its session: SELECT pg_terminate_backend(' || other.pid || ').', 'Wait until it ends.');
END
$$;
COMMENT ON FUNCTION tiering.refuse_busy(text) IS 'ERROR 55P03: another session retiers the program, which it names';

-- coalesce: a row without a key belongs to the first part, which refuses it; and the planner takes a condition of this kind for one that half of the rows fulfil.
CREATE FUNCTION tiering.is_of_part(customer text, part integer, parts integer) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce((hashtextextended(customer COLLATE "C", 0) & 9223372036854775807) % parts = part - 1, part = 1);
COMMENT ON FUNCTION tiering.is_of_part(text, integer, integer) IS 'whether a customer belongs to a part of all, of so many that are about as large';

CREATE FUNCTION tiering.lock_program(program text, part integer DEFAULT NULL, parts integer DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    other record;
    granted boolean;
BEGIN
    -- Parts begin at the same time, each within moments.
    FOR attempt IN 1 .. CASE WHEN lock_program.parts IS NULL THEN 1 ELSE 100 END LOOP
        granted := true;
        BEGIN
            PERFORM FROM tiering.programs p WHERE p.program = lock_program.program FOR NO KEY UPDATE NOWAIT;
        EXCEPTION WHEN lock_not_available THEN
            granted := false;
        END;
        EXIT WHEN granted;
        PERFORM pg_sleep(CASE WHEN lock_program.parts IS NULL THEN 0 ELSE 0.05 END);
    END LOOP;
    IF NOT granted THEN
        PERFORM tiering.refuse_busy(program);
    END IF;
    FOR other IN
        SELECT r.started, r.parts = lock_program.parts AND r.part <> lock_program.part AS beside FROM tiering.retier_runs r
        WHERE r.program = lock_program.program AND r.status = 'running' ORDER BY r.started DESC
    LOOP
        -- Between two of its transactions a run holds no lock for a moment.
        FOR attempt IN 1..3 LOOP
            granted := (tiering.retier_holder(program, other.started) <> pg_backend_pid()) IS NOT TRUE;
            EXIT WHEN NOT granted;
            PERFORM pg_sleep(0.02);
        END LOOP;
        IF granted THEN
            PERFORM FROM tiering.retier_runs r WHERE r.program = lock_program.program AND r.started = other.started FOR NO KEY UPDATE SKIP LOCKED;
            granted := FOUND;
        END IF;
        IF granted THEN
            UPDATE tiering.retier_runs r SET status = 'interrupted', finished = clock_timestamp()
            WHERE r.program = lock_program.program AND r.started = other.started AND r.status = 'running';
        ELSIF other.beside IS NOT TRUE THEN
            PERFORM tiering.refuse_busy(program);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.lock_program(text, integer, integer) IS
    'keeps others from retiering a program until the end of the transaction, and marks runs that broke off. part, parts: other parts, of as many, may be under way. Needs the right to '
    'change programs. ERROR 55P03 it is being retiered';

CREATE FUNCTION tiering.hold_run(program text, started timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_status text;
BEGIN
    SELECT r.status INTO found_status FROM tiering.retier_runs r
    WHERE r.program = hold_run.program AND r.started = hold_run.started FOR NO KEY UPDATE;
    IF found_status IS DISTINCT FROM 'running' THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('this retier() of program "%s" was given up by another session', program),
            DETAIL = 'It looked as if its session was gone.',
            HINT = 'SELECT * FROM tiering.runs shows which run has taken its place.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.hold_run(text, timestamptz) IS 'locks the row of a run until the end of the transaction; ERROR 55000 if another session has marked it as over';

CREATE VIEW tiering.runs WITH (security_invoker) AS
    SELECT r.program, r.started,
        CASE WHEN r.status = 'running' AND tiering.retier_holder(r.program, r.started) IS NULL THEN 'interrupted' ELSE r.status END AS status,
        r.done, r.total,
        round(r.done / nullif(extract(epoch FROM coalesce(r.finished, clock_timestamp()) - r.applying_since), 0)) AS rate,
        CASE WHEN r.status = 'running' AND r.done > 0 AND tiering.retier_holder(r.program, r.started) IS NOT NULL
            THEN r.applying_since + (clock_timestamp() - r.applying_since) * (r.total::float8 / r.done) END AS expected_end,
        r.finished, r.as_of, r.version, r.added, r.moved, r.updated, r.gone, r.message, r.pid, r.started_by, r.problems, r.part, r.parts
    FROM tiering.retier_runs r;
GRANT SELECT ON tiering.runs TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.runs IS 'every retier(), those under way with their progress';
COMMENT ON COLUMN tiering.runs.program IS 'program';
COMMENT ON COLUMN tiering.runs.started IS 'when it began';
COMMENT ON COLUMN tiering.runs.status IS 'running, done, failed (by an error) or interrupted (cancelled or killed)';
COMMENT ON COLUMN tiering.runs.done IS 'customers that differed and have been written';
COMMENT ON COLUMN tiering.runs.total IS 'customers that differ; NULL while they are compared';
COMMENT ON COLUMN tiering.runs.rate IS 'customers a second';
COMMENT ON COLUMN tiering.runs.expected_end IS 'when it will end at this rate';
COMMENT ON COLUMN tiering.runs.finished IS 'when it ended';
COMMENT ON COLUMN tiering.runs.as_of IS 'as of when it grades';
COMMENT ON COLUMN tiering.runs.version IS 'version of the scheme that it applies';
COMMENT ON COLUMN tiering.runs.added IS 'customers who were new';
COMMENT ON COLUMN tiering.runs.moved IS 'customers who got another tier, or came back';
COMMENT ON COLUMN tiering.runs.updated IS 'customers of whom something else changed: score, owner, due date, computed tier';
COMMENT ON COLUMN tiering.runs.gone IS 'customers whom the source has no more';
COMMENT ON COLUMN tiering.runs.message IS 'what stopped it';
COMMENT ON COLUMN tiering.runs.pid IS 'process of the session';
COMMENT ON COLUMN tiering.runs.started_by IS 'which session user ran it';
COMMENT ON COLUMN tiering.runs.problems IS 'values that could not be used; tiering.run_problems lists them';
COMMENT ON COLUMN tiering.runs.part IS 'which part of the customers it graded; NULL: all of them';
COMMENT ON COLUMN tiering.runs.parts IS 'in how many parts the customers are divided; NULL: in none';

CREATE FUNCTION tiering.require_active(program text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (tiering.find_program(program)).status = 'paused' THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = format('program "%s" is paused', program),
            HINT = format('SELECT tiering.resume_program(%L) lets it grade again.', program);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_active(text) IS 'ERROR 42704 if there is no such program, 55000 if it is paused';
