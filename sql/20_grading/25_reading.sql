-- A view, a foreign table or a policy may fail for one row, by what stands in a column of it, and so for everybody. Who reads one says where it failed.

CREATE FUNCTION tiering.is_of_a_row(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN left(state, 2) IN ('22', '23', '38', '39', 'HV') OR state = 'P0001';
COMMENT ON FUNCTION tiering.is_of_a_row(text) IS 'whether an error may come from what a single row of a source holds: by its values, a function or a foreign server';

CREATE FUNCTION tiering.reading_fails(query text, customers text[], path text) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
BEGIN
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE query USING customers;
    RETURN false;
EXCEPTION WHEN OTHERS THEN
    IF NOT tiering.is_of_a_row(SQLSTATE) THEN
        RAISE;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tiering.reading_fails(text, text[], text) IS 'whether a query, with customers as $1, fails by what a row holds; path: search_path under which it is run';

CREATE FUNCTION tiering.failing_row(source text, columns text[], key text, condition text, path text, OUT fails boolean, OUT column_name text, OUT customer text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    filter CONSTANT text := format('(%s' || chr(10) || ')', coalesce(condition, 'true'));
    name text;
    customers text[];
    half text[];
BEGIN
    fails := tiering.reading_fails(format('SELECT pg_catalog.count(*) FROM %s e WHERE %s', source, filter), NULL, path);
    -- One by one: the server computes no columns of a view that nobody asks for.
    FOREACH name IN ARRAY columns LOOP
        EXIT WHEN fails;
        IF tiering.reading_fails(format('SELECT pg_catalog.count(e.%I) FROM %s e WHERE %s', name, source, filter), NULL, path) THEN
            fails := true;
            column_name := name;
        END IF;
    END LOOP;
    IF column_name IS NULL OR key IS NULL OR column_name = key THEN
        RETURN;
    END IF;
    BEGIN
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE format('SELECT pg_catalog.array_agg(DISTINCT e.%I::pg_catalog.text) FROM %s e WHERE e.%1$I IS NOT NULL AND %3$s', key, source, filter) INTO customers;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    EXCEPTION WHEN OTHERS THEN
        IF NOT tiering.is_of_a_row(SQLSTATE) THEN
            RAISE;
        END IF;
        RETURN;
    END;
    WHILE cardinality(customers) > 0 LOOP
        half := customers[:(cardinality(customers) + 1) / 2];
        IF NOT tiering.reading_fails(format('SELECT pg_catalog.count(e.%I) FROM %s e WHERE e.%I::pg_catalog.text = ANY ($1) AND %s', column_name, source, key, filter), half, path) THEN
            customers := customers[cardinality(half) + 1:];
        ELSIF cardinality(half) = 1 THEN
            customer := half[1];
            RETURN;
        ELSE
            customers := half;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.failing_row(text, text[], text, text, text) IS
    'where reading a table or view fails: by which of some columns (NULL: already by the condition) and, with key, the column that names customers, for which customer. source: quoted; path: search_path '
    'under which it is read';

CREATE FUNCTION tiering.raise_of_reading(source text, columns text[], key text, condition text, path text, state text, message text, detail text, hint text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    failing record;
    advice CONSTANT text := CASE WHEN state LIKE '22%' THEN ' A view that fails for one row fails for all: let it give NULL there, as nullif(x, 0) and CASE do.' ELSE '' END;
BEGIN
    -- What has a hint says enough.
    IF source IS NULL OR hint <> '' THEN
        RETURN;
    END IF;
    failing := tiering.failing_row(source, columns, key, condition, path);
    IF failing.fails THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message,
            DETAIL = concat_ws(' ', nullif(detail, ''), format('This came up when %s%s was read%s.', CASE WHEN failing.column_name IS NOT NULL THEN format('column "%s" of ', failing.column_name) ELSE '' END, source,
                CASE WHEN failing.customer IS NOT NULL THEN format(', for customer "%s"', failing.customer) ELSE '' END)),
            HINT = format('SELECT %s FROM %s%s shows it.%s', CASE WHEN failing.column_name IS NULL THEN 'count(*)' ELSE quote_ident(failing.column_name) END, source,
                CASE WHEN failing.customer IS NOT NULL THEN format(' WHERE %I::text = %L', key, failing.customer) ELSE coalesce(' WHERE ' || condition, '') END, advice);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.raise_of_reading(text, text[], text, text, text, text, text, text, text) IS
    'an error again that came up while a table or view was read, with the column and the customer for which it fails, if it has no hint and reading it fails; otherwise nothing. As of failing_row()';
