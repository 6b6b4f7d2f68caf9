-- Customers on several servers behind postgres_fdw: what each of them computes, and what one asks.

CREATE FUNCTION tiering.qualified(name text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts text[] := tiering.name_parts(qualified.name);
BEGIN
    IF cardinality(parts) IS DISTINCT FROM 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_name', MESSAGE = format('%s is not the name of a table with its schema', coalesce('"' || qualified.name || '"', 'NULL')),
            HINT = 'Write it as schema.table, such as public.customers.';
    END IF;
    RETURN parts;
END
$$;
COMMENT ON FUNCTION tiering.qualified(text) IS 'schema and table of a name; ERROR 42602 unless it says both';

CREATE FUNCTION tiering.create_shard_view(name text, source regclass, shard integer, scheme text, mapping jsonb DEFAULT '{}') RETURNS regclass
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts CONSTANT text[] := tiering.qualified(create_shard_view.name);
    target CONSTANT text := format('%I.%I', parts[1], parts[2]);
    inputs text;
    taken text;
BEGIN
    IF create_shard_view.source IS NULL OR create_shard_view.shard IS NULL OR create_shard_view.scheme IS NULL OR create_shard_view.mapping IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'source, shard, scheme or mapping is NULL',
            HINT = 'SELECT tiering.create_shard_view(''schema.view'', ''schema.table'', 1, ''abc_share''), with another number on each server.';
    END IF;
    SELECT c.column_name INTO taken FROM tiering.source_columns(create_shard_view.source) c WHERE c.column_name IN ('shard', 'tier') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_column', MESSAGE = format('%s has a column "%s" already', create_shard_view.source, taken),
            DETAIL = 'The view adds the columns shard and tier.',
            HINT = format('Make a view that calls it something else, and give that as the source: CREATE VIEW … AS SELECT %I AS my_%s, … FROM %s.', taken, taken, create_shard_view.source);
    END IF;
    SELECT string_agg(tiering.input_expression(format('s.%I', c.column_name), c.type, c.words), ', ') INTO inputs
    FROM tiering.input_columns(tiering.current_scheme(create_shard_view.scheme), create_shard_view.source, create_shard_view.mapping) c;
    EXECUTE format('CREATE VIEW %s WITH (security_invoker) AS SELECT %s::pg_catalog.int4 AS shard, s.*, tiering.customer_tier(%L, %s) AS tier FROM %s s',
        target, create_shard_view.shard, create_shard_view.scheme, inputs, create_shard_view.source);
    EXECUTE format('COMMENT ON VIEW %s IS %L', target,
        format('the customers of shard %s, graded here by scheme %s; made by tiering.create_shard_view()', create_shard_view.shard, create_shard_view.scheme));
    RETURN target::regclass;
END
$$;
COMMENT ON FUNCTION tiering.create_shard_view(text, regclass, integer, text, jsonb) IS
    'on a server that holds a part of the customers: makes a view of a table or view with the number of the shard as a constant column, so that the planner of another '
    'server knows which rows are where, and the tier, which the current version of a scheme gives here. mapping: the column of each input whose name differs. '
    'ERROR 42602 no schema is named, 42701 the source has a column shard or tier, 42704 unknown scheme or input, 42703 no such column, 42P07 the name is taken';

CREATE FUNCTION tiering.import_shards(name text, servers text[], remote text) RETURNS regclass
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here CONSTANT text[] := tiering.qualified(import_shards.name);
    there CONSTANT text[] := tiering.qualified(import_shards.remote);
    target CONSTANT text := format('%I.%I', here[1], here[2]);
    asked record;
    part text;
    number integer;
    others boolean;
    numbers integer[] := '{}';
    parts text[] := '{}';
BEGIN
    IF coalesce(cardinality(import_shards.servers), 0) = 0 OR array_position(import_shards.servers, NULL) IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'no server is named, or one of them is NULL',
            HINT = 'SELECT tiering.import_shards(''public.customers'', ''{shard1,shard2}'', ''public.customers_graded'').';
    END IF;
    FOR asked IN
        SELECT n.server, s.oid IS NOT NULL AS known, w.fdwname AS wrapper,
            EXISTS (SELECT FROM pg_options_to_table(s.srvoptions) AS o, regexp_split_to_table(o.option_value, '[[:space:]]*,[[:space:]]*') AS e
                WHERE o.option_name = 'extensions' AND btrim(e, ' "') = 'customer_tiering') AS ships
        FROM unnest(import_shards.servers) WITH ORDINALITY AS n (server, place)
        LEFT JOIN pg_foreign_server s ON s.srvname = n.server
        LEFT JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
        ORDER BY n.place
    LOOP
        IF NOT asked.known THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('server "%s" does not exist', asked.server),
                HINT = format('CREATE SERVER %I FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host ''…'', dbname ''…'', extensions ''customer_tiering'', async_capable ''true'').', asked.server);
        END IF;
        IF asked.wrapper <> 'postgres_fdw' THEN
            RAISE EXCEPTION USING ERRCODE = 'wrong_object_type', MESSAGE = format('server "%s" is one of %s, not of postgres_fdw', asked.server, asked.wrapper),
                HINT = 'Other wrappers compute nothing of ours on their side.';
        END IF;
        IF NOT asked.ships THEN
            RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
                MESSAGE = format('server "%s" would send every row instead of what it can compute', asked.server),
                DETAIL = 'Its option extensions does not name customer_tiering.',
                HINT = format('ALTER SERVER %I OPTIONS (%s extensions ''customer_tiering'').', asked.server,
                    CASE WHEN EXISTS (SELECT FROM pg_foreign_server s, pg_options_to_table(s.srvoptions) AS o WHERE s.srvname = asked.server AND o.option_name = 'extensions')
                        THEN 'SET' ELSE 'ADD' END);
        END IF;
        part := format('%I.%I', here[1], there[2]);
        EXECUTE format('IMPORT FOREIGN SCHEMA %I LIMIT TO (%I) FROM SERVER %I INTO %I', there[1], there[2], asked.server, here[1]);
        IF to_regclass(part) IS NULL OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = part::regclass AND a.attname = 'shard' AND a.atttypid = 'integer'::regtype) THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_table', MESSAGE = format('server "%s" has no view %s of a shard', asked.server, import_shards.remote),
                DETAIL = CASE WHEN to_regclass(part) IS NULL THEN 'There is nothing of that name, or you may not see it.' ELSE 'It has no column shard of type integer.' END,
                HINT = format('There: SELECT tiering.create_shard_view(%L, ''schema.table'', %s, ''abc_share'').', import_shards.remote, cardinality(numbers) + 1);
        END IF;
        -- Of no rows nobody can tell the number; then it is the place in the list.
        EXECUTE format('SELECT (SELECT s.shard FROM %1$s s LIMIT 1), EXISTS (SELECT FROM %1$s s WHERE s.shard IS DISTINCT FROM (SELECT s.shard FROM %1$s s LIMIT 1))', part) INTO number, others;
        number := coalesce(number, cardinality(numbers) + 1);
        IF others OR number = ANY (numbers) THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
                MESSAGE = CASE WHEN others THEN format('server "%s" has rows of several shards', asked.server) ELSE format('server "%s" is shard %s, as another one is', asked.server, number) END,
                DETAIL = 'The planner leaves a server out when a query asks for another number.',
                HINT = 'Give each server a number of its own: tiering.create_shard_view(…, shard => 2, …).';
        END IF;
        EXECUTE format('ALTER FOREIGN TABLE %s RENAME TO %I', part, format('%s_%s', here[2], number));
        IF NOT EXISTS (SELECT FROM pg_foreign_table t JOIN pg_foreign_server s ON s.oid = t.ftserver
            WHERE s.srvname = asked.server AND t.ftoptions @> '{schema_name=tiering,table_name=node}')
        THEN
            part := format('%I.%I', here[1], format('%s_%s_node', here[2], number));
            EXECUTE format('CREATE FOREIGN TABLE %s (version text, digest text) SERVER %I OPTIONS (schema_name ''tiering'', table_name ''node'')', part, asked.server);
            EXECUTE format('COMMENT ON FOREIGN TABLE %s IS %L', part, format('server %s, for tiering.nodes; made by tiering.import_shards()', asked.server));
        END IF;
        numbers := numbers || number;
        parts := parts || format('%I.%I', here[1], format('%s_%s', here[2], number));
    END LOOP;
    EXECUTE format('CREATE TABLE %s (LIKE %s) PARTITION BY LIST (shard)', target, parts[1]);
    EXECUTE format('COMMENT ON TABLE %s IS %L', target, format('customers on %s, one partition each; made by tiering.import_shards()', array_to_string(import_shards.servers, ', ')));
    FOR i IN 1 .. cardinality(parts) LOOP
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES IN (%s)', target, parts[i], numbers[i]);
    END LOOP;
    IF NOT current_setting('enable_partitionwise_aggregate')::boolean THEN
        RAISE NOTICE USING MESSAGE = 'enable_partitionwise_aggregate is off, so that rows are sent where a group would do',
            HINT = format('ALTER DATABASE %I SET enable_partitionwise_aggregate = on.', current_database());
    END IF;
    RETURN target::regclass;
