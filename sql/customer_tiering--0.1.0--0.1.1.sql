-- From 0.1.0 to 0.1.1. CONTRIBUTING.md, "Change what is released", says what stands here.
\echo Use "ALTER EXTENSION customer_tiering UPDATE" to load this file. \quit

-- Fits and populations of other servers, in one argument.

CREATE FUNCTION tiering.fit_final(part tiering.fitting, scheme tiering.scheme) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_finish';
COMMENT ON FUNCTION tiering.fit_final(tiering.fitting) IS 'final function of aggregate fit, and what makes a scheme of parts that hold theirs: that with the cut points of this pass. Errors as of fit()';
COMMENT ON FUNCTION tiering.fit_final(tiering.fitting, tiering.scheme) IS
    'a scheme with the cut points of this pass, of parts of its readings. Errors as of fit(), and 22023 parts of another scheme';
CREATE FUNCTION tiering.population_final(part tiering.headcount, scheme tiering.scheme) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'population_finish';
COMMENT ON FUNCTION tiering.population_final(tiering.headcount) IS 'final function of aggregate population, and what makes jsonb of parts that hold their scheme: the counts by bin and tier';
COMMENT ON FUNCTION tiering.population_final(tiering.headcount, tiering.scheme) IS
    'the counts by bin and tier, as jsonb, of parts of readings of a scheme. ERROR 22023 parts of another scheme, 55000 as population()';
CREATE FUNCTION tiering.fit_reading(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS bytea
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_reading';
CREATE FUNCTION tiering.population_reading(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS bytea
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'population_reading';
COMMENT ON FUNCTION tiering.fit_reading(tiering.scheme, timestamptz, "any") IS
    'the values of a customer to which the next pass fits a scheme, or what is wrong with one: (scheme, as_of, inputs…), the inputs as for grade(). fit_part() gathers it. NULL without scheme or '
    'as_of. Errors as of fit(), but for values';
COMMENT ON FUNCTION tiering.population_reading(tiering.scheme, timestamptz, "any") IS
    'the bins and the tier of a customer, or why it cannot be graded: (scheme, as_of, inputs…), the inputs as for grade(). population_part() gathers it. NULL without scheme or as_of. '
    'Errors as of population(), but for values';

CREATE FUNCTION tiering.fit_add(tiering.fitting, reading bytea) RETURNS tiering.fitting
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_add_reading';
CREATE FUNCTION tiering.population_add(tiering.headcount, reading bytea) RETURNS tiering.headcount
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'population_add_reading';
COMMENT ON FUNCTION tiering.fit_add(tiering.fitting, bytea) IS 'transition of aggregate fit_part';
COMMENT ON FUNCTION tiering.population_add(tiering.headcount, bytea) IS 'transition of aggregate population_part';

CREATE AGGREGATE tiering.fit_part (reading bytea) (
    SFUNC = tiering.fit_add, STYPE = tiering.fitting, SSPACE = 1048576, FINALFUNC = tiering.fitting_final, COMBINEFUNC = tiering.fitting_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.fit_part (bytea) IS
    'a part of fit(), which another server can compute, of what tiering.fit_reading(scheme, as_of, inputs…) has made of each customer. rollup() merges parts, fit_final(part, scheme) makes the '
    'scheme of them. Customers are set aside as by fit(); NULLs are ignored. ERROR 22P03 bytes that are no reading, 22023 readings of different schemes';
CREATE AGGREGATE tiering.population_part (reading bytea) (
    SFUNC = tiering.population_add, STYPE = tiering.headcount, FINALFUNC = tiering.headcount_final, COMBINEFUNC = tiering.headcount_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.population_part (bytea) IS
    'a part of population(), which another server can compute, of what tiering.population_reading(scheme, as_of, inputs…) has made of each customer. rollup() merges parts, '
    'population_final(part, scheme) counts them. Customers are set aside as by population(); NULLs are ignored. ERROR 22P03 bytes that are no reading, 22023 readings of different schemes';

REVOKE EXECUTE ON FUNCTION tiering.fit_add(tiering.fitting, bytea), tiering.population_add(tiering.headcount, bytea) FROM PUBLIC;

COMMENT ON FUNCTION tiering.reading(tiering.scheme, "any") IS
    'the inputs of a customer as a scheme reads them, or what is wrong with one: (scheme, inputs…), the inputs as for grade(). Parts of outcomes and grade() take it '
    'instead of the inputs; for a fit and a population fit_reading() and population_reading() take less time on Citus. NULL for a NULL row. Errors as of grade(), but for values';

COMMENT ON AGGREGATE tiering.fit_part (tiering.scheme, timestamptz, bytea) IS
    'superseded by fit_part(fit_reading(…)), which does not pass the scheme with each customer. A part of fit(), which another server can compute: (scheme, as_of, reading), with tiering.reading(scheme, inputs…). rollup() merges parts, fit_final() makes the scheme of '
    'them. Customers are set aside as by fit(). ERROR 22P03 bytes that are no reading of the scheme';
COMMENT ON AGGREGATE tiering.population_part (tiering.scheme, timestamptz, bytea) IS
    'superseded by population_part(population_reading(…)), which does not pass the scheme with each customer. A part of population(), which another server can compute: (scheme, as_of, reading), with tiering.reading(scheme, inputs…). rollup() merges parts, population_final() counts '
    'them. Customers are set aside as by population(). ERROR 22P03 bytes that are no reading of the scheme, 55000 for an unfitted scheme';
CREATE OR REPLACE FUNCTION tiering.over_source(document tiering.scheme, source regclass, mapping jsonb, aggregate text, arguments text DEFAULT '', condition text DEFAULT '') RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN (SELECT format(CASE WHEN x.shard IS NOT NULL THEN 'SELECT tiering.%1$I(tiering.rollup(p.part)%10$s), pg_catalog.sum(p.n)::pg_catalog.int8 FROM ('
                'SELECT tiering.%2$I(%9$s) AS part, pg_catalog.count(*) AS n FROM %4$s s%7$s GROUP BY s.%5$I) p'
            WHEN x.elsewhere IS NOT NULL THEN 'SELECT tiering.%1$I(tiering.%2$I(%9$s)%10$s), pg_catalog.count(*) FROM %4$s s%7$s'
            -- where all rows are here, nobody has to write readings for others
            ELSE 'SELECT tiering.%8$I($1, $2, %6$s%3$s), pg_catalog.count(*) FROM %4$s s%7$s' END,
            aggregate || '_final', aggregate || '_part', x.inputs, source, x.shard, arguments, CASE WHEN condition <> '' THEN format(' WHERE %s', condition) END, aggregate,
            -- Outcomes are gathered with the scheme beside the reading.
            format(CASE WHEN arguments = '' THEN 'tiering.%1$I($1, $2, %2$s)' ELSE '$1, $2, %3$stiering.reading($1, %2$s)' END, aggregate || '_reading', x.inputs, arguments),
            CASE WHEN arguments = '' THEN ', $1' END)
        FROM (SELECT tiering.shard_column(source) AS shard, tiering.rows_elsewhere(source) AS elsewhere,
            (SELECT string_agg(tiering.input_expression(format('s.%I', c.column_name), c.type, c.words), ', ') FROM tiering.input_columns(document, source, mapping) c) AS inputs) x);
