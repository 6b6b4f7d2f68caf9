-- Relative schemes: cut points taken from the customers one has, and how far those have moved since.

CREATE FUNCTION tiering.unfitted(scheme tiering.scheme) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'unfitted_scheme';
CREATE FUNCTION tiering.is_unfitted(scheme tiering.scheme) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_is_unfitted';
COMMENT ON FUNCTION tiering.unfitted(tiering.scheme) IS
    'a scheme without the cut points that its "fit" can give, and without notes on a population';
COMMENT ON FUNCTION tiering.is_unfitted(tiering.scheme) IS 'whether cut points wait to be fitted, so that the scheme cannot grade yet';

CREATE FUNCTION tiering.fit_add(tiering.fitting, tiering.scheme, timestamptz, VARIADIC "any") RETURNS tiering.fitting
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_add_customer';
CREATE FUNCTION tiering.fit_final(tiering.fitting) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_finish';
COMMENT ON FUNCTION tiering.fit_add(tiering.fitting, tiering.scheme, timestamptz, VARIADIC "any") IS 'transition of aggregate fit';
CREATE FUNCTION tiering.fit_final(part tiering.fitting, scheme tiering.scheme) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_finish';
COMMENT ON FUNCTION tiering.fit_final(tiering.fitting) IS 'final function of aggregate fit, and what makes a scheme of parts that hold theirs: that with the cut points of this pass. Errors as of fit()';
COMMENT ON FUNCTION tiering.fit_final(tiering.fitting, tiering.scheme) IS
    'a scheme with the cut points of this pass, of parts of its readings. Errors as of fit(), and 22023 parts of another scheme';