END
$$;
COMMENT ON FUNCTION tiering.import_shards(text, text[], text) IS
    'where one asks: makes a partitioned table of the views of the same name that create_shard_view() has made on several servers of postgres_fdw, by IMPORT FOREIGN SCHEMA: '
    'each is a partition, by its number; and of each server a foreign table by which tiering.nodes shows it. Nothing is made if one of them fails. ERROR 42704 unknown server, 42809 a server of another wrapper, 55000 a server whose option '
    'extensions does not name customer_tiering, 42P01 no such view there, 22023 two servers of one number, 42602 no schema is named, 42P07 the name is taken';

CREATE FUNCTION tiering.remote_sql(query text, path text DEFAULT current_setting('search_path')) RETURNS SETOF text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan jsonb;
BEGIN
    IF remote_sql.query IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('search_path', tiering.source_path(path), true);
    BEGIN
        -- By a cursor, which takes one statement: what follows a semicolon would be run.
        FOR plan IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ' || query LOOP
            EXIT;
        END LOOP;
    EXCEPTION WHEN invalid_cursor_definition THEN
        RAISE EXCEPTION USING ERRCODE = 'syntax_error', MESSAGE = 'the query is more than one statement', HINT = 'Pass one query, such as a SELECT, without a semicolon.';
    END;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    RETURN QUERY SELECT r.statement #>> '{}' FROM jsonb_path_query(plan, 'strict $.** ? (@.type() == "object" && exists (@."Remote SQL"))."Remote SQL"') AS r (statement);
END
$$;
COMMENT ON FUNCTION tiering.remote_sql(text, text) IS
    'what servers of postgres_fdw are asked for by a query, which is planned and not run: where an aggregate stands in the statement, groups are sent, otherwise rows. '
    'No rows: none is asked. path: search_path of the query. ERROR 42601 more than one statement';
