-- Schemes in the formats of others: a CASE expression of SQL, decision tables of DMN, scorecards of PMML, tables of rules.

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

CREATE FUNCTION tiering.scheme_from_rows(document jsonb) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_from_rows';
COMMENT ON FUNCTION tiering.scheme_from_rows(jsonb) IS 'the scheme of rows that scheme_from_table() read';

CREATE FUNCTION tiering.scheme_from_table(source regclass, name text, tier text DEFAULT 'tier', rule_order text DEFAULT NULL, annotation text DEFAULT NULL,
    hit_policy text DEFAULT 'first', otherwise text DEFAULT NULL, tiers text[] DEFAULT '{}') RETURNS tiering.scheme
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    others CONSTANT text[] := array_remove(ARRAY[tier, rule_order, annotation], NULL);
    known CONSTANT text[] := ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = source AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum);
    named text;
    columns jsonb;
    cells text;
    rows jsonb;
BEGIN
    IF source IS NULL OR name IS NULL OR tier IS NULL THEN
        RETURN NULL;
    END IF;
    IF coalesce(hit_policy, '') <> ALL ('{first,unique,any,priority}') THEN
        RAISE EXCEPTION 'unknown hit policy "%"', hit_policy USING ERRCODE = 'invalid_parameter_value', HINT = 'Take first, unique, any or priority.';
    END IF;
    FOREACH named IN ARRAY others LOOP
        IF named <> ALL (known) THEN
            RAISE EXCEPTION 'table % has no column "%"', source, named USING ERRCODE = 'undefined_column', DETAIL = format('Its columns: %s.', array_to_string(known, ', ')),
                HINT = 'Say which column has the tier (tier), the order of the rules (rule_order) and why a rule is there (annotation).';
        END IF;
    END LOOP;
    IF rule_order IS NULL AND hit_policy = 'first' THEN
        RAISE EXCEPTION 'rules without an order' USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'The rows of a table have no order of their own, and hit policy "first" takes the first rule that matches.',
            HINT = 'Name the column that orders them, such as rule_order => ''line'', or take another hit policy.';
    END IF;
    -- A column of numbers, dates or booleans has values, one of text has tests.
    SELECT jsonb_agg(jsonb_build_object('name', a.attname, 'kind', k.kind) ORDER BY a.attnum),
        string_agg(format(CASE k.kind WHEN 'date' THEN '''date("'' || (to_jsonb(t.%I) #>> ''{}'') || ''")''' ELSE 't.%I::text' END, a.attname), ', ' ORDER BY a.attnum)
    INTO columns, cells
    FROM pg_attribute a
    CROSS JOIN LATERAL (SELECT CASE WHEN a.atttypid = 'boolean'::regtype THEN 'boolean' WHEN a.atttypid = 'date'::regtype THEN 'date'
        WHEN a.atttypid = ANY ('{smallint,integer,bigint}'::regtype[]) THEN 'integer' WHEN a.atttypid = ANY ('{numeric,real,double precision}'::regtype[]) THEN 'number' END AS kind) k
    WHERE a.attrelid = source AND a.attnum > 0 AND NOT a.attisdropped AND a.attname::text <> ALL (others);
    EXECUTE format('SELECT jsonb_agg(jsonb_build_object(''cells'', ARRAY[%s]::text[], ''tier'', t.%I::text, ''annotation'', %s)%s) FROM %s t',
        coalesce(cells, ''), tier, CASE WHEN annotation IS NULL THEN 'NULL::text' ELSE format('t.%I::text', annotation) END,
        CASE WHEN rule_order IS NOT NULL THEN format(' ORDER BY t.%I', rule_order) END, source)
    INTO rows;
    RETURN tiering.scheme_from_rows(jsonb_build_object('name', name, 'hit_policy', hit_policy, 'otherwise', otherwise, 'tiers', coalesce(tiers, '{}'),
        'columns', coalesce(columns, '[]'), 'rows', coalesce(rows, '[]')));
END
$$;
COMMENT ON FUNCTION tiering.scheme_from_table(regclass, text, text, text, text, text, text, text[]) IS
    'the scheme that a table or view of rules says, as it comes from a spreadsheet: a row is a rule; each column but those named here has the tests of the input of its name, as a cell of a decision table '
    '(-, >= 18, [5..10), "a", "b", not("c"), null), NULL or nothing for any value. A column of numbers, booleans or dates has values. name: that of the scheme; tier: the column of the tier; '
    'rule_order: the column by which rules are ordered; annotation: the column that says why; hit_policy: first, unique, any or priority; otherwise: the tier if no rule matches; tiers: the tiers, best '
    'first, by default as the rules name them. ERROR with row and column: 22023 a cell that is no unary test, 0A000 one that says more than a scheme can, 22004 a rule without a tier; 42703 no such '
    'column, 22023 no order for hit policy first, 54000 more than 10 000 rules';

CREATE FUNCTION tiering.scheme_rows(scheme tiering.scheme, lang text) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_rows';
COMMENT ON FUNCTION tiering.scheme_rows(tiering.scheme, text) IS 'the rows of scheme_to_table() as a jsonb array';

CREATE FUNCTION tiering.scheme_to_table(scheme tiering.scheme, lang text DEFAULT tiering.default_lang()) RETURNS TABLE (rule integer, tests jsonb, tier text, annotation text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT r.rule::integer, r.document -> 'tests', r.document ->> 'tier', r.document ->> 'annotation'
    FROM jsonb_array_elements(tiering.scheme_rows($1, coalesce($2, 'en'))) WITH ORDINALITY AS r (document, rule);
END;
COMMENT ON FUNCTION tiering.scheme_to_table(tiering.scheme, text) IS
    'a scheme that decides by rules, bands or matrix as rows, one a rule, or several where a rule takes them: tests has the cell of each input by its name, as scheme_from_table() reads it. '
    'Errors as of scheme_to_dmn(); 22023 unknown language';
