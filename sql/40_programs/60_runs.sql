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
    applying_since timestamptz,
    finished timestamptz,
    message text,
    pid integer,
    started_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, started)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.retier_runs TO @extowner@ WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.retier_runs', '');
COMMENT ON TABLE tiering.retier_runs IS 'every retier(); tiering.runs shows it with rate, expected end, and whether it really runs';
COMMENT ON COLUMN tiering.retier_runs.program IS 'program';
COMMENT ON COLUMN tiering.retier_runs.started IS 'when it began';
COMMENT ON COLUMN tiering.retier_runs.as_of IS 'as of when it grades';
COMMENT ON COLUMN tiering.retier_runs.version IS 'version of the scheme that it applies';
COMMENT ON COLUMN tiering.retier_runs.status IS 'running, done, failed or interrupted; running also if the server was killed meanwhile';
COMMENT ON COLUMN tiering.retier_runs.total IS 'customers that differ; NULL while they are compared';
COMMENT ON COLUMN tiering.retier_runs.done IS 'customers of these that are behind';
COMMENT ON COLUMN tiering.retier_runs.added IS 'customers who were new';
COMMENT ON COLUMN tiering.retier_runs.moved IS 'customers who got another tier, or came back';
COMMENT ON COLUMN tiering.retier_runs.updated IS 'customers of whom something else changed: score, owner, due date, computed tier';
COMMENT ON COLUMN tiering.retier_runs.gone IS 'customers whom the source has no more';
COMMENT ON COLUMN tiering.retier_runs.applying_since IS 'when the comparison was over';
COMMENT ON COLUMN tiering.retier_runs.finished IS 'when it ended';
COMMENT ON COLUMN tiering.retier_runs.message IS 'what stopped it';
COMMENT ON COLUMN tiering.retier_runs.pid IS 'process of the session';
COMMENT ON COLUMN tiering.retier_runs.started_by IS 'which session user ran it';

CREATE FUNCTION tiering.retier_lock(program text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN hashtextextended('customer_tiering retier ' || $1, 0);
COMMENT ON FUNCTION tiering.retier_lock(text) IS 'key of the advisory lock that the retier() of a program holds';

CREATE FUNCTION tiering.retier_holder(program text) RETURNS integer
    LANGUAGE sql STABLE STRICT
BEGIN ATOMIC
    SELECT l.pid FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        AND l.classid::bigint = (tiering.retier_lock($1) >> 32) & 4294967295 AND l.objid::bigint = tiering.retier_lock($1) & 4294967295
    LIMIT 1;
END;
COMMENT ON FUNCTION tiering.retier_holder(text) IS 'process that retiers a program at the moment; NULL: none';

CREATE VIEW tiering.runs WITH (security_invoker) AS
    SELECT r.program, r.started,
        CASE WHEN r.status = 'running' AND tiering.retier_holder(r.program) IS DISTINCT FROM r.pid THEN 'interrupted' ELSE r.status END AS status,
        r.done, r.total,
        round(r.done / nullif(extract(epoch FROM coalesce(r.finished, clock_timestamp()) - r.applying_since), 0)) AS rate,
        CASE WHEN r.status = 'running' AND r.done > 0 AND tiering.retier_holder(r.program) = r.pid
            THEN r.applying_since + (clock_timestamp() - r.applying_since) * (r.total::float8 / r.done) END AS expected_end,
        r.finished, r.as_of, r.version, r.added, r.moved, r.updated, r.gone, r.message, r.pid, r.started_by
    FROM tiering.retier_runs r;
GRANT SELECT ON tiering.runs TO @extowner@ WITH GRANT OPTION;
COMMENT ON VIEW tiering.runs IS 'every retier(), those under way with their progress';
COMMENT ON COLUMN tiering.runs.program IS 'program';
COMMENT ON COLUMN tiering.runs.started IS 'when it began';
COMMENT ON COLUMN tiering.runs.status IS 'running, done, failed (by an error) or interrupted (cancelled or killed)';
COMMENT ON COLUMN tiering.runs.done IS 'customers that differed and are behind';
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

CREATE FUNCTION tiering.require_active(program text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (tiering.find_program($1)).status = 'paused' THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = format('program "%s" is paused', $1),
            HINT = format('SELECT tiering.resume_program(%L) lets it grade again.', $1);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_active(text) IS 'ERROR 42704 if there is no such program, 55000 if it is paused';
