-- The measures: nps(), csat(), repeat_rate(), churn_rate(), retention().
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA measure_test;
CREATE TABLE measure_test.answers AS SELECT g AS id, g * 7919 % 11 AS score FROM generate_series(1, 500) AS g;
INSERT INTO measure_test.answers VALUES (501, NULL);
ANALYZE measure_test.answers;

SELECT nps(score), nps(score::float8), nps(score::numeric), nps(score::smallint) FROM unnest(ARRAY[10, 9, 8, 7, 6, 0]) AS score;
SELECT nps(score) FROM unnest(ARRAY[10, 9.5, 8.999, 7, 6.999, 6]) AS score;
SELECT nps(10), nps(0), nps(7), csat(4, 4), csat(3.9, 4), csat(5::bigint, 4::real), csat('infinity', 4), csat(-1, '-infinity');
-- against plain SQL
SELECT nps(score) = 100 * (count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6))::numeric / count(score) AS nps,
    csat(score, 8) = count(*) FILTER (WHERE score >= 8)::numeric / count(score) AS csat, csat(score, id % 11) = count(*) FILTER (WHERE score >= id % 11)::numeric / count(score) AS by_row FROM measure_test.answers;
SELECT csat(score >= 8) = csat(score, 8) AS one_argument, csat(score >= id % 11) = csat(score, id % 11) AS by_row, csat(score IN (9, 10)) = csat(score, 9) AS of_a_list,
    csat(score >= 8) FILTER (WHERE score > 7) AS all_of_them, csat(score >= 11) AS none, csat(score > NULL) AS nobody_answered FROM measure_test.answers;
SELECT csat(v) FROM unnest(ARRAY[true, NULL, false, true]) AS v;
SELECT csat(true) FROM measure_test.answers WHERE false;
SELECT csat(score >= 8) OVER (ORDER BY id ROWS 2 PRECEDING) = csat(score, 8) OVER (ORDER BY id ROWS 2 PRECEDING) AS moving FROM measure_test.answers WHERE id <= 3;
SELECT csat(score) FROM measure_test.answers;
SELECT csat(score, NULL), nps(NULL), nps(score) FILTER (WHERE false), csat(score, 8) FILTER (WHERE score > 7) FROM measure_test.answers;
SELECT nps(score), csat(score, 8) FROM measure_test.answers WHERE false;
SELECT nps(DISTINCT score), nps(score ORDER BY id) = nps(score) AS order_does_not_matter FROM measure_test.answers;
SELECT count(*) AS groups, count(*) FILTER (WHERE nps = by_hand) AS equal FROM (
    SELECT nps(score) AS nps, 100 * sum(CASE WHEN score >= 9 THEN 1 WHEN score <= 6 THEN -1 ELSE 0 END)::numeric / count(score) AS by_hand
    FROM measure_test.answers WHERE score IS NOT NULL GROUP BY CUBE (id % 5, id % 3)) v;
SELECT bool_and(running = avg), bool_and(moving = moving_avg) FROM (
    SELECT csat(score, 8) OVER w AS running, avg((score >= 8)::int::numeric) OVER w AS avg, csat(score, 8) OVER (w ROWS 2 PRECEDING) AS moving, avg((score >= 8)::int::numeric) OVER (w ROWS 2 PRECEDING) AS moving_avg
    FROM measure_test.answers WHERE id <= 100 WINDOW w AS (ORDER BY id)) v;
SELECT nps(11);
SELECT nps(-0.1);
SELECT nps('NaN');
SELECT csat('NaN', 4);
SELECT csat(4, 'NaN');

-- of rfm values
CREATE TABLE measure_test.orders AS
SELECT g * 31 % 211 AS customer, date '2025-01-01' + g * 7919 % 500 AS day, CASE WHEN g * 31 % 211 % 10 = 0 THEN -1 ELSE g % 9 END::numeric AS amount FROM generate_series(1, 1000) AS g;
CREATE TABLE measure_test.customers AS SELECT customer, rfm(day, amount) AS r FROM measure_test.orders GROUP BY 1;
SELECT count(*) AS customers, count(*) FILTER (WHERE frequency(r) = 0) AS never_bought FROM measure_test.customers;
WITH bought AS (SELECT customer, count(DISTINCT day) AS days, max(day) AS last FROM measure_test.orders WHERE amount >= 0 GROUP BY 1)
SELECT repeat_rate(r) = (SELECT avg((days > 1)::int::numeric) FROM bought) AS repeat_rate,
    churn_rate(r, '2026-05-16', '90 days') = (SELECT avg((last < date '2026-05-16' - 90)::int::numeric) FROM bought) AS churn,
    churn_rate(r, '2026-05-31', '3 months') = (SELECT avg((last < '2026-02-28')::int::numeric) FROM bought) AS by_months FROM measure_test.customers;
