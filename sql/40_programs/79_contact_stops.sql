-- Who does not want to be contacted, by any channel or by one.
CREATE TABLE tiering.contact_stops (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL CHECK (isfinite(since)),
    until timestamptz CHECK (until >= since AND isfinite(until)),
    channel text,
    reason text NOT NULL CHECK (reason <> ''),
    stopped_by text NOT NULL DEFAULT session_user,
    ended_by text,
    PRIMARY KEY (program, customer, since)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.contact_stops TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.contact_stops', '');
COMMENT ON TABLE tiering.contact_stops IS 'customers who are not to be contacted, past and present, written by stop_contact() and allow_contact()';
COMMENT ON COLUMN tiering.contact_stops.program IS 'program';
COMMENT ON COLUMN tiering.contact_stops.customer IS 'customer';
COMMENT ON COLUMN tiering.contact_stops.since IS 'from when on';
COMMENT ON COLUMN tiering.contact_stops.until IS 'until when; NULL: until allow_contact()';
COMMENT ON COLUMN tiering.contact_stops.channel IS 'by which channel not; NULL: by none';
COMMENT ON COLUMN tiering.contact_stops.reason IS 'why';
COMMENT ON COLUMN tiering.contact_stops.stopped_by IS 'which session user wrote it down';
COMMENT ON COLUMN tiering.contact_stops.ended_by IS 'which session user ended it early';

CREATE FUNCTION tiering.warn_of_stop(assignment tiering.assignments, channel text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stop tiering.contact_stops;
BEGIN
    SELECT s.* INTO stop FROM tiering.contact_stops s
    WHERE s.program = (assignment).program AND s.customer = (assignment).customer AND tiering.lasts(s.until) AND (s.channel IS NULL OR s.channel = warn_of_stop.channel)
    ORDER BY s.channel NULLS FIRST LIMIT 1;
    IF FOUND THEN
        RAISE WARNING USING MESSAGE = format('customer "%s" of program "%s" is not to be contacted%s', stop.customer, stop.program, ' by ' || stop.channel),
            DETAIL = format('Since %s: %s', stop.since, stop.reason),
            HINT = format('If that has changed: SELECT tiering.allow_contact(%L, %L%s).', stop.program, stop.customer, ', ' || quote_literal(stop.channel));
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.warn_of_stop(tiering.assignments, text) IS 'a part of log_followup(): WARNING if the customer is not to be contacted, by any channel or by this one';

CREATE FUNCTION tiering.follow_stops(program text, customers text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE tiering.assignments a SET no_contact = n.stopped, no_contact_until = n.until
    FROM unnest(customers) AS k (customer)
    CROSS JOIN LATERAL (SELECT count(*) > 0 AS stopped, CASE WHEN count(*) = count(s.until) THEN max(s.until) END AS until FROM tiering.contact_stops s
        WHERE s.program = follow_stops.program AND s.customer = k.customer COLLATE "C" AND s.channel IS NULL AND tiering.lasts(s.until)) n
    WHERE a.program = follow_stops.program AND a.customer = k.customer COLLATE "C" AND (a.no_contact, a.no_contact_until) IS DISTINCT FROM (n.stopped, n.until);
END
$$;
COMMENT ON FUNCTION tiering.follow_stops(text, text[]) IS 'the assignments of customers show whether they are not to be contacted by any channel, and until when, as tiering.contact_stops has it';

CREATE FUNCTION tiering.stop_contact(
    program text, customer text, reason text, channel text DEFAULT NULL, until timestamptz DEFAULT NULL, path text DEFAULT current_setting('search_path')
) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(stop_contact.program);
    stopped text := tiering.code_of('channel', nullif(stop_contact.channel, ''));
    ends timestamptz := nullif(stop_contact.until, 'infinity');
BEGIN
    IF coalesce(stop_contact.reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a stop needs a reason',
            HINT = 'SELECT tiering.stop_contact(program, customer, ''why''), or with channel => ''phone'' for one channel.';
    END IF;
    IF ends <= now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('until %s lies in the past', ends), HINT = 'Leave it out for a stop without end.';
    END IF;
    stop_contact.customer := tiering.customer_key(p.program, stop_contact.customer, stop_contact.path);
    PERFORM tiering.lock_graded(p.program, stop_contact.customer, stop_contact.path);
    -- The same again is the same.
    IF NOT EXISTS (SELECT FROM tiering.contact_stops s WHERE s.program = p.program AND s.customer = stop_contact.customer AND s.channel IS NOT DISTINCT FROM stopped AND s.until IS NOT DISTINCT FROM ends
        AND tiering.lasts(s.until) AND s.reason = stop_contact.reason)
    THEN
        INSERT INTO tiering.contact_stops (program, customer, since, until, channel, reason)
        SELECT p.program, stop_contact.customer, n.since, CASE WHEN ends IS NOT NULL THEN greatest(ends, n.since) END, stopped, stop_contact.reason FROM (SELECT greatest(now(), (SELECT max(s.since) + interval '1 microsecond'
            FROM tiering.contact_stops s WHERE s.program = p.program AND s.customer = stop_contact.customer)) AS since) n;
    END IF;
    IF stopped IS NULL THEN
        PERFORM tiering.follow_stops(p.program, ARRAY[stop_contact.customer]);
        UPDATE tiering.assignments a SET claimed_by = NULL, claimed_until = NULL
        WHERE a.program = p.program AND a.customer = stop_contact.customer AND a.claimed_until IS NOT NULL;
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.stop_contact(text, text, text, text, timestamptz, text) IS
    'notes that a customer is not to be contacted, until a time or (NULL) until allow_contact(). Without a channel the customer stands on no due list, log or workload, is handed out to nobody, and counts as '
    'neither silent nor put off; with one (a code of tiering.vocabulary or a word of your own) a contact by it is logged with a WARNING. '
    'ERROR 42704 unknown program or customer, 22004 no reason, 22008 until in the past';

CREATE FUNCTION tiering.allow_contact(program text, customer text, channel text DEFAULT NULL, path text DEFAULT current_setting('search_path')) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(allow_contact.program);
    allowed text := tiering.code_of('channel', nullif(allow_contact.channel, ''));
    ended bigint;
BEGIN
    allow_contact.customer := tiering.customer_key(p.program, allow_contact.customer, allow_contact.path);
    PERFORM tiering.lock_graded(p.program, allow_contact.customer, allow_contact.path);
    UPDATE tiering.contact_stops s SET until = greatest(now(), s.since), ended_by = session_user
    WHERE s.program = p.program AND s.customer = allow_contact.customer AND tiering.lasts(s.until) AND (allowed IS NULL OR s.channel = allowed);
    GET DIAGNOSTICS ended = ROW_COUNT;
    IF allowed IS NULL THEN
        PERFORM tiering.follow_stops(p.program, ARRAY[allow_contact.customer]);
    END IF;
    RETURN ended;
END
$$;
COMMENT ON FUNCTION tiering.allow_contact(text, text, text, text) IS
    'ends the stops of a customer, all of them or that of a channel; returns how many. ERROR 42704 unknown program or customer';
