-- Schemes in the formats of others: a CASE expression of SQL, decision tables of DMN, scorecards of PMML.

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

CREATE FUNCTION tiering.scheme_from_dmn(dmn text, decision text DEFAULT NULL, output text DEFAULT NULL, name text DEFAULT NULL) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_from_dmn';
COMMENT ON FUNCTION tiering.scheme_from_dmn(text, text, text, text) IS
    'the scheme that a decision table of DMN 1.1 to 1.5 says: the text of the file, of up to 16 MiB. Hit policies UNIQUE, FIRST, PRIORITY and ANY; cells are simple unary tests '
    '(S-FEEL): comparisons, intervals, lists, not(…), -, null, over numbers, texts, true and false, date("2026-01-31"). Outputs are constants: the tiers, best first as in '
    'outputValues, else as they come. Missing values are FEEL''s null: rules see them. decision: its name or id, if several have a table; output: the name of the one that is the tier, '
    'if there are several; name: that of the scheme, by default made of the decision''s. A file of scheme_to_dmn() gives the very scheme, with what somebody changed in the table since. '
    'ERROR with line and element: 2200M no XML, 0A000 what a scheme cannot say, or <!DOCTYPE>, 22023 what makes no sense, 54000 too long or more than 127 levels deep; '
    '42704 a decision or output that is not there';

CREATE FUNCTION tiering.scheme_to_dmn(scheme tiering.scheme, embed boolean DEFAULT true) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_to_dmn';
COMMENT ON FUNCTION tiering.scheme_to_dmn(tiering.scheme, boolean) IS
    'a scheme that decides by rules, bands or matrix as a decision table of DMN 1.3. embed: the whole scheme, strategies among it, stands in the file as an extension, which other tools pass over '
    'and scheme_from_dmn() reads; false leaves it out, and with it what DMN has no word for: what becomes of missing values other than null, titles in a second language, what '
    'follows from a tier. ERROR 0A000 a score, a day that moves with the as-of day, a rule that takes overlapping rows under hit policy unique; 55000 a scheme that waits for a fit';

CREATE FUNCTION tiering.scheme_from_pmml(pmml text, cuts jsonb DEFAULT NULL, name text DEFAULT NULL) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_from_pmml';
COMMENT ON FUNCTION tiering.scheme_from_pmml(text, jsonb, text) IS
    'the scheme that a scorecard of PMML 4.1 to 4.4 says: the text of the file, of up to 16 MiB. Each characteristic is over one field; its attributes are intervals, sets, missing values '
    '(SimplePredicate, SimpleSetPredicate, CompoundPredicate of and and or, True, False), of which the first that is true counts; reason codes are those of characteristics, with baselines. '
    'A missing value that no attribute takes leaves the customer ungraded, as the model is without a result; a text that none takes is not allowed. An Interval of a DataField is what check_inputs() calls plausible. '
    'cuts: from which score on which tier is, as in a scheme: ''[{"tier": "A", "gte": 500}, {"tier": "B"}]''; without it, those of the one output field that is discretized. name: that of the scheme, by default '
    'made of modelName. A file of scheme_to_pmml() gives the very scheme, with what somebody changed in the scorecard since. ERROR with line and element: 2200M no XML, 0A000 what a scheme '
    'cannot say (derived fields, computed points, reason codes of attributes, numbers of more than 12 digits after the point), or <!DOCTYPE>, 22023 what makes no sense, or no cuts, 54000 too long or more than 127 levels deep';

CREATE FUNCTION tiering.scheme_to_pmml(scheme tiering.scheme, embed boolean DEFAULT true) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_to_pmml';
COMMENT ON FUNCTION tiering.scheme_to_pmml(tiering.scheme, boolean) IS
    'a scheme that decides by a score as a scorecard of PMML 4.4: outputs are points, tier and reason codes (reason_code_1 …). Points are those after weighting. embed: the whole scheme stands in the file as '
    'an extension, which other tools pass over and scheme_from_pmml() reads; false leaves it out. ERROR 0A000 another decision, weights that are spread over what is known, reason codes beside weights or '
    'without baselines of all, a day that moves with the as-of day, an input that must be there though nothing reads it; 55000 a scheme that waits for a fit';
