-- Grading: forms of the call, types of columns, missing values, explanations, scores, errors.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;

CREATE FUNCTION pg_temp.all_types() RETURNS scheme IMMUTABLE LANGUAGE sql RETURN '{
    "scheme": "all_types", "timezone": "Asia/Shanghai",
    "inputs": [
        {"name": "spend", "type": "number", "missing": "null"},
        {"name": "orders", "type": "integer", "missing": {"default": 0}},
        {"name": "kind", "type": "text", "allowed": ["shop", "chain"], "missing": "null"},
        {"name": "active", "type": "boolean", "missing": "null"},
        {"name": "last_order", "type": "date", "missing": "null"}],
    "decision": {"method": "rules", "rules": [
        {"when": {"input": "spend", "gte": 0.1}, "tier": "spend"},
        {"when": {"input": "orders", "between": [3, 5]}, "tier": "orders"},
        {"when": {"input": "kind", "eq": "chain"}, "tier": "kind"},
        {"when": {"input": "active", "eq": true}, "tier": "active"},
        {"when": {"input": "last_order", "gte": "-P30D"}, "tier": "recent"},
        {"when": {"all": [{"input": "spend", "is_missing": true}, {"not": {"input": "active", "eq": false}}]}, "tier": "unknown"}],
        "otherwise": "rest"},
    "tiers": [{"code": "spend"}, {"code": "orders"}, {"code": "kind"}, {"code": "active"}, {"code": "recent"}, {"code": "unknown"}, {"code": "rest"}]}'::scheme;

-- numbers of every type, exactly
SELECT v, grade(pg_temp.all_types(), '2026-01-31', v, NULL, NULL, false, NULL)
FROM (VALUES (0.1), (0.0999999999999999999999), (-5), (1e30), (0)) AS t (v);
SELECT grade(pg_temp.all_types(), '2026-01-31', 1::smallint, 1, NULL::text, false, NULL) AS int2,
       grade(pg_temp.all_types(), '2026-01-31', 1::integer, 1, NULL::text, false, NULL) AS int4,
       grade(pg_temp.all_types(), '2026-01-31', 1::bigint, 1, NULL::text, false, NULL) AS int8,
       grade(pg_temp.all_types(), '2026-01-31', 0.1::float8, 1, NULL::text, false, NULL) AS float8,
       grade(pg_temp.all_types(), '2026-01-31', 0.09::real, 1, NULL::text, false, NULL) AS float4,
       grade(pg_temp.all_types(), '2026-01-31', '0.1', 1, NULL::text, false, NULL) AS literal;
SELECT orders, grade(pg_temp.all_types(), '2026-01-31', NULL, orders, NULL, false, NULL)
FROM unnest(ARRAY[2, 3, 5, 6, NULL]) AS orders;

-- numerics are read from their digits: every comparison is that of the server
CREATE TEMP TABLE cuts AS
    SELECT c, merge_patch('{"scheme": "cut", "inputs": [{"name": "x", "type": "number"}], "tiers": [{"code": "yes"}, {"code": "no"}]}',
        jsonb_build_object('decision', jsonb_build_object('method', 'rules', 'otherwise', 'no',
            'rules', jsonb_build_array(jsonb_build_object('when', jsonb_build_object('input', 'x', 'gte', c), 'tier', 'yes')))))::scheme AS s
    FROM unnest('{0,0.1,-0.1,1.5,-12345.67,0.0001,9999.9999,10000,100000000,0.000000000001,9999999999999999.999999999999}'::numeric[]) AS c;
CREATE TEMP TABLE numbers AS
    SELECT n FROM cuts, unnest(ARRAY[c, -c, c + 0.000000000001, c - 0.000000000001, c + 1e-40, c - 1e-40, c * 10000, c / 10000, c + 1, c * 1e60]) AS n
    UNION ALL SELECT (g * 7919 % 1000003)::numeric / power(10::numeric, g % 13) * CASE WHEN g % 2 = 0 THEN 1 ELSE -1 END FROM generate_series(1, 500) AS g
    UNION ALL SELECT (g * 7919 % 1000003)::numeric * power(10::numeric, g % 13) + 1 / (g % 17 + 1)::numeric FROM generate_series(1, 500) AS g;
