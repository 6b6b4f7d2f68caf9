-- The type tiering.calendar: a validated calendar document.

CREATE TYPE tiering.calendar;

CREATE FUNCTION tiering.calendar_in(cstring) RETURNS tiering.calendar
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_in';
CREATE FUNCTION tiering.calendar_out(tiering.calendar) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_out';
CREATE FUNCTION tiering.calendar_recv(internal) RETURNS tiering.calendar
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_recv';
CREATE FUNCTION tiering.calendar_send(tiering.calendar) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_send';
COMMENT ON FUNCTION tiering.calendar_in(cstring) IS 'input of type calendar: reads and validates a JSON document';
COMMENT ON FUNCTION tiering.calendar_out(tiering.calendar) IS 'output of type calendar: the canonical JSON text';
COMMENT ON FUNCTION tiering.calendar_recv(internal) IS 'binary input of type calendar: a format byte, then JSON text, validated';
COMMENT ON FUNCTION tiering.calendar_send(tiering.calendar) IS 'binary output of type calendar';

CREATE TYPE tiering.calendar (
    INPUT = tiering.calendar_in,
    OUTPUT = tiering.calendar_out,
    RECEIVE = tiering.calendar_recv,
    SEND = tiering.calendar_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE tiering.calendar IS
    'which days are worked: weekly pattern, holidays, make-up working days, hours by weekday and by date, and for which days that is known; '
    'a JSON document that was validated on input; tiering.calendar_json_schema() describes it';

CREATE FUNCTION tiering.calendar(document jsonb) RETURNS tiering.calendar
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_from_jsonb';
COMMENT ON FUNCTION tiering.calendar(jsonb) IS 'the calendar that a jsonb document says; validated';
CREATE CAST (jsonb AS tiering.calendar) WITH FUNCTION tiering.calendar(jsonb);

CREATE FUNCTION tiering.to_jsonb(calendar tiering.calendar) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_to_jsonb';
COMMENT ON FUNCTION tiering.to_jsonb(tiering.calendar) IS 'a calendar as jsonb, to look into or to patch';
CREATE CAST (tiering.calendar AS jsonb) WITH FUNCTION tiering.to_jsonb(tiering.calendar);

CREATE FUNCTION tiering.calendar_digest(calendar tiering.calendar) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_digest';
COMMENT ON FUNCTION tiering.calendar_digest(tiering.calendar) IS
    'the first 16 bytes of the SHA-256 of the canonical text';
CREATE FUNCTION tiering.calendar_name(calendar tiering.calendar) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_name';
COMMENT ON FUNCTION tiering.calendar_name(tiering.calendar) IS 'the name that the document gives itself';

CREATE FUNCTION tiering.calendar_json_schema() RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_json_schema';
COMMENT ON FUNCTION tiering.calendar_json_schema() IS
    'the JSON Schema (draft 2020-12) of the calendar document, for editors and validators';

CREATE FUNCTION tiering.calendar_known_from(calendar tiering.calendar) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_known_from';
CREATE FUNCTION tiering.calendar_known_until(calendar tiering.calendar) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_known_until';
CREATE FUNCTION tiering.calendar_days_without_hours(calendar tiering.calendar) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_days_without_hours';
CREATE FUNCTION tiering.extended_calendar(calendar tiering.calendar, extension jsonb) RETURNS tiering.calendar
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'extended_calendar';
COMMENT ON FUNCTION tiering.calendar_known_from(tiering.calendar) IS 'the first day for which a calendar is known; NULL: since ever';
COMMENT ON FUNCTION tiering.calendar_known_until(tiering.calendar) IS 'the last day for which a calendar is known; NULL: for ever';
COMMENT ON FUNCTION tiering.calendar_days_without_hours(tiering.calendar) IS
    'the working days of the week on which the working clock of a calendar stands still, because its hours do not name them; NULL: none';
COMMENT ON FUNCTION tiering.extended_calendar(tiering.calendar, jsonb) IS
    'a calendar with more dates: {"holidays": […], "workdays": […], "known_until": …}. ERROR 22023 if they contradict what it knows';

-- The table of calendars.

CREATE TABLE tiering.calendars (
    calendar text PRIMARY KEY,
    document tiering.calendar NOT NULL CHECK (tiering.calendar_name(document) = calendar),
    digest bytea NOT NULL GENERATED ALWAYS AS (tiering.calendar_digest(document)) STORED,
    built_in boolean NOT NULL DEFAULT false,
    imported_at timestamptz NOT NULL DEFAULT now(),
    imported_by text NOT NULL DEFAULT session_user,
    known_from date GENERATED ALWAYS AS (tiering.calendar_known_from(document)) STORED,
    known_until date GENERATED ALWAYS AS (tiering.calendar_known_until(document)) STORED,
    CHECK (built_in OR NOT starts_with(calendar, 'tiering_'))  -- as for schemes
);
GRANT SELECT ON tiering.calendars TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.calendars TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.calendars', 'WHERE NOT built_in');

COMMENT ON TABLE tiering.calendars IS 'working calendars, by name; tiering.import_calendar() adds and replaces them';
COMMENT ON COLUMN tiering.calendars.calendar IS 'name, as in the document';
COMMENT ON COLUMN tiering.calendars.document IS 'the validated document';
COMMENT ON COLUMN tiering.calendars.digest IS 'digest of the document, by which compiled forms are cached';
COMMENT ON COLUMN tiering.calendars.built_in IS 'came with the extension: left out of dumps, cannot be changed';
COMMENT ON COLUMN tiering.calendars.imported_at IS 'when the document was stored';
COMMENT ON COLUMN tiering.calendars.imported_by IS 'by which session user';
COMMENT ON COLUMN tiering.calendars.known_from IS 'the first day for which the calendar is known; NULL: since ever';
COMMENT ON COLUMN tiering.calendars.known_until IS 'the last day for which the calendar is known; NULL: for ever';

-- What was added to built-in calendars. It is kept apart, so that dumps carry it and a newer version of the
-- extension can bring the same days itself.
CREATE TABLE tiering.calendar_extensions (
    calendar text PRIMARY KEY,
    holidays date[] NOT NULL DEFAULT '{}',
    workdays date[] NOT NULL DEFAULT '{}',
    known_until date,
    extended_at timestamptz NOT NULL DEFAULT now(),
    extended_by text NOT NULL DEFAULT session_user
);
GRANT SELECT ON tiering.calendar_extensions TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.calendar_extensions TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.calendar_extensions', '');

COMMENT ON TABLE tiering.calendar_extensions IS
    'days that tiering.extend_calendar() has added to built-in calendars; deleting a row takes them back';
COMMENT ON COLUMN tiering.calendar_extensions.calendar IS 'name of the built-in calendar';
COMMENT ON COLUMN tiering.calendar_extensions.holidays IS 'dates that are not worked';
COMMENT ON COLUMN tiering.calendar_extensions.workdays IS 'make-up working days';
COMMENT ON COLUMN tiering.calendar_extensions.known_until IS 'the last day for which the calendar is known with them; NULL: as the extension brought it';
COMMENT ON COLUMN tiering.calendar_extensions.extended_at IS 'when days were last added';
COMMENT ON COLUMN tiering.calendar_extensions.extended_by IS 'by which session user';

CREATE FUNCTION tiering.preset_calendars() RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'preset_calendars';
COMMENT ON FUNCTION tiering.preset_calendars() IS 'the documents of the calendars that come with this version of the extension';

INSERT INTO tiering.calendars (calendar, document, built_in, imported_by)
SELECT d ->> 'calendar', tiering.calendar(d), true, 'customer_tiering'
FROM jsonb_array_elements(tiering.preset_calendars()) AS d;

-- Only from here on: the rows above are the extension's own.

CREATE FUNCTION tiering.built_in_calendar(name text) RETURNS tiering.calendar
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    brought tiering.calendar;
    added tiering.calendar_extensions;
BEGIN
    SELECT tiering.calendar(d) INTO brought
    FROM jsonb_array_elements(tiering.preset_calendars()) AS d WHERE d ->> 'calendar' = built_in_calendar.name;
    SELECT * INTO added FROM tiering.calendar_extensions e WHERE e.calendar = built_in_calendar.name;
    IF brought IS NULL OR added.calendar IS NULL THEN
        RETURN brought;
    END IF;
    -- What the extension has learnt since it knows better.
    RETURN tiering.extended_calendar(brought, jsonb_build_object(
        'holidays', (SELECT coalesce(jsonb_agg(d ORDER BY d), '[]') FROM unnest(added.holidays) AS d WHERE d > tiering.calendar_known_until(brought)),
        'workdays', (SELECT coalesce(jsonb_agg(d ORDER BY d), '[]') FROM unnest(added.workdays) AS d WHERE d > tiering.calendar_known_until(brought)),
        'known_until', greatest(added.known_until, tiering.calendar_known_until(brought))));
END
$$;
COMMENT ON FUNCTION tiering.built_in_calendar(text) IS
    'a calendar as the extension brings it, with the days that tiering.calendar_extensions adds; NULL if it brings none of the name';

CREATE TRIGGER protect BEFORE INSERT OR DELETE ON tiering.calendars
    FOR EACH ROW EXECUTE FUNCTION tiering.protect_built_in('calendar', 'import_calendar(''my_%s'', document)');
CREATE TRIGGER protect_change BEFORE UPDATE ON tiering.calendars
    -- What tiering.calendar_extensions makes of a calendar passes.
    FOR EACH ROW WHEN (NOT (OLD.built_in AND (NEW.calendar, NEW.built_in, NEW.imported_at, NEW.imported_by) = (OLD.calendar, OLD.built_in, OLD.imported_at, OLD.imported_by)
        AND tiering.calendar_digest(NEW.document) <> tiering.calendar_digest(OLD.document)
        AND tiering.calendar_digest(NEW.document) = tiering.calendar_digest(tiering.built_in_calendar(OLD.calendar))))
    EXECUTE FUNCTION tiering.protect_built_in('calendar', 'import_calendar(''my_%1$s'', document), or add days to it: SELECT tiering.extend_calendar(''%1$s'', holidays, workdays, until)');

CREATE FUNCTION tiering.apply_calendar_extension() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed text;
BEGIN
    FOREACH changed IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.calendar] WHEN 'DELETE' THEN ARRAY[OLD.calendar] ELSE ARRAY[OLD.calendar, NEW.calendar] END
    LOOP
        UPDATE tiering.calendars c SET document = tiering.built_in_calendar(changed)
        WHERE c.calendar = changed AND c.built_in AND c.document OPERATOR(tiering.<>) tiering.built_in_calendar(changed);
        IF TG_OP <> 'DELETE' AND NOT EXISTS (SELECT FROM tiering.calendars c WHERE c.calendar = changed AND c.built_in) THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('the extension brings no calendar "%s"', changed),
                HINT = format('SELECT tiering.extend_calendar(%L, holidays, workdays, until) adds to calendars of your own too.', changed);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.apply_calendar_extension() IS 'trigger: a built-in calendar has the days that were added to it';

