-- Schemes in the formats of others: a CASE expression of SQL, decision tables of DMN.

CREATE FUNCTION tiering.scheme_case(scheme tiering.scheme, columns jsonb, as_of text, refused text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_case';
COMMENT ON FUNCTION tiering.scheme_case(tiering.scheme, jsonb, text, text) IS 'scheme_to_sql() without its defaults; an input that columns leave out is quoted';

CREATE FUNCTION tiering.scheme_to_sql(scheme tiering.scheme, columns jsonb DEFAULT '{}', as_of text DEFAULT 'CURRENT_DATE', refused text DEFAULT 'NULL') RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN tiering.scheme_case($1,
        CASE WHEN jsonb_typeof($2) IS NULL OR jsonb_typeof($2) = 'object' THEN
            (SELECT jsonb_object_agg(i.input ->> 'name', quote_ident(i.input ->> 'name')) FROM jsonb_array_elements(tiering.to_jsonb($1) -> 'inputs') AS i (input)) || coalesce($2, '{}')
        ELSE $2 END,
        coalesce($3, 'CURRENT_DATE'), coalesce($4, 'NULL'));
COMMENT ON FUNCTION tiering.scheme_to_sql(tiering.scheme, jsonb, text, text) IS
    'a scheme as one CASE expression that gives the tier of a row in a database without this extension. Written is what PostgreSQL, Redshift, DuckDB, DataFusion, Trino and '
    'Databricks read alike. columns: by input, the column or expression that has its value (without an entry the column of its name), which is put in as it stands; as_of: a date '
    'such as 2026-01-31, which is worked in, or an expression of type date; refused: the expression for rows that grade() answers with an ERROR (a missing input that must be there, '
    'a value that is not allowed, a fraction of an integer, rules of hit policy unique or any that contradict each other), since portable SQL cannot raise one. Texts compare as the '
    'collation there compares; dates must be of type date; NaN and infinity, which grade() refuses, are compared as that database does. '
    'ERROR 55000 a scheme that waits for a fit, 42704 a column for an input that is not there, 22023 columns that are no object of texts or an empty expression, 0A000 a date before the year 1';