SELECT count(*) AS compared, count(*) FILTER (WHERE (grade(s, '2026-01-31', n) = 'yes') <> (n >= c)) AS wrong FROM cuts, numbers;
-- the same where the scheme is a constant, whose table is looked into
DO $$
DECLARE
    cut record;
    wrong bigint;
BEGIN
    FOR cut IN SELECT * FROM cuts LOOP
        EXECUTE format('SELECT count(*) FILTER (WHERE (grade(%L::tiering.scheme, ''2026-01-31'', n) = ''yes'') <> (n >= %s)) FROM numbers, generate_series(1, 10)', cut.s, cut.c) INTO wrong;
        ASSERT wrong = 0, format('%s numbers are on the wrong side of %s', wrong, cut.c);
    END LOOP;
END
$$;
DROP TABLE cuts, numbers;

-- texts of every type
CREATE TYPE pg_temp.mood AS ENUM ('shop', 'chain', 'kiosk');
CREATE DOMAIN pg_temp.kind AS varchar(20);
SELECT grade(pg_temp.all_types(), '2026-01-31', NULL, 0, 'chain'::varchar, NULL, NULL) AS "varchar",
       grade(pg_temp.all_types(), '2026-01-31', NULL, 0, 'chain'::char(20), NULL, NULL) AS "char",
       grade(pg_temp.all_types(), '2026-01-31', NULL, 0, 'chain'::name, NULL, NULL) AS "name",
       grade(pg_temp.all_types(), '2026-01-31', NULL, 0, 'chain'::pg_temp.mood, NULL, NULL) AS "enum",
       grade(pg_temp.all_types(), '2026-01-31', NULL, 0, 'chain'::pg_temp.kind, NULL, NULL) AS "domain",
       grade(pg_temp.all_types(), '2026-01-31', NULL, 0, 'chain', NULL, NULL) AS "literal";
SELECT grade(pg_temp.all_types(), '2026-01-31', NULL, 0, 'kiosk'::pg_temp.mood, NULL, NULL);

-- dates of every type; the day is that of the zone of the scheme (as-of 2026-01-31 in Shanghai)
SELECT grade(pg_temp.all_types(), '2026-01-30 16:00+00', 0, 0, 'shop', false, date '2026-01-01') AS thirty_days_ago,
       grade(pg_temp.all_types(), '2026-01-30 16:00+00', 0, 0, 'shop', false, date '2025-12-31') AS thirty_one,
       grade(pg_temp.all_types(), '2026-01-30 15:59+00', 0, 0, 'shop', false, date '2025-12-31') AS a_minute_earlier,
       grade(pg_temp.all_types(), '2026-01-31', 0, 0, 'shop', false, timestamptz '2025-12-31 16:00+00') AS "timestamptz",
       grade(pg_temp.all_types(), '2026-01-31', 0, 0, 'shop', false, timestamp '2026-01-01 00:00') AS "timestamp",
       grade(pg_temp.all_types(), '2026-01-31', 0, 0, 'shop', false, '2026-01-01'::text) AS iso_text;

-- missing values, in three-valued logic
SELECT grade(pg_temp.all_types(), '2026-01-31', NULL, NULL, NULL, NULL, NULL) AS nothing_known,
       grade(pg_temp.all_types(), '2026-01-31', NULL, NULL, NULL, false, NULL) AS known_inactive;
SELECT customer_tier('rfm', NULL, 1, 1) IS NULL AS ungraded, customer_tier(NULL, 1) IS NULL AS no_scheme,
       customer_tier_asof('rfm', NULL, 1, 2, 3) IS NULL AS no_day, grade(NULL, now(), 1) IS NULL AS no_document;

-- by row and by jsonb, other columns and keys do not matter
CREATE TEMP TABLE customers (id int, note text, days int, kind varchar(10), spend numeric(12,2), active bool, orders bigint, last_order date);
ALTER TABLE customers DROP COLUMN days;
INSERT INTO customers VALUES (1, 'x', 'shop', 12.5, true, 1, NULL), (2, 'y', 'chain', NULL, NULL, NULL, '2026-01-15'),
    (3, NULL, NULL, 0.09, true, 4, NULL);