CREATE TRIGGER apply AFTER INSERT OR UPDATE OR DELETE ON tiering.calendar_extensions
    FOR EACH ROW EXECUTE FUNCTION tiering.apply_calendar_extension();

CREATE FUNCTION tiering.import_calendar(name text, document jsonb) RETURNS text
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stored tiering.calendar;
    twice text;
BEGIN
    IF EXISTS (SELECT FROM tiering.calendars c WHERE c.calendar = import_calendar.name AND c.built_in) THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_object',
            MESSAGE = format('calendar "%s" belongs to the extension', import_calendar.name),
            HINT = format('Add days to it: SELECT tiering.extend_calendar(%L, holidays, workdays, until). '
                'Or choose another name: SELECT tiering.import_calendar(%L, document).', import_calendar.name, 'my_' || import_calendar.name);
    END IF;
    IF jsonb_typeof(import_calendar.document) = 'object' AND import_calendar.document -> 'calendar' <> to_jsonb(import_calendar.name) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'the calendar document bears another name',
            DETAIL = format('At $.calendar: found %s, expected %s.', import_calendar.document -> 'calendar', to_jsonb(import_calendar.name)),
            HINT = 'Import it under its own name, or leave the key out: document - ''calendar''.';
    END IF;
    stored := tiering.calendar(CASE jsonb_typeof(import_calendar.document)
        WHEN 'object' THEN jsonb_build_object('calendar', import_calendar.name) || import_calendar.document
        ELSE import_calendar.document END);
    INSERT INTO tiering.calendars AS c (calendar, document) VALUES (import_calendar.name, stored)
    ON CONFLICT ON CONSTRAINT calendars_pkey DO UPDATE
        SET document = excluded.document, imported_at = excluded.imported_at, imported_by = excluded.imported_by;
    SELECT string_agg(DISTINCT d.date, ', ') INTO twice
    FROM (SELECT l.date FROM (VALUES ('holidays'), ('workdays'), ('provisional')) AS k (list),
            jsonb_array_elements_text(coalesce(import_calendar.document -> k.list, '[]')) AS l (date)
        GROUP BY k.list, l.date HAVING count(*) > 1 ORDER BY l.date LIMIT 5) AS d;
    IF twice IS NOT NULL THEN
        RAISE NOTICE USING MESSAGE = tiering.translated(format('calendar "%s" lists dates twice; each counts once', import_calendar.name)),
            DETAIL = tiering.translated(format('Such as %s.', twice));
    END IF;
    IF tiering.calendar_days_without_hours(stored) IS NOT NULL THEN
        RAISE NOTICE USING MESSAGE = tiering.translated(format('calendar "%s" has no hours on some working days', import_calendar.name)),
            DETAIL = tiering.translated(format('The working clock stands still on %s.', tiering.calendar_days_without_hours(stored))),
            HINT = tiering.translated('Write "other" in hours for all days that it does not name.');
    END IF;
    RETURN import_calendar.name;
