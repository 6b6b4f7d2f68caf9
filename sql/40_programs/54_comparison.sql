-- Of nearly everybody a retier changes nothing. Whom it may change is told in one pass over the source and one over the assignments (src/comparison.rs), without joining them;
-- these alone are then graded by the whole of grading_query(), which knows.

CREATE FUNCTION tiering.compare_statements(plan tiering.program_plan, assigned text, graded text, OUT differing text[], OUT missing text[]) RETURNS record
    LANGUAGE c AS 'MODULE_PATHNAME', 'compare_statements';
COMMENT ON FUNCTION tiering.compare_statements(tiering.program_plan, text, text) IS
    'compares the rows of two statements, of which $1 is the plan, by their first column: differing: whose row in graded differs from that in assigned, or who has none there; missing: who has none in graded. '
    'assigned: key, whether gone, whether the rest of the assignment stays as it is, last contact, last contact that is known without the source, and columns that are compared; '
    'graded: key, whether the row can be used, last contact, and the same columns. NULL: more than an eighth of them differ, more memory than maintenance_work_mem is needed, or a key is NULL';

CREATE FUNCTION tiering.assigned_query(plan tiering.program_plan, state text) RETURNS text
    LANGUAGE sql STABLE
    RETURN format($query$
SELECT a.customer, a.gone_since IS NOT NULL AS gone, %s AS stays, a.last_followup, %s AS known, a.tier, a.score, a.owner, a.group_key, a.label
FROM %s a WHERE a.program = ($1).program$query$,
        tiering.with_names(tiering.stays_expression(plan), 'a.rank', 'a.since', 'a.last_followup', 'a.override_until', 'a.customer', ''),
        tiering.contact_expression(plan, 'a.last_logged', 'a.customer', 'a.group_key'), state);
COMMENT ON FUNCTION tiering.assigned_query(tiering.program_plan, text) IS 'a part of differing_customers(): the assignments of a program as compare_statements() wants them; $1 is the plan. state: of grading_query()';

CREATE FUNCTION tiering.differing_customers(plan tiering.program_plan, state text, graded text, path text, OUT differing text[], OUT missing text[]) RETURNS record
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    answer record;
BEGIN
    -- Where the day of joining counts, what an assignment should be depends on the row of the source.
    IF plan.joined IS NOT NULL THEN
        RETURN;
    END IF;
    answer := tiering.run_statement(plan, format('SELECT c.differing, c.missing FROM tiering.compare_statements($1, %L, %L) c', tiering.assigned_query(plan, state), format(
        -- Whose key is too long is named otherwise than in the source, where it could not be looked for.
        'SELECT CASE WHEN g.problem ->> ''sqlstate'' = ''54000'' THEN NULL ELSE g.customer END, g.problem IS NULL AND g.refused IS NULL, g.contact, '
        'g.computed_tier, g.score, g.owner, g.group_key, g.label FROM (%s) g', coalesce('SELECT * FROM ' || graded, tiering.source_query(plan, false)))), NULL, path);
    differing := answer.differing;
    missing := answer.missing;
EXCEPTION WHEN OTHERS THEN
    NULL;  -- told by who compares everybody
END
$$;
COMMENT ON FUNCTION tiering.differing_customers(tiering.program_plan, text, text, text) IS
    'a part of retier(): the customers of the source whose assignment may have to be another (differing), and those whom the source has no more (missing); NULL: too many of them, or it cannot be told: '
    'everybody is to be compared. state, graded: those of grading_query(); path: search_path under which the source is read';