SELECT id, grade(pg_temp.all_types(), '2026-01-31', c) AS by_row, grade(pg_temp.all_types(), '2026-01-31', to_jsonb(c)) AS by_jsonb,
       grade(pg_temp.all_types(), '2026-01-31', spend, orders, kind, active, last_order) AS by_position
FROM customers c ORDER BY id;
SELECT id, customer_tier('rfm', r) FROM (SELECT id, 5 AS recency_days, orders AS frequency, spend AS monetary FROM customers) r ORDER BY id;
SELECT customer_tier('rfm', '{}'::jsonb) IS NULL AS nothing_known, customer_tier('rfm', NULL::jsonb) IS NULL AS no_object;
SELECT grade(pg_temp.all_types(), '2026-01-31', c) IS NULL AS no_row FROM (SELECT 1) o LEFT JOIN customers c ON false;
-- columns behind the last one that is needed
SELECT customer_tier('abc_share', r) FROM (SELECT 20000 AS annual_value, 'x' AS further, 1 AS columns) r;
-- dates as to_jsonb() writes timestamps
SELECT customer_tier_asof('sales_readiness', '2026-01-31 00:00+00', to_jsonb(r)) AS by_jsonb, customer_tier_asof('sales_readiness', '2026-01-31 00:00+00', r) AS by_row
FROM (SELECT 'explicit' AS demand, timestamptz '2026-02-28 23:30+00' AS expected_close) r;
-- a table altered between two uses of a call site
DO $$
BEGIN
    FOR i IN 1..2 LOOP
        RAISE NOTICE '%', (SELECT array_agg(grade(pg_temp.all_types(), '2026-01-31', c) ORDER BY id) FROM customers c);
        ALTER TABLE customers DROP COLUMN note;
        ALTER TABLE customers ADD COLUMN note text DEFAULT 'z';
    END LOOP;
END $$;

-- scores are exact
SELECT customer_score('rfm', 10, 20, 3000.50), customer_score_asof('retail_membership_five', '2026-01-31', 4, 800, 20),
       grade_score(current_scheme('rfm'), '2026-01-31', 400, 1, 1);
SELECT customer_score('abc_share', 1);

-- explanations
SELECT jsonb_pretty(explain_tier_asof('sales_readiness', '2026-01-31', 'explicit', date '2026-04-15'));
SELECT jsonb_pretty(explain_grade(current_scheme('retail_membership_five'), '2026-01-31', '{"orders_12m": 3, "spend_12m": 600, "days_since_last_order": 50}'::jsonb));
SELECT explain_tier_asof('rfm', '2026-01-31', NULL, 3, 4) -> 'missing' AS missing;
SELECT e -> 'tier' AS tier, e -> 'defaulted' AS defaulted, e -> 'decided_by' -> 'rule' AS rule FROM explain_tier_asof('sales_readiness', '2026-01-31', NULL, NULL) e;

-- what is refused, and how
SELECT customer_tier('unheard_of', 1);
SELECT customer_tier('rfm', 1);
SELECT customer_tier('rfm', 1, 2, 3, 4);
SELECT customer_tier('rfm', VARIADIC ARRAY[1, 2, 3]);
SELECT customer_tier('rfm', r) FROM (SELECT 5 AS recency_days, 3 AS orders, 2 AS monetary) r;
SELECT customer_tier('rfm', '{"recency_days": 1, "frequency": 2, "monetary": "3"}'::jsonb);
SELECT customer_tier('rfm', '[1, 2, 3]'::jsonb);
SELECT customer_tier('rfm', '{"Recency_Days": 1, "freq": 2}'::jsonb);
SELECT customer_tier('abc_share', r) FROM (SELECT 1 AS annual_value, 2 AS annual_value) r;
SELECT customer_tier('rfm', interval '3 days', 2, 3);
SELECT customer_tier('sales_readiness', 'none', 20260131);
SELECT customer_tier('rmf', 1, 2, 3);
SELECT grade('rfm', '2026-01-31', 1, 2, 3);
SELECT customer_tier('rfm', '{}'::json);
SELECT customer_tier('rfm', 1, 2, '3'::text);
SELECT customer_tier('rfm', 1, 2, '3'::money);
SELECT customer_tier('rfm', 1, 2, 'NaN'::numeric);
SELECT customer_tier('rfm', 1, 2, 'Infinity'::float8);
SELECT customer_tier('rfm', 1, 2, 'three');
SELECT customer_tier('rfm', 1.5, 2, 3);
SELECT customer_tier('sales_readiness', 'urgent', NULL);
SELECT customer_tier('sales_readiness', 'explicit', 'infinity'::date);
SELECT customer_tier('sales_readiness', 'explicit', 'tomorrow');
SELECT customer_tier_asof('rfm', 'infinity', 1, 2, 3);
SELECT grade('{"scheme": "strict", "inputs": [{"name": "x", "type": "number", "missing": "error"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "x", "gt": 0}, "tier": "A"}]}, "tiers": [{"code": "A"}]}', '2026-01-31', NULL::int);
SELECT grade('{"scheme": "waiting", "inputs": [{"name": "x", "type": "number"}],
    "characteristics": [{"name": "c", "input": "x", "bins": [{"code": "A"}, {"code": "B"}], "fit": {"share_of": "customers", "parts": 2}}],
    "decision": {"method": "bands", "characteristic": "c"}, "tiers": [{"code": "A"}, {"code": "B"}]}', '2026-01-31', 1);
