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
