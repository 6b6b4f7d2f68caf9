-- The orders of a customer as a value, the figures of a period that are told of it, and totals of many customers by period.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
SET timezone = 'UTC';
CREATE SCHEMA orders_test;
CREATE TABLE orders_test.orders (customer integer, at timestamptz, amount numeric, profit numeric, item bigint);
INSERT INTO orders_test.orders VALUES
    (1, '2026-01-05 10:00', 100, 20, 1), (1, '2026-02-03 10:00', 50, 5, 2), (1, '2026-02-20 10:00', 120, NULL, 1), (1, '2026-02-25 10:00', -30, NULL, 1), (1, '2026-03-10 10:00', 80, 8, 3),
    (2, '2026-02-07 16:30', 10, NULL, NULL), (2, '2026-02-07 15:30', 10, NULL, NULL),
    (3, '2026-02-09 10:00', -5, NULL, 4), (4, '2026-03-31 23:59:59.999999', 7.125, 1, 5), (4, NULL, 1000, 1000, 5);
CREATE VIEW orders_test.histories AS SELECT customer, order_history(at, amount, profit, item, '2026-01-01') AS h FROM orders_test.orders GROUP BY customer;

-- one customer and one period: of two orders in February one is larger than each before (up), one of something new (cross); the refund lowers the sum
\x
SELECT (order_figures(h, '2026-02-01', '2026-03-01', '2026-01-01', '2025-09-01', 'UTC')).* FROM orders_test.histories WHERE customer = 1;
-- nothing ordered, and nothing since 1 April: lost
SELECT (order_figures(h, '2026-04-01', '2026-05-01', '2026-03-01', '2026-04-01', 'UTC')).* FROM orders_test.histories WHERE customer = 1;
-- a refund alone is no order, and counts neither as buying nor as value of the spending
SELECT (order_figures(h, '2026-02-01', '2026-03-01', '2026-01-01', '2025-09-01', 'UTC')).* FROM orders_test.histories WHERE customer = 3;
\x
-- two orders of one day in UTC are of two in Shanghai
SELECT z.zone, f.orders_made, f.repeat_buying, f.repeated_ever FROM orders_test.histories h, unnest(ARRAY['UTC', 'Asia/Shanghai']) AS z (zone),
    order_figures(h.h, '2026-02-01', '2026-03-01', '2026-01-01', '2025-09-01', z.zone) f WHERE h.customer = 2 ORDER BY 1;
-- a period ends before its end; an order without a time does not count
SELECT customer, (order_figures(h, '2026-03-01', '2026-03-31 23:59:59.999999', '2026-02-01', '2025-09-01', 'UTC')).orders_made AS before_it,
    (order_figures(h, '2026-03-01', '2026-04-01', '2026-02-01', '2025-09-01', 'UTC')).sales AS with_it FROM orders_test.histories WHERE customer = 4;

-- by a query, of each customer and month
CREATE VIEW orders_test.by_hand AS
    SELECT h.customer, m.month, count(o.at) FILTER (WHERE o.amount >= 0) AS orders_made, coalesce(sum(o.amount), 0) AS sales, coalesce(sum(o.profit), 0) AS profit,
        (SELECT sum(b.amount) FROM orders_test.orders b WHERE b.customer = h.customer AND b.at < m.month) AS value_to_date
    FROM orders_test.histories h CROSS JOIN (SELECT timestamptz '2026-01-01' + n * interval '1 month' AS month FROM generate_series(0, 4) AS n) m
    LEFT JOIN orders_test.orders o ON o.customer = h.customer AND o.at >= m.month AND o.at < m.month + interval '1 month'
    GROUP BY h.customer, m.month;
SELECT count(*), count(*) FILTER (WHERE (f.orders_made, f.sales, f.profit, f.value_to_date) IS NOT DISTINCT FROM (b.orders_made, b.sales, b.profit, b.value_to_date)) AS alike
FROM orders_test.by_hand b JOIN orders_test.histories h USING (customer), order_figures(h.h, b.month, b.month + interval '1 month', b.month - interval '1 month', b.month - interval '60 days', 'UTC') f;

