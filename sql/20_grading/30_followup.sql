-- When a customer is due for a follow-up, and by when one who has asked must be answered. Not STRICT:
-- a customer never contacted is due, and no calendar means that every day is worked.

CREATE FUNCTION tiering.next_followup_due(scheme text, tier text, last_followup timestamptz, calendar text DEFAULT NULL) RETURNS date
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'next_followup_due';
COMMENT ON FUNCTION tiering.next_followup_due(text, text, timestamptz, text) IS
    'when a customer of a tier is due for the next follow-up: the day of the last one, in the zone of the scheme, plus the '
    'cadence of the tier, moved to a working day as the tier says. Never contacted (NULL): due at once, today or the next '
    'working day. Without a calendar that of the database (set_defaults()), or else every day counts as a working day. NULL if scheme or tier is NULL or the tier has no '
    'cadence. ERROR 42704 unknown scheme, tier or calendar, 22008 out of range';

CREATE FUNCTION tiering.followup_due(last_followup date, every text, workday text, calendar tiering.calendar DEFAULT NULL) RETURNS date
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'followup_due';
COMMENT ON FUNCTION tiering.followup_due(date, text, text, tiering.calendar) IS
    'the day of the last follow-up plus a cadence (ISO 8601: P1D, P2W, P1M), moved to a working day by a convention: none, '
    'following, preceding, modified_following. Always later than the last follow-up. Reads no table, setting or clock; NULL if '
    'anything but the calendar is NULL. ERROR 22023 bad cadence or convention, 22008 out of range';

CREATE FUNCTION tiering.response_due(scheme text, tier text, opened_at timestamptz, calendar text DEFAULT NULL) RETURNS timestamptz
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'response_due';
COMMENT ON FUNCTION tiering.response_due(text, text, timestamptz, text) IS
    'by when a customer of a tier must be answered: the service target of the tier after the opening, in elapsed time or in '
    'working hours of working days in the zone of the scheme. Without a calendar that of the database (set_defaults()), or else every day is worked, around the clock. NULL if '
    'scheme, tier or opened_at is NULL or the tier has no target. ERROR 42704 unknown scheme, tier or calendar, 22008 out of range';

-- A name of its own: as a fifth argument of response_due, pauses would leave the form by values ambiguous when all
-- arguments are literals.
CREATE FUNCTION tiering.response_due_paused(scheme text, tier text, opened_at timestamptz, calendar text, pauses tstzmultirange) RETURNS timestamptz
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'response_due';
COMMENT ON FUNCTION tiering.response_due_paused(text, text, timestamptz, text, tstzmultirange) IS
    'by when a customer of a tier must be answered, as response_due, with a clock that stands still during pauses (on hold, waiting for the customer): what they take from the clock comes on '
    'top. range_agg(tstzrange(held_at, resumed_at)) makes them of a table. NULL while a pause without an end holds the clock; pauses '
    'NULL: none';

-- A name of its own, too: the target would be taken for the time where all arguments are literals.
CREATE FUNCTION tiering.target_due(
    scheme text, tier text, target text, opened_at timestamptz, calendar text DEFAULT NULL, pauses tstzmultirange DEFAULT NULL
) RETURNS timestamptz
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'target_due';
COMMENT ON FUNCTION tiering.target_due(text, text, text, timestamptz, text, tstzmultirange) IS
    'by when a named target of a tier is due: next_reply, resolution …, as "targets" of the tier in the scheme names them; response is the one of the key "response". Clock, '
    'calendar and pauses as for response_due() and response_due_paused(). NULL if the tier has no such target, though another tier has. '
    'ERROR 42704 unknown scheme, tier, calendar, or a target that no tier has, 22008 out of range';

CREATE FUNCTION tiering.target_used(
    scheme text, tier text, target text, opened_at timestamptz, at timestamptz, calendar text DEFAULT NULL, pauses tstzmultirange DEFAULT NULL
) RETURNS double precision
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'target_used';
COMMENT ON FUNCTION tiering.target_used(text, text, text, timestamptz, timestamptz, text, tstzmultirange) IS
    'which share of the time of a named target is used at a time, on its clock and without pauses: 0 at the opening, 1 when it is due, more when it is missed. '
    'WHERE tiering.target_used(…, now()) >= 0.8 lists what is to be escalated. NULL and errors as target_due()';

CREATE FUNCTION tiering.response_due(opened_at timestamptz, within text, clock text, zone text, calendar tiering.calendar) RETURNS timestamptz
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'response_due_of';
COMMENT ON FUNCTION tiering.response_due(timestamptz, text, text, text, tiering.calendar) IS
    'by when an answer is due, by values: a service target (ISO 8601: PT4H, P1D), the clock it runs on (calendar: all time, '
    'working: working hours), an IANA time zone, a calendar or NULL. A shift over midnight belongs to the day on which it begins; '
    'days of the target are working days later at the same time of day, or when the hours of that day end before it. Reads no table, '
    'setting or clock; NULL if anything but the calendar is NULL. ERROR 22023 bad target, clock or zone, 22008 out of range';

CREATE FUNCTION tiering.response_due(
    opened_at timestamptz, within text, clock text, zone text, calendar tiering.calendar, pauses tstzmultirange
) RETURNS timestamptz
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'response_due_of';
COMMENT ON FUNCTION tiering.response_due(timestamptz, text, text, text, tiering.calendar, tstzmultirange) IS
    'the same with a clock that stands still during pauses: what they take from it comes on top. NULL while a pause without an end '
    '(no upper bound, or infinity) holds the clock; one that begins when the answer was due already is no matter. pauses NULL: none';

CREATE FUNCTION tiering.working_time_between(
    calendar text, from_time timestamptz, to_time timestamptz, zone text, pauses tstzmultirange DEFAULT NULL
) RETURNS interval
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'working_time_between';
COMMENT ON FUNCTION tiering.working_time_between(text, timestamptz, timestamptz, text, tstzmultirange) IS
    'how long the working clock runs from one time to another: the working hours of working days in an IANA time zone, without pauses; '
    'hours, minutes and seconds, no days. Negative if the second time is earlier. The inverse of response_due. NULL if anything but '
    'the pauses is NULL. ERROR 42704 unknown calendar, 22023 unknown zone, 22008 infinite times or more than 40 000 working days';
CREATE FUNCTION tiering.working_time_between(
    calendar tiering.calendar, from_time timestamptz, to_time timestamptz, zone text, pauses tstzmultirange DEFAULT NULL
) RETURNS interval
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'working_time_between_of';
COMMENT ON FUNCTION tiering.working_time_between(tiering.calendar, timestamptz, timestamptz, text, tstzmultirange) IS
    'how long the working clock runs from one time to another, by a document instead of a name';
