-- Fiscal years, quarters and months: of twelve months from any day on, and of whole weeks.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;

-- A year from April on: as generate_series counts it.
SELECT count(*) AS wrong FROM generate_series(date '1999-12-25', '2032-01-05', '1 day') AS g (t), LATERAL (SELECT g.t::date AS day, (g.t - interval '3 months') AS shifted) d
WHERE fiscal_period(d.day, 'quarter', '{"begins": "04-01", "numbered_by": "first_day"}') <> to_char(d.shifted, 'YYYY-"Q"Q')
    OR fiscal_period_begins(d.day, 'quarter', '{"begins": "04-01"}') <> date_trunc('quarter', d.day)::date
    OR fiscal_period_begins(d.day, 'month', '{"begins": "01-01"}', 1) <> (date_trunc('month', d.day) + interval '1 month')::date
    OR fiscal_period_begins(d.day, 'year', '{"begins": "01-01"}', -2) <> (date_trunc('year', d.day) - interval '2 years')::date;
SELECT fiscal_period('2026-05-20', unit, '{"begins": "04-01"}'), fiscal_period_begins('2026-05-20', unit, '{"begins": "04-01"}'), fiscal_period_begins('2026-05-20', unit, '{"begins": "04-01"}', 1) AS next
FROM unnest('{year,quarter,month}'::text[]) AS unit;
-- The retail calendar, as published: fiscal 2023 has 53 weeks.
SELECT unit, string_agg(format('%s %s', fiscal_period(begins, unit, year), begins), ', ' ORDER BY ahead) AS periods
FROM (VALUES ('{"weeks": "4-5-4", "ends": "sat", "nearest": "01-31", "numbered_by": "first_day"}'::jsonb)) AS y (year), unnest('{year,quarter,month}'::text[]) AS unit, generate_series(0, 4) AS ahead,
    LATERAL (SELECT fiscal_period_begins('2023-06-01', unit, year, ahead) AS begins) b GROUP BY unit ORDER BY unit DESC;
SELECT fiscal_period_begins('2023-01-01', 'year', '{"weeks": "5-4-4", "ends": "sat", "last_of_month": 9}'), fiscal_period('2023-09-30', 'month', '{"weeks": "5-4-4", "ends": "sat", "last_of_month": 9}');
SELECT fiscal_period(NULL, 'year', '{}'), fiscal_period('2026-01-01', NULL, '{}'), fiscal_period('2026-01-01', 'year', NULL);

-- In a scheme: who ordered in this fiscal quarter, or in the one before.
SELECT create_scheme('{"scheme": "fiscal", "title": {"en": "Orders of the quarter"}, "fiscal_year": {"begins": "04-01"},
    "inputs": [{"name": "last_order", "type": "date", "missing": "null"}],
    "decision": {"method": "rules", "rules": [
        {"when": {"input": "last_order", "eq": "this_fiscal_quarter"}, "tier": "active"},
        {"when": {"input": "last_order", "gte": "last_2_fiscal_quarters"}, "tier": "quiet"}], "otherwise": "gone"},
    "tiers": [{"code": "active"}, {"code": "quiet"}, {"code": "gone"}],
    "stability": {"term": "this_fiscal_year", "demote_on": "fiscal_quarter"}}');
SELECT count(*) FROM check_scheme(newest_scheme('fiscal')) WHERE severity = 'error';
SELECT approve_scheme('fiscal');
SELECT d.day, customer_tier_asof('fiscal', '2026-05-20 12:00+00', d.day) FROM unnest('{2026-07-01,2026-06-30,2026-04-01,2026-03-31,2025-10-01,2025-09-30,NULL}'::date[]) WITH ORDINALITY AS d (day, n) ORDER BY n;
SELECT section, item, content FROM describe_scheme('fiscal', 'en') WHERE section IN ('Stability', 'Decision') OR item = 'Fiscal year';
SELECT section, item, content FROM describe_scheme('fiscal', 'zh') WHERE section IN ('稳定规则', '判定') OR item = '财年';
SELECT to_jsonb(current_scheme('fiscal')) -> 'fiscal_year' AS fiscal_year, explain_tier_asof('fiscal', '2026-05-20 12:00+00', date '2026-03-31') -> 'nearest_change' AS nearest_change;

-- The tier is kept until the fiscal year ends, and goes on the first day of a fiscal quarter.
CREATE SCHEMA fiscal_test;
CREATE TABLE fiscal_test.past AS
    SELECT 1 AS id, date '2022-05-05' AS last_order, d AS taken FROM generate_series(timestamptz '2022-05-10+00', '2023-12-10+00', '1 month') AS d
    UNION ALL SELECT 2, CASE WHEN d < '2023-04-15' THEN d::date END, d FROM generate_series(timestamptz '2022-05-10+00', '2023-12-10+00', '1 month') AS d;
CREATE TABLE fiscal_test.now AS SELECT id, last_order FROM fiscal_test.past WHERE taken = '2023-12-10+00';
SELECT create_program('fiscal', 'fiscal', 'fiscal_test.now', 'id');
SELECT backfill('fiscal', '2022-05-10+00', '2023-12-10+00', '1 month', snapshots => 'fiscal_test.past', taken_at => 'taken') > 0 AS filled;
SELECT customer, string_agg(tier || ' ' || lower(valid)::date, ', ' ORDER BY lower(valid)) AS tiers FROM assignment_history WHERE program = 'fiscal' GROUP BY 1 ORDER BY 1;
DROP SCHEMA fiscal_test CASCADE;
SELECT drop_program('fiscal');
