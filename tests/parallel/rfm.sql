-- Orders of customers, whole and rolled up; customers whose orders one worker sees, refunds, zones.
CREATE TABLE orders AS
SELECT g * 7919 % 1500 AS customer, timestamptz '2025-01-01 00:00+00' + (g * 7919 % 8000) * interval '1 hour' AS at,
    nullif(((g * 104729 % 20011) - 1500), 77)::numeric / 100 AS amount
FROM generate_series(1, 20000) AS g;
ANALYZE orders;
CREATE TABLE months AS SELECT customer, date_trunc('month', at) AS month, tiering.rfm(at, amount) AS r FROM orders GROUP BY 1, 2;
ANALYZE months;
-- query
SELECT 'customers' AS what, customer % 500 AS customer, tiering.rfm(at, amount)::text AS r, tiering.rfm(at, amount::float8, 'Asia/Shanghai')::text AS of_zone,
    tiering.rfm(at::date, amount)::text AS of_dates, tiering.rfm(at, amount) FILTER (WHERE customer < 3)::text AS few
FROM orders GROUP BY 2
UNION ALL SELECT 'rolled up', customer % 300, tiering.rollup(r)::text, NULL, NULL, NULL FROM months GROUP BY 2
UNION ALL SELECT 'all', NULL, tiering.rfm(at, amount)::text, NULL, NULL, tiering.rfm(at, amount) FILTER (WHERE customer < 0)::text FROM orders;
