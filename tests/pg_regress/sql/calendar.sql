\set SHOW_CONTEXT never
-- The type.
SELECT '{"calendar": "shop", "title": {"en": "Shop", "zh": "Shop"}, "working_days": ["sat", "tue"], "holidays": ["2026-05-05"]}'::tiering.calendar;
SELECT tiering.to_jsonb(c), c::jsonb = tiering.to_jsonb(c) AS casts, tiering.calendar_name(c)
FROM tiering.calendar('{"calendar": "shop", "title": {"en": "Shop", "zh": "Shop"}, "working_days": ["mon"]}') AS c;
SELECT '{"calendar": "a", "title": {"en": "A", "zh": "A"}, "working_days": ["mon", "tue"]}'::tiering.calendar
     OPERATOR(tiering.=) '{"title": {"zh": "A", "en": "A"}, "working_days": ["tue", "mon"], "calendar": "a"}'::tiering.calendar AS same,
       '{"calendar": "a", "title": {"en": "A", "zh": "A"}, "working_days": ["mon"]}'::tiering.calendar
     OPERATOR(tiering.<>) '{"calendar": "b", "title": {"en": "A", "zh": "A"}, "working_days": ["mon"]}'::tiering.calendar AS different;
SELECT count(*), count(DISTINCT tiering.calendar_digest(document)) AS digests
FROM (SELECT document FROM tiering.calendars UNION SELECT document FROM tiering.calendars) c;
SELECT tiering.calendar_json_schema() ->> 'title' AS title, tiering.calendar_json_schema() -> 'required' AS required;

-- Binary I/O.
CREATE TEMPORARY TABLE wire (document tiering.calendar);
\set file `mktemp -u /tmp/customer_tiering.XXXXXX`
COPY (SELECT document FROM tiering.calendars WHERE calendar = 'weekends') TO :'file' (FORMAT binary);
COPY wire FROM :'file' (FORMAT binary);
\set removed `rm -f :file`
SELECT w.document OPERATOR(tiering.=) c.document AS same FROM wire w, tiering.calendars c WHERE c.calendar = 'weekends';

-- What is no calendar is refused, with the place.
SELECT '{'::tiering.calendar;
SELECT '{"calendar": "a", "title": {"en": "A", "zh": "A"}, "working_days": []}'::tiering.calendar;
SELECT '{"calendar": "a", "title": {"en": "A", "zh": "A"}, "working_days": ["mon"], "holidays": ["2026-02-30"]}'::tiering.calendar;
SELECT '{"calendar": "a", "title": {"en": "A", "zh": "A"}, "working_days": ["mon"], "holydays": []}'::tiering.calendar;
SELECT '[]'::jsonb::tiering.calendar;

