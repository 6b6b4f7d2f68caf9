\set SHOW_CONTEXT never
-- A scheme with every kind of cadence and target. Shanghai is eight hours ahead of UTC.
SELECT tiering.create_scheme('{
    "scheme": "rhythm", "timezone": "Asia/Shanghai",
    "inputs": [{"name": "x", "type": "number"}],
    "characteristics": [{"name": "c", "input": "x", "bins": [
        {"code": "daily", "gte": 50}, {"code": "weekly", "gte": 40, "lt": 50}, {"code": "monthly", "gte": 30, "lt": 40},
        {"code": "early", "gte": 20, "lt": 30}, {"code": "yearly", "gte": 10, "lt": 20}, {"code": "never", "lt": 10}]}],
    "decision": {"method": "bands", "characteristic": "c"},
    "tiers": [
        {"code": "daily", "followup": {"every": "P1D", "workday": "following"}, "response": {"within": "PT4H", "clock": "working"}},
        {"code": "weekly", "followup": {"every": "P1W"}, "response": {"within": "PT4H", "clock": "calendar"}},
        {"code": "monthly", "followup": {"every": "P1M", "workday": "modified_following"}, "response": {"within": "P2D", "clock": "working"}},
        {"code": "early", "followup": {"every": "P1D", "workday": "preceding"}},
        {"code": "yearly", "followup": {"every": "P1Y", "workday": "following"}, "response": {"within": "PT30M", "clock": "calendar"}},
        {"code": "never"}]
}');
SELECT tiering.approve_scheme('rhythm');

-- Without and with a calendar, tier by tier, in one call site. 2026-09-30 20:00 UTC is 1 October in Shanghai.
SELECT t.tier, t.last_followup,
       tiering.next_followup_due('rhythm', t.tier, t.last_followup) AS every_day,
       tiering.next_followup_due('rhythm', t.tier, t.last_followup, 'weekends') AS weekends,
       tiering.next_followup_due('rhythm', t.tier, t.last_followup, 'cn') AS cn
FROM (SELECT tier, last_followup::timestamptz
      FROM unnest('{daily,weekly,monthly,early,yearly,never}'::text[]) WITH ORDINALITY AS t (tier, n),
           unnest('{2026-01-30 15:00+00,2025-09-30 20:00+00}'::text[]) AS last_followup
      ORDER BY n, last_followup) t;

-- The preset of the source: a calendar of its own for each row, and NULL.
SELECT tier, calendar, tiering.next_followup_due('sales_readiness', tier, '2026-09-30 03:00+00', calendar)
FROM unnest('{A,B,C,D,E,NULL}'::text[]) AS tier, unnest('{cn,NULL,weekends}'::text[]) AS calendar
ORDER BY 1, 2;
SELECT tiering.next_followup_due(NULL, 'daily', '2026-09-30', 'cn') AS no_scheme, tiering.next_followup_due('rhythm', NULL, '2026-09-30', 'cn') AS no_tier;

-- Never contacted: due at once, by the clock of the scheme.
SELECT tiering.next_followup_due('rhythm', 'weekly', NULL) = (now() AT TIME ZONE 'Asia/Shanghai')::date AS today,
       tiering.next_followup_due('rhythm', 'weekly', NULL, 'weekends') = (now() AT TIME ZONE 'Asia/Shanghai')::date AS today_unmoved,
       tiering.next_followup_due('rhythm', 'daily', NULL, 'weekends') = tiering.add_workdays('weekends', (now() AT TIME ZONE 'Asia/Shanghai')::date, 0) AS next_workday,
       tiering.next_followup_due('rhythm', 'early', NULL, 'weekends') >= (now() AT TIME ZONE 'Asia/Shanghai')::date AS never_before_today,
       tiering.next_followup_due('rhythm', 'never', NULL) AS no_cadence;

-- The primitive. Months end where they end; a due date lies after the last contact.
SELECT tiering.followup_due('2026-01-31', 'P1M', 'none') AS month_end, tiering.followup_due('2024-02-29', 'P1Y', 'none') AS leap_day,
       tiering.followup_due('2026-05-29', 'P1D', 'preceding', c.document) AS not_back_to_friday,
       tiering.followup_due('2026-04-30', 'P1M', 'modified_following', c.document) AS in_may,
       tiering.followup_due('2026-04-30', 'P1M', 'following', c.document) AS in_june
FROM tiering.calendars c WHERE calendar = 'weekends';
SELECT tiering.followup_due(NULL, 'P1M', 'none'), tiering.followup_due('2026-01-31', NULL, 'none'), tiering.followup_due('2026-01-31', 'P1M', NULL);