SELECT grade('{"scheme": "both", "inputs": [{"name": "x", "type": "number"}],
    "decision": {"method": "rules", "hit_policy": "unique", "rules": [
        {"when": {"input": "x", "gt": 0}, "tier": "A"}, {"when": {"input": "x", "gt": 1}, "tier": "B"}]},
    "tiers": [{"code": "A"}, {"code": "B"}]}', '2026-01-31', 2);

-- immutable: in an index and in a generated column
CREATE TEMP TABLE graded (x int, tier text GENERATED ALWAYS AS (grade('{"scheme": "sign", "inputs": [{"name": "x", "type": "number"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "x", "gt": 0}, "tier": "plus"}], "otherwise": "minus"},
    "tiers": [{"code": "plus"}, {"code": "minus"}]}'::scheme, timestamptz '2026-01-31 00:00+00', x)) STORED);
INSERT INTO graded SELECT generate_series(-1, 1);
SELECT * FROM graded ORDER BY x;
-- The reason codes alone are those of the explanation, in the same order.
SELECT count(*) AS graded, count(*) FILTER (WHERE cardinality(codes) > 1) AS with_several, count(*) FILTER (WHERE codes IS DISTINCT FROM explained) AS different
FROM (
    SELECT tiering.grade_reasons(s.document, '2026-01-31', orders, spend, days) AS codes,
        ARRAY(SELECT r ->> 'code' FROM jsonb_array_elements(tiering.explain_grade(s.document, '2026-01-31', orders, spend, days) -> 'reasons') AS r) AS explained
    FROM tiering.current_schemes s, generate_series(0, 14, 2) AS orders, generate_series(0, 9000, 1500) AS spend, unnest('{0,30,100,200,400,NULL}'::integer[]) AS days
    WHERE s.scheme = 'retail_membership_five'
) g;
SELECT tiering.grade_reasons(document, now(), 5) FROM tiering.current_schemes WHERE scheme = 'abc_share';  -- no score, no reasons

-- E12: one measure is missing, the others are perfect; too little is known; the same row by row
SELECT create_scheme('{"scheme": "gaps", "title": {"en": "Health"},
    "inputs": [{"name": "usage", "type": "number", "missing": "null"}, {"name": "nps", "type": "number", "missing": "null"}, {"name": "tickets", "type": "number", "missing": "null"}],
    "characteristics": [{"name": "u", "input": "usage", "bins": [{"code": "hi", "gte": 50, "points": 100}, {"code": "lo", "lt": 50, "points": 0}, {"code": "m", "missing": true}]},
        {"name": "n", "input": "nps", "bins": [{"code": "hi", "gte": 8, "points": 100}, {"code": "lo", "lt": 8, "points": 0}, {"code": "m", "missing": true}]},
        {"name": "t", "input": "tickets", "bins": [{"code": "hi", "lte": 3, "points": 100}, {"code": "lo", "gt": 3, "points": 0}, {"code": "m", "missing": true}]}],
    "score": {"weights": {"u": 0.5, "n": 0.3, "t": 0.2}, "missing": "reweight", "least_weight": 0.5},
    "decision": {"method": "score", "cuts": [{"tier": "green", "gte": 80}, {"tier": "yellow", "gte": 50}, {"tier": "red"}]},
    "tiers": [{"code": "green"}, {"code": "yellow"}, {"code": "red"}]}'), approve_scheme('gaps');
SELECT usage, nps, tickets, customer_score('gaps', usage, nps, tickets) AS score, customer_tier('gaps', usage, nps, tickets) AS tier,
    explain_tier('gaps', usage, nps, tickets) -> 'known_weight' AS known_weight
FROM (VALUES (60::numeric, 9::numeric, 1::numeric), (60, NULL, 1), (60, NULL, 9), (60, NULL, NULL), (NULL, 9, NULL), (NULL, NULL, NULL)) AS v (usage, nps, tickets);
SELECT * FROM check_scheme(current_scheme('gaps'));
SELECT item, content FROM describe_scheme('gaps', 'en') WHERE item = 'Missing values';

-- Many customers of one day are graded by a table of all regions: as each of a time of their own, which is not.
CREATE TEMP TABLE many AS SELECT g, (ARRAY['explicit', 'latent', 'none', NULL])[1 + g % 4] AS demand, date '2026-01-31' + (g % 397 - 40) AS expected_close,
    CASE WHEN g % 11 > 0 THEN (g % 113) * 900.5 END AS amount, timestamptz '2026-01-31 12:00+00' AS at FROM generate_series(1, 5000) AS g;
SELECT count(*), count(DISTINCT t.tier), count(*) FILTER (WHERE t.tier IS DISTINCT FROM t.alone) AS different
FROM (SELECT customer_tier_asof('sales_readiness', at, demand, expected_close) AS tier, customer_tier_asof('sales_readiness', at + g % 2 * interval '1 s', demand, expected_close) AS alone FROM many) t;
SELECT count(*), count(DISTINCT t.tier), count(*) FILTER (WHERE t.tier IS DISTINCT FROM t.alone) AS different
FROM (SELECT grade(s.document, at, amount) AS tier, grade(s.document, at + g % 2 * interval '1 s', amount::float8) AS alone FROM many, current_schemes s WHERE s.scheme = 'abc_share') t;
-- the value that a scheme refuses is refused there, too
CREATE TEMP TABLE refusing AS SELECT '{"scheme": "refusing", "inputs": [{"name": "x", "type": "integer", "missing": "error"}], "decision": {"method": "rules", "hit_policy": "unique",
    "rules": [{"when": {"input": "x", "gt": 0}, "tier": "plus"}, {"when": {"input": "x", "gt": 10}, "tier": "plus"}], "otherwise": "minus"}, "tiers": [{"code": "plus"}, {"code": "minus"}]}'::scheme AS document;
