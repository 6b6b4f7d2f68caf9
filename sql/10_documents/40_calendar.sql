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
    'which days are worked: weekly pattern, holidays, make-up working days, hours, and for which days that is known; '
    'a JSON document that was validated on input; tiering.calendar_json_schema() describes it';

CREATE FUNCTION tiering.calendar(document jsonb) RETURNS tiering.calendar
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_from_jsonb';
COMMENT ON FUNCTION tiering.calendar(jsonb) IS 'the calendar that a jsonb document says; validated';
CREATE CAST (jsonb AS tiering.calendar) WITH FUNCTION tiering.calendar(jsonb);

CREATE FUNCTION tiering.to_jsonb(calendar tiering.calendar) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_to_jsonb';
COMMENT ON FUNCTION tiering.to_jsonb(tiering.calendar) IS 'a calendar as jsonb, to look into or to patch';
CREATE CAST (tiering.calendar AS jsonb) WITH FUNCTION tiering.to_jsonb(tiering.calendar);

CREATE FUNCTION tiering.calendar_eq(tiering.calendar, tiering.calendar) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_eq';
CREATE FUNCTION tiering.calendar_ne(tiering.calendar, tiering.calendar) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN NOT tiering.calendar_eq($1, $2);
CREATE FUNCTION tiering.calendar_hash(tiering.calendar) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_hash';
COMMENT ON FUNCTION tiering.calendar_eq(tiering.calendar, tiering.calendar) IS 'whether two calendars have the same canonical form';
COMMENT ON FUNCTION tiering.calendar_ne(tiering.calendar, tiering.calendar) IS 'whether two calendars have different canonical forms';
COMMENT ON FUNCTION tiering.calendar_hash(tiering.calendar) IS 'hash of the canonical form';

CREATE OPERATOR tiering.= (
    LEFTARG = tiering.calendar, RIGHTARG = tiering.calendar, FUNCTION = tiering.calendar_eq,
    COMMUTATOR = OPERATOR(tiering.=), NEGATOR = OPERATOR(tiering.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
CREATE OPERATOR tiering.<> (
    LEFTARG = tiering.calendar, RIGHTARG = tiering.calendar, FUNCTION = tiering.calendar_ne,
    COMMUTATOR = OPERATOR(tiering.<>), NEGATOR = OPERATOR(tiering.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR tiering.= (tiering.calendar, tiering.calendar) IS 'same canonical form';
COMMENT ON OPERATOR tiering.<> (tiering.calendar, tiering.calendar) IS 'different canonical forms';
CREATE OPERATOR CLASS tiering.calendar_ops DEFAULT FOR TYPE tiering.calendar USING hash AS
    OPERATOR 1 tiering.= (tiering.calendar, tiering.calendar),
    FUNCTION 1 tiering.calendar_hash(tiering.calendar);

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

-- The table of calendars.

CREATE TABLE tiering.calendars (
    calendar text PRIMARY KEY,
    document tiering.calendar NOT NULL CHECK (tiering.calendar_name(document) = calendar),
    digest bytea NOT NULL GENERATED ALWAYS AS (tiering.calendar_digest(document)) STORED,
    built_in boolean NOT NULL DEFAULT false,
    imported_at timestamptz NOT NULL DEFAULT now(),
    imported_by text NOT NULL DEFAULT session_user,
    CHECK (built_in OR NOT starts_with(calendar, 'tiering_'))  -- as for schemes
);
GRANT SELECT ON tiering.calendars TO PUBLIC;
GRANT INSERT, UPDATE, DELETE ON tiering.calendars TO @extowner@ WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.calendars', 'WHERE NOT built_in');

COMMENT ON TABLE tiering.calendars IS 'working calendars, by name; tiering.import_calendar() adds and replaces them';
COMMENT ON COLUMN tiering.calendars.calendar IS 'name, as in the document';
COMMENT ON COLUMN tiering.calendars.document IS 'the validated document';
COMMENT ON COLUMN tiering.calendars.digest IS 'digest of the document, by which compiled forms are cached';
COMMENT ON COLUMN tiering.calendars.built_in IS 'came with the extension: left out of dumps, cannot be changed';
COMMENT ON COLUMN tiering.calendars.imported_at IS 'when the document was stored';
COMMENT ON COLUMN tiering.calendars.imported_by IS 'by which session user';

CREATE FUNCTION tiering.preset_calendars() RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'preset_calendars';
COMMENT ON FUNCTION tiering.preset_calendars() IS 'the documents of the calendars that come with this version of the extension';

INSERT INTO tiering.calendars (calendar, document, built_in, imported_by)
SELECT d ->> 'calendar', tiering.calendar(d), true, 'customer_tiering'
FROM jsonb_array_elements(tiering.preset_calendars()) AS d;

-- Only from here on: the rows above are the extension's own.

CREATE TRIGGER protect BEFORE INSERT OR UPDATE OR DELETE ON tiering.calendars
    FOR EACH ROW EXECUTE FUNCTION tiering.protect_built_in('calendar', 'import_calendar(''my_%s'', document)');

CREATE FUNCTION tiering.import_calendar(name text, document jsonb) RETURNS text
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM tiering.calendars c WHERE c.calendar = $1 AND c.built_in) THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_object',
            MESSAGE = format('calendar %I belongs to the extension', $1),
            HINT = format('Choose another name: SELECT tiering.import_calendar(''my_%s'', document).', $1);
    END IF;
    IF jsonb_typeof($2) = 'object' AND $2 -> 'calendar' <> to_jsonb($1) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'the calendar document bears another name',
            DETAIL = format('At $.calendar: found %s, expected %s.', $2 -> 'calendar', to_jsonb($1)),
            HINT = 'Import it under its own name, or leave the key out: document - ''calendar''.';
    END IF;
    INSERT INTO tiering.calendars AS c (calendar, document)
    VALUES ($1, tiering.calendar(CASE jsonb_typeof($2) WHEN 'object' THEN jsonb_build_object('calendar', $1) || $2 ELSE $2 END))
    ON CONFLICT ON CONSTRAINT calendars_pkey DO UPDATE
        SET document = excluded.document, imported_at = excluded.imported_at, imported_by = excluded.imported_by;
    RETURN $1;
END
$$;
COMMENT ON FUNCTION tiering.import_calendar(text, jsonb) IS
    'stores a calendar under a name, in the place of the one that had it, and returns the name; the key "calendar" of the '
    'document may be left out. ERROR 42710 if the name is that of a built-in calendar, 22023 if the document is not valid';

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
    'whether the calendar is known for the day, so that no holiday of it can be lacking';
CREATE FUNCTION tiering.calendar_covers(calendar tiering.calendar, day date) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'calendar_covers_of';
COMMENT ON FUNCTION tiering.calendar_covers(tiering.calendar, date) IS
    'whether the calendar is known for the day, by a document instead of a name';
