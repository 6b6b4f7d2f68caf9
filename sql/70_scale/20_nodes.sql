-- Schemes, calendars and overlays of one's own on every server: each grades by the copies that it has.

CREATE FUNCTION tiering.node_digest() RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET timezone = 'UTC'
BEGIN ATOMIC
    SELECT md5(coalesce(string_agg(d.line, chr(10) ORDER BY d.line COLLATE "C"), '')) FROM (
        SELECT concat_ws(' ', 'scheme', s.scheme, s.version, s.status, encode(s.digest, 'hex')) FROM tiering.schemes s WHERE NOT s.built_in AND s.status <> 'draft'
        UNION ALL SELECT concat_ws(' ', 'calendar', c.calendar, encode(c.digest, 'hex')) FROM tiering.calendars c WHERE NOT c.built_in
        UNION ALL SELECT concat_ws(' ', 'extension', e.calendar, e.holidays, e.workdays, e.known_until) FROM tiering.calendar_extensions e
        UNION ALL SELECT concat_ws(' ', 'overlay', o.overlay, o.document) FROM tiering.overlays o WHERE NOT o.built_in
        UNION ALL SELECT concat_ws(' ', 'strategy', t.scheme, t.tier, t.version, t.strategy) FROM tiering.tier_strategies t
        UNION ALL SELECT concat_ws(' ', 'defaults', coalesce(f.timezone, '-'), coalesce(f.calendar, '-'), coalesce(f.lang, '-')) FROM tiering.defaults f
    ) AS d (line);
END;
COMMENT ON FUNCTION tiering.node_digest() IS
    'a digest of what a server grades by beside the presets: approved and retired schemes, calendars, overlays, strategies, defaults. Equal on servers that grade alike';

CREATE FUNCTION tiering.node_statements() RETURNS SETOF text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET timezone = 'UTC'
BEGIN ATOMIC
    SELECT n.statement FROM (
        SELECT 1, e.calendar, 1, format('INSERT INTO tiering.calendar_extensions (calendar, holidays, workdays, known_until) VALUES (%L, %L, %L, %L) '
            'ON CONFLICT (calendar) DO UPDATE SET holidays = excluded.holidays, workdays = excluded.workdays, known_until = excluded.known_until', e.calendar, e.holidays, e.workdays, e.known_until)
        FROM tiering.calendar_extensions e
        UNION ALL
        SELECT 2, c.calendar, 1, format('INSERT INTO tiering.calendars (calendar, document) VALUES (%L, %L) ON CONFLICT (calendar) DO UPDATE SET document = excluded.document '
            'WHERE calendars.digest <> excluded.digest', c.calendar, c.document) FROM tiering.calendars c WHERE NOT c.built_in
        UNION ALL
        SELECT 3, s.scheme, s.version, format('SELECT tiering.adopt_scheme(%L, %s, %L)', s.document, s.version, s.status) FROM tiering.schemes s WHERE NOT s.built_in AND s.status <> 'draft'
        UNION ALL
        SELECT 4, o.overlay, 1, format('INSERT INTO tiering.overlays (overlay, document) VALUES (%L, %L) ON CONFLICT (overlay) DO UPDATE SET document = excluded.document '
            'WHERE overlays.document <> excluded.document', o.overlay, o.document) FROM tiering.overlays o WHERE NOT o.built_in
        UNION ALL
        SELECT 5, t.scheme || ' ' || t.tier, t.version, format('INSERT INTO tiering.tier_strategies (scheme, tier, version, strategy) VALUES (%L, %L, %s, %L) ON CONFLICT DO NOTHING',
            t.scheme, t.tier, t.version, t.strategy) FROM tiering.tier_strategies t
        UNION ALL
        SELECT 6, '', 1, format('INSERT INTO tiering.defaults (timezone, calendar, lang) VALUES (%L, %L, %L) '
            'ON CONFLICT (one) DO UPDATE SET timezone = excluded.timezone, calendar = excluded.calendar, lang = excluded.lang', f.timezone, f.calendar, f.lang) FROM tiering.defaults f
    ) AS n (kind, name, version, statement)
    ORDER BY n.kind, n.name COLLATE "C", n.version;
END;
COMMENT ON FUNCTION tiering.node_statements() IS
    'the statements that give another server the schemes (but drafts), calendars, overlays, strategies and defaults of this one; what is equal there they leave as it is';

