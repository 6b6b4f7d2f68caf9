-- From an existing table to a scheme: which columns serve, and what is wrong with what they hold.

-- A text that is read as the type of the input that it is given for, as a quoted literal is: what a map of values makes of a column. Stored as text is.
CREATE TYPE tiering.word;
CREATE FUNCTION tiering.word_in(cstring) RETURNS tiering.word LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textin';
CREATE FUNCTION tiering.word_out(tiering.word) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
CREATE FUNCTION tiering.word_recv(internal) RETURNS tiering.word LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'textrecv';
CREATE FUNCTION tiering.word_send(tiering.word) RETURNS bytea LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'textsend';
CREATE TYPE tiering.word (INPUT = tiering.word_in, OUTPUT = tiering.word_out, RECEIVE = tiering.word_recv, SEND = tiering.word_send, LIKE = text, CATEGORY = 'S');
CREATE CAST (text AS tiering.word) WITHOUT FUNCTION;
CREATE CAST (tiering.word AS text) WITHOUT FUNCTION;
COMMENT ON TYPE tiering.word IS 'text that is read as the type of the input that it is given for: 5 as a number, true as a boolean, 2026-01-31 as a date';
COMMENT ON FUNCTION tiering.word_in(cstring) IS 'input of type word';
COMMENT ON FUNCTION tiering.word_out(tiering.word) IS 'output of type word';
COMMENT ON FUNCTION tiering.word_recv(internal) IS 'binary input of type word';
COMMENT ON FUNCTION tiering.word_send(tiering.word) IS 'binary output of type word';