-- Answers. Working time needs working hours; 09:30 UTC is 17:30 in Shanghai.
SELECT tiering.import_calendar('office', '{"title": {"en": "Office", "zh": "Office"}, "working_days": ["mon", "tue", "wed", "thu", "fri"], "hours": [["09:00", "12:00"], ["13:00", "18:00"]], "known_until": "2026-12-31"}');
SELECT t.tier, tiering.response_due('rhythm', t.tier, '2026-10-09 09:30+00') AS every_day,
       tiering.response_due('rhythm', t.tier, '2026-10-09 09:30+00', 'office') AS office,
       tiering.response_due('rhythm', t.tier, NULL, 'office') AS not_opened
FROM unnest('{daily,weekly,monthly,early,yearly,never,NULL}'::text[]) AS t (tier);
SELECT tiering.response_due('2026-10-09 09:30+00', 'PT4H', 'working', 'Asia/Shanghai', c.document) AS shanghai,
       tiering.response_due('2026-10-09 09:30+00', 'PT4H', 'working', 'Europe/Berlin', c.document) AS berlin,
       tiering.response_due('2026-10-09 09:30+00', 'PT4H', 'working', 'UTC', NULL) AS every_day
FROM tiering.calendars c WHERE calendar = 'office';

-- A shift over midnight belongs to the day on which it begins; hours by weekday and of single dates.
SELECT tiering.import_calendar('night', '{"title": {"en": "Night"}, "working_days": ["mon", "tue", "wed", "thu", "fri"], "hours": [["22:00", "06:00"]]}');
SELECT tiering.response_due('2026-03-06 23:00+00', 'PT4H', 'working', 'UTC', document) AS friday_night,
       tiering.response_due('2026-03-09 00:30+00', 'PT1H', 'working', 'UTC', document) AS nobody_works_on_monday_morning
FROM tiering.calendars WHERE calendar = 'night';
SELECT tiering.import_calendar('shop', '{"title": {"en": "Shop"}, "working_days": ["mon", "tue", "wed", "thu", "fri", "sat"],
    "hours": {"other": [["09:00", "18:00"]], "sat": [["09:00", "13:00"]]}, "hours_on": {"2026-12-24": [["09:00", "12:00"]]}}');
SELECT tiering.response_due('2026-03-07 12:00+00', 'PT2H', 'working', 'UTC', document) AS saturday_noon,
       tiering.response_due('2026-03-06 17:00+00', 'P1D', 'working', 'UTC', document) AS closed_by_then,
       tiering.response_due('2026-12-24 11:00+00', 'PT2H', 'working', 'UTC', document) AS half_holiday
FROM tiering.calendars WHERE calendar = 'shop';

-- How long it took on the working clock, and the same with pauses; the inverse of response_due.
SELECT tiering.working_time_between('shop', '2026-03-06 17:00+00', '2026-03-07 09:30+00', 'UTC') AS over_night,
       tiering.working_time_between('shop', '2026-03-07 13:30+00', '2026-03-09 08:00+00', 'UTC') AS closed,
       tiering.working_time_between('shop', '2026-03-07 09:30+00', '2026-03-06 17:00+00', 'UTC') AS backwards,
       tiering.working_time_between('shop', '2026-03-02 00:00+00', '2026-03-09 00:00+00', 'UTC') AS week,
       tiering.working_time_between('shop', '2026-03-06 17:00+00', '2026-03-07 09:30+00', 'UTC',
           '{[2026-03-06 17:30+00,2026-03-07 09:15+00)}') AS paused,
       tiering.working_time_between('shop', '2026-03-06 17:00+00', '2026-03-07 09:30+00', 'UTC', '{[2026-03-06 17:30+00,)}') AS still_paused;
SELECT count(*) AS wrong
FROM tiering.calendars c, generate_series('2026-03-01 00:00+00'::timestamptz, '2026-03-14', interval '7 hours 13 minutes') AS opened,
    unnest('{PT10M,PT4H,PT40H}'::text[]) AS within
WHERE calendar IN ('shop', 'night', 'office') AND tiering.working_time_between(document, opened, tiering.response_due(opened, within, 'working', 'Asia/Shanghai', document),
    'Asia/Shanghai') <> within::interval;
SELECT tiering.working_time_between(NULL::text, '2026-03-06', '2026-03-07', 'UTC'), tiering.working_time_between('shop', NULL, '2026-03-07', 'UTC'),
       tiering.working_time_between('shop', '2026-03-06', NULL, 'UTC'), tiering.working_time_between('shop', '2026-03-06', '2026-03-07', NULL);

