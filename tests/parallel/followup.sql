-- Due dates by name, with a calendar, with another, and without; the days of 2026, for which all are known.
CREATE TABLE contacts AS
SELECT g AS id, chr(65 + g % 3) AS tier, '2026-01-01 00:00+00'::timestamptz + g * interval '37 minutes' AS last_followup,
       CASE g % 3 WHEN 0 THEN 'cn' WHEN 1 THEN 'weekends' END AS calendar
FROM generate_series(1, 8000) AS g;
ANALYZE contacts;
-- query
SELECT tiering.next_followup_due('abc_share', tier, last_followup, calendar) AS due,
    tiering.is_workday('cn', last_followup::date) AS workday, max(tiering.response_due('abc_share', tier, last_followup, 'cn')) AS answer,
    count(*)
FROM contacts GROUP BY 1, 2;