-- What comes with the extension.
SELECT calendar, built_in, imported_by, tiering.calendar_covers(calendar, '2026-12-31') AS covers_2026, known_from, known_until
FROM tiering.calendars WHERE calendar IN ('cn', 'weekends', 'us', 'kr') ORDER BY 1;
SELECT count(*) >= 22 AS enough, bool_and(built_in) AS built_in, count(*) FILTER (WHERE document::jsonb #>> '{title,zh}' IS NULL OR document::jsonb #>> '{title,en}' IS NULL) AS without_title,
       count(*) FILTER (WHERE known_from > '2015-01-01' OR known_until < '2026-12-31') AS known_too_little
FROM tiering.calendars;

-- The first week of October 2026 is a holiday, the Saturday after it makes up for it.
SELECT d::date AS day, to_char(d, 'Dy') AS weekday,
       tiering.is_workday('weekends', d::date) AS weekends, tiering.is_workday('cn', d::date) AS cn
FROM generate_series('2026-09-30', '2026-10-11', interval '1 day') AS d;
SELECT tiering.add_workdays('cn', '2026-09-30', 1) AS next, tiering.add_workdays('cn', '2026-10-03', 0) AS here_or_next,
       tiering.add_workdays('cn', '2026-10-03', -1) AS before, tiering.add_workdays('weekends', '2026-09-30', 1) AS weekend;
SELECT tiering.workdays_between('cn', '2026-01-01', '2027-01-01') AS cn, tiering.workdays_between('weekends', '2026-01-01', '2027-01-01') AS weekends,
       tiering.workdays_between('cn', '2026-10-08', '2026-09-28') AS backwards, tiering.workdays_between('cn', '2026-10-08', '2026-10-08') AS none;

-- By value the same.
SELECT tiering.is_workday(document, '2026-10-10'), tiering.add_workdays(document, '2026-09-30', 1),
       tiering.workdays_between(document, '2026-09-30', '2026-10-10'), tiering.calendar_covers(document, '2027-01-01')
FROM tiering.calendars WHERE calendar IN ('cn', 'weekends') ORDER BY calendar;

-- NULL in, NULL out.
SELECT tiering.is_workday(NULL::text, '2026-10-10'), tiering.is_workday('cn', NULL), tiering.add_workdays('cn', NULL, 1),
       tiering.add_workdays('cn', '2026-10-10', NULL), tiering.workdays_between('cn', NULL, '2026-10-10'),
       tiering.calendar_covers('cn', NULL), tiering.import_calendar(NULL, '{}');

-- Beyond what is known: the weekly pattern, and one warning for each statement and calendar.
SELECT tiering.calendar_covers('cn', '2027-01-04') AS covers, tiering.calendar_covers('cn', '2003-12-31') AS covers_before;
SELECT tiering.is_workday('cn', '2027-01-04');
SELECT tiering.is_workday('cn', '2003-12-31');
SELECT tiering.add_workdays('cn', '2026-12-31', 1);
SELECT tiering.workdays_between('cn', '2026-12-30', '2027-01-02');
SELECT count(*) FILTER (WHERE tiering.is_workday('cn', '2027-01-01'::date + n)) AS workdays,
       count(*) FILTER (WHERE tiering.add_workdays('cn', '2027-01-01'::date + n, 2) > '2030-01-01') AS late,
       count(*) FILTER (WHERE tiering.is_workday(c.document, '2027-01-01'::date + n)) AS workdays_by_value
FROM generate_series(1, 7000) AS n, tiering.calendars c WHERE c.calendar = 'cn';
BEGIN;
SELECT tiering.is_workday('cn', '2027-01-05');
SELECT tiering.is_workday('cn', '2027-01-06');
COMMIT;

-- One's own.
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop", "zh": "店"}, "working_days": ["tue", "wed", "thu", "fri", "sat"], "known_until": "2026-12-31"}');
SELECT calendar, built_in, document FROM tiering.calendars WHERE NOT built_in;
SELECT tiering.is_workday('shop', '2026-10-05') AS monday, tiering.is_workday('shop', '2026-10-03') AS saturday;
SELECT tiering.is_workday('shop', '2027-01-04');
SELECT tiering.import_calendar('shop', '{"calendar": "shop", "title": {"en": "Shop", "zh": "Shop"}, "working_days": ["mon"]}');
SELECT tiering.is_workday('shop', '2026-10-05') AS monday, tiering.is_workday('shop', '2026-10-03') AS saturday;
SELECT tiering.import_calendar('shop', '{"calendar": "other", "title": {"en": "Shop", "zh": "Shop"}, "working_days": ["mon"]}');
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop", "zh": "Shop"}, "working_days": ["monday"]}');
SELECT tiering.import_calendar('Shop 1', '{"title": {"en": "Shop", "zh": "Shop"}, "working_days": ["mon"]}');
SELECT tiering.import_calendar('shop', '["mon"]');
SELECT tiering.import_calendar('cn', '{"title": {"en": "Mine", "zh": "Mine"}, "working_days": ["mon"]}');
UPDATE tiering.calendars SET document = document WHERE calendar = 'cn';
DELETE FROM tiering.calendars WHERE calendar = 'weekends';
UPDATE tiering.calendars SET built_in = true WHERE calendar = 'shop';
\set VERBOSITY terse
INSERT INTO tiering.calendars (calendar, document) VALUES ('b', '{"calendar": "a", "title": {"en": "A", "zh": "A"}, "working_days": ["mon"]}');
\set VERBOSITY default
SELECT tiering.is_workday('nowhere', '2026-10-05');

-- A loop sees what changes between its turns.
DO $$
DECLARE
    shop tiering.calendar := (SELECT document FROM tiering.calendars WHERE calendar = 'shop');
BEGIN
    FOR turn IN 1..2 LOOP
        FOR day IN 1..2 LOOP
            RAISE NOTICE 'turn %, monday %, tuesday %', turn,
                tiering.is_workday('shop', '2026-10-05'), tiering.is_workday('shop', '2026-10-06');
            PERFORM tiering.import_calendar('shop', tiering.to_jsonb(shop) || '{"working_days": ["tue"]}');
        END LOOP;
        PERFORM tiering.import_calendar('shop', tiering.to_jsonb(shop) || '{"working_days": ["mon"]}');
    END LOOP;
END
$$;

-- Several calendars in one column.
SELECT calendar, tiering.is_workday(calendar, '2026-10-10') AS saturday FROM tiering.calendars, generate_series(1, 2)
WHERE calendar IN ('cn', 'weekends', 'shop') ORDER BY 1;

-- The 31st of December 2005, a Saturday, was worked; 2027 is provisional: free, with a warning, until the notice comes.
SELECT tiering.is_workday('cn', '2005-12-31') AS worked, tiering.is_workday('cn', '2006-01-03') AS free;
SELECT tiering.is_workday('cn', '2027-02-09') AS provisional, tiering.calendar_covers('cn', '2027-02-09') AS known;

-- A built-in calendar takes more days, and whatever uses it follows. Nothing that it knows changes.
SELECT tiering.extend_calendar('cn', '{2027-01-01,2027-02-08}', '{2027-02-20}', '2027-12-31');
SELECT tiering.is_workday('cn', '2027-02-20') AS make_up, tiering.is_workday('cn', '2027-02-08') AS holiday,
       tiering.is_workday('cn', '2027-02-09') AS no_more_provisional, tiering.calendar_covers('cn', '2027-12-31') AS known;
SELECT calendar, holidays, workdays, known_until FROM tiering.calendar_extensions;
SELECT calendar, built_in, imported_by, known_until FROM tiering.calendars WHERE calendar = 'cn';
SELECT tiering.extend_calendar('cn', '{2027-01-01,2027-02-08}', '{2027-02-20}', '2027-12-31') AS again;
SELECT tiering.extend_calendar('cn', '{2028-01-03}', until => '2028-12-31') AS one_year_more;
SELECT holidays, workdays, known_until FROM tiering.calendar_extensions;
SELECT tiering.extend_calendar('cn', '{2027-02-20}');
SELECT tiering.extend_calendar('cn', workdays => '{2026-10-01}');
SELECT tiering.extend_calendar('cn', '{2029-01-01}');
SELECT tiering.extend_calendar('cn', until => '2027-12-31');
SELECT tiering.extend_calendar('weekends', until => '2027-12-31');
SELECT tiering.extend_calendar('weekends', '{2027-01-01}');
SELECT tiering.extend_calendar('nowhere', '{2027-01-01}');
SELECT tiering.extend_calendar('cn', '{NULL}');
SELECT tiering.extend_calendar('cn', '{infinity}', until => '2029-12-31');
SELECT tiering.extend_calendar(NULL, '{2027-01-01}');
INSERT INTO tiering.calendar_extensions (calendar) VALUES ('shop');
UPDATE tiering.calendars SET document = tiering.extended_calendar(document, '{"known_until": "2029-12-31"}') WHERE calendar = 'cn';
DELETE FROM tiering.calendar_extensions;
SELECT tiering.calendar_covers('cn', '2027-01-01') AS known, tiering.is_workday('cn', '2026-10-10') AS as_before;
-- One's own is changed in its place.
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon", "tue"], "known_until": "2026-12-31", "provisional": ["2027-01-04", "2028-01-03"]}');
SELECT tiering.extend_calendar('shop', '{2027-01-05}', '{2027-01-09}', '2027-12-31');
SELECT document FROM tiering.calendars WHERE calendar = 'shop';
SELECT count(*) FROM tiering.calendar_extensions;

-- A date may be listed twice, as when two holidays fall on it; as a holiday and a working day it may not.
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon"], "holidays": ["2026-10-05", "2026-10-05"], "workdays": ["2026-10-10", "2026-10-10"]}');
SELECT tiering.to_jsonb(document) - 'title' AS once FROM tiering.calendars WHERE calendar = 'shop';
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon"], "holidays": ["2026-10-05"], "workdays": ["2026-10-05"]}');
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon"], "holidays": ["2027-10-04"], "known_until": "2026-12-31"}');
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon"], "provisional": ["2026-10-05"], "known_until": "2026-12-31"}');

-- Hours by weekday: a NOTICE if working days have none.
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon", "tue", "sat"], "hours": {"mon": [["09:00", "18:00"]], "sat": [["09:00", "13:00"]]}}');
SELECT tiering.calendar_days_without_hours(document) FROM tiering.calendars WHERE calendar = 'shop';
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon", "tue"], "hours": {"other": [["22:00", "06:00"]], "tue": [["05:00", "09:00"]]}}');
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon"], "hours": [["09:00", "09:00"]]}');
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon"], "hours": {"monday": [["09:00", "18:00"]]}}');
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon"], "hours_on": {"2026-10-06": [["09:00", "12:00"]]}}');

-- Dates that are none, and results beyond the last date.
SELECT tiering.is_workday('cn', 'infinity');
SELECT tiering.add_workdays('weekends', '9999-12-30', 5);
SELECT tiering.add_workdays('weekends', '4714-11-24 BC', -5);
SELECT tiering.is_workday('weekends', '10000-01-01');

-- Others read, and write only if they may.
CREATE ROLE regress_calendar_reader;
SET ROLE regress_calendar_reader;
SELECT tiering.is_workday('cn', '2026-10-10');
SELECT tiering.import_calendar('theirs', '{"title": {"en": "Theirs", "zh": "Theirs"}, "working_days": ["mon"]}');
RESET ROLE;
DROP ROLE regress_calendar_reader;

DELETE FROM tiering.calendars WHERE calendar = 'shop';

-- A calendar file: its days, and the document that they make; what is not read is refused with its line.
\set ics 'BEGIN:VCALENDAR\r\nX-WR-CALNAME:公司日历\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260216\r\nDTEND;VALUE=DATE:20260224\r\nSUMMARY:春节\r\n （休）\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260214\r\nRDATE;VALUE=DATE:20260228\r\nSUMMARY:春节（班）\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
SELECT title, count(*), min(day), max(day) FROM tiering.ical_days(E:'ics') GROUP BY title ORDER BY title;
SELECT tiering.calendar_from_ical(E:'ics', '班');
SELECT tiering.import_calendar('company', tiering.calendar_from_ical(E:'ics', '班') || '{"hours": [["09:00", "18:00"]]}');
SELECT d::date AS day, tiering.is_workday('company', d::date) FROM generate_series('2026-02-13', '2026-02-16', interval '1 day') AS d;
SELECT known_from, known_until FROM tiering.calendars WHERE calendar = 'company';
SELECT jsonb_object_keys(tiering.calendar_from_ical(E'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260501\nEND:VEVENT\nEND:VCALENDAR', '') -> 'title');
SELECT tiering.ical_days(replace(E:'ics', 'RDATE;VALUE=DATE:20260228', 'RRULE:FREQ=YEARLY'));
SELECT tiering.ical_days(replace(E:'ics', 'VALUE=DATE:20260216', 'TZID=Asia/Shanghai:20260216T090000'));
SELECT tiering.calendar_from_ical(E'BEGIN:VCALENDAR\nEND:VCALENDAR');
SELECT tiering.import_calendar('company', tiering.calendar_from_ical(replace(E:'ics', '20260228', '20260216'), '班'));
DELETE FROM tiering.calendars WHERE calendar = 'company';

-- Every day of the year.
SELECT tiering.workdays_between('every_day', '2026-01-01', '2027-01-01'), tiering.add_workdays('every_day', '2026-02-16', 1), tiering.calendar_covers('every_day', '2100-01-01');
SELECT tiering.extend_calendar('every_day', holidays => '{2026-05-01}');
