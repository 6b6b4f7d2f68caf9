-- Customers of a shop, graded by what they bought.

CREATE SCHEMA shop;
CREATE TABLE shop.orders (customer_id integer, ordered_on date, cds integer, amount numeric(10, 2));

CREATE TEMP TABLE log (line text);
\copy log FROM 'demo/data/cdnow_sample.txt'
INSERT INTO shop.orders
SELECT c[2]::integer, c[3]::date, c[4]::integer, c[5]::numeric
FROM log, regexp_split_to_array(btrim(line), ' +') c;

-- The extension begins here: at a table that somebody has. One pass over the orders sums up each customer.
CREATE VIEW shop.customers AS
SELECT customer_id, bought, (tiering.figures(bought, '1998-07-01')).*, orders_12m, spend_12m
FROM (
    SELECT customer_id, tiering.rfm(ordered_on, amount) AS bought,
        count(*) FILTER (WHERE ordered_on >= '1997-07-01') AS orders_12m,
        coalesce(sum(amount) FILTER (WHERE ordered_on >= '1997-07-01'), 0) AS spend_12m
    FROM shop.orders
    GROUP BY customer_id
) o;

\echo
\echo '── 1. A purchase log: the CD shop CDNOW, customers of early 1997 until 1998'
\echo
SELECT count(*) AS orders, count(DISTINCT customer_id) AS customers, min(ordered_on) AS from,
    max(ordered_on) AS to, sum(amount) AS "amount, $"
FROM shop.orders;

\echo '── 2. A preset as it comes. Its cut points suit a shop with larger baskets:'
\echo
SELECT title_en AS level, title_zh AS "中文", count(customer_id) AS customers,
    pg_temp.bar(count(customer_id) / sum(count(customer_id)) OVER ()) AS "of customers"
FROM tiering.tiers t
LEFT JOIN (
    SELECT customer_id, tiering.customer_tier_asof('retail_membership_five', '1998-07-01', orders_12m, spend_12m, recency_days) AS tier
    FROM shop.customers
) c USING (tier)
WHERE scheme = 'retail_membership_five'
GROUP BY title_en, title_zh, rank
ORDER BY rank;

\echo '── 3. How unequal are the customers? What the poorer part brings in (Lorenz)'
\echo
SELECT to_char(100 * population_share, '990 %') AS "poorest", pg_temp.bar(value_share::numeric) AS "bring in, of the sales"
FROM tiering.lorenz((SELECT tiering.distribution(monetary) FROM shop.customers), 10);
SELECT round(tiering.gini(d)::numeric, 3) AS gini, round(tiering.quantile(d, 0.5)::numeric, 2) AS "median, $",
    round(tiering.value_share_cut(d, 0.8)::numeric, 2) AS "80 % of the sales come from, $ upwards"
FROM (SELECT tiering.distribution(monetary) AS d FROM shop.customers) AS x;

\echo '── 4. So the shop fits two schemes to its own customers, and types a third one'
\echo
\set ECHO queries
SELECT characteristic, share_of, cuts, n, max
FROM tiering.fit_scheme('abc_share',
    'shop.customers', '{"annual_value": "monetary"}',
    fitted_as => 'cd_abc', as_of => '1998-07-01');
SELECT characteristic, share_of, cuts, n, max
FROM tiering.fit_scheme('rfm',
    'shop.customers', fitted_as => 'cd_rfm', as_of => '1998-07-01');