END
$$;
COMMENT ON FUNCTION tiering.import_calendar(text, jsonb) IS
    'stores a calendar under a name, in the place of the one that had it, and returns the name; the key "calendar" of the '
    'document may be left out. A date that a list has twice counts once, with a NOTICE; so comes one if a working day has no hours. '
    'ERROR 42710 if the name is that of a built-in calendar, 22023 if the document is not valid';

CREATE FUNCTION tiering.extend_calendar(name text, holidays date[] DEFAULT NULL, workdays date[] DEFAULT NULL, until date DEFAULT NULL) RETURNS date
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    extended tiering.calendars;
    longer tiering.calendar;
BEGIN
    IF name IS NULL THEN
        RETURN NULL;
    END IF;
    IF array_position(holidays || workdays, NULL) IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a date of the extension is NULL',
            HINT = 'Leave NULL out of the arrays.';
    END IF;
    -- Nobody else adds days meanwhile.
    SELECT * INTO extended FROM tiering.calendars c WHERE c.calendar = extend_calendar.name FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('calendar "%s" does not exist', name),
            HINT = 'SELECT calendar FROM tiering.calendars lists them; tiering.import_calendar() adds one.';
    END IF;
    IF extended.built_in AND extended.known_until IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('calendar "%s" is known for ever', name),
            DETAIL = 'It belongs to the extension and has no holidays.',
            HINT = format('Import one of your own with these holidays: SELECT tiering.import_calendar(%L, document).', 'my_' || name);
    END IF;
    longer := tiering.extended_calendar(extended.document, jsonb_build_object(
        'holidays', coalesce(to_jsonb(holidays), '[]'), 'workdays', coalesce(to_jsonb(workdays), '[]'), 'known_until', until));
    IF extended.built_in THEN
        INSERT INTO tiering.calendar_extensions AS e (calendar, holidays, workdays, known_until)
        VALUES (extended.calendar, coalesce(extend_calendar.holidays, '{}'), coalesce(extend_calendar.workdays, '{}'), extend_calendar.until)
        ON CONFLICT ON CONSTRAINT calendar_extensions_pkey DO UPDATE
            SET holidays = ARRAY(SELECT unnest(e.holidays) UNION SELECT unnest(excluded.holidays) ORDER BY 1),
                workdays = ARRAY(SELECT unnest(e.workdays) UNION SELECT unnest(excluded.workdays) ORDER BY 1),
                known_until = greatest(e.known_until, excluded.known_until),
                extended_at = excluded.extended_at, extended_by = excluded.extended_by;
    ELSE
        UPDATE tiering.calendars c SET document = longer, imported_at = now(), imported_by = session_user
        WHERE c.calendar = extend_calendar.name;
    END IF;
    RETURN tiering.calendar_known_until(longer);