SELECT retention(r, '2025-01-01', '2025-02-01', '2025-03-01') = (
    SELECT avg(EXISTS (SELECT FROM measure_test.orders a WHERE a.customer = f.customer AND a.day >= '2025-02-01' AND a.day < '2025-03-01' AND a.amount >= 0)::int::numeric)
    FROM (SELECT DISTINCT customer FROM measure_test.orders WHERE day >= '2025-01-01' AND day < '2025-02-01' AND amount >= 0) f) AS retention FROM measure_test.customers;
-- the ends of the periods: from_day belongs to the first, until_day to the second, again_until_day to none
SELECT day, retention(r, '2026-01-01', '2026-02-01', '2026-03-01') FROM (
    SELECT day, (SELECT rfm(x, 1) FROM unnest(ARRAY[date '2026-01-01', day]) AS x) AS r FROM unnest(ARRAY[date '2026-01-31', '2026-02-01', '2026-02-28', '2026-03-01']) AS day) v GROUP BY day ORDER BY day;
SELECT retention(rfm, '2027-01-01', '2027-02-01', '2027-03-01') AS nobody FROM (SELECT rfm(date '2026-01-01', 1)) v;
-- E15: a period that is not over by the day until which orders are known is NULL, not 0
SELECT known, retention(r, '2026-01-01', '2026-02-01', '2026-03-01', known) FROM (SELECT rfm(date '2026-01-15', 1) AS r UNION ALL SELECT rfm(x, 1) FROM unnest(ARRAY[date '2026-01-20', '2026-02-10']) AS x) v,
    unnest(ARRAY[date '2026-01-31', '2026-02-01', '2026-02-28', '2026-03-01', '2026-05-01', NULL]) AS known GROUP BY known ORDER BY known;
-- exactly so long ago is not longer ago
SELECT churn_rate(rfm, '2026-01-31', '30 days'), churn_rate(rfm, '2026-01-31 00:00:00.000001', '30 days') FROM (SELECT rfm(date '2026-01-01', 1)) v;
SELECT churn_rate(rfm, 'infinity', '30 days') FROM (SELECT rfm(date '2026-01-01', 1)) v;
-- who first bought after the as-of day was no buyer; of who bought until then and later, the day of the last order until then tells
SELECT churn_rate(r, '2026-01-31', '5 days') FROM (SELECT rfm(day, 1) AS r FROM unnest(ARRAY[date '2026-01-01', '2026-01-30', '2026-02-01']) AS day GROUP BY day) v;
SELECT inactive, churn_rate(r, '2026-01-31', inactive) FROM (SELECT rfm(day, 1) AS r FROM unnest(ARRAY[date '2026-01-01', '2026-01-30', '2026-02-01']) AS day) v, unnest(ARRAY[interval '0', '1 day', '5 days', '30 days', '60 days']) AS inactive GROUP BY inactive ORDER BY inactive;
SELECT churn_rate(rfm_of, as_of, '20 days') = churn_rate(until, as_of, '20 days') AS as_without_later_orders
FROM (SELECT as_of, rfm(at, 1) AS rfm_of, rfm(at, 1) FILTER (WHERE at < as_of + interval '1 day') AS until
    FROM generate_series(1, 300) AS c, LATERAL generate_series(0, c % 5) AS k, LATERAL (VALUES (timestamptz '2026-01-01 00:00+00' + (c * 7919 + k * 104729) % 4000 * interval '1 hour')) AS o (at),
        unnest(ARRAY[timestamptz '2026-02-10 00:00+00', '2026-04-01 00:00+00']) AS as_of GROUP BY c, as_of) v WHERE frequency(until) > 0 GROUP BY as_of ORDER BY as_of;
-- unless the silence begins within that day
SELECT churn_rate(r, '2026-01-31', '1 hour') FROM (SELECT rfm(day, 1) AS r FROM unnest(ARRAY[date '2026-01-01', '2026-01-30', '2026-02-01']) AS day) v;
-- of one customer: what the rate counts, true, false, or not at all
SELECT v.as_of, churned(r, v.as_of, '30 days') FROM (SELECT rfm(day, 1) AS r FROM unnest(ARRAY[date '2026-01-01', '2026-03-01']) AS day) c,
    (VALUES (timestamptz '2025-12-31 00:00+00'), ('2026-01-31 00:00+00'), ('2026-02-01 00:00+00'), ('2026-03-31 00:00+00'), ('2026-03-31 00:00:00.000001+00')) AS v (as_of) ORDER BY 1;