CREATE AGGREGATE tiering.fit (tiering.scheme, timestamptz, VARIADIC "any") (
    SFUNC = tiering.fit_add, STYPE = tiering.fitting, SSPACE = 1048576, FINALFUNC = tiering.fit_final, COMBINEFUNC = tiering.fitting_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.fit (tiering.scheme, timestamptz, VARIADIC "any") IS
    'a scheme with cut points taken from the customers aggregated: (scheme, as_of, inputs…), the inputs as for grade(). One '
    'pass fits all characteristics that have a "fit"; where the cuts of a score are to be fitted, too, a second pass over '
    'its result fits them (fit_scheme() does both). Equal values share a bin; a bin holds as many customers, or as much of '
    'the summed value, as its share allows, the best one at least the best value. Exact up to 65536 different values, '
    'beyond with bins of bounded width. Where all values are equal they share the worst bin. NULL without rows; NOTICE about bins that '
    'stay empty. Customers with values that cannot be graded (NaN, not allowed, not a date, too many digits) are set aside, and a WARNING '
    'counts them; with nobody else, it is the ERROR. ERROR 22023: no value, shares of a value that is negative';

CREATE FUNCTION tiering.population_add(tiering.headcount, tiering.scheme, timestamptz, VARIADIC "any") RETURNS tiering.headcount
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'population_add_customer';
CREATE FUNCTION tiering.population_final(tiering.headcount) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'population_finish';
COMMENT ON FUNCTION tiering.population_add(tiering.headcount, tiering.scheme, timestamptz, VARIADIC "any") IS 'transition of aggregate population';
CREATE FUNCTION tiering.population_final(part tiering.headcount, scheme tiering.scheme) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'population_finish';
COMMENT ON FUNCTION tiering.population_final(tiering.headcount) IS 'final function of aggregate population, and what makes jsonb of parts that hold their scheme: the counts by bin and tier';
COMMENT ON FUNCTION tiering.population_final(tiering.headcount, tiering.scheme) IS
    'the counts by bin and tier, as jsonb, of parts of readings of a scheme. ERROR 22023 parts of another scheme, 55000 as population()';

CREATE AGGREGATE tiering.population (tiering.scheme, timestamptz, VARIADIC "any") (
    SFUNC = tiering.population_add, STYPE = tiering.headcount, FINALFUNC = tiering.population_final, COMBINEFUNC = tiering.headcount_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.population (tiering.scheme, timestamptz, VARIADIC "any") IS
    'how many of the customers aggregated each bin and each tier of a scheme has: (scheme, as_of, inputs…), the inputs as for '
    'grade(); as jsonb with n, at, ungraded, bins, tiers. NULL without rows. Customers with values that cannot be graded are set aside, '
    'and a WARNING counts them. ERROR 55000 for an unfitted scheme';

-- In parts, which other servers can compute. What an aggregate takes of a customer comes as bytes, in one argument, since Citus packs several into a row for each customer; they hold
-- the digest of the scheme. So the document stands once in the query, and is given once more to the final function.

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

-- The form of 0.1.0: what a customer has, as bytes, beside the scheme. Aggregates of outcomes have it alone.

CREATE FUNCTION tiering.reading(scheme tiering.scheme, VARIADIC inputs "any") RETURNS bytea
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'reading_of_customer';
COMMENT ON FUNCTION tiering.reading(tiering.scheme, "any") IS
    'the inputs of a customer as a scheme reads them, or what is wrong with one: (scheme, inputs…), the inputs as for grade(). Parts of outcomes and grade() take it '
    'instead of the inputs; for a fit and a population fit_reading() and population_reading() take less time on Citus. NULL for a NULL row. Errors as of grade(), but for values';

-- Citus has workers compute an aggregate only if all its arguments are of declared types. Each type of numbers is one of them: if some were, the parser could not tell whether others
-- are to become such a one or to be of any type. So are literals without a type.

DO $typed$
DECLARE
    type text;
    what text;
BEGIN
    FOR type, what IN VALUES ('smallint', 'the only input'), ('integer', 'the only input'), ('bigint', 'the only input'), ('real', 'the only input'), ('double precision', 'the only input'),
        ('numeric', 'the only input'), ('tiering.word', 'the only input as a literal'), ('jsonb', 'an object with the inputs'), ('bytea', 'what tiering.reading(scheme, inputs…) has made of the inputs')
    LOOP
        EXECUTE pg_catalog.format('CREATE FUNCTION tiering.fit_add(tiering.fitting, tiering.scheme, timestamptz, %s) RETURNS tiering.fitting '
            'LANGUAGE c IMMUTABLE PARALLEL SAFE AS ''MODULE_PATHNAME'', ''fit_add_customer''', type);
        EXECUTE pg_catalog.format('CREATE FUNCTION tiering.population_add(tiering.headcount, tiering.scheme, timestamptz, %s) RETURNS tiering.headcount '
            'LANGUAGE c IMMUTABLE PARALLEL SAFE AS ''MODULE_PATHNAME'', ''population_add_customer''', type);
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.fit_add(tiering.fitting, tiering.scheme, timestamptz, %s) IS ''transition of aggregate fit''', type);
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.population_add(tiering.headcount, tiering.scheme, timestamptz, %s) IS ''transition of aggregate population''', type);
        EXECUTE pg_catalog.format('CREATE AGGREGATE tiering.fit (tiering.scheme, timestamptz, %s) (SFUNC = tiering.fit_add, STYPE = tiering.fitting, SSPACE = 1048576, '
            'FINALFUNC = tiering.fit_final, COMBINEFUNC = tiering.fitting_combine, PARALLEL = SAFE)', type);
        EXECUTE pg_catalog.format('CREATE AGGREGATE tiering.population (tiering.scheme, timestamptz, %s) (SFUNC = tiering.population_add, STYPE = tiering.headcount, '
            'FINALFUNC = tiering.population_final, COMBINEFUNC = tiering.headcount_combine, PARALLEL = SAFE)', type);
        EXECUTE pg_catalog.format('COMMENT ON AGGREGATE tiering.fit (tiering.scheme, timestamptz, %s) IS %L', type,
            pg_catalog.format('as fit() of inputs of any type: (scheme, as_of, %s); workers of Citus compute it in parts', what));
        EXECUTE pg_catalog.format('COMMENT ON AGGREGATE tiering.population (tiering.scheme, timestamptz, %s) IS %L', type,
            pg_catalog.format('as population() of inputs of any type: (scheme, as_of, %s); workers of Citus compute it in parts', what));
    END LOOP;
END
$typed$;

CREATE AGGREGATE tiering.fit_part (tiering.scheme, timestamptz, bytea) (
    SFUNC = tiering.fit_add, STYPE = tiering.fitting, SSPACE = 1048576, FINALFUNC = tiering.fitting_final, COMBINEFUNC = tiering.fitting_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.fit_part (tiering.scheme, timestamptz, bytea) IS
    'superseded by fit_part(fit_reading(…)), which does not pass the scheme with each customer. A part of fit(), which another server can compute: (scheme, as_of, reading), with tiering.reading(scheme, inputs…). rollup() merges parts, fit_final() makes the scheme of '
    'them. Customers are set aside as by fit(). ERROR 22P03 bytes that are no reading of the scheme';
CREATE AGGREGATE tiering.population_part (tiering.scheme, timestamptz, bytea) (
    SFUNC = tiering.population_add, STYPE = tiering.headcount, FINALFUNC = tiering.headcount_final, COMBINEFUNC = tiering.headcount_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.population_part (tiering.scheme, timestamptz, bytea) IS
    'superseded by population_part(population_reading(…)), which does not pass the scheme with each customer. A part of population(), which another server can compute: (scheme, as_of, reading), with tiering.reading(scheme, inputs…). rollup() merges parts, population_final() counts '
    'them. Customers are set aside as by population(). ERROR 22P03 bytes that are no reading of the scheme, 55000 for an unfitted scheme';
CREATE AGGREGATE tiering.rollup (part tiering.fitting) (
    SFUNC = tiering.fitting_combine, STYPE = tiering.fitting, FINALFUNC = tiering.fitting_final, COMBINEFUNC = tiering.fitting_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.rollup (tiering.fitting) IS 'merges parts of a fit; NULLs are ignored. ERROR 22023 parts of different schemes';
CREATE AGGREGATE tiering.rollup (part tiering.headcount) (
    SFUNC = tiering.headcount_combine, STYPE = tiering.headcount, FINALFUNC = tiering.headcount_final, COMBINEFUNC = tiering.headcount_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.rollup (tiering.headcount) IS 'merges parts of a population; NULLs are ignored. ERROR 22023 parts of different schemes';

CREATE FUNCTION tiering.shard_column(source regclass) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.attname::text FROM pg_partitioned_table t
    JOIN pg_attribute a ON a.attrelid = t.partrelid AND a.attnum = t.partattrs[0]
    WHERE t.partrelid = $1 AND t.partstrat = 'l' AND t.partnatts = 1
        AND EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1 AND c.relkind = 'f');
END;
COMMENT ON FUNCTION tiering.shard_column(regclass) IS
    'the column that says on which server a row is, of a table that is partitioned by the values of one and has partitions on other servers, as import_shards() makes; NULL: it is none';

-- A table below a view counts as well. Citus is asked by a statement that is made when it is there: its catalogue is.
CREATE FUNCTION tiering.rows_elsewhere(source regclass) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    below oid[];
    found text;
BEGIN
    WITH RECURSIVE b AS (
        SELECT rows_elsewhere.source::oid AS relation
        UNION
        SELECT n.relation FROM b, LATERAL (
            SELECT d.refobjid AS relation FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
            WHERE w.ev_class = b.relation AND w.ev_type = '1' AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> b.relation
            UNION ALL SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = b.relation) n
    )
    SELECT array_agg(b.relation) INTO below FROM b;
    IF EXISTS (SELECT FROM pg_class c WHERE c.oid = ANY (below) AND c.relkind = 'f') THEN
        RETURN 'foreign';
    END IF;
    IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
        -- Of tables that Citus manages where they are (n, s) the rows are here.
        EXECUTE 'SELECT ''distributed'' FROM pg_catalog.pg_dist_partition t WHERE t.logicalrelid = ANY ($1) AND (t.partmethod, t.repmodel) <> (''n'', ''s'') LIMIT 1' INTO found USING below;
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION tiering.rows_elsewhere(regclass) IS
    'how rows of a table or view, or of a table below it, come to be on other servers: foreign (foreign tables), distributed (Citus); NULL: all are here';

CREATE FUNCTION tiering.counted_by_shard(source regclass, expressions text[], condition text DEFAULT NULL) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN (SELECT CASE WHEN x.shard IS NULL THEN format('SELECT %s FROM %s s%s%s', concat_ws(', ', x.named, 'pg_catalog.count(*) AS n'), source, x.filter, x.grouped)
        ELSE format('SELECT %s FROM (SELECT %s FROM %s s%s GROUP BY %s) p%s', concat_ws(', ', x.again, 'pg_catalog.sum(p.n)::pg_catalog.int8 AS n'),
            concat_ws(', ', format('s.%I AS shard', x.shard), x.named, 'pg_catalog.count(*) AS n'), source, x.filter,
            (SELECT string_agg(n::text, ', ' ORDER BY n) FROM generate_series(1, x.columns + 1) AS n), x.grouped) END
        FROM (SELECT tiering.shard_column(source) AS shard, cardinality(expressions) AS columns, ' WHERE ' || condition AS filter,
            (SELECT string_agg(format('%s AS e%s', e.expression, e.n), ', ' ORDER BY e.n) FROM unnest(expressions) WITH ORDINALITY AS e (expression, n)) AS named,
            (SELECT string_agg(format('p.e%s', n), ', ' ORDER BY n) FROM generate_subscripts(expressions, 1) AS n) AS again,
            (SELECT ' GROUP BY ' || string_agg(n::text, ', ' ORDER BY n) FROM generate_subscripts(expressions, 1) AS n) AS grouped) AS x);
COMMENT ON FUNCTION tiering.counted_by_shard(regclass, text[], text) IS
    'the query that counts the rows of a table or view s (n) by some expressions (e1, e2 …), all of them without any: each server of postgres_fdw counts its own. condition: on rows of s';

CREATE FUNCTION tiering.over_source(document tiering.scheme, source regclass, mapping jsonb, aggregate text, arguments text DEFAULT '', condition text DEFAULT '') RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN (SELECT CASE
            WHEN t.shard IS NOT NULL THEN format('SELECT tiering.%I(tiering.rollup(p.part)%s), pg_catalog.sum(p.n)::pg_catalog.int8 FROM (SELECT %s AS part, pg_catalog.count(*) AS n FROM %s GROUP BY s.%I) p',
                t.final, q.document, q.part, t.rows, t.shard)
            WHEN t.elsewhere IS NOT NULL THEN format('SELECT tiering.%I(%s%s), pg_catalog.count(*) FROM %s', t.final, q.part, q.document, t.rows)
            -- where all rows are here, nobody has to write readings for others
            ELSE format('SELECT tiering.%I($1, $2, %s%s), pg_catalog.count(*) FROM %s', aggregate, arguments, t.inputs, t.rows) END
        FROM (SELECT tiering.shard_column(source) AS shard, tiering.rows_elsewhere(source) AS elsewhere, aggregate || '_final' AS final, aggregate IN ('fit', 'population') AS of_readings,
            concat(source, ' s', ' WHERE ' || nullif(condition, '')) AS rows,
            (SELECT string_agg(tiering.input_expression(format('s.%I', c.column_name), c.type, c.words), ', ') FROM tiering.input_columns(document, source, mapping) c) AS inputs) t
        -- Readings of a fit or a population do not hold the document, which the final function is given. Outcomes are gathered with it beside the reading.
        CROSS JOIN LATERAL (SELECT CASE WHEN t.of_readings THEN format('tiering.%I(tiering.%I($1, $2, %s))', aggregate || '_part', aggregate || '_reading', t.inputs)
                ELSE format('tiering.%I($1, $2, %stiering.reading($1, %s))', aggregate || '_part', arguments, t.inputs) END AS part,
            CASE WHEN t.of_readings THEN ', $1' END AS document) q);
COMMENT ON FUNCTION tiering.over_source(tiering.scheme, regclass, jsonb, text, text, text) IS
    'the query that runs an aggregate (such as fit or population) of a scheme ($1) and an as-of ($2) over a table or view s, and counts the rows: by parts, which other servers compute where '
    'the rows are. arguments: what comes before the inputs, each with a comma; condition: on rows of s';

CREATE FUNCTION tiering.unreadable_customers(document tiering.scheme, source regclass, mapping jsonb, key text, shown integer, path text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Without a key, the primary key if that is one column.
    key_column text := coalesce(key, (SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = source AND i.indisprimary AND i.indnkeyatts = 1));
    named text := CASE WHEN key_column IS NULL THEN '''one: ''' ELSE format('pg_catalog.format(''customer %%s: '', s.%I)', key_column) END;
    problems text;
    found text;
BEGIN
    SELECT string_agg(format('tiering.input_problem($1, %L, %s)', c.input, tiering.input_expression(format('s.%I', c.column_name), c.type, c.words)), ', ') INTO problems
    FROM tiering.input_columns(document, source, mapping) c;
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE format('SELECT pg_catalog.string_agg(f.line, '' '') FROM (SELECT DISTINCT %1$s || pg_catalog.concat_ws('' '', %3$s) AS line FROM %2$s s '
        'WHERE pg_catalog.concat_ws('' '', %3$s) <> '''' ORDER BY 1 LIMIT $2) f', named, source, problems)
        INTO found USING document, shown;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    RETURN found;
END
$$;
COMMENT ON FUNCTION tiering.unreadable_customers(tiering.scheme, regclass, jsonb, text, integer, text) IS
    'some customers of a table or view, by their key, with values that a scheme cannot grade, and what is wrong with them; as text for people';

CREATE FUNCTION tiering.newest_scheme(scheme text) RETURNS tiering.scheme
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found tiering.scheme;
BEGIN
    SELECT s.document INTO found FROM tiering.schemes s
    WHERE s.scheme = newest_scheme.scheme AND s.status <> 'retired' ORDER BY s.version DESC LIMIT 1;
    RETURN coalesce(found, tiering.current_scheme(newest_scheme.scheme));
END
$$;
COMMENT ON FUNCTION tiering.newest_scheme(text) IS
    'the newest version of a scheme that is not retired: criteria may be drafted, fitted and judged before they are approved. ERROR 42704, 55000 as current_scheme()';

CREATE FUNCTION tiering.population_drift(document jsonb, scheme text, today jsonb)
    RETURNS TABLE (measure text, name text, code text, n_then bigint, share_then numeric, n_now bigint, share_now numeric, psi numeric)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH counts AS (
        SELECT 'characteristic' AS measure, c.n AS place, c.c ->> 'name' AS name, b.n AS bin, b.b ->> 'code' AS code,
            ($1 #>> ARRAY['population', 'bins', c.c ->> 'name', b.b ->> 'code'])::bigint AS n_then,
            ($3 #>> ARRAY['bins', c.c ->> 'name', b.b ->> 'code'])::bigint AS n_now
        FROM jsonb_array_elements($1 -> 'characteristics') WITH ORDINALITY AS c (c, n)
        CROSS JOIN jsonb_array_elements(c.c -> 'bins') WITH ORDINALITY AS b (b, n)
        UNION ALL
        SELECT 'tier', NULL, $2, t.n, t.t ->> 'code',
            ($1 #>> ARRAY['population', 'tiers', t.t ->> 'code'])::bigint, ($3 #>> ARRAY['tiers', t.t ->> 'code'])::bigint
        FROM jsonb_array_elements($1 -> 'tiers') WITH ORDINALITY AS t (t, n)
        UNION ALL
        SELECT 'graded', NULL, $2, g.n, g.code,
            CASE g.n WHEN 1 THEN ($1 #>> '{population,n}')::bigint - ($1 #>> '{population,ungraded}')::bigint ELSE ($1 #>> '{population,ungraded}')::bigint END,
            CASE g.n WHEN 1 THEN ($3 ->> 'n')::bigint - ($3 ->> 'ungraded')::bigint ELSE ($3 ->> 'ungraded')::bigint END
        FROM unnest(ARRAY['graded', 'ungraded']) WITH ORDINALITY AS g (code, n)
    ), shares AS (
        SELECT c.measure, c.place, c.name, c.bin, c.code, coalesce(c.n_then, 0) AS n_then, coalesce(c.n_now, 0) AS n_now,
            coalesce(c.n_then, 0) / nullif(sum(c.n_then) OVER w, 0) AS share_then,
            coalesce(c.n_now, 0) / nullif(sum(c.n_now) OVER w, 0) AS share_now
        FROM counts c
        WINDOW w AS (PARTITION BY c.measure, c.name)
    ), terms AS (
        -- A share of zero would be infinitely far from any other: it counts as one in ten thousand.
        SELECT s.*, (greatest(s.share_now, 0.0001) - greatest(s.share_then, 0.0001))
            * ln(greatest(s.share_now, 0.0001) / greatest(s.share_then, 0.0001)) AS psi
        FROM shares s
    )
    SELECT t.measure, t.name, t.code, sum(t.n_then)::bigint, round(sum(t.share_then), 6), sum(t.n_now)::bigint, round(sum(t.share_now), 6), round(sum(t.psi), 6)
    FROM terms t
    GROUP BY GROUPING SETS ((t.measure, t.place, t.name), (t.measure, t.place, t.name, t.bin, t.code))
    ORDER BY t.measure, t.place, t.bin NULLS FIRST;
END;
COMMENT ON FUNCTION tiering.population_drift(jsonb, text, jsonb) IS
    'the rows of scheme_drift(): the document of a scheme, with the population that it was fitted to, beside the counts of today as population() gives them';

CREATE FUNCTION tiering.fit_scheme(scheme text, source regclass, mapping jsonb DEFAULT '{}', fitted_as text DEFAULT NULL,
        as_of timestamptz DEFAULT now(), key text DEFAULT NULL, strict boolean DEFAULT false, path text DEFAULT current_setting('search_path'),
        only_if_drift numeric DEFAULT NULL)
    RETURNS TABLE (stored_as text, version integer, characteristic text, share_of text, cuts numeric[], n bigint, min numeric, max numeric)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_partitionwise_aggregate = on
AS $$
#variable_conflict use_column
DECLARE
    shown CONSTANT integer := 3;
    name text := coalesce(fit_scheme.fitted_as, fit_scheme.scheme);
    document tiering.scheme;
    population jsonb;
    customers bigint;
    set_aside bigint;
    stored integer;
    query text;
    fitted tiering.scheme;
    first_fitted tiering.scheme;
    moved record;
    failed_detail text;
    failed_hint text;
BEGIN
    IF fit_scheme.scheme IS NULL OR fit_scheme.source IS NULL OR fit_scheme.mapping IS NULL OR fit_scheme.as_of IS NULL THEN
        RETURN;
    END IF;
    IF fit_scheme.key IS NOT NULL THEN
        PERFORM tiering.require_column(fit_scheme.source, fit_scheme.key, 'Name the column that identifies the customer.');
    END IF;
    document := tiering.newest_scheme(fit_scheme.scheme);
    IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = name AND s.built_in) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('scheme "%s" belongs to the extension', name),
            HINT = format('Give the fitted scheme a name of its own: SELECT * FROM tiering.fit_scheme(%L, %L, %L, fitted_as => ''my_%s'').', fit_scheme.scheme, fit_scheme.source, fit_scheme.mapping, fit_scheme.scheme);
    END IF;
    -- What is wrong with the mapping is told of this scheme: one of the other name need not be there yet.
    PERFORM FROM tiering.input_columns(document, fit_scheme.source, fit_scheme.mapping);
    document := tiering.unfitted(tiering.scheme(tiering.to_jsonb(document) || jsonb_build_object('scheme', name)));
    IF fit_scheme.only_if_drift IS NOT NULL THEN
        IF NOT (fit_scheme.only_if_drift > 0 AND fit_scheme.only_if_drift < 'infinity') THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('only_if_drift is %s', fit_scheme.only_if_drift),
                DETAIL = 'It is a population stability index: below 0.1 nothing has moved, from 0.25 on much has.',
                HINT = 'only_if_drift => 0.1 fits the scheme if something has moved, NULL in any case.';
        END IF;
        -- Of the newest version, a draft as well: a fit that waits for approval is not done again. Other criteria, also than those that were fitted, are fitted in any case.
        SELECT s.document INTO fitted FROM tiering.schemes s WHERE s.scheme = name AND s.status <> 'retired' ORDER BY s.version DESC LIMIT 1;
        SELECT s.document INTO first_fitted FROM tiering.schemes s
        WHERE s.scheme = name AND tiering.to_jsonb(s.document) -> 'population' = tiering.to_jsonb(fitted) -> 'population' ORDER BY s.version LIMIT 1;
        IF tiering.unfitted(fitted) = document AND tiering.unfitted(first_fitted) = document THEN
            query := tiering.over_source(fitted, fit_scheme.source, fit_scheme.mapping, 'population');
            PERFORM set_config('search_path', tiering.source_path(path), true);
            EXECUTE query INTO population USING fitted, fit_scheme.as_of;
            PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
            SELECT d.name, d.psi INTO moved FROM tiering.population_drift(tiering.to_jsonb(fitted), name, population) d WHERE d.code IS NULL ORDER BY d.psi DESC NULLS LAST LIMIT 1;
            IF moved.psi < fit_scheme.only_if_drift THEN
                RAISE NOTICE USING MESSAGE = tiering.translated(format('scheme "%s" stays as it is: the largest drift is %s, of "%s"', name, moved.psi, moved.name)),
                    HINT = tiering.translated(format('SELECT * FROM tiering.scheme_drift(%L, %L, %L) shows all.', name, fit_scheme.source, fit_scheme.mapping));
                RETURN;
            END IF;
        END IF;
    END IF;
    LOOP
        query := tiering.over_source(document, fit_scheme.source, fit_scheme.mapping, 'fit');
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO document, customers USING document, fit_scheme.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        IF document IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
                MESSAGE = format('nothing to fit scheme "%s" to', fit_scheme.scheme),
                DETAIL = format('%s holds no customers, or none that you may see.', fit_scheme.source),
                HINT = 'Pass a table or view with one row for each customer.';
        END IF;
        EXIT WHEN NOT tiering.is_unfitted(document);
    END LOOP;
    query := tiering.over_source(document, fit_scheme.source, fit_scheme.mapping, 'population');
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE query INTO population, customers USING document, fit_scheme.as_of;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    set_aside := customers - (population ->> 'n')::bigint;
    IF set_aside > 0 THEN
        IF fit_scheme.strict THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
                MESSAGE = format('%s of %s customers have values that cannot be graded', set_aside, customers),
                DETAIL = tiering.unreadable_customers(document, fit_scheme.source, fit_scheme.mapping, fit_scheme.key, shown, path),
                HINT = format('SELECT * FROM tiering.check_inputs(%L, %L, %L) lists what is wrong; strict => false fits the scheme to the others.', fit_scheme.scheme, fit_scheme.source, fit_scheme.mapping);
        END IF;
        RAISE NOTICE USING MESSAGE = tiering.translated(format('%s of %s customers were set aside', set_aside, customers)),
            DETAIL = tiering.translated(tiering.unreadable_customers(document, fit_scheme.source, fit_scheme.mapping, fit_scheme.key, shown, path));
    END IF;
    document := tiering.scheme(tiering.to_jsonb(document) || jsonb_build_object('population', population));
    IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = name) THEN
        stored := tiering.revise_scheme(document);
    ELSE
        stored := tiering.create_scheme(document);
    END IF;
    RETURN QUERY
        SELECT name, stored, f.characteristic, f.fit ->> 'share_of', f.cuts, (f.fitted ->> 'n')::bigint, (f.fitted ->> 'min')::numeric, (f.fitted ->> 'max')::numeric
        FROM (
            SELECT c.n, c.c ->> 'name', c.c -> 'fit', c.c -> 'fitted',
                -- The best bin first: each cut is the lower end of the better bin, or of the worse where low is best.
                ARRAY(SELECT (b.b ->> 'gte')::numeric FROM jsonb_array_elements(c.c -> 'bins') WITH ORDINALITY AS b (b, n)
                    WHERE b.b ? 'gte' ORDER BY b.n)
            FROM jsonb_array_elements(tiering.to_jsonb(document) -> 'characteristics') WITH ORDINALITY AS c (c, n)
            UNION ALL
            SELECT NULL, 'score', d.d -> 'fit', d.d -> 'fitted',
                ARRAY(SELECT (b.b ->> 'gte')::numeric FROM jsonb_array_elements(d.d -> 'cuts') WITH ORDINALITY AS b (b, n)
                    WHERE b.b ? 'gte' ORDER BY b.n)
            FROM (SELECT tiering.to_jsonb(document) -> 'decision') AS d (d)
        ) AS f (n, characteristic, fit, fitted, cuts)
        WHERE f.fitted IS NOT NULL
        ORDER BY f.n;
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_inputs(document, fit_scheme.source, fit_scheme.mapping, '{}', fit_scheme.key, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.fit_scheme(text, regclass, jsonb, text, timestamptz, text, boolean, text, numeric) IS
    'fits the cut points of a scheme to the customers of a table or view and stores the result as a new draft version, or as '
    'the scheme fitted_as, with the size and range of the population and its counts by bin and tier. mapping: the column of '
    'each input whose name differs. One pass fits all characteristics, a second one the cuts of a score, a last one counts. '
    'Returns the cuts, best first. Equal values share a bin; NOTICE about bins that stay empty. Customers with values that cannot be '
    'graded are set aside: a WARNING counts them, a NOTICE names some by key (or else by the primary key); with strict they are an ERROR '
    '22023. path: search_path under which they are read. only_if_drift: such as 0.1; nothing is stored, and a NOTICE says so, unless the population stability index (scheme_drift()) of a '
    'characteristic or of the tiers has come to it since the newest version was fitted. ERROR 22023 nothing to fit; 42704 unknown scheme or input; 42703 no such column; 55006 a scheme of the extension without '
    'fitted_as. Nothing is stored then';

CREATE FUNCTION tiering.scheme_drift(scheme text, source regclass, mapping jsonb DEFAULT '{}', as_of timestamptz DEFAULT now(), path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (measure text, name text, code text, n_then bigint, share_then numeric, n_now bigint, share_now numeric, psi numeric)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_partitionwise_aggregate = on
AS $$
#variable_conflict use_column
DECLARE
    document tiering.scheme := tiering.current_scheme(scheme_drift.scheme);
    before jsonb := tiering.to_jsonb(document) -> 'population';
    today jsonb;
    query text;
    failed_detail text;
    failed_hint text;
BEGIN
    IF scheme_drift.scheme IS NULL OR scheme_drift.source IS NULL OR scheme_drift.mapping IS NULL OR scheme_drift.as_of IS NULL THEN
        RETURN;
    END IF;
    IF before IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('scheme "%s" was not fitted to a population', scheme_drift.scheme),
            DETAIL = 'There is nothing to compare the customers of today with.',
            HINT = format('SELECT * FROM tiering.fit_scheme(%L, %L, %L) fits it; then approve the version.', scheme_drift.scheme, scheme_drift.source, scheme_drift.mapping);
    END IF;
    query := tiering.over_source(document, scheme_drift.source, scheme_drift.mapping, 'population');
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE query INTO today USING document, scheme_drift.as_of;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    IF today IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s holds no customers, or none that you may see', scheme_drift.source),
            HINT = 'Pass a table or view with one row for each customer.';
    END IF;
    RETURN QUERY SELECT * FROM tiering.population_drift(tiering.to_jsonb(document), scheme_drift.scheme, today);
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_inputs(document, scheme_drift.source, scheme_drift.mapping, '{}', NULL, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.scheme_drift(text, regclass, jsonb, timestamptz, text) IS
    'how far the customers of today have moved from those that the current version of a scheme was fitted to: count and '
    'share of each bin, of each tier, and of those graded at all, then and now, and the population stability index, in the row '
    'without code that of the whole. Below 0.1 nothing to do, from 0.25 on fit again (Siddiqi, Credit Risk Scorecards, 2006). '
    'path: search_path under which they are read. ERROR 55000 if the scheme was not fitted; 42704, 42703 as for fit_scheme()';
