-- What came of the customers of a program, by the tier that they had before.

CREATE FUNCTION tiering.program_outcomes(program text, source regclass, key_column name, outcome text, as_of timestamptz, within text DEFAULT NULL,
        path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (tier text, rank integer, customers bigint, events bigint, rate numeric, without_outcome bigint)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs;
    zone text;
    customer record;
    query text;
    failed_detail text;
    failed_hint text;
BEGIN
    IF program_outcomes.program IS NULL OR program_outcomes.source IS NULL OR program_outcomes.key_column IS NULL OR program_outcomes.outcome IS NULL OR program_outcomes.as_of IS NULL THEN
        RETURN;
    END IF;
    p := tiering.find_program(program_outcomes.program);
    zone := coalesce(p.timezone, tiering.to_jsonb(tiering.current_scheme(p.scheme)) ->> 'timezone', tiering.default_timezone());
    PERFORM tiering.require_column(program_outcomes.source, program_outcomes.key_column, 'Name the column that identifies the customer.');
    customer := tiering.customer_read(p.program, program_outcomes.source, program_outcomes.key_column, 's');
    -- A full join is never done row by row, whatever the planner takes the number of rows for.
    query := format(
        'SELECT t.tier, t.rank, pg_catalog.count(o.outcome), pg_catalog.count(*) FILTER (WHERE o.outcome), '
        '    pg_catalog.round(pg_catalog.avg(o.outcome::pg_catalog.int4), 6), pg_catalog.count(o.customer) - pg_catalog.count(o.outcome) '
        'FROM tiering.tiers t LEFT JOIN (SELECT h.tier, o.customer, o.outcome '
        '    FROM (SELECT a.customer, a.tier FROM tiering.assignment_history a WHERE a.program = $1 AND a.valid @> $2) h '
        '    FULL JOIN (SELECT %s AS customer, %s AS outcome FROM %s s%s) o ON o.customer = h.customer OFFSET 0) o ON o.tier = t.tier '
        'WHERE t.scheme = $3 GROUP BY t.tier, t.rank ORDER BY t.rank',
        customer.key,
        tiering.outcome_expression(zone, program_outcomes.source, program_outcomes.outcome, program_outcomes.as_of, program_outcomes.within), program_outcomes.source, customer.joined);
    PERFORM set_config('search_path', tiering.source_path(path), true);
    RETURN QUERY EXECUTE query USING p.program, program_outcomes.as_of, p.scheme;
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_reading(program_outcomes.source::text, ARRAY[program_outcomes.key_column::text, program_outcomes.outcome], program_outcomes.key_column::text, NULL, path,
            SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.program_outcomes(text, regclass, name, text, timestamptz, text, text) IS
    'what came of the customers of a program, by the tier that they had at a time, the start of the period: how many, how many of them had the outcome, the rate, and of how many it is not known. source has '
    'one row for each customer with the key and the outcome, as for fit_scorecard(): true or false, 1 or 0, or with within a day, true if it lies so long after as_of. NULL where there is nobody. '
    'ERROR 42704 unknown program, 42703 no such column, 42804 an outcome of another type, 22023 a window that is not over';