-- A clock on hold: the pauses come on top, merged from a table of them; NULL while one goes on.
CREATE TEMPORARY TABLE holds (ticket integer, held_at timestamptz, resumed_at timestamptz);
INSERT INTO holds VALUES (1, '2026-03-06 17:00+00', '2026-03-07 10:00+00'), (1, '2026-03-07 09:30+00', '2026-03-07 11:00+00'),
    (2, '2026-03-06 17:30+00', NULL), (3, '2026-03-06 18:00+00', NULL), (4, '2026-03-06 17:00+00', '2026-03-06 17:00+00'), (5, 'infinity', NULL), (6, NULL, '-infinity'),
    (7, '2026-03-06 17:15+00', 'infinity');
SELECT t.ticket, tiering.response_due('2026-03-06 16:00+00', 'PT2H', 'working', 'UTC', c.document, t.pauses) AS working,
       tiering.response_due('2026-03-06 16:00+00', 'PT2H', 'calendar', 'UTC', c.document, t.pauses) AS calendar
FROM (SELECT ticket, range_agg(tstzrange(held_at, resumed_at)) AS pauses FROM holds GROUP BY ticket UNION ALL SELECT 8, NULL) AS t, tiering.calendars c
WHERE c.calendar = 'shop' ORDER BY 1;
SELECT tiering.response_due_paused('rhythm', 'daily', '2026-10-09 09:30+00', 'office', '{[2026-10-09 09:40+00,2026-10-12 01:20+00]}') AS paused,
       tiering.response_due_paused('rhythm', 'daily', '2026-10-09 09:30+00', 'office', '{}')
           = tiering.response_due('rhythm', 'daily', '2026-10-09 09:30+00', 'office') AS same_without,
       tiering.response_due_paused('rhythm', 'daily', '2026-10-09 09:30+00', 'office', '{[2026-10-09 09:40+00,]}') AS on_hold;
DELETE FROM tiering.calendars WHERE calendar IN ('night', 'shop');

-- Beyond what a calendar knows: one warning a statement, and only if the answer rests on it.
SELECT tiering.next_followup_due('rhythm', 'weekly', '2027-01-01', 'cn') AS not_moved;
SELECT tiering.next_followup_due('rhythm', 'daily', '2003-06-02', 'cn') AS before;
SELECT tiering.next_followup_due('rhythm', 'monthly', '2026-12-02 00:00+00', 'cn') AS moved_beyond_the_end;
SELECT tiering.followup_due('2026-10-01', 'P3D', 'preceding', '{"calendar": "a", "title": {"en": "A", "zh": "A"}, "working_days": ["mon", "fri"], "known_until": "2026-10-03"}') AS moved_back_over_the_end;
SELECT tiering.response_due('rhythm', 'daily', '2026-12-31 09:30+00', 'office') AS over_the_end;
SELECT max(tiering.next_followup_due('rhythm', tier, '2026-12-01'::timestamptz + n * interval '1 day', 'cn')) AS latest,
       min(tiering.next_followup_due('rhythm', tier, '2026-12-01'::timestamptz + n * interval '1 day', 'office')) AS earliest
FROM generate_series(1, 100) AS n, unnest('{daily,monthly,yearly}'::text[]) AS tier;

-- What does not exist or cannot be.
SELECT tiering.next_followup_due('rythm', 'daily', '2026-09-30');
SELECT tiering.next_followup_due('rhythm', 'hourly', '2026-09-30');
SELECT tiering.next_followup_due('rhythm', 'daily', '2026-09-30', 'mars');
SELECT tiering.response_due('rhythm', 'hourly', '2026-09-30');
SELECT tiering.next_followup_due('rhythm', 'daily', 'infinity');
SELECT tiering.next_followup_due('rhythm', 'daily', '-infinity', 'cn');
SELECT tiering.next_followup_due('rhythm', 'yearly', '9999-06-01');
SELECT tiering.next_followup_due('rhythm', 'yearly', '20000-06-01');
SELECT tiering.followup_due('infinity', 'P1D', 'none');
SELECT tiering.followup_due('9999-06-01', 'P1Y', 'none');
SELECT tiering.followup_due('2026-09-30', '1 month', 'none');
SELECT tiering.followup_due('2026-09-30', 'P0D', 'none');
SELECT tiering.followup_due('2026-09-30', 'P1M', 'next');
SELECT tiering.response_due('2026-09-30', 'P1M', 'working', 'UTC', NULL);
SELECT tiering.response_due('2026-09-30', 'PT4H', 'business', 'UTC', NULL);
SELECT tiering.response_due('2026-09-30', 'PT4H', 'working', 'Mars/Olympus', NULL);
SELECT tiering.response_due('9999-12-30', 'P2D', 'calendar', 'UTC', NULL);
SELECT tiering.response_due('infinity', 'PT4H', 'calendar', 'UTC', NULL);

