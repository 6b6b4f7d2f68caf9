-- What every type of the extension can do: =, <>, an order, hash and B-tree operator classes, a fingerprint, JSON.
--
-- DISTINCT, GROUP BY, UNION, ORDER BY, statistics and replica identity find a default operator class by the type, whatever the search_path. An
-- operator that is written, as = is, is looked up by its name in the search_path, which need not have the schema tiering. There the implicit cast to
-- uuid helps: both sides become fingerprints, which pg_catalog compares, with the same result and in the same order. Not operators in pg_catalog,
-- which is the server's own; not a cast to bytea, which would take a literal of JSON for bytes and find it unequal without a word (uuid refuses it), and
-- would let functions of bytea take our values.

DO $types$
DECLARE
    type record;
    operator record;
    json_type text;
BEGIN
    FOR type IN
        SELECT t.typname AS name, split_part(s.prosrc, '_', 1) AS stored_as
        FROM pg_type t
        JOIN pg_proc s ON s.oid = t.typsend
        WHERE t.typnamespace = 'tiering'::regnamespace AND s.prosrc IN ('value_send', 'document_send')
        ORDER BY t.oid
    LOOP
        EXECUTE format('CREATE FUNCTION tiering.fingerprint(tiering.%I) RETURNS uuid LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS ''MODULE_PATHNAME'', %L',
            type.name, type.stored_as || '_fingerprint');
        EXECUTE format('COMMENT ON FUNCTION tiering.fingerprint(tiering.%I) IS %L', type.name,
            format('the first 16 bytes of the SHA-256 of a %s, the same on every server; equal values have equal ones, and values sort by it', type.name));
        EXECUTE format('CREATE CAST (tiering.%1$I AS uuid) WITH FUNCTION tiering.fingerprint(tiering.%1$I) AS IMPLICIT', type.name);
        EXECUTE format('COMMENT ON CAST (tiering.%1$I AS uuid) IS ''fingerprint; lets =, <>, IN and IS DISTINCT FROM work where tiering is not on the search_path''', type.name);

        EXECUTE format('CREATE FUNCTION tiering.%1$I(tiering.%2$I, tiering.%2$I) RETURNS integer LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS ''MODULE_PATHNAME'', %3$L',
            type.name || '_cmp', type.name, type.stored_as || '_cmp');
        EXECUTE format('COMMENT ON FUNCTION tiering.%1$I(tiering.%2$I, tiering.%2$I) IS ''order of two values by their fingerprints: -1, 0 or 1''', type.name || '_cmp', type.name);
        EXECUTE format('CREATE FUNCTION tiering.%1$I(tiering.%2$I) RETURNS integer LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS ''MODULE_PATHNAME'', %3$L',
            type.name || '_hash', type.name, type.stored_as || '_hash');
        EXECUTE format('COMMENT ON FUNCTION tiering.%I(tiering.%I) IS ''hash of the fingerprint''', type.name || '_hash', type.name);

        FOR operator IN
            SELECT * FROM (VALUES
                ('=', 'eq', '=', '<>', 'eqsel', 'eqjoinsel', ', HASHES, MERGES', 'whether two values have the same bytes'),
                ('<>', 'ne', '<>', '=', 'neqsel', 'neqjoinsel', '', 'whether two values have different bytes'),
                ('<', 'lt', '>', '>=', 'scalarltsel', 'scalarltjoinsel', '', 'whether the fingerprint is less'),
                ('<=', 'le', '>=', '>', 'scalarlesel', 'scalarlejoinsel', '', 'whether the fingerprint is less or the same'),
                ('>', 'gt', '<', '<=', 'scalargtsel', 'scalargtjoinsel', '', 'whether the fingerprint is greater'),
                ('>=', 'ge', '<=', '<', 'scalargesel', 'scalargejoinsel', '', 'whether the fingerprint is greater or the same')
            ) AS o (symbol, suffix, commutator, negator, restriction, selectivity, more, about)
        LOOP
            -- The server calls cmp to sort and in indexes, and writes the bodies in SQL into the query.
            EXECUTE format('CREATE FUNCTION tiering.%1$I(tiering.%2$I, tiering.%2$I) RETURNS boolean LANGUAGE ', type.name || '_' || operator.suffix, type.name)
                || CASE operator.suffix
                    WHEN 'eq' THEN 'c IMMUTABLE STRICT PARALLEL SAFE AS ''MODULE_PATHNAME'', ''value_eq'''
                    WHEN 'ne' THEN format('sql IMMUTABLE STRICT PARALLEL SAFE RETURN NOT tiering.%I($1, $2)', type.name || '_eq')
                    ELSE format('sql IMMUTABLE STRICT PARALLEL SAFE RETURN tiering.%I($1, $2) %s 0', type.name || '_cmp', operator.symbol)
                END;
            EXECUTE format('COMMENT ON FUNCTION tiering.%1$I(tiering.%2$I, tiering.%2$I) IS %3$L', type.name || '_' || operator.suffix, type.name, operator.about);
            EXECUTE format('CREATE OPERATOR tiering.%1$s (LEFTARG = tiering.%2$I, RIGHTARG = tiering.%2$I, FUNCTION = tiering.%3$I, '
                'COMMUTATOR = OPERATOR(tiering.%4$s), NEGATOR = OPERATOR(tiering.%5$s), RESTRICT = %6$s, JOIN = %7$s%8$s)',
                operator.symbol, type.name, type.name || '_' || operator.suffix, operator.commutator, operator.negator, operator.restriction, operator.selectivity, operator.more);
            EXECUTE format('COMMENT ON OPERATOR tiering.%1$s (tiering.%2$I, tiering.%2$I) IS %3$L', operator.symbol, type.name, operator.about);
        END LOOP;

        EXECUTE format('CREATE OPERATOR CLASS tiering.%1$I DEFAULT FOR TYPE tiering.%2$I USING hash AS '
            'OPERATOR 1 tiering.=, FUNCTION 1 tiering.%3$I(tiering.%2$I)', type.name || '_ops', type.name, type.name || '_hash');
        EXECUTE format('CREATE OPERATOR CLASS tiering.%1$I DEFAULT FOR TYPE tiering.%2$I USING btree AS '
            'OPERATOR 1 tiering.<, OPERATOR 2 tiering.<=, OPERATOR 3 tiering.=, OPERATOR 4 tiering.>=, OPERATOR 5 tiering.>, '
            'FUNCTION 1 tiering.%3$I(tiering.%2$I, tiering.%2$I)', type.name || '_ops', type.name, type.name || '_cmp');
    END LOOP;

    -- Where the text of a value is JSON, it is an object in the JSON of its row: to_json() and to_jsonb() look for a cast to json.
    FOREACH json_type IN ARRAY ARRAY['scheme', 'calendar', 'lifetime_model', 'rfm', 'distribution', 'tier_tally', 'migration'] LOOP
        EXECUTE format('CREATE FUNCTION tiering.%1$I(tiering.%2$I) RETURNS json LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN $1::text::json', json_type || '_to_json', json_type);
        EXECUTE format('COMMENT ON FUNCTION tiering.%I(tiering.%I) IS %L', json_type || '_to_json', json_type,
            format('cast of a %s to json: its text, which reads back', json_type));
        EXECUTE format('CREATE CAST (tiering.%1$I AS json) WITH FUNCTION tiering.%2$I(tiering.%1$I)', json_type, json_type || '_to_json');
        -- the documents have it
        IF NOT EXISTS (SELECT FROM pg_cast c WHERE c.castsource = format('tiering.%I', json_type)::regtype AND c.casttarget = 'jsonb'::regtype) THEN
            EXECUTE format('CREATE FUNCTION tiering.%1$I(tiering.%2$I) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN $1::text::jsonb', json_type || '_to_jsonb', json_type);
            EXECUTE format('COMMENT ON FUNCTION tiering.%I(tiering.%I) IS %L', json_type || '_to_jsonb', json_type,
                format('cast of a %s to jsonb: its text, which reads back', json_type));
            EXECUTE format('CREATE CAST (tiering.%1$I AS jsonb) WITH FUNCTION tiering.%2$I(tiering.%1$I)', json_type, json_type || '_to_jsonb');
        END IF;
    END LOOP;
END
$types$;
