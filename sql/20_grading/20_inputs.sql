-- From an existing table to a scheme: which columns serve, and what is wrong with what they hold.

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
    found_type regtype := (SELECT c.type FROM tiering.source_columns($1) c WHERE c.column_name = $2);
BEGIN
    IF found_type IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column', MESSAGE = format('%s has no column "%s"', $1, $2), DETAIL = tiering.column_list($1), HINT = $3;
    END IF;
    RETURN found_type;
END
$$;
COMMENT ON FUNCTION tiering.require_column(regclass, text, text) IS
    'the type of a column of a table or view, of a domain the base type; ERROR 42703 with the hint if there is none';

CREATE FUNCTION tiering.type_serves(input_type text, type regtype) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE $1
        WHEN 'boolean' THEN t.oid = 'boolean'::regtype
        WHEN 'date' THEN t.oid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) OR t.typcategory = 'S'
        WHEN 'text' THEN t.typcategory IN ('S', 'E')
        ELSE t.oid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype, 'real'::regtype, 'double precision'::regtype)
    END
    FROM pg_type t WHERE t.oid = $2;
END;
COMMENT ON FUNCTION tiering.type_serves(text, regtype) IS 'whether columns of a type serve inputs of a type without a cast';

CREATE FUNCTION tiering.suggest_mapping(scheme text, source regclass)
    RETURNS TABLE (input text, column_name text, confidence numeric, reason text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        WITH inputs AS (
            SELECT i.input ->> 'name' AS name, i.input ->> 'type' AS type, i.n,
                -- Not [^[:alnum:]]: where the locale is C, that takes every Chinese character away.
                s.how, s.weight, regexp_replace(lower(s.word), '[[:space:][:punct:]]', '', 'g') AS word
            FROM jsonb_array_elements(tiering.to_jsonb(tiering.current_scheme($1)) -> 'inputs') WITH ORDINALITY AS i (input, n)
            CROSS JOIN LATERAL (
                SELECT 'name', 1.0, i.input ->> 'name'
                UNION ALL SELECT 'synonym', 0.95, w FROM jsonb_array_elements_text(i.input -> 'synonyms') AS w
                UNION ALL SELECT 'title', 0.9, t.value FROM jsonb_each_text(i.input -> 'title') AS t
            ) AS s (how, weight, word)
        ), scored AS (
            SELECT i.name, i.n, c.column_name, c.number,
                i.weight * CASE
                    WHEN c.word = i.word AND c.word <> '' THEN 1.0
                    -- A part of a name (three letters, or one Chinese character) counts by how much of the longer it is.
                    WHEN least(octet_length(c.word), octet_length(i.word)) >= 3 AND (strpos(c.word, i.word) > 0 OR strpos(i.word, c.word) > 0)
                        THEN 0.4 + 0.4 * least(length(c.word), length(i.word)) / greatest(length(c.word), length(i.word))
                    ELSE 0.0
                END * CASE WHEN tiering.type_serves(i.type, c.type) THEN 1.0 ELSE 0.5 END AS confidence,
                format('%s "%s"%s', i.how, i.word,
                    CASE WHEN tiering.type_serves(i.type, c.type) THEN '' ELSE format(', but %s needs a cast to %s', c.type, i.type) END) AS reason
            FROM inputs i
            CROSS JOIN (
                SELECT s.column_name, s.type, s.number, regexp_replace(lower(s.column_name), '[[:space:][:punct:]]', '', 'g') AS word
                FROM tiering.source_columns($2) s
            ) c
        ), best AS (
            SELECT DISTINCT ON (s.name) s.name, s.n, s.column_name, s.confidence, s.reason
            FROM scored s
            ORDER BY s.name, s.confidence DESC, s.number
        )
        SELECT b.name, CASE WHEN b.confidence > 0 THEN b.column_name END, round(b.confidence, 2),
            CASE WHEN b.confidence > 0 THEN b.reason ELSE 'no column resembles it' END
        FROM best b
        ORDER BY b.n;
END
$$;
COMMENT ON FUNCTION tiering.suggest_mapping(text, regclass) IS
    'which columns of a table or view may serve the inputs of a scheme: by name, by the synonyms and titles in the '
    'document (both languages) and by type; confidence from 0 to 1; column_name is NULL where none resembles the input';

CREATE FUNCTION tiering.input_columns(document tiering.scheme, source regclass, mapping jsonb, key text DEFAULT NULL)
    RETURNS TABLE (input text, column_name text, type regtype)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    name text := tiering.scheme_name($1);
    inputs jsonb := tiering.to_jsonb($1) -> 'inputs';
    unheard_of text;
BEGIN
    IF $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN
        RETURN;
    END IF;
    IF jsonb_typeof($3) <> 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'mapping is not a jsonb object',
            HINT = 'Pass the columns by input, such as {"annual_value": "turnover"}.';
    END IF;
    SELECT m.key INTO unheard_of FROM jsonb_object_keys($3) AS m (key)
    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(inputs) AS e (input) WHERE e.input ->> 'name' = m.key)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('scheme "%s" has no input "%s"', name, unheard_of),
            DETAIL = format('Its inputs are: %s.',
                (SELECT string_agg(e.input ->> 'name', ', ') FROM jsonb_array_elements(inputs) AS e (input)));
    END IF;
    FOR input, column_name IN
        SELECT e.input ->> 'name', coalesce($3 ->> (e.input ->> 'name'), e.input ->> 'name')
        FROM jsonb_array_elements(inputs) WITH ORDINALITY AS e (input, n)
        UNION ALL SELECT NULL, $4 WHERE $4 IS NOT NULL
    LOOP
        type := tiering.require_column($2, column_name,
            format('Name the columns in the mapping; SELECT * FROM tiering.suggest_mapping(%L, %L) proposes one.', name, $2));
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.input_columns(tiering.scheme, regclass, jsonb, text) IS
    'the column of a table or view for each input of a scheme, in order: the one that the mapping names, otherwise the one of '
    'the same name; then the key, whose input is NULL. ERROR 42704 no such input, 42703 no such column';

