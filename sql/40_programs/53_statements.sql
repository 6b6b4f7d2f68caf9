-- Statements that grade a few customers, kept by the session (src/statements.rs): made once for a program, planned once.

CREATE FUNCTION tiering.run_kept(statement text, plan tiering.program_plan, customers text[], assignment tiering.assignments) RETURNS record
    LANGUAGE c AS 'MODULE_PATHNAME', 'run_kept';
COMMENT ON FUNCTION tiering.run_kept(text, tiering.program_plan, text[], tiering.assignments) IS
    'runs a statement with the other arguments as $1, $2, $3, planned for all values of them when the session runs it first, and returns its first row';

CREATE FUNCTION tiering.kept_plan(name text, revision text) RETURNS tiering.program_plan
    LANGUAGE c AS 'MODULE_PATHNAME', 'kept_plan';
COMMENT ON FUNCTION tiering.kept_plan(text, text) IS 'what keep_plan() has kept under a name, if the revision is the same; NULL: nothing';

CREATE FUNCTION tiering.keep_plan(name text, revision text, plan tiering.program_plan) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'keep_plan';
COMMENT ON FUNCTION tiering.keep_plan(text, text, tiering.program_plan) IS 'keeps a plan under a name for the current user, in this session, in place of the one before';

CREATE FUNCTION tiering.row_type_revision(relation regclass) RETURNS bigint
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'row_type_revision';
COMMENT ON FUNCTION tiering.row_type_revision(regclass) IS
    'a number that changes in this session whenever the columns of a table or view may have been changed; NULL: there is no such relation';

-- cause NULL: the customer is read only, by read_one; otherwise write_few also writes, in the name of the cause.
CREATE FUNCTION tiering.plan_few(program text, cause text DEFAULT NULL) RETURNS tiering.program_plan
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_program record;
    name text := plan_few.program || coalesce(' ' || cause, '');
    plan tiering.program_plan;
BEGIN
    -- All that plan_program() reads: versions of rows, and those of the columns of the source. The due day of those never contacted is of a day.
    -- Looked up one by one: a join of so few rows takes longer to set up than to run.
    SELECT p.source, pg_catalog.concat_ws(' ', p.xmin, p.ctid, (SELECT pg_catalog.concat_ws(' ', s.xmin, s.ctid) FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = p.applied_version),
        (SELECT pg_catalog.concat_ws(' ', c.xmin, c.ctid) FROM tiering.calendars c WHERE c.calendar = coalesce(p.calendar, (SELECT d.calendar FROM tiering.defaults d))),
        (SELECT pg_catalog.concat_ws(' ', d.xmin, d.ctid) FROM tiering.defaults d), (now() AT TIME ZONE p.zone)::date,
        tiering.row_type_revision(p.source), tiering.row_type_revision('tiering.program_plan'::regclass), (SELECT t.xmin FROM pg_class t WHERE t.oid = p.source),
        md5(tiering.kept_out_condition(p.program, '')), CASE WHEN p.shares_contacts IS NOT NULL
            THEN (SELECT pg_catalog.string_agg(q.program, ' ' ORDER BY q.program) FROM tiering.programs q WHERE q.shares_contacts = p.shares_contacts) END) AS revision INTO found_program
    FROM tiering.programs p
    WHERE p.program = plan_few.program;
    IF NOT FOUND THEN
        PERFORM tiering.find_program(program);
    END IF;
    IF cause IS NOT NULL THEN
        found_program.revision := found_program.revision || ' ' || tiering.hides_rows(found_program.source);
    END IF;
    plan := tiering.kept_plan(name, found_program.revision);
    IF plan.program IS NULL THEN
        -- Now and then only: a source that is renamed or gone changes the revision.
        IF tiering.is_administrator() THEN
            PERFORM tiering.follow_source(program);
            SELECT p.source INTO found_program.source FROM tiering.programs p WHERE p.program = plan_few.program;
        END IF;
        plan := tiering.plan_program(program, now());
        IF cause IS NULL THEN
            plan.read_one := format(CASE WHEN tiering.has_unique_key(found_program.source, tiering.key_columns(program)) THEN 'SELECT o.*, 1::pg_catalog.int8 AS rows FROM (%s) o'
                ELSE 'SELECT o.*, pg_catalog.count(*) OVER () AS rows FROM (%s) o LIMIT 1' END, tiering.grading_query(plan, true, with_gone => false, only_one => true));
        ELSE
            plan.write_few := tiering.write_query(plan.program, cause,
                tiering.grading_query(plan, true, with_gone => NOT tiering.hides_rows(found_program.source)), problems_at => 'pg_catalog.now()');
        END IF;
        PERFORM tiering.keep_plan(name, found_program.revision, plan);
    END IF;
    plan.as_of := now();
    plan.latest_contact := tiering.latest_contact(plan.as_of);
    RETURN plan;
END
$$;
COMMENT ON FUNCTION tiering.plan_few(text, text) IS
    'the plan of a program for a few customers now, from what the session keeps: with the statement read_one or, if a cause (followup, automatic, retier) is given, write_few. '
    'Errors as of plan_program()';