SELECT count(grade(document, '2026-01-31', CASE WHEN g % 3 < 2 THEN g % 3 END)) FROM refusing, generate_series(0, 2999) AS g WHERE g % 3 < 2 OR g > 2990;
SELECT count(grade(document, '2026-01-31', CASE WHEN g > 2990 THEN 11 ELSE g % 3 END)) FROM refusing, generate_series(0, 2999) AS g;

-- Many customers of one day are looked up in a table of all regions, straight from the datums; as of another instant for each row, all of them are read:
-- the tiers are the same, whatever the types of the columns, and however the inputs come.
SELECT create_scheme('{"scheme": "tabled", "inputs": [
        {"name": "amount", "type": "number", "missing": "null"}, {"name": "orders", "type": "integer", "missing": {"default": 3}},
        {"name": "kind", "type": "text", "missing": "null"}, {"name": "due", "type": "date", "missing": "null"}, {"name": "vip", "type": "boolean", "missing": "null"}],
    "decision": {"method": "rules", "rules": [
        {"when": {"all": [{"input": "vip", "eq": true}, {"input": "due", "within": "P1M"}]}, "tier": "A"},
        {"when": {"any": [{"input": "amount", "gt": 100.5}, {"all": [{"input": "kind", "in": ["public authority of a land", "big", "a"]}, {"input": "amount", "gte": -0.0001}]}]}, "tier": "B"},
        {"when": {"any": [{"input": "orders", "gte": 7}, {"input": "orders", "eq": 5}, {"input": "due", "eq": "2026-03-01"}]}, "tier": "C"}], "otherwise": "D"},
    "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}, {"code": "D"}]}') \g /dev/null