CREATE FUNCTION tiering.check_inputs(scheme text, source regclass, mapping jsonb DEFAULT '{}', key text DEFAULT NULL)
    RETURNS TABLE (input text, column_name text, finding text, count bigint, share numeric, examples text[])
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    document jsonb := tiering.to_jsonb(tiering.current_scheme($1));
    i jsonb;
    kind text;
    chosen text;
    column_type regtype;
    total bigint;
    tests text[];
    test text[];
BEGIN
    IF $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM tiering.input_columns(tiering.current_scheme($1), $2, $3, $4);
    EXECUTE format('SELECT count(*) FROM %s', $2) INTO total;

    FOR i IN SELECT e.input FROM jsonb_array_elements(document -> 'inputs') AS e (input) LOOP
        kind := i ->> 'type';
        chosen := coalesce($3 ->> (i ->> 'name'), i ->> 'name');
        SELECT c.type INTO column_type FROM tiering.source_columns($2) c WHERE c.column_name = chosen;
        -- Each test: what is found, and the condition that finds it.
        tests := ARRAY[ARRAY['missing', format('%I IS NULL', chosen)]];
        IF NOT tiering.type_serves(kind, column_type) THEN
            tests := tests || ARRAY[ARRAY[format('type %s, needs a cast to %s', column_type, kind), format('%I IS NOT NULL', chosen)]];
        ELSE
            IF i ? 'allowed' THEN
                -- As grading compares: numbers as numbers (1.00 is an allowed 1), citext without regard to case.
                tests := tests || ARRAY[ARRAY['not allowed', format(
                    CASE WHEN kind IN ('number', 'integer') THEN '%I <> ALL (%L::numeric[])'
                        WHEN column_type::text LIKE '%citext' THEN 'lower(%I::text) <> ALL (lower(%L)::text[])'
                        ELSE '%I::text <> ALL (%L::text[])' END,
                    chosen, ARRAY(SELECT jsonb_array_elements_text(i -> 'allowed')))]];
            END IF;
            IF kind IN ('number', 'integer') THEN
                IF column_type IN ('real'::regtype, 'double precision'::regtype, 'numeric'::regtype) THEN
                    tests := tests || ARRAY[ARRAY['not finite', format('%I::text IN (''NaN'', ''Infinity'', ''-Infinity'')', chosen)]];
                    IF kind = 'integer' THEN
                        tests := tests || ARRAY[ARRAY['not whole', format('%1$I::text NOT IN (''NaN'', ''Infinity'', ''-Infinity'') AND %1$I <> trunc(%1$I)', chosen)]];
                    END IF;
                END IF;
                IF i ? 'min' OR i ? 'max' THEN
                    -- The bounds have a type of their own: an untyped one would take that of the column.
                    tests := tests || ARRAY[ARRAY['out of range', format('%1$I::text <> ''NaN'' AND (%1$I < %2$L::numeric OR %1$I > %3$L::numeric)', chosen,
                        coalesce(i ->> 'min', '-Infinity'), coalesce(i ->> 'max', 'Infinity'))]];
                END IF;
            ELSIF kind = 'date' AND column_type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
                tests := tests || ARRAY[ARRAY['not finite', format('NOT isfinite(%I)', chosen)]];
            ELSIF kind = 'date' THEN
                tests := tests || ARRAY[ARRAY['not a date', format('%I::text !~ ''^\s*\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}.*)?\s*$''', chosen)]];
            END IF;
        END IF;
        FOREACH test SLICE 1 IN ARRAY tests LOOP
            RETURN QUERY EXECUTE format(
                'SELECT %L::text, %L::text, %L::text, f.n, round(f.n / %s::numeric, 4), ARRAY(SELECT DISTINCT %I::text FROM %s WHERE (%s) AND %I IS NOT NULL ORDER BY 1 LIMIT 3) '
                'FROM (SELECT count(*) AS n FROM %s WHERE %s) f WHERE f.n > 0',
                i ->> 'name', chosen, test[1], greatest(total, 1), chosen, $2, test[2], chosen, $2, test[2]);
        END LOOP;
    END LOOP;
    IF $4 IS NOT NULL THEN
        RETURN QUERY EXECUTE format(
            'SELECT NULL::text, %L::text, ''missing key'', f.n, round(f.n / %s::numeric, 4), ''{}''::text[] '
            'FROM (SELECT count(*) AS n FROM %s WHERE %I IS NULL) f WHERE f.n > 0',
            $4, greatest(total, 1), $2, $4);
        RETURN QUERY EXECUTE format(
            'WITH twice AS (SELECT %1$I AS k, count(*) AS n FROM %2$s WHERE %1$I IS NOT NULL GROUP BY %1$I HAVING count(*) > 1) '
            'SELECT NULL::text, %3$L::text, ''duplicate key'', f.n, round(f.n / %4$s::numeric, 4), ARRAY(SELECT k::text FROM twice ORDER BY 1 LIMIT 3) '
            'FROM (SELECT sum(n)::bigint AS n FROM twice) f WHERE f.n > 0',
            $4, $2, $4, greatest(total, 1));
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.check_inputs(text, regclass, jsonb, text) IS
    'what is wrong with the values that a table or view has for a scheme, before anything is graded: missing, not allowed, '
    'not finite, not whole, out of range, no date, a type that needs a cast; with key: missing and duplicate keys. '
    'mapping: the column of each input whose name differs. Count, share of the rows, up to three examples. '
    'ERROR 42704 unknown scheme or input, 42703 no such column';