-- totals over customers are the sums of their figures, in each of the periods
CREATE TABLE orders_test.periods AS SELECT '{2026-01-01,2026-02-01,2026-03-01,2026-04-01}'::timestamptz[] AS bounds, '{2025-12-01,2026-01-01,2026-02-01}'::timestamptz[] AS before_begins,
    '{2025-09-01,2025-09-01,2026-02-15}'::timestamptz[] AS silent_since;
SELECT n, order_figures(t, n)::text = (SELECT (sum(f.orders_made), sum(f.sales), sum(f.profit), sum(f.buying), sum(f.repeat_buying), sum(f.bought_before), sum(f.retained), sum(f.bought_ever), sum(f.repeated_ever),
        sum(f.churned), sum(f.cross_sold), sum(f.up_sold), sum(f.value_to_date), sum(f.valued), sum(f.spending))::text
    FROM orders_test.histories h, order_figures(h.h, p.bounds[n], p.bounds[n + 1], p.before_begins[n], p.silent_since[n], 'UTC') f) AS alike
FROM (SELECT order_totals(h.h, p.bounds, p.before_begins, p.silent_since, 'UTC', 1, 3) AS t FROM orders_test.histories h, orders_test.periods p) t, orders_test.periods p, generate_series(1, 3) AS n ORDER BY n;
SELECT order_figures(t, 0) IS NULL AND order_figures(t, 4) IS NULL AND order_figures(t, NULL) IS NULL AS no_such_period
FROM (SELECT order_totals(h.h, p.bounds, p.before_begins, p.silent_since, 'UTC', 1, 3) AS t FROM orders_test.histories h, orders_test.periods p) t;
-- of parts, as of the whole
SELECT (SELECT order_totals(h.h, p.bounds, p.before_begins, p.silent_since, 'UTC', 1, 3) FROM orders_test.histories h, orders_test.periods p) =
    (SELECT rollup(t) FROM (SELECT order_totals(h.h, p.bounds, p.before_begins, p.silent_since, 'UTC', 1, 3) AS t FROM orders_test.histories h, orders_test.periods p GROUP BY h.customer % 2) t) AS alike;
SELECT (SELECT order_history(at, amount, profit, item, '2026-01-01') FROM orders_test.orders WHERE customer = 1) =
    (SELECT rollup(h) FROM (SELECT order_history(at, amount, profit, item, '2026-01-01') AS h FROM orders_test.orders WHERE customer = 1 GROUP BY item) v) AS alike;

-- the rfm value of a customer before a time
SELECT order_rfm(order_history(at, amount, profit, item, '-infinity'), '2026-03-01', 'UTC') = (SELECT rfm(at, amount) FROM orders_test.orders WHERE customer = 1 AND at < '2026-03-01') AS alike
FROM orders_test.orders WHERE customer = 1;

-- nothing, and what cannot be
SELECT order_history(at, amount, profit, item, '2026-01-01') IS NULL AS nothing FROM orders_test.orders WHERE false;
SELECT order_figures(NULL::order_history, '2026-02-01', '2026-03-01', '2026-01-01', '2025-09-01', 'UTC') IS NULL AS nothing;
SELECT order_history('infinity', 1, 1, 1, '2026-01-01');
SELECT order_history('2026-01-01', 'NaN', 1, 1, '2026-01-01');
SELECT order_figures(h, '2026-02-01', '2026-03-01', '2026-01-01', '2025-09-01', 'Mars/Olympus') FROM orders_test.histories WHERE customer = 1;
SELECT order_totals(h.h, p.bounds, p.before_begins, p.silent_since, 'UTC', 1, 4) FROM orders_test.histories h, orders_test.periods p;
SELECT order_totals(h.h, p.bounds, p.before_begins, '{2026-01-01}', 'UTC', 1, 3) FROM orders_test.histories h, orders_test.periods p;
SET client_min_messages = warning;
DROP SCHEMA orders_test CASCADE;
