-- Contacts that come first in a tier: a call after a day, a mail after three, a call after a week, and only then the cadence.
--
-- Which of them comes next is not stored: it follows from the contacts since the customer came into the tier. So a change of tier begins them anew, and what is
-- imported, merged or erased counts or counts no more without further ado.

-- PL/pgSQL keeps its plans for the session.
CREATE FUNCTION tiering.steps_done(program text, customer text, began timestamptz, last_followup timestamptz, n integer) RETURNS integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The last contact may be one that the source knows of, or that is just being logged.
    IF (steps_done.last_followup > steps_done.began) IS NOT TRUE THEN
        RETURN 0;
    END IF;
    RETURN 1 + (SELECT count(*) FROM (SELECT FROM tiering.followups f WHERE f.program = steps_done.program AND f.customer = steps_done.customer
        AND f.at > steps_done.began AND f.at < steps_done.last_followup AND NOT f.attempt LIMIT steps_done.n) x);
END
$$;
COMMENT ON FUNCTION tiering.steps_done(text, text, timestamptz, timestamptz, integer) IS
    'how many contacts a customer had since he came into the tier, the last one and, at most n, those logged before it; attempts are none';

CREATE FUNCTION tiering.step_due(
    steps jsonb, program text, customer text, began timestamptz, last_followup timestamptz, zone text, workday text, calendar tiering.calendar, earliest date
) RETURNS date
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    n integer := jsonb_array_length(steps);
    done integer;
    first_day date := (began AT TIME ZONE zone)::date;
    due date;
BEGIN
    IF n IS NULL THEN
        RETURN NULL;
    END IF;
    done := tiering.steps_done(program, customer, began, last_followup, n);
    IF done >= n THEN
        RETURN NULL;
    END IF;
    due := tiering.followup_due(first_day, steps -> done ->> 'after', workday, calendar);
    -- Who was called late is not written to on the same day: the steps keep their distance.
    IF done > 0 THEN
        due := greatest(due, tiering.followup_due((last_followup AT TIME ZONE zone)::date, format('P%sD', greatest(1,
            tiering.followup_due(first_day, steps -> done ->> 'after', 'none') - tiering.followup_due(first_day, steps -> (done - 1) ->> 'after', 'none'))), workday, calendar));
    END IF;
    RETURN greatest(due, tiering.first_due(earliest, NULL, workday, calendar));
END
$$;
COMMENT ON FUNCTION tiering.step_due(jsonb, text, text, timestamptz, timestamptz, text, text, tiering.calendar, date) IS
    'the day of the next step of a customer who came into the tier at a time: so long after that as the step says, as long after the last contact as the step before is away, and not before the '
    'earliest day, moved to a working day. NULL: all steps are done, or there are none';