SELECT day, retained(r, '2026-01-01', '2026-02-01', '2026-03-01'), retained(r, '2026-01-01', '2026-02-01', '2026-03-01', '2026-02-28') AS not_yet_known FROM (
    SELECT day, rfm(x, 1) AS r FROM unnest(ARRAY[date '2025-12-31', '2026-01-01', '2026-02-28']) AS day, unnest(ARRAY[date '2025-12-01', day]) AS x GROUP BY day) v ORDER BY day;
SELECT retained(rfm(day, 1), '2026-01-01', '2026-02-01', '2026-03-01') AS came_back FROM unnest(ARRAY[date '2026-01-31', '2026-02-28']) AS day;
SELECT churned(rfm, now(), '1 day'), retained(rfm, '2026-01-01', '2026-02-01', '2026-03-01') FROM (SELECT rfm(date '2026-01-01', -1)) v;
SELECT churned(NULL, now(), '1 day'), churned(rfm, NULL, '1 day'), churned(rfm, now(), NULL), retained(NULL, '2026-01-01', '2026-02-01', '2026-03-01'), retained(rfm, NULL, '2026-02-01', '2026-03-01') FROM (SELECT rfm(date '2026-01-01', 1)) v;
SELECT churn_rate(churned(r, '2026-05-16', '90 days')) = churn_rate(r, '2026-05-16', '90 days') AS churn, churn_rate(NULL), churn_rate(false),
    retention(retained(r, '2025-01-01', '2025-02-01', '2025-03-01')) = retention(r, '2025-01-01', '2025-02-01', '2025-03-01') AS retention, retention(NULL), retention(true) FROM measure_test.customers;
-- one answer in every session: months and days are those of the zone of the value
CREATE TABLE measure_test.zoned AS SELECT zone, rfm(timestamptz '2026-02-28 18:00+00', 1, zone) AS r FROM unnest(ARRAY['UTC', 'Asia/Shanghai', 'America/New_York']) AS zone GROUP BY zone;
SET timezone = 'America/Los_Angeles';
SELECT zone, churn_rate(r, '2026-03-31 18:00+00', '1 month') AS exactly, churn_rate(r, '2026-03-31 18:00:00.000001+00', '1 month') AS longer FROM measure_test.zoned GROUP BY zone ORDER BY zone COLLATE "C";
SET timezone = 'Pacific/Auckland';
SELECT zone, churn_rate(r, '2026-03-31 18:00+00', '1 month') AS exactly, churn_rate(r, '2026-03-31 18:00:00.000001+00', '1 month') AS longer FROM measure_test.zoned GROUP BY zone ORDER BY zone COLLATE "C";
RESET timezone;
-- aggregates count as immutable wherever they are shipped to: none has a function that depends on the session
SELECT a.aggfnoid::regprocedure, p.oid::regprocedure, p.provolatile FROM pg_aggregate a
JOIN pg_proc p ON p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn)
WHERE p.pronamespace = 'tiering'::regnamespace AND p.provolatile <> 'i';
SELECT repeat_rate(rfm), churn_rate(rfm, now(), '1 day'), retention(rfm, '2026-01-01', '2026-02-01', '2026-03-01') FROM (SELECT rfm(date '2026-01-01', -1)) v;
SELECT repeat_rate(NULL), churn_rate(NULL, now(), '1 day'), churn_rate(r, NULL, '1 day'), churn_rate(r, now(), NULL), retention(r, NULL, '2026-02-01', '2026-03-01') FROM measure_test.customers;
SELECT repeat_rate(r) FILTER (WHERE false), repeat_rate(r) FROM measure_test.customers WHERE false;
SELECT count(*) AS groups, count(rate) AS rates FROM (SELECT repeat_rate(r) AS rate FROM measure_test.customers GROUP BY GROUPING SETS ((customer % 5), ())) v;
SELECT bool_and(running BETWEEN 0 AND 1) FROM (SELECT repeat_rate(r) OVER (ORDER BY customer) AS running FROM measure_test.customers WHERE customer BETWEEN 1 AND 50) v;
-- days are those of the zone of the value
SELECT zone, repeat_rate(r) FROM (SELECT zone, rfm(at, 1, zone) AS r FROM unnest(ARRAY['UTC', 'Asia/Shanghai']) AS zone, unnest(ARRAY[timestamptz '2026-01-01 23:00+00', '2026-01-02 01:00+00']) AS at GROUP BY zone) v GROUP BY zone ORDER BY zone COLLATE "C";
SELECT retention(r, '2026-02-01', '2026-01-01', '2026-03-01') FROM measure_test.customers;
SELECT retention(r, '2026-01-01', '2026-01-01', '2026-03-01') FROM measure_test.customers;
SELECT retention(r, '-infinity', '2026-01-01', '2026-03-01') FROM measure_test.customers;
SELECT churn_rate(r, '4713-01-01 BC', '1000 years') FROM measure_test.customers;
SET client_min_messages = warning;
DROP SCHEMA measure_test CASCADE;