CREATE FUNCTION tiering.adopt_scheme(document tiering.scheme, version integer, status text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name CONSTANT text := tiering.scheme_name(adopt_scheme.document);
    known record;
BEGIN
    IF adopt_scheme.document IS NULL OR adopt_scheme.version IS NULL OR adopt_scheme.status IS NULL OR adopt_scheme.status NOT IN ('approved', 'retired') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'document or version is NULL, or the status is not approved or retired',
            HINT = 'SELECT tiering.node_statements(), on the server that has the schemes, writes these calls.';
    END IF;
    SELECT s.digest, s.status INTO known FROM tiering.schemes s WHERE s.scheme = name AND s.version = adopt_scheme.version;
    IF FOUND AND known.digest <> tiering.scheme_digest(adopt_scheme.document) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use', MESSAGE = format('scheme "%s" version %s is another document on this server', name, adopt_scheme.version),
            DETAIL = format('Here it is a version of its own (%s), which grades customers differently.', known.status),
            HINT = 'Store it as a version that is free on all servers: tiering.revise_scheme(document), then approve and synchronize that.';
    END IF;
    IF known.status = adopt_scheme.status THEN
        RETURN false;
    ELSIF known.status IS NULL THEN
        INSERT INTO tiering.schemes (scheme, version, document, status, approved_at, approved_by, approval_reason, retired_at, retired_by)
        SELECT name, adopt_scheme.version, adopt_scheme.document, adopt_scheme.status, now(), session_user, 'approved on another server', r.at, r.by
        FROM (SELECT CASE adopt_scheme.status WHEN 'retired' THEN now() END, CASE adopt_scheme.status WHEN 'retired' THEN session_user END) AS r (at, by);
    ELSE
        IF known.status = 'draft' THEN
            UPDATE tiering.schemes s SET status = 'approved', approval_reason = 'approved on another server' WHERE s.scheme = name AND s.version = adopt_scheme.version;
        END IF;
        UPDATE tiering.schemes s SET status = adopt_scheme.status WHERE s.scheme = name AND s.version = adopt_scheme.version AND s.status <> adopt_scheme.status;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tiering.adopt_scheme(tiering.scheme, integer, text) IS
    'stores a version that was approved, or retired since, on another server under the same number; whether anything changed. ERROR 55006 the number is taken by another document, or was retired here; 42501 you do not own the extension';

-- Who grades alike. On the coordinator of Citus its workers are asked; behind postgres_fdw, each server by a foreign table over this view of its own.

CREATE VIEW tiering.node AS
    SELECT e.extversion AS version, tiering.node_digest() AS digest FROM pg_extension e WHERE e.extname = 'customer_tiering';
GRANT SELECT ON tiering.node TO PUBLIC;
COMMENT ON VIEW tiering.node IS 'this server as others see it: import it as a foreign table, and tiering.nodes there shows it (import_shards() does)';
COMMENT ON COLUMN tiering.node.version IS 'version of the extension';
COMMENT ON COLUMN tiering.node.digest IS 'what it grades by: node_digest()';

CREATE FUNCTION tiering.has_workers() RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found boolean;
BEGIN
    IF to_regproc('pg_catalog.run_command_on_workers') IS NOT NULL AND to_regclass('pg_catalog.pg_dist_local_group') IS NOT NULL THEN
        EXECUTE 'SELECT (SELECT g.groupid FROM pg_catalog.pg_dist_local_group g) = 0 AND EXISTS (SELECT FROM pg_catalog.pg_dist_node n WHERE n.groupid <> 0 AND n.isactive)' INTO found;
    END IF;
    RETURN coalesce(found, false);
END
$$;
COMMENT ON FUNCTION tiering.has_workers() IS 'whether this server is the coordinator of Citus, with workers';

CREATE FUNCTION tiering.ask_workers(command text) RETURNS TABLE (node text, answered boolean, answer text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tiering.has_workers() THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE 'SELECT concat(w.nodename, '':'', w.nodeport), w.success, w.result FROM pg_catalog.run_command_on_workers($1) w' USING command;
END
$$;
COMMENT ON FUNCTION tiering.ask_workers(text) IS 'runs a command on the workers of Citus, each for itself: what each answers, or the error; no rows where there are none';

CREATE FUNCTION tiering.node_states() RETURNS TABLE (node text, version text, digest text, problem text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked record;
BEGIN
    IF tiering.has_workers() THEN
        FOR asked IN
            SELECT v.node, v.answered, v.answer FROM tiering.ask_workers('SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = ''customer_tiering''') v ORDER BY v.node
        LOOP
            node := asked.node;
            version := CASE WHEN asked.answered THEN nullif(asked.answer, '') END;
            digest := NULL;
            problem := CASE WHEN NOT asked.answered THEN format('does not answer: %s', asked.answer) END;
            RETURN NEXT;
        END LOOP;
    END IF;
    FOR asked IN
        SELECT t.ftrelid::regclass AS view, s.srvname AS server FROM pg_foreign_table t JOIN pg_foreign_server s ON s.oid = t.ftserver
        WHERE t.ftoptions @> '{schema_name=tiering,table_name=node}' ORDER BY s.srvname, t.ftrelid
    LOOP
        node := asked.server;
        problem := NULL;
        BEGIN
            EXECUTE format('SELECT n.version, n.digest FROM %s n', asked.view) INTO version, digest;
        EXCEPTION WHEN OTHERS THEN
            version := NULL;
            digest := NULL;
            problem := format('does not answer: %s', SQLERRM);
        END;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.node_states() IS 'the rows of tiering.nodes, without what compares them: the workers of Citus, without digest, and servers of postgres_fdw';

CREATE FUNCTION tiering.compared_nodes() RETURNS TABLE (node text, version text, digest text, problem text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    own record;
    digests jsonb;
BEGIN
    SELECT n.* INTO own FROM tiering.node n;
    FOR node, version, digest, problem IN SELECT n.* FROM tiering.node_states() n LOOP
        IF problem IS NULL AND version IS DISTINCT FROM own.version THEN
            problem := CASE WHEN version IS NULL THEN 'has no extension customer_tiering' ELSE format('has version %s of the extension, this server %s', version, own.version) END;
        ELSIF problem IS NULL THEN
            -- Another version may not have this function: only those of the same are asked.
            IF digest IS NULL THEN
                digests := coalesce(digests, (SELECT jsonb_object_agg(a.node, a.answer) FROM tiering.ask_workers('SELECT tiering.node_digest()') a WHERE a.answered), '{}');
                digest := digests ->> node;
            END IF;
            problem := CASE WHEN digest IS DISTINCT FROM own.digest THEN 'grades by other schemes, calendars, overlays, strategies or defaults' END;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.compared_nodes() IS 'the rows of tiering.nodes';

CREATE VIEW tiering.nodes AS SELECT n.* FROM tiering.compared_nodes() n;
GRANT SELECT ON tiering.nodes TO PUBLIC;
COMMENT ON VIEW tiering.nodes IS
    'the other servers that compute for this one: the workers of Citus, on its coordinator, and servers of postgres_fdw that have a foreign table over their view tiering.node; what keeps one '
    'from grading as this one does. Asked when it is read';
COMMENT ON COLUMN tiering.nodes.node IS 'host and port of a worker, name of a foreign server';
COMMENT ON COLUMN tiering.nodes.version IS 'version of the extension there; NULL: not known';
COMMENT ON COLUMN tiering.nodes.digest IS 'node_digest() there; NULL: not known';
COMMENT ON COLUMN tiering.nodes.problem IS 'NULL: it grades as this server does; otherwise that it does not answer, has another version of the extension, or grades by other documents (sync_nodes())';

CREATE FUNCTION tiering.sync_workers() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unchanged CONSTANT text := 'nothing was changed on any node';
    asked record;
    statements text;
    own record;
BEGIN
    IF NOT tiering.has_workers() THEN
        RETURN;
    END IF;
    SELECT n.* INTO own FROM tiering.node n;
    FOR asked IN SELECT n.* FROM tiering.compared_nodes() n WHERE NOT EXISTS (SELECT FROM pg_foreign_server s WHERE s.srvname = n.node) LOOP
        IF asked.version IS NULL AND asked.problem LIKE 'does not answer%' THEN
            RAISE EXCEPTION USING ERRCODE = 'connection_failure', MESSAGE = format('node %s does not answer', asked.node),
                DETAIL = format('%s; %s.', rtrim(asked.problem, '.' || chr(10)), unchanged),
                HINT = 'Bring it back, or take it out of the cluster (citus_disable_node), and try again.';
        ELSIF asked.version IS DISTINCT FROM own.version THEN
            RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = format('node %s %s', asked.node, asked.problem),
                DETAIL = format('It might grade otherwise; %s.', unchanged), HINT = format('There: ALTER EXTENSION customer_tiering UPDATE TO %L, and try again.', own.version);
        END IF;
    END LOOP;
    SELECT coalesce(string_agg(regexp_replace(n.statement, '^SELECT', 'PERFORM') || ';', chr(10)), 'NULL;') INTO statements FROM tiering.node_statements() AS n (statement);
    -- Each worker commits for itself. First all of them try it and take it back, so that none has what another refuses.
    FOR asked IN SELECT a.* FROM tiering.ask_workers(format('DO %L', 'BEGIN ' || statements || ' RAISE EXCEPTION ''tried: %'', tiering.node_digest(); END')) a LOOP
        IF asked.answer NOT LIKE '%tried: ' || own.digest || '%' THEN
            RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = format('node %s does not take the schemes of this server', asked.node),
                DETAIL = format('%s; %s.', CASE WHEN asked.answer LIKE '%tried: %' THEN 'It has schemes, calendars, overlays or strategies that this server has not' ELSE rtrim(asked.answer, '.' || chr(10)) END, unchanged),
                HINT = 'Schemes are made on the coordinator. What was made there by hand: retire or delete it there, or make it here as well.';
        END IF;
    END LOOP;
    FOR asked IN SELECT a.* FROM tiering.ask_workers(format('DO %L', 'BEGIN ' || statements || ' END')) a LOOP
        IF NOT asked.answered THEN
            RAISE EXCEPTION USING ERRCODE = 'connection_failure', MESSAGE = format('node %s failed when it was given the schemes of this server', asked.node), DETAIL = asked.answer,
                HINT = 'SELECT * FROM tiering.nodes shows who has them; try again when it is back.';
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.sync_workers() IS
    'a part of sync_nodes(), approve_scheme() and retire_scheme(): gives the workers of Citus what they grade by, after all of them have tried it. Nothing happens elsewhere than on a coordinator. '
    'Errors as of sync_nodes()';

CREATE FUNCTION tiering.sync_nodes() RETURNS SETOF text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF tiering.has_workers() THEN
        PERFORM tiering.sync_workers();
    ELSE
        RETURN QUERY SELECT n.* FROM tiering.node_statements() n;
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.sync_nodes() IS
    'has other servers grade by the schemes (but drafts), calendars, overlays, strategies and defaults of this one. On the coordinator of Citus it gives them to all workers, as approve_scheme() and '
    'retire_scheme() do by themselves, and returns nothing; elsewhere it returns the statements of node_statements(), to be run on each server. ERROR naming the node, with nothing changed on any: 08006 it '
    'does not answer; 55000 it has another version of the extension, or schemes of its own that this server has not, or under a number that another document has here';

CREATE FUNCTION tiering.parts_functions() RETURNS SETOF regprocedure
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT f.f::regprocedure FROM pg_aggregate a, LATERAL (VALUES (a.aggtransfn), (a.aggcombinefn)) AS f (f)
    JOIN pg_proc p ON p.oid = f.f
    WHERE p.pronamespace = 'tiering'::regnamespace ORDER BY 1;
END;
COMMENT ON FUNCTION tiering.parts_functions() IS 'the functions of which the aggregates of the extension are made, and which nobody may call but their owner and who was given them by grant_parts()';

CREATE FUNCTION tiering.grant_parts(role regrole) RETURNS void
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part regprocedure;
    statements text := '';
    asked record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = role) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('role %s does not exist', role::oid), HINT = 'Name a role: SELECT tiering.grant_parts(''role'').';
    END IF;
    FOR part IN SELECT f FROM tiering.parts_functions() AS f LOOP
        IF NOT has_function_privilege(part, 'EXECUTE WITH GRANT OPTION') THEN
            RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('you may not grant %s', part), DETAIL = 'Nothing was granted.',
                HINT = format('Let the owner of the extension do it: SET ROLE %s.', (SELECT e.extowner::regrole FROM pg_extension e WHERE e.extname = 'customer_tiering'));
        END IF;
        statements := statements || format('GRANT EXECUTE ON FUNCTION %s TO %s; ', part, role);
    END LOOP;
    -- That all of them are there and of this version.
    PERFORM tiering.sync_workers();
    EXECUTE statements;
    FOR asked IN SELECT a.* FROM tiering.ask_workers(format('DO %L', 'BEGIN ' || statements || 'END')) a LOOP
        IF NOT asked.answered THEN
            RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = format('node %s does not grant them', asked.node), DETAIL = asked.answer,
                HINT = 'Nothing was granted here. Grant again when that is mended: what other nodes have granted stays as it is.';
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.grant_parts(regrole) IS
    'lets a role compute aggregates over tables that Citus distributes, which calls the functions that they are made of in the name of the role: EXECUTE on these, here and on all workers. A role that has them can also make '
    'aggregates of its own of them, and so end a session or the server by mistake or on purpose: for roles that you trust. ERROR 42704 no such role, 42501 you may not grant this, as of sync_nodes() for a worker that is down or of another version';