CREATE TEMP TABLE tabled AS SELECT n,
    (ARRAY[NULL, 'NaN', 'Infinity', 0, -0.0001, -0.00010000000001, -0.00009, 100.5, 100.50000000000001, 100.4999999999999999, 100.6, 1e20, -1e20, 123456789012.3, 1e-20, -1e-20, 99999999999999999, 100, 1000000])[1 + n % 19]::numeric AS amount,
    (ARRAY[NULL, 5, 7, 6, 4, -1, 32767, -32768])[1 + n / 19 % 8] AS orders,
    (ARRAY[NULL, 'big', 'bit', 'a', 'b', '', 'public authority of a land', 'public authority or a land', 'public authority', 'BIG', '中'])[1 + n / 7 % 11] AS kind,
    (ARRAY[NULL, '2026-02-28', '2026-03-01', '2026-03-02', 'infinity', '-infinity', '2026-01-15', '2026-02-14', '2026-02-15', '2026-02-16', '9999-12-31', '10000-01-01', '4714-11-24 BC'])[1 + n / 5 % 13]::date AS due,
    (ARRAY[NULL, true, false])[1 + n / 3 % 3] AS vip
FROM generate_series(1, 6000) AS n;
WITH given AS MATERIALIZED (SELECT newest_scheme('tabled') AS s, timestamptz '2026-01-15 12:00+00' AS at)
SELECT f.form, count(*) FILTER (WHERE f.tabled IS DISTINCT FROM f.read) AS different, count(f.tabled) > 1000 AS many FROM tabled t, given g, LATERAL (VALUES
    ('numeric', try_grade(s, at, amount, orders, kind, due, vip), try_grade(s, at + n % 2 * interval '1 us', amount, orders, kind, due, vip)),
    ('float8', try_grade(s, at, amount::float8, orders::float8, kind, due, vip), try_grade(s, at + n % 2 * interval '1 us', amount::float8, orders::float8, kind, due, vip)),
    ('smallint', try_grade(s, at, orders::smallint, orders::smallint, kind::varchar, due::timestamp, vip), try_grade(s, at + n % 2 * interval '1 us', orders::smallint, orders::smallint, kind::varchar, due::timestamp, vip)),
    ('bigint', try_grade(s, at, orders::bigint, amount, kind::name, due::timestamptz, vip), try_grade(s, at + n % 2 * interval '1 us', orders::bigint, amount, kind::name, due::timestamptz, vip)),
    ('row', try_grade(s, at, t), try_grade(s, at + n % 2 * interval '1 us', t)),
    ('jsonb', try_grade(s, at, to_jsonb(t)), try_grade(s, at + n % 2 * interval '1 us', to_jsonb(t))),
    ('jsonb, longer', try_grade(s, at, to_jsonb(t) || '{"a": [1, {"b": 2}], "zz": null, "amounts": 7, "orderz": "x"}'), try_grade(s, at + n % 2 * interval '1 us', to_jsonb(t) - 'a')),
    ('jsonb, without some', try_grade(s, at, jsonb_strip_nulls(to_jsonb(t)) - 'n'), try_grade(s, at + n % 2 * interval '1 us', to_jsonb(t)))) AS f (form, tabled, read)
GROUP BY 1 ORDER BY 1;

-- keys of one length that differ at their beginning, in their middle or at their end
WITH named AS (SELECT array_agg(name ORDER BY length(name), name COLLATE "C") AS names FROM unnest('{abcdefgh,abcdefgi,bbcdefgh,abcdefghijklmnop,abcdefghijklmnoq,abcdeffhijklmnop,abcdefghijklmnopqrst,abcdefghijklmnopqrsu}'::text[]) AS name),
made AS (SELECT jsonb_build_object('scheme', 'named', 'inputs', jsonb_agg(jsonb_build_object('name', name, 'type', 'integer', 'missing', 'null')),
    'decision', jsonb_build_object('method', 'rules', 'rules', jsonb_agg(jsonb_build_object('when', jsonb_build_object('input', name, 'eq', 1), 'tier', name)), 'otherwise', 'none'),
    'tiers', jsonb_agg(jsonb_build_object('code', name)) || '{"code": "none"}')::text::scheme AS document FROM named, unnest(names) AS name)