-- A loop sees a new version of the scheme and a changed calendar.
DO $$
DECLARE
    changed jsonb := tiering.to_jsonb(tiering.current_scheme('rhythm')) #- '{tiers,1,followup}';
BEGIN
    FOR turn IN 1..3 LOOP
        RAISE NOTICE 'weekly %, daily %', tiering.next_followup_due('rhythm', 'weekly', '2026-10-08 12:00+08', 'office'),
            tiering.next_followup_due('rhythm', 'daily', '2026-10-08 12:00+08', 'office');
        IF turn = 1 THEN
            PERFORM tiering.revise_scheme(changed::tiering.scheme), tiering.approve_scheme('rhythm');
        ELSE
            PERFORM tiering.import_calendar('office', '{"title": {"en": "Office", "zh": "Office"}, "working_days": ["mon"]}');
        END IF;
    END LOOP;
END
$$;
DELETE FROM tiering.calendars WHERE calendar = 'office';

-- E14: several targets of a tier, each on its clock, and how much of the time is used.
SELECT tiering.create_scheme('{"scheme": "desk", "title": {"en": "Desk"}, "inputs": [{"name": "v", "type": "number"}],
    "characteristics": [{"name": "c", "input": "v", "bins": [{"code": "gold", "gte": 10}, {"code": "blue", "lt": 10}]}],
    "decision": {"method": "bands", "characteristic": "c"},
    "tiers": [{"code": "gold", "response": {"within": "PT1H", "clock": "working"}, "targets": {"resolution": {"within": "PT8H", "clock": "working"}, "callback": {"within": "PT30M", "clock": "calendar"}}},
        {"code": "blue", "targets": {"resolution": {"within": "P2D", "clock": "working"}}}]}'), tiering.approve_scheme('desk');
SELECT tiering.import_calendar('desk', '{"title": {"en": "Office"}, "working_days": ["mon", "tue", "wed", "thu", "fri"], "hours": [["09:00", "17:00"]]}');
SELECT t.tier, g.target, tiering.target_due('desk', t.tier, g.target, '2026-11-20 16:00+00', 'desk') AS due
FROM (VALUES ('gold'), ('blue')) AS t (tier), (VALUES ('response'), ('resolution'), ('callback')) AS g (target) ORDER BY 1, 2;
SELECT at, tiering.target_used('desk', 'gold', 'resolution', '2026-11-20 16:00+00', at, 'desk') AS used,
    tiering.target_used('desk', 'gold', 'resolution', '2026-11-20 16:00+00', at, 'desk', tstzmultirange(tstzrange('2026-11-23 09:00+00', '2026-11-23 11:00+00'))) AS used_with_a_pause,
    tiering.target_used('desk', 'gold', 'callback', '2026-11-20 16:00+00', at, 'desk') AS used_of_the_callback
FROM (VALUES (timestamptz '2026-11-20 15:00+00'), ('2026-11-20 16:15+00'), ('2026-11-20 17:00+00'), ('2026-11-22 12:00+00'), ('2026-11-23 10:00+00'), ('2026-11-23 16:00+00'), ('2026-11-24 09:00+00')) AS v (at);
-- half an hour round the clock, with a pause of an hour
SELECT tiering.target_due('desk', 'gold', 'callback', '2026-11-20 16:00+00', 'desk', tstzmultirange(tstzrange('2026-11-20 16:10+00', '2026-11-20 17:10+00'))),
    tiering.target_used('desk', 'gold', 'callback', '2026-11-20 16:00+00', '2026-11-20 17:25+00', 'desk', tstzmultirange(tstzrange('2026-11-20 16:10+00', '2026-11-20 17:10+00'))) AS used,
    tiering.target_used('desk', 'gold', 'callback', '2026-11-20 16:00+00', '2026-11-20 17:25+00', 'desk', tstzmultirange(tstzrange('2026-11-20 16:10+00', NULL))) AS on_hold;
SELECT tiering.target_due('desk', 'gold', NULL, now()), tiering.target_used('desk', 'gold', 'resolution', now(), NULL), tiering.target_due('desk', 'blue', 'response', now());
-- E13: the time that it took is the inverse of the time when it is due
SELECT tiering.working_time_between('desk', '2026-11-20 16:00+00', '2026-11-23 09:30+00', 'UTC') AS friday_to_monday,
    tiering.working_time_between('desk', '2026-11-20 17:30+00', '2026-11-23 08:00+00', 'UTC') AS over_the_weekend,
    tiering.working_time_between('desk', '2026-11-20 16:00+00', tiering.target_due('desk', 'gold', 'resolution', '2026-11-20 16:00+00', 'desk'), 'UTC') AS within;
DELETE FROM tiering.calendars WHERE calendar = 'desk';