\set ECHO none
\echo '   (Half of the customers ordered once. Equal values share a bin, so that the'
\echo '   second quintile of the frequency stays empty.)'
\echo
SELECT tiering.derive_scheme('retail_membership_five', 'cd_membership', $${
    "title": {"en": "Membership of the CD shop", "zh": "唱片店会员等级"},
    "characteristics": [
        {"name": "frequency", "input": "orders_12m", "baseline": 100, "bins": [
            {"code": "very_high", "gte": 6, "points": 100},
            {"code": "high", "gte": 3, "lt": 6, "points": 75},
            {"code": "medium", "gte": 2, "lt": 3, "points": 50},
            {"code": "low", "gte": 1, "lt": 2, "points": 25},
            {"code": "none", "lt": 1, "points": 0}]},
        {"name": "amount", "input": "spend_12m", "baseline": 100, "bins": [
            {"code": "very_high", "gte": 200, "points": 100},
            {"code": "high", "gte": 100, "lt": 200, "points": 75},
            {"code": "medium", "gte": 50, "lt": 100, "points": 50},
            {"code": "low", "gte": 20, "lt": 50, "points": 25},
            {"code": "very_low", "lt": 20, "points": 0}]},
        {"name": "activity", "input": "days_since_last_order", "baseline": 100, "bins": [
            {"code": "active", "lte": 60, "points": 100},
            {"code": "recent", "gt": 60, "lte": 120, "points": 75},
            {"code": "cooling", "gt": 120, "lte": 240, "points": 50},
            {"code": "dormant", "gt": 240, "lte": 365, "points": 25},
            {"code": "inactive", "gt": 365, "points": 0},
            {"code": "never", "missing": true, "points": 0}]}]
}$$) AS version \gset
SET client_min_messages = error; -- a WARNING says that a rule for the empty quintile never decides
SELECT scheme, tiering.approve_scheme(scheme) IS NOT NULL AS approved,
    document::jsonb #>> '{title,en}' AS title, document::jsonb #>> '{title,zh}' AS "中文"
FROM tiering.schemes
WHERE status = 'draft';
SET client_min_messages = warning;

\echo '── 5. One materialized view grades every customer three ways'
\echo
\set ECHO queries
CREATE MATERIALIZED VIEW shop.customer_tiers AS
SELECT *,
    tiering.customer_tier_asof('cd_abc', '1998-07-01', monetary) AS class,
    tiering.customer_tier_asof('cd_membership', '1998-07-01', orders_12m,
        spend_12m, recency_days) AS level,
    tiering.customer_tier_asof('cd_rfm', '1998-07-01', recency_days,
        frequency, monetary) AS segment,
    tiering.customer_score_asof('cd_rfm', '1998-07-01', recency_days,
        frequency, monetary) AS rfm
FROM shop.customers;
\set ECHO none

CREATE TEMP VIEW shares AS
SELECT t.scheme, t.rank, t.title_en, t.title_zh, count(customer_id) AS customers,
    pg_temp.bar(count(customer_id) / sum(count(customer_id)) OVER w) AS "of customers",
    pg_temp.bar(coalesce(sum(value), 0) / sum(sum(value)) OVER w) AS "of value"
FROM tiering.tiers t
LEFT JOIN (
    SELECT 'cd_rfm' AS scheme, segment AS tier, customer_id, monetary AS value FROM shop.customer_tiers
    UNION ALL SELECT 'cd_abc', class, customer_id, monetary FROM shop.customer_tiers
    UNION ALL SELECT 'cd_membership', level, customer_id, spend_12m FROM shop.customer_tiers
) g USING (scheme, tier)
GROUP BY t.scheme, t.rank, t.title_en, t.title_zh
WINDOW w AS (PARTITION BY t.scheme);

\echo
\echo '   Class by the value so far'
\echo
SELECT title_en AS class, title_zh AS "中文", customers AS n, "of customers", "of value" FROM shares WHERE scheme = 'cd_abc' ORDER BY rank;
\echo '   Membership by orders, spend and days since the last order'
\echo
SELECT title_en AS level, title_zh AS "中文", customers AS n, "of customers", "of value" FROM shares WHERE scheme = 'cd_membership' ORDER BY rank;
\echo '   Segments by recency, frequency and amount'
\echo
SELECT title_en AS segment, title_zh AS "中文", "of customers", "of value" FROM shares WHERE scheme = 'cd_rfm' ORDER BY rank;

\echo '── 6. The reasons, and the smallest change that would lift a gold member'
\echo
SELECT customer_id AS id, orders_12m AS orders, spend_12m AS spend, e ->> 'score' AS score,
    (SELECT string_agg(r ->> 'code', ', ') FROM jsonb_array_elements(e -> 'reasons') r) AS why,
    concat_ws(' ', replace(e #>> '{nearest_change,input}', 'days_since_last_order', 'days'), '→', (SELECT min(value) FROM jsonb_each_text(e #> '{nearest_change,needs}')),
        '⇒', e #>> '{nearest_change,tier}') AS "nearest change"
FROM shop.customer_tiers,
    tiering.explain_tier_asof('cd_membership', '1998-07-01', orders_12m, spend_12m, recency_days) e
WHERE level = 'gold'
ORDER BY (e ->> 'score')::numeric DESC, spend_12m DESC
LIMIT 5;
