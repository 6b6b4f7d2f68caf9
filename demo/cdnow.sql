-- Customers of a shop, graded by what they bought.

CREATE SCHEMA shop;
CREATE TABLE shop.orders (customer_id integer, ordered_on date, cds integer, amount numeric(10, 2));

CREATE TEMP TABLE log (line text);
\copy log FROM 'demo/data/cdnow_sample.txt'
INSERT INTO shop.orders
SELECT c[2]::integer, c[3]::date, c[4]::integer, c[5]::numeric
FROM log, regexp_split_to_array(btrim(line), ' +') c;

-- The extension begins here: at a table that somebody has, and figures that plain SQL makes of it.
CREATE VIEW shop.customers AS
SELECT customer_id,
    date '1998-07-01' - max(ordered_on) AS recency_days,
    count(*) AS frequency,
    sum(amount) AS monetary,
    count(*) FILTER (WHERE ordered_on >= '1997-07-01') AS orders_12m,
    coalesce(sum(amount) FILTER (WHERE ordered_on >= '1997-07-01'), 0) AS spend_12m
FROM shop.orders
GROUP BY customer_id;

\echo
\echo '── 1. A purchase log: the CD shop CDNOW, first purchases of early 1997, followed until mid 1998'
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

\echo '── 3. So the shop derives schemes with numbers of its own (merge patches), and approves them'
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
SELECT tiering.derive_scheme('abc_share', 'cd_abc', $${
    "title": {"en": "Yearly value to the CD shop", "zh": "唱片店年度价值"},
    "characteristics": [{"name": "value_class", "input": "annual_value", "bins": [
        {"code": "A", "gte": 50}, {"code": "B", "gt": 0, "lt": 50}, {"code": "C", "lte": 0}]}]
}$$) AS version \gset
SELECT tiering.derive_scheme('rfm', 'cd_rfm', $${
    "title": {"en": "Segments of the CD shop", "zh": "唱片店客户细分"},
    "characteristics": [
        {"name": "r", "input": "recency_days", "baseline": 3, "bins": [
            {"code": "5", "lte": 90, "points": 5},
            {"code": "4", "gt": 90, "lte": 180, "points": 4},
            {"code": "3", "gt": 180, "lte": 365, "points": 3},
            {"code": "2", "gt": 365, "lte": 480, "points": 2},
            {"code": "1", "gt": 480, "points": 1}]},
        {"name": "f", "input": "frequency", "baseline": 3, "bins": [
            {"code": "5", "gte": 6, "points": 5},
            {"code": "4", "gte": 4, "lt": 6, "points": 4},
            {"code": "3", "gte": 3, "lt": 4, "points": 3},
            {"code": "2", "gte": 2, "lt": 3, "points": 2},
            {"code": "1", "lt": 2, "points": 1}]},
        {"name": "m", "input": "monetary", "baseline": 3, "bins": [
            {"code": "5", "gte": 250, "points": 5},
            {"code": "4", "gte": 100, "lt": 250, "points": 4},
            {"code": "3", "gte": 50, "lt": 100, "points": 3},
            {"code": "2", "gte": 25, "lt": 50, "points": 2},
            {"code": "1", "lt": 25, "points": 1}]}]
}$$) AS version \gset
SELECT scheme, version, tiering.approve_scheme(scheme) IS NOT NULL AS approved,
    document::jsonb #>> '{title,en}' AS title, document::jsonb #>> '{title,zh}' AS "中文"
FROM tiering.schemes
WHERE status = 'draft';

\echo '── 4. One materialized view grades every customer three ways, as of the day after the log ends'
\echo
\set ECHO queries
CREATE MATERIALIZED VIEW shop.customer_tiers AS
SELECT *,
    tiering.customer_tier_asof('cd_abc', '1998-07-01', spend_12m) AS class,
    tiering.customer_tier_asof('cd_membership', '1998-07-01', orders_12m, spend_12m, recency_days)
        AS level,
    tiering.customer_tier_asof('cd_rfm', '1998-07-01', recency_days, frequency, monetary)
        AS segment,
    tiering.customer_score_asof('cd_rfm', '1998-07-01', recency_days, frequency, monetary) AS rfm
FROM shop.customers;
\set ECHO none

CREATE TEMP VIEW shares AS
SELECT t.scheme, t.rank, t.title_en, t.title_zh, count(customer_id) AS customers,
    pg_temp.bar(count(customer_id) / sum(count(customer_id)) OVER w) AS "of customers",
    pg_temp.bar(coalesce(sum(value), 0) / sum(sum(value)) OVER w) AS "of value"
FROM tiering.tiers t
LEFT JOIN (
    SELECT 'cd_rfm' AS scheme, segment AS tier, customer_id, monetary AS value FROM shop.customer_tiers
    UNION ALL SELECT 'cd_abc', class, customer_id, spend_12m FROM shop.customer_tiers
    UNION ALL SELECT 'cd_membership', level, customer_id, spend_12m FROM shop.customer_tiers
) g USING (scheme, tier)
GROUP BY t.scheme, t.rank, t.title_en, t.title_zh
WINDOW w AS (PARTITION BY t.scheme);

\echo
\echo '   Class by the value of the last twelve months'
\echo
SELECT title_en AS class, title_zh AS "中文", customers, "of customers", "of value" FROM shares WHERE scheme = 'cd_abc' ORDER BY rank;
\echo '   Membership by orders, spend and days since the last order'
\echo
SELECT title_en AS level, title_zh AS "中文", customers, "of customers", "of value" FROM shares WHERE scheme = 'cd_membership' ORDER BY rank;
\echo '   Segments by recency, frequency and amount'
\echo
SELECT title_en AS segment, title_zh AS "中文", customers AS n, "of customers", "of value" FROM shares WHERE scheme = 'cd_rfm' ORDER BY rank;

\echo '── 5. The reasons, and the smallest change that would lift a customer: the best gold members'
\echo
SELECT customer_id AS id, orders_12m AS orders, spend_12m AS spend, recency_days AS days, e ->> 'score' AS score,
    (SELECT string_agg(r ->> 'code', ', ') FROM jsonb_array_elements(e -> 'reasons') r) AS why,
    concat_ws(' ', e #>> '{nearest_change,input}', '→', (SELECT min(value) FROM jsonb_each_text(e #> '{nearest_change,needs}')),
        '⇒', e #>> '{nearest_change,tier}') AS "nearest change"
FROM shop.customer_tiers,
    tiering.explain_tier_asof('cd_membership', '1998-07-01', orders_12m, spend_12m, recency_days) e
WHERE level = 'gold'
ORDER BY (e ->> 'score')::numeric DESC, spend_12m DESC
LIMIT 5;