SELECT g % 9 AS which, array_agg(DISTINCT coalesce(nullif(grade(document, '2026-01-31', '{"zz": 1, "aacdefgh": 1, "abcdefgj": 1, "abcdefghijklmnoo": 1, "abcdefghijklmnopqrss": 1, "abcdefghijklmnopqrsut": 1}'
    || CASE WHEN g % 9 = 8 THEN '{"bbcdefgh": null}' ELSE jsonb_build_object(names[g % 9 + 1], 1) END), names[g % 9 + 1]), 'its own')) AS tiers
FROM made, named, generate_series(1, 3600) AS g GROUP BY 1 ORDER BY 1;

-- A row that a query makes only to grade it is not made: its columns are passed, their names in front. The scheme says later which of them count.
EXPLAIN (VERBOSE, COSTS OFF) SELECT customer_tier('sales_readiness', r) FROM (SELECT expected_close, g, demand FROM many) r;
CREATE TEMP VIEW many_view AS SELECT g AS id, expected_close, at, demand FROM many;
EXPLAIN (VERBOSE, COSTS OFF) SELECT customer_tier('sales_readiness', v) FROM many_view v;
SELECT count(*), count(DISTINCT tier), count(*) FILTER (WHERE tier IS DISTINCT FROM alone) AS different
FROM (SELECT customer_tier_asof('sales_readiness', at, r) AS tier, customer_tier_asof('sales_readiness', at, demand, expected_close) AS alone FROM (SELECT expected_close, g, at, demand FROM many) r) t;
SELECT count(*) FILTER (WHERE customer_tier_asof('sales_readiness', v.at, v) IS DISTINCT FROM customer_tier_asof('sales_readiness', m.at, m)) AS different FROM many_view v JOIN many m ON m.g = v.id;
SELECT customer_tier('sales_readiness', r) AS no_row FROM (VALUES (1)) AS v (n) LEFT JOIN (SELECT demand, expected_close FROM many WHERE g < 0) r ON true;
SELECT customer_tier('sales_readiness', r) FROM (SELECT 'none' AS demand, NULL::date AS expected_close, 'none' AS demand) r;
SELECT customer_tier('sales_readiness', r) FROM (SELECT 'none' AS demand, 1 AS closing) r;
SELECT customer_tier('sales_readiness', ROW('none', NULL::date));
SELECT explain_tier('sales_readiness', r) -> 'inputs' AS inputs FROM (SELECT date '2026-01-31' AS expected_close, 'none'::text AS demand) r;
-- the plan that is kept serves the next version, whose inputs stand in another order
SELECT create_scheme('{"scheme": "turned", "inputs": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}], "decision": {"method": "rules",
    "rules": [{"when": {"input": "a", "eq": 1}, "tier": "a is 1"}], "otherwise": "other"}, "tiers": [{"code": "a is 1"}, {"code": "other"}]}'), approve_scheme('turned') \g /dev/null
SET plan_cache_mode = force_generic_plan;
PREPARE turned AS SELECT customer_tier('turned', r) AS row, customer_tier('turned', a, b) AS one_by_one FROM (SELECT 1 AS a, 2 AS b) r;
EXECUTE turned;
SELECT revise_scheme('{"scheme": "turned", "inputs": [{"name": "b", "type": "integer"}, {"name": "a", "type": "integer"}], "decision": {"method": "rules",
    "rules": [{"when": {"input": "a", "eq": 1}, "tier": "a is 1"}], "otherwise": "other"}, "tiers": [{"code": "a is 1"}, {"code": "other"}]}'), approve_scheme('turned') \g /dev/null
EXECUTE turned;
DEALLOCATE turned;
RESET plan_cache_mode;
-- a name that PL/pgSQL passes may be another one at the same place
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{sales_readiness,abc_share,sales_readiness}'::text[] LOOP
        BEGIN
            RAISE NOTICE '%: %', name, customer_tier(name, 'none'::text, NULL::date);
        EXCEPTION WHEN invalid_parameter_value THEN
            RAISE NOTICE '%: %', name, SQLERRM;
        END;
    END LOOP;
END
$$;