END
$$;
COMMENT ON FUNCTION tiering.extend_calendar(text, date[], date[], date) IS
    'adds holidays and make-up working days to a calendar, built-in or your own, until a day up to which it is then known, and returns '
    'that day; everything that uses the calendar follows. Provisional holidays up to that day give way. The additions to a built-in '
    'calendar stand in tiering.calendar_extensions and go with dumps. until NULL: known as before. NULL if the name is NULL. ERROR 42704 unknown calendar, '
    '22023 if the dates contradict what the calendar knows or lie beyond until, 22004 a NULL date';

-- Calendar files, as calendar programs export them (iCalendar, RFC 5545).

CREATE FUNCTION tiering.calendar_file(ical text) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_file';
COMMENT ON FUNCTION tiering.calendar_file(text) IS
    'what an iCalendar text says: {"name": …, "days": [{"day", "title"}]}. Errors as of ical_days()';

CREATE FUNCTION tiering.ical_days(ical text) RETURNS TABLE (day date, title text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.day, d.title FROM jsonb_to_recordset(tiering.calendar_file($1) -> 'days') AS d (day date, title text);
END;
COMMENT ON FUNCTION tiering.ical_days(text) IS
    'the days of the all-day events of an iCalendar text (RFC 5545, an .ics file), with the titles of the events, of which the first hundred letters count; to choose from: holidays => '
    'ARRAY(SELECT day FROM tiering.ical_days(text) WHERE title LIKE …). DTSTART, DTEND (the day after the last one) and RDATE are read, as dates; cancelled events are left out. ERROR 22023, '
    'with the line, for a time of day, a rule of recurrence or a date that does not exist; 54000 more than 1 MiB or 40 000 days';

CREATE FUNCTION tiering.calendar_from_ical(ical text, workday_word text DEFAULT NULL) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := nullif(tiering.calendar_file(calendar_from_ical.ical) ->> 'name', '');
    holidays date[];
    workdays date[];
BEGIN
    IF calendar_from_ical.ical IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(array_agg(DISTINCT d.day) FILTER (WHERE NOT d.worked), '{}'), coalesce(array_agg(DISTINCT d.day) FILTER (WHERE d.worked), '{}')
    INTO holidays, workdays
    FROM (SELECT e.day, coalesce(position(nullif(calendar_from_ical.workday_word, '') IN e.title) > 0, false) AS worked FROM tiering.ical_days(calendar_from_ical.ical) e) AS d;
    IF holidays || workdays = '{}' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'the calendar file has no all-day event',
            HINT = 'Export the holidays as all-day events, or write a document and pass it to tiering.import_calendar(name, document).';
    END IF;
    RETURN jsonb_build_object(
        'title', CASE WHEN name ~ '[一-龥]' THEN jsonb_build_object('zh', name) WHEN name IS NOT NULL THEN jsonb_build_object('en', name)
            ELSE '{"en": "Calendar from a file", "zh": "由文件导入的日历"}' END,
        'working_days', '["mon", "tue", "wed", "thu", "fri"]'::jsonb, 'holidays', to_jsonb(holidays), 'workdays', to_jsonb(workdays),
        'known_from', (SELECT date_trunc('year', min(d)::timestamp)::date FROM unnest(holidays || workdays) AS d),
        'known_until', (SELECT (date_trunc('year', max(d)::timestamp) + interval '1 year')::date - 1 FROM unnest(holidays || workdays) AS d));
END
$$;
COMMENT ON FUNCTION tiering.calendar_from_ical(text, text) IS
    'the calendar document that an iCalendar text makes, for tiering.import_calendar(): Monday to Friday are worked, the days of its events are holidays, or make-up working days where the '
    'title of the event has workday_word in it. It counts as known for the whole years from the first to the last of these days; || changes what differs: '
    'calendar_from_ical(text) || ''{"working_days": ["mon"]}''. ERROR 22023 no event, or a day that is a holiday and a working day (on import); otherwise as ical_days()';

-- Questions to a calendar, by name or as a value. A day for which the calendar is not known is
-- answered from the weekly pattern, with one WARNING a statement.

CREATE FUNCTION tiering.is_workday(calendar text, day date) RETURNS boolean
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'is_workday';
COMMENT ON FUNCTION tiering.is_workday(text, date) IS
    'whether the day is worked; ERROR 42704 unknown calendar. WARNING once a statement if the calendar is not known for the day';
CREATE FUNCTION tiering.is_workday(calendar tiering.calendar, day date) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'is_workday_of';
COMMENT ON FUNCTION tiering.is_workday(tiering.calendar, date) IS 'whether the day is worked, by a document instead of a name';

CREATE FUNCTION tiering.add_workdays(calendar text, day date, days integer) RETURNS date
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'add_workdays';
COMMENT ON FUNCTION tiering.add_workdays(text, date, integer) IS
    'the working day so many working days after the day, or before it if negative; a day that is not worked counts as the next '
    'one that is, so 0 gives the day itself or the next working day. ERROR 42704 unknown calendar, 22008 out of range';
CREATE FUNCTION tiering.add_workdays(calendar tiering.calendar, day date, days integer) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'add_workdays_of';
COMMENT ON FUNCTION tiering.add_workdays(tiering.calendar, date, integer) IS
    'the working day so many working days after the day, by a document instead of a name';

CREATE FUNCTION tiering.workdays_between(calendar text, from_day date, to_day date) RETURNS bigint
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'workdays_between';
COMMENT ON FUNCTION tiering.workdays_between(text, date, date) IS
    'working days from the first day on, it included, up to the second, it not included; negative if the second is earlier';
CREATE FUNCTION tiering.workdays_between(calendar tiering.calendar, from_day date, to_day date) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'workdays_between_of';
COMMENT ON FUNCTION tiering.workdays_between(tiering.calendar, date, date) IS
    'working days between two days, by a document instead of a name';

CREATE FUNCTION tiering.calendar_covers(calendar text, day date) RETURNS boolean
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_covers';
COMMENT ON FUNCTION tiering.calendar_covers(text, date) IS
    'whether the calendar is known for the day, so that no holiday of it can be lacking; provisional holidays are not known';
CREATE FUNCTION tiering.calendar_covers(calendar tiering.calendar, day date) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_covers_of';
COMMENT ON FUNCTION tiering.calendar_covers(tiering.calendar, date) IS
    'whether the calendar is known for the day, by a document instead of a name';