-- The column of an input is named by a string, or by an object {"column": …, "values": {"word of the column": value of the input, …}}.
CREATE FUNCTION tiering.input_column(entry jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE jsonb_typeof(entry) WHEN 'object' THEN entry ->> 'column' ELSE entry #>> '{}' END;
COMMENT ON FUNCTION tiering.input_column(jsonb) IS 'the column that an entry of inputs names';

CREATE FUNCTION tiering.input_words(entry jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE jsonb_typeof(entry) WHEN 'object' THEN coalesce(entry -> 'values', '{}') END;
COMMENT ON FUNCTION tiering.input_words(jsonb) IS 'the values of the input, by the words of the column, that an entry of inputs gives; NULL: none, the column is read as it is';

CREATE FUNCTION tiering.input_expression(column_read text, type regtype, words jsonb) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN words IS NULL THEN column_read ELSE (
        SELECT format('(%s)::tiering.word', CASE WHEN words = '{}' THEN k.key ELSE (
            SELECT format('CASE %s %s ELSE %s END', k.key, string_agg(format('WHEN %L THEN %L', w.key, w.value), ' ' ORDER BY w.key), k.key)
            FROM jsonb_each_text(words) AS w) END)
        FROM (SELECT tiering.key_expression(column_read, type)) AS k (key)) END;
COMMENT ON FUNCTION tiering.input_expression(text, regtype, jsonb) IS
    'the SQL expression of an input, made of that of its column, the type of that and a map of values: a word that the map has not passes through, for grading to judge';

CREATE FUNCTION tiering.require_inputs(inputs jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    i record;
BEGIN
    IF jsonb_typeof(inputs) <> 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'inputs is not a jsonb object',
            HINT = 'Pass the columns by input, such as {"annual_value": "turnover"}.';
    END IF;
    SELECT e.key, e.value INTO i FROM jsonb_each(inputs) AS e
    WHERE jsonb_typeof(e.value) <> 'string' AND (jsonb_typeof(e.value) <> 'object' OR jsonb_typeof(e.value -> 'column') IS DISTINCT FROM 'string'
        OR e.value - '{column,values}'::text[] <> '{}') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no column for input "%s"', i.value, i.key),
            HINT = format('Pass the name of a column: {"%s": "column"}; or with the values that its words stand for: {"%s": {"column": "column", "values": {"word": "value"}}}.', i.key, i.key);
    END IF;
    SELECT e.key, e.value -> 'values' AS value INTO i FROM jsonb_each(inputs) AS e
    WHERE jsonb_typeof(e.value -> 'values') <> 'object' OR jsonb_path_exists(e.value -> 'values', 'strict $.* ? (@.type() == "object" || @.type() == "array")') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no map of values for input "%s"', i.value, i.key),
            HINT = 'Pass a jsonb object with the value of the input for each word of the column: a text, a number, true or false, or null for missing: {"yes": true}.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_inputs(jsonb) IS 'ERROR 22023 unless each input has the name of a column, or an object of that and a map of values';

CREATE FUNCTION tiering.require_words(document tiering.scheme, input text, words jsonb) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    bad record;
BEGIN
    SELECT w.key, w.value, tiering.input_problem(document, input, w.value::tiering.word) AS problem INTO bad
    FROM jsonb_each_text(words) AS w
    WHERE w.value IS NOT NULL AND tiering.input_problem(document, input, w.value::tiering.word) IS NOT NULL ORDER BY w.key LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('"%s" cannot stand for "%s" of input "%s"', bad.key, bad.value, input),
            DETAIL = bad.problem,
            HINT = format('Give values that the input takes: {"%s": {"column": "column", "values": {"%s": value}}}; null stands for a missing one.', input, bad.key)
                || coalesce(' What they are called will do, too: ' || (SELECT string_agg(t.title, ', ' ORDER BY t.title COLLATE "C")
                    FROM (SELECT k.title FROM jsonb_object_keys(tiering.value_proposals(document, input, NULL)) AS k (title) ORDER BY k.title COLLATE "C" LIMIT 20) AS t) || '.', '');
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_words(tiering.scheme, text, jsonb) IS 'ERROR 22023 if a map has a value that the input does not take; DETAIL: those that it takes';

CREATE FUNCTION tiering.source_columns(source regclass)
    RETURNS TABLE (column_name text, type regtype, number smallint)
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    -- A domain may be over a domain.
    WITH RECURSIVE typed AS (
        SELECT a.attname, a.attnum, a.atttypid AS type
        FROM pg_attribute a
        WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT d.attname, d.attnum, t.typbasetype
        FROM typed d
        JOIN pg_type t ON t.oid = d.type AND t.typtype = 'd'
    )
    SELECT d.attname::text, d.type::regtype, d.attnum
    FROM typed d
    JOIN pg_type t ON t.oid = d.type AND t.typtype <> 'd';
END;
COMMENT ON FUNCTION tiering.source_columns(regclass) IS 'the columns of a table or view, domains as their base type';

CREATE FUNCTION tiering.column_list(source regclass) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('Its columns are: %s.', string_agg(c.column_name, ', ' ORDER BY c.number)) FROM tiering.source_columns($1) c;
END;
COMMENT ON FUNCTION tiering.column_list(regclass) IS 'the columns of a table or view, as the DETAIL of an ERROR';

CREATE FUNCTION tiering.require_column(source regclass, column_name text, hint text) RETURNS regtype
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_type regtype := (SELECT c.type FROM tiering.source_columns(require_column.source) c WHERE c.column_name = require_column.column_name);
BEGIN
    IF found_type IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column', MESSAGE = format('%s has no column "%s"', require_column.source, require_column.column_name), DETAIL = tiering.column_list(require_column.source), HINT = require_column.hint;
    END IF;
    RETURN found_type;
END
$$;
COMMENT ON FUNCTION tiering.require_column(regclass, text, text) IS
    'the type of a column of a table or view, of a domain the base type; ERROR 42703 with the hint if there is none';

CREATE FUNCTION tiering.type_serves(input_type text, type regtype) RETURNS boolean
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'type_serves';
COMMENT ON FUNCTION tiering.type_serves(text, regtype) IS
    'whether columns of a type serve inputs of a type without a cast; NULL if there is no such type. ERROR 22023 no type of inputs';

CREATE FUNCTION tiering.input_problem(document tiering.scheme, input text, value anyelement) RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'input_problem';
COMMENT ON FUNCTION tiering.input_problem(tiering.scheme, text, anyelement) IS
    'the error with which grading refuses a value for an input of a scheme, message and DETAIL; NULL if it takes the value. '
    'ERROR 42704 no such input';
-- The input is named by a number: a text that is not of a column has a collation which postgres_fdw does not send.
CREATE FUNCTION tiering.input_finding(document tiering.scheme, input integer, value anyelement) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'input_finding';
COMMENT ON FUNCTION tiering.input_finding(tiering.scheme, integer, anyelement) IS
    'what check_inputs() finds in a value for the first, second … input of a scheme: what input_problem() says, in two or three words, or missing, or '
    'out of range; NULL: nothing. ERROR 42704 no such input';

CREATE FUNCTION tiering.mapping_proposals(document tiering.scheme, columns jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mapping_proposals';
COMMENT ON FUNCTION tiering.mapping_proposals(tiering.scheme, jsonb) IS
    'for each input of a scheme the column that resembles it most, of columns given as [{"name", "type", "serves": [types of inputs]}]; the rows of suggest_mapping()';
CREATE FUNCTION tiering.value_proposals(document tiering.scheme, input text, words text[], lang text DEFAULT tiering.default_lang()) RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'value_proposals';
COMMENT ON FUNCTION tiering.value_proposals(tiering.scheme, text, text[], text) IS
    'the values of an input that words of a column may stand for, by the titles in the document and the synonyms of the catalogue; words NULL: the titles; lang zh: values by their '
    'Chinese titles; NULL: none. ERROR 42704 no such input, 22023 unknown language';
CREATE FUNCTION tiering.coded_inputs(document tiering.scheme, inputs jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'coded_inputs';
COMMENT ON FUNCTION tiering.coded_inputs(tiering.scheme, jsonb) IS
    'columns and maps of values, as check_inputs() and programs take them, with the values themselves where a map says what they are called (value_titles of the scheme; 是 and 否 of a boolean)';

CREATE FUNCTION tiering.suggest_mapping(scheme text, source regclass, lang text DEFAULT tiering.default_lang(), path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (input text, column_name text, confidence numeric, reason text, "values" jsonb)
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    document tiering.scheme := tiering.current_scheme(suggest_mapping.scheme);
    query text;
    proposal record;
    words text[];
BEGIN
    FOR proposal IN
        SELECT p.*, c.type FROM jsonb_to_recordset(tiering.mapping_proposals(document, (
            SELECT coalesce(jsonb_agg(jsonb_build_object('name', s.column_name, 'type', s.type, 'serves', ARRAY(
                SELECT k.kind FROM unnest('{number,integer,text,boolean,date}'::text[]) AS k (kind) WHERE tiering.type_serves(k.kind, s.type))) ORDER BY s.number), '[]')
            FROM tiering.source_columns(suggest_mapping.source) s))) AS p (input text, "column" text, confidence numeric, reason text, mappable boolean)
        LEFT JOIN tiering.source_columns(suggest_mapping.source) c ON c.column_name = p."column"
    LOOP
        input := proposal.input;
        column_name := proposal."column";
        confidence := round(proposal.confidence, 2);
        reason := tiering.label(proposal.reason, suggest_mapping.lang);
        "values" := NULL;
        IF proposal.mappable THEN
            words := NULL;
            -- A view may take its time for the first row; and who may not read the table still gets columns.
            IF (SELECT c.relkind IN ('r', 'p', 'm') FROM pg_class c WHERE c.oid = suggest_mapping.source) AND has_column_privilege(suggest_mapping.source, proposal."column", 'SELECT') THEN
                query := format('SELECT pg_catalog.array_agg(w.word) FROM (SELECT DISTINCT %s AS word FROM (SELECT t.%I FROM %s t LIMIT 1000) s ORDER BY 1 LIMIT 100) w WHERE w.word IS NOT NULL',
                    tiering.key_expression(format('s.%I', proposal."column"), proposal.type), proposal."column", suggest_mapping.source);
                PERFORM set_config('search_path', tiering.source_path(path), true);
                EXECUTE query INTO words;
                PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
            END IF;
            "values" := tiering.value_proposals(document, proposal.input, words, suggest_mapping.lang);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.suggest_mapping(text, regclass, text, text) IS
    'which columns of a table or view may serve the inputs of a scheme: by name, by synonyms (of the document and of the catalogue) and titles in '
    'both languages and by type; confidence from 0 to 1; reason, and in Chinese the values, in lang, en or zh; column_name is NULL where none resembles the input. values: what words of the column, in the first '
    'thousand rows of a table, may stand for, as check_inputs() and programs take it; NULL: no map is needed, or no word is understood. path: search_path under which the table is read. '
    'ERROR 42704 unknown scheme, 22023 unknown language';

CREATE FUNCTION tiering.input_columns(document tiering.scheme, source regclass, mapping jsonb, key text DEFAULT NULL)
    RETURNS TABLE (input text, column_name text, type regtype, words jsonb)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    name text := tiering.scheme_name(input_columns.document);
    inputs jsonb := tiering.to_jsonb(input_columns.document) -> 'inputs';
    unheard_of text;
BEGIN
    IF input_columns.document IS NULL OR input_columns.source IS NULL OR input_columns.mapping IS NULL THEN
        RETURN;
    END IF;
    IF jsonb_typeof(input_columns.mapping) <> 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'mapping is not a jsonb object',
            HINT = 'Pass the columns by input, such as {"annual_value": "turnover"}.';
    END IF;
    PERFORM tiering.require_inputs(input_columns.mapping);
    mapping := tiering.coded_inputs(input_columns.document, input_columns.mapping);
    SELECT m.key INTO unheard_of FROM jsonb_object_keys(input_columns.mapping) AS m (key)
    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(inputs) AS e (input) WHERE e.input ->> 'name' = m.key)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('scheme "%s" has no input "%s"', name, unheard_of),
            DETAIL = format('Its inputs are: %s.',
                (SELECT string_agg(e.input ->> 'name', ', ') FROM jsonb_array_elements(inputs) AS e (input))),
            HINT = format('Give the column of one of them: mapping => ''{"%s": "column"}''.', inputs #>> '{0,name}');
    END IF;
    FOR input, column_name, words IN
        SELECT e.input ->> 'name', coalesce(tiering.input_column(input_columns.mapping -> (e.input ->> 'name')), e.input ->> 'name'), tiering.input_words(input_columns.mapping -> (e.input ->> 'name'))
        FROM jsonb_array_elements(inputs) WITH ORDINALITY AS e (input, n)
        UNION ALL SELECT NULL, input_columns.key, NULL WHERE input_columns.key IS NOT NULL
    LOOP
        type := tiering.require_column(input_columns.source, column_name,
            format('Name the columns in the mapping; SELECT * FROM tiering.suggest_mapping(%L, %L) proposes one.', name, input_columns.source));
        PERFORM tiering.require_words(input_columns.document, input, words);
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.input_columns(tiering.scheme, regclass, jsonb, text) IS
    'the column of a table or view for each input of a scheme, in order, with its map of values: the one that the mapping names, otherwise the one of '
    'the same name; then the key, whose input is NULL. ERROR 42704 no such input, 42703 no such column, 22023 a value that the input does not take';

CREATE FUNCTION tiering.raise_of_inputs(document tiering.scheme, source regclass, mapping jsonb, more text[], key text, path text, state text, message text, detail text, hint text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF raise_of_inputs.hint <> '' THEN
        RETURN;
    END IF;
    PERFORM tiering.raise_of_reading(raise_of_inputs.source::text, array_remove(ARRAY(SELECT DISTINCT c.column_name
        FROM tiering.input_columns(raise_of_inputs.document, raise_of_inputs.source, raise_of_inputs.mapping) c ORDER BY 1) || raise_of_inputs.key || more, NULL),
        raise_of_inputs.key, NULL, path, state, message, detail, hint);
END
$$;
COMMENT ON FUNCTION tiering.raise_of_inputs(tiering.scheme, regclass, jsonb, text[], text, text, text, text, text, text) IS
    'raise_of_reading() of the columns that a mapping gives the inputs of a scheme, and of some more';

CREATE FUNCTION tiering.check_inputs(scheme text, source regclass, mapping jsonb DEFAULT '{}', key text DEFAULT NULL,
        owner_column text DEFAULT NULL, last_followup_column text DEFAULT NULL, lang text DEFAULT tiering.default_lang(), path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (input text, column_name text, finding text, count bigint, share numeric, examples text[], message text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF check_inputs.source IS NULL OR check_inputs.mapping IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT f.*, tiering.finding_message(f.finding, coalesce(check_inputs.lang, 'en'))
    FROM tiering.source_findings(tiering.current_scheme(check_inputs.scheme), check_inputs.source, check_inputs.mapping,
        check_inputs.key, check_inputs.owner_column, check_inputs.last_followup_column, path) AS f;
END
$$;
COMMENT ON FUNCTION tiering.check_inputs(text, regclass, jsonb, text, text, text, text, text) IS
    'what is wrong with the values that a table or view has for a scheme, before anything is graded: missing, what grading refuses (not '
    'allowed, not finite, not whole, not a date, a type that needs a cast), and numbers out of the range that is plausible; a column with several currencies; with key: missing '
    'and duplicate keys; with owner_column: customers of nobody; with last_followup_column: days that are infinite or still to come. mapping: '
    'the column of each input whose name differs, or an object of that and the value of the input for each word of the column; words without '
    'a value, which grading refuses, are listed one by one (not mapped). Count, share of the rows, up to three examples, and what to do about it as a sentence in lang, en or zh. path: search_path under which the '
    'table or view is read. ERROR 42704 unknown scheme or input, 42703 no such column, 22023 a value that the input does not take, or an unknown language';

CREATE FUNCTION tiering.source_findings(document tiering.scheme, source regclass, mapping jsonb, key text, owner_column text, last_followup_column text, path text, tenant text DEFAULT NULL)
    RETURNS TABLE (input text, column_name text, finding text, count bigint, share numeric, examples text[])
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off SET enable_partitionwise_aggregate = on
AS $$
#variable_conflict use_column
DECLARE
    chosen record;
    total bigint;
    finding_of text;
    findings text[];
    counts bigint[];
    query text;
    key_read text;
    key_names text := concat_ws(', ', source_findings.tenant, source_findings.key);
    hint CONSTANT text := 'Name a column of the table or view.';
    failed_detail text;
    failed_hint text;
BEGIN
    IF source_findings.document IS NULL OR source_findings.source IS NULL OR source_findings.mapping IS NULL THEN
        RETURN;
    END IF;
    -- All columns are looked for before any is read.
    PERFORM FROM tiering.input_columns(source_findings.document, source_findings.source, source_findings.mapping, source_findings.key);
    PERFORM tiering.require_column(source_findings.source, c.name, hint)
    FROM unnest(ARRAY[source_findings.owner_column, source_findings.last_followup_column]) AS c (name) WHERE c.name IS NOT NULL;
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE tiering.counted_by_shard(source_findings.source, '{}') INTO total;
    total := coalesce(total, 0);
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);

    FOR chosen IN
        SELECT c.input, i.n::integer AS number, c.column_name, c.type, i.input ->> 'type' AS kind, 'input' AS purpose, c.words, i.input ? 'allowed' AS closed
        FROM tiering.input_columns(source_findings.document, source_findings.source, source_findings.mapping) AS c
        JOIN jsonb_array_elements(tiering.to_jsonb(source_findings.document) -> 'inputs') WITH ORDINALITY AS i (input, n) ON i.input ->> 'name' = c.input
        UNION ALL SELECT NULL, NULL, source_findings.owner_column, NULL, NULL, 'owner', NULL, NULL WHERE source_findings.owner_column IS NOT NULL
        UNION ALL SELECT NULL, NULL, l.name, tiering.require_column(source_findings.source, l.name, hint), NULL, 'last_followup', NULL, NULL
        FROM (SELECT source_findings.last_followup_column) AS l (name) WHERE l.name IS NOT NULL
    LOOP
        IF chosen.words IS NOT NULL THEN
            -- Words that the map has not are listed one by one, the most frequent first; past twenty of them together.
            query := format($f$
                SELECT $2, $3, g.finding, pg_catalog.sum(g.n)::bigint, pg_catalog.round(pg_catalog.sum(g.n) / $4, 4),
                    coalesce((pg_catalog.array_agg(g.own ORDER BY g.n DESC, g.own) FILTER (WHERE g.own IS NOT NULL))[1:3], '{}')
                FROM (
                    SELECT c.finding, f.own, f.n, pg_catalog.row_number() OVER (PARTITION BY c.finding ORDER BY f.n DESC, f.own) AS r
                    FROM (%1$s) f (finding, own, n)
                    CROSS JOIN LATERAL (SELECT CASE WHEN f.finding IN ('missing', 'out of range') OR $5 ? f.own THEN f.finding
                        WHEN f.finding IS NOT NULL OR $6 AND NOT EXISTS (SELECT FROM pg_catalog.jsonb_each_text($5) AS e WHERE e.value = f.own) THEN 'not mapped' END) c (finding)
                    WHERE c.finding IS NOT NULL
                ) g
                GROUP BY g.finding, CASE WHEN g.finding = 'not mapped' THEN least(g.r, 21) END
                ORDER BY g.finding <> 'missing', g.finding, pg_catalog.min(g.r)$f$,
                tiering.counted_by_shard(source_findings.source, ARRAY[
                    format('tiering.input_finding($1, %s, %s)', chosen.number, tiering.input_expression(format('s.%I', chosen.column_name), chosen.type, chosen.words)),
                    tiering.key_expression(format('s.%I', chosen.column_name), chosen.type)]));
            PERFORM set_config('search_path', tiering.source_path(path), true);
            RETURN QUERY EXECUTE query
                USING source_findings.document, chosen.input, chosen.column_name, greatest(total, 1)::numeric, chosen.words,
                    chosen.kind = 'text' AND NOT chosen.closed AND chosen.words <> '{}';
            PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
            CONTINUE;
        END IF;
        -- What is found in a row, or NULL.
        finding_of := CASE
            WHEN chosen.purpose = 'owner' THEN $f$CASE WHEN s.%1$I IS NULL THEN 'no owner' END$f$
            WHEN chosen.purpose = 'last_followup' AND chosen.type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
                THEN $f$CASE WHEN s.%1$I IS NOT NULL THEN %2$L END$f$
            WHEN chosen.purpose = 'last_followup'
                THEN $f$CASE WHEN NOT pg_catalog.isfinite(s.%1$I) THEN 'not finite' WHEN s.%1$I > pg_catalog.now() THEN 'in the future' END$f$
            WHEN NOT tiering.type_serves(chosen.kind, chosen.type)
                THEN $f$CASE WHEN s.%1$I IS NULL THEN 'missing' ELSE %2$L END$f$
            ELSE 'tiering.input_finding($1, %3$s, s.%1$I)'
        END;
        finding_of := format(finding_of, chosen.column_name,
            CASE WHEN chosen.purpose = 'last_followup' THEN format('type %s, needs a cast to timestamptz', chosen.type)
                ELSE format('type %s, needs a cast to %s', chosen.type, chosen.kind) END, chosen.number);
        -- Examples are asked for apart: what is looked up for each row of a group cannot be spread over servers.
        query := format('SELECT pg_catalog.array_agg(f.finding ORDER BY f.finding <> ''missing'', f.finding), pg_catalog.array_agg(f.n ORDER BY f.finding <> ''missing'', f.finding) '
            'FROM (%s) f (finding, n) WHERE f.finding IS NOT NULL', tiering.counted_by_shard(source_findings.source, ARRAY[finding_of]));
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO findings, counts USING source_findings.document;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        FOR place IN 1 .. coalesce(cardinality(findings), 0) LOOP
            -- IS NOT NULL is what other servers can be asked for: they send these rows and no others.
            query := format('SELECT coalesce(pg_catalog.array_agg(e.own ORDER BY e.own), ''{}'') '
                'FROM (SELECT DISTINCT s.%1$I::text AS own FROM %2$s s WHERE %3$s IS NOT NULL AND %3$s = $2 AND s.%1$I IS NOT NULL ORDER BY 1 LIMIT 3) e',
                chosen.column_name, source_findings.source, finding_of);
            PERFORM set_config('search_path', tiering.source_path(path), true);
            EXECUTE query INTO examples USING source_findings.document, findings[place];
            PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
            input := chosen.input;
            column_name := chosen.column_name;
            finding := findings[place];
            count := counts[place];
            share := round(counts[place] / greatest(total, 1)::numeric, 4);
            RETURN NEXT;
        END LOOP;
    END LOOP;
    -- A column with the currency of each row, of which the scheme does not know: its amounts are taken for those of one.
    FOR chosen IN
        SELECT c.column_name FROM tiering.source_columns(source_findings.source) c
        WHERE c.column_name ~* '^([a-z]+_?)?(currency|ccy)(_?(iso)?_?code)?$|币种|货币' AND c.type IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
            AND c.column_name NOT IN (SELECT m.column_name FROM tiering.input_columns(source_findings.document, source_findings.source, source_findings.mapping) m)
            AND jsonb_path_exists(tiering.to_jsonb(source_findings.document), '$.inputs[*] ? (@.type == "number" || @.type == "integer")')
        ORDER BY 1
    LOOP
        PERFORM set_config('search_path', tiering.source_path(path), true);
        RETURN QUERY EXECUTE format(
            'SELECT NULL::text, $1, ''several currencies'', (pg_catalog.sum(f.n) - pg_catalog.max(f.n))::bigint, pg_catalog.round((pg_catalog.sum(f.n) - pg_catalog.max(f.n)) / $2, 4), '
            '(pg_catalog.array_agg(f.code ORDER BY f.n DESC, f.code))[1:3] FROM ('
            '%s) f (code, n) WHERE f.code <> '''' HAVING pg_catalog.count(*) > 1',
            tiering.counted_by_shard(source_findings.source, ARRAY[format('pg_catalog.upper(pg_catalog.btrim(s.%I::pg_catalog.text))', chosen.column_name)], format('s.%I IS NOT NULL', chosen.column_name))) USING chosen.column_name, greatest(total, 1)::numeric;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    END LOOP;
    IF source_findings.key IS NOT NULL THEN
        key_read := CASE WHEN source_findings.tenant IS NULL THEN format('s.%I', source_findings.key) ELSE tiering.tenant_key_expression(
            format('s.%I', source_findings.tenant), (SELECT c.type FROM tiering.source_columns(source_findings.source) c WHERE c.column_name = source_findings.tenant),
            format('s.%I', source_findings.key), (SELECT c.type FROM tiering.source_columns(source_findings.source) c WHERE c.column_name = source_findings.key)) END;
        PERFORM set_config('search_path', tiering.source_path(path), true);
        RETURN QUERY EXECUTE format(
            'SELECT NULL::text, $1, ''missing key'', f.n, pg_catalog.round(f.n / $2, 4), ''{}''::text[] '
            'FROM (%s) f WHERE f.n > 0', tiering.counted_by_shard(source_findings.source, '{}', key_read || ' IS NULL'))
            USING key_names, greatest(total, 1)::numeric;
        RETURN QUERY EXECUTE format(
            'WITH twice AS (SELECT %2$s AS k, pg_catalog.count(*) AS n FROM %1$s s WHERE %2$s IS NOT NULL GROUP BY 1 HAVING pg_catalog.count(*) > 1) '
            'SELECT NULL::text, $1, ''duplicate key'', f.n, pg_catalog.round(f.n / $2, 4), ARRAY(SELECT k::text FROM twice ORDER BY 1 LIMIT 3) '
            'FROM (SELECT pg_catalog.sum(n)::bigint AS n FROM twice) f WHERE f.n > 0', source_findings.source, key_read)
            USING key_names, greatest(total, 1)::numeric;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    END IF;
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_inputs(source_findings.document, source_findings.source, source_findings.mapping, ARRAY[source_findings.owner_column, source_findings.last_followup_column], source_findings.key, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.source_findings(tiering.scheme, regclass, jsonb, text, text, text, text, text) IS 'the rows of check_inputs(), for a document';
