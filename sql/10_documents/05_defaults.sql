-- What holds in this database unless something else is said: time zone, calendar, language. One row, or none.

CREATE TABLE tiering.defaults (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    timezone text,
    calendar text,
    lang text,
    set_at timestamptz NOT NULL DEFAULT now(),
    set_by text NOT NULL DEFAULT session_user
);
GRANT SELECT ON tiering.defaults TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.defaults TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.defaults', '');
COMMENT ON TABLE tiering.defaults IS 'what holds in this database unless something else is said; set_defaults() writes the row, without one: UTC, no calendar, English';
COMMENT ON COLUMN tiering.defaults.one IS 'true: there is one row';
COMMENT ON COLUMN tiering.defaults.timezone IS 'IANA time zone of schemes that have none of their own; NULL: UTC';
COMMENT ON COLUMN tiering.defaults.calendar IS 'calendar where none is named; NULL: every day is worked';
COMMENT ON COLUMN tiering.defaults.lang IS 'language of texts for people where none is named, en or zh; NULL: en';
COMMENT ON COLUMN tiering.defaults.set_at IS 'when it was set';
COMMENT ON COLUMN tiering.defaults.set_by IS 'by which session user';

CREATE FUNCTION tiering.default_lang() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((SELECT d.lang FROM tiering.defaults d), 'en');
END;
COMMENT ON FUNCTION tiering.default_lang() IS 'the language of texts for people where none is named, en or zh; set_defaults() sets it';

CREATE FUNCTION tiering.default_timezone() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((SELECT d.timezone FROM tiering.defaults d), 'UTC');
END;
COMMENT ON FUNCTION tiering.default_timezone() IS 'the time zone of schemes that have none of their own; set_defaults() sets it';

CREATE FUNCTION tiering.default_calendar() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (SELECT d.calendar FROM tiering.defaults d);
END;
COMMENT ON FUNCTION tiering.default_calendar() IS 'the calendar where none is named; NULL: every day is worked; set_defaults() sets it';

CREATE FUNCTION tiering.require_calendar(calendar text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF calendar IS NOT NULL AND NOT EXISTS (SELECT FROM tiering.calendars c WHERE c.calendar = require_calendar.calendar) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('calendar "%s" does not exist', calendar),
            DETAIL = format('There are: %s.', (SELECT string_agg(c.calendar, ', ' ORDER BY c.calendar) FROM tiering.calendars c)),
            HINT = 'tiering.import_calendar(name, document) adds one.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_calendar(text) IS 'ERROR 42704 if there is no calendar of this name';

CREATE FUNCTION tiering.require_timezone(timezone text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- By the zones that are compiled in, which grade; the server must know the zone as well, for the views.
    PERFORM tiering.response_due(timestamptz '2000-01-01 00:00+00', 'PT1H', 'calendar', timezone, NULL::tiering.calendar);
    PERFORM timestamptz '2000-01-01 00:00+00' AT TIME ZONE timezone;
END
$$;
COMMENT ON FUNCTION tiering.require_timezone(text) IS 'ERROR 22023 if there is no time zone of this name';

CREATE FUNCTION tiering.set_defaults(timezone text DEFAULT NULL, calendar text DEFAULT NULL, lang text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.require_timezone(set_defaults.timezone);
    PERFORM tiering.require_calendar(set_defaults.calendar);
    INSERT INTO tiering.defaults AS d (timezone, calendar, lang) VALUES (set_defaults.timezone, set_defaults.calendar, tiering.language(set_defaults.lang))
    ON CONFLICT ON CONSTRAINT defaults_pkey DO UPDATE SET timezone = excluded.timezone, calendar = excluded.calendar, lang = excluded.lang,
        set_at = now(), set_by = session_user;
END
$$;
COMMENT ON FUNCTION tiering.set_defaults(text, text, text) IS
    'sets time zone, calendar and language of this database, for whatever names none; what is left out has no default. Schemes without a time zone of their own follow it: '
    'customer_tier(), next_followup_due() and response_due() at once, programs from their next retier() on; grade() never. ERROR 22023 unknown zone or language, 42704 unknown '
    'calendar. Only the owner of the extension may set them, and who was granted rights on tiering.defaults';
