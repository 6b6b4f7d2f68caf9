-- The types of the extension behave as types do, also where the schema tiering is not on the search_path, as here.
\set VERBOSITY terse
CREATE SCHEMA types_test;
CREATE TABLE types_test.orders AS
SELECT g % 6 AS customer, g % 2 AS part, timestamptz '2026-01-01 00:00+00' + g % 6 / 2 * interval '1 day' + g / 6 * interval '36 hours' AS at, (g % 6 / 2 * 100 + g / 6)::numeric AS amount, chr(65 + g % 6 / 2) AS tier
FROM generate_series(0, 599) AS g;
-- customers 0 and 1 are alike, 2 and 3, 4 and 5
CREATE TABLE types_test.kept AS
SELECT customer, tiering.rfm(at, amount) AS r, tiering.distribution(amount) AS d, tiering.tier_mix(tier) AS m, tiering.migration('A', tier) AS g,
    tiering.current_scheme(CASE customer / 2 WHEN 0 THEN 'rfm' WHEN 1 THEN 'abc_share' ELSE 'vip_important' END) AS s,
    (SELECT c.document FROM tiering.calendars c WHERE c.calendar = CASE o.customer / 2 WHEN 0 THEN 'cn' WHEN 1 THEN 'weekends' ELSE 'every_day' END) AS c,
    format('{"kind": "bg_nbd", "unit": "week", "parameters": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": %s}}', 2 + customer / 2)::tiering.lifetime_model AS l
FROM types_test.orders o GROUP BY customer;

-- what every type has: operators, a hash and a B-tree class that are found by the type, casts
SELECT count(*) > 12 AS many, count(*) FILTER (WHERE c.classes = 2 AND o.operators = 6 AND u.context = 'i') = count(*) AS all_have
FROM pg_type t
JOIN pg_proc p ON p.oid = t.typsend AND p.prosrc LIKE '%\_send'
CROSS JOIN LATERAL (SELECT count(*) AS classes FROM pg_opclass c WHERE c.opcintype = t.oid AND c.opcdefault) c
CROSS JOIN LATERAL (SELECT count(*) AS operators FROM pg_operator o WHERE (o.oprleft, o.oprright) = (t.oid, t.oid) AND o.oprname IN ('=', '<>', '<', '<=', '>', '>=')) o
CROSS JOIN LATERAL (SELECT max(a.castcontext) AS context FROM pg_cast a WHERE (a.castsource, a.casttarget) = (t.oid, 'uuid'::regtype)) u
WHERE t.typnamespace = 'tiering'::regnamespace AND t.typtype = 'b' AND t.typcategory = 'U' AND t.typname NOT IN ('time_unit', 'time_zone');
SELECT amname, amvalidate FROM (SELECT m.amname, bool_and(amvalidate(c.oid)) AS amvalidate FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod WHERE c.opcnamespace = 'tiering'::regnamespace GROUP BY 1) v ORDER BY 1;

SELECT count(DISTINCT r) AS r, count(DISTINCT d) AS d, count(DISTINCT m) AS m, count(DISTINCT g) AS g, count(DISTINCT s) AS s, count(DISTINCT c) AS c, count(DISTINCT l) AS l FROM types_test.kept;
SELECT count(*) FROM (SELECT DISTINCT r, d, m, g, s, c, l FROM types_test.kept) v;
SELECT array_agg(customer ORDER BY customer) FROM types_test.kept GROUP BY r, d, m, g, s, c, l ORDER BY 1;
SELECT count(*) FROM (SELECT r, d, m, g, s, c, l FROM types_test.kept UNION SELECT r, d, m, g, s, c, l FROM types_test.kept) v;
SELECT count(*) FROM (SELECT r, d, m, g, s, c, l FROM types_test.kept EXCEPT SELECT r, d, m, g, s, c, l FROM types_test.kept WHERE customer < 2) v;
SELECT count(*) FROM (SELECT k FROM types_test.kept k UNION SELECT k FROM types_test.kept k) v;
SET enable_hashagg = off;
SELECT count(*) FROM (SELECT DISTINCT r, d, m, g, s, c, l FROM types_test.kept) v;
RESET enable_hashagg;

-- Operators that are written find the fingerprint where they do not find the operator of the type: the same result, the same order.
SELECT a.customer AS a, b.customer AS b FROM types_test.kept a JOIN types_test.kept b ON a.r = b.r AND a.d = b.d AND a.m = b.m AND a.g = b.g AND a.s = b.s AND a.c = b.c AND a.l = b.l WHERE a.customer < b.customer ORDER BY 1;
SELECT count(*) FROM types_test.kept a JOIN types_test.kept b USING (r, d, m, g, s, c, l);
SELECT count(*) FROM types_test.kept WHERE r IN (SELECT r FROM types_test.kept WHERE customer = 0) AND s IS NOT DISTINCT FROM tiering.current_scheme('rfm') AND nullif(l, l) IS NULL;
SELECT count(*), bool_and((a.r = b.r, a.r <> b.r, a.r < b.r, a.r <= b.r, a.r > b.r, a.r >= b.r) = (a.r OPERATOR(tiering.=) b.r, a.r OPERATOR(tiering.<>) b.r, a.r OPERATOR(tiering.<) b.r,
        a.r OPERATOR(tiering.<=) b.r, a.r OPERATOR(tiering.>) b.r, a.r OPERATOR(tiering.>=) b.r)) AS of_values,
    bool_and((a.s = b.s, a.s <> b.s, a.s < b.s, a.s <= b.s, a.s > b.s, a.s >= b.s) = (a.s OPERATOR(tiering.=) b.s, a.s OPERATOR(tiering.<>) b.s, a.s OPERATOR(tiering.<) b.s,
        a.s OPERATOR(tiering.<=) b.s, a.s OPERATOR(tiering.>) b.s, a.s OPERATOR(tiering.>=) b.s)) AS of_documents
FROM types_test.kept a, types_test.kept b;
SELECT array_agg(r ORDER BY r) = array_agg(r ORDER BY tiering.fingerprint(r)) AS of_values, array_agg(s ORDER BY s) = array_agg(s ORDER BY tiering.fingerprint(s)) AS of_documents FROM types_test.kept;
SELECT encode(tiering.scheme_digest(s), 'hex')::uuid = s AS the_digest, tiering.fingerprint(r) = encode(substr(sha256(tiering.rfm_send(r)), 1, 16), 'hex')::uuid AS of_the_bytes FROM types_test.kept LIMIT 1;
SELECT r = NULL AS unknown, r IS DISTINCT FROM NULL AS known, tiering.fingerprint(NULL::tiering.rfm) FROM types_test.kept LIMIT 1;
-- A literal is then no value of the type: an error, not false without a word.
SELECT r = '{"version":1,"purchases":0,"refunds":0,"monetary":"0","days":[]}' FROM types_test.kept;
SELECT r = '{"version":1,"purchases":0,"refunds":0,"monetary":"0","days":[]}'::tiering.rfm AS same FROM types_test.kept LIMIT 1;
SET search_path = tiering, pg_catalog;
SELECT r = '{"version":1,"purchases":0,"refunds":0,"monetary":"0","days":[]}' AS same FROM types_test.kept LIMIT 1;
RESET search_path;

-- Equal is what holds the same, whatever the order in which it was gathered, and whether it lies in the row or compressed out of line.
SELECT count(*), bool_and(k.r = p.r AND k.d = p.d AND k.m = p.m AND k.g = p.g) AS parts_are_the_whole FROM types_test.kept k
JOIN (SELECT customer, tiering.rollup(r) AS r, tiering.rollup(d) AS d, tiering.rollup(m) AS m, tiering.rollup(g) AS g
    FROM (SELECT customer, part, tiering.rfm(at, amount ORDER BY at DESC) AS r, tiering.distribution(amount ORDER BY amount DESC) AS d, tiering.tier_mix(tier) AS m, tiering.migration('A', tier) AS g
        FROM types_test.orders GROUP BY 1, 2) v GROUP BY 1) p USING (customer);
CREATE TABLE types_test.plain AS SELECT * FROM types_test.kept;
ALTER TABLE types_test.plain ALTER r SET STORAGE plain, ALTER s SET STORAGE main, ALTER d SET STORAGE external;
TRUNCATE types_test.plain;
INSERT INTO types_test.plain SELECT * FROM types_test.kept;
SELECT count(*) FROM types_test.plain p JOIN types_test.kept k USING (customer, r, d, m, g, s, c, l);

-- Indexes and statistics. A document is too long for a B-tree; its fingerprint is not.
CREATE UNIQUE INDEX once ON types_test.kept (m, customer);
CREATE INDEX ON types_test.kept (s);
CREATE UNIQUE INDEX ON types_test.kept (tiering.fingerprint(s), customer);
CREATE INDEX hashed ON types_test.kept USING hash (r);
INSERT INTO types_test.kept SELECT * FROM types_test.kept WHERE customer = 0;
ANALYZE types_test.kept;
SELECT attname, n_distinct FROM pg_stats WHERE schemaname = 'types_test' AND tablename = 'kept' AND attname IN ('g', 'm') ORDER BY 1;
SET enable_seqscan = off;
EXPLAIN (COSTS off) SELECT customer FROM types_test.kept WHERE r OPERATOR(tiering.=) '{"version":1,"purchases":0,"refunds":0,"monetary":"0","days":[]}';
RESET enable_seqscan;
CREATE MATERIALIZED VIEW types_test.seen AS SELECT * FROM types_test.kept;
CREATE UNIQUE INDEX ON types_test.seen (customer);
REFRESH MATERIALIZED VIEW CONCURRENTLY types_test.seen;

-- JSON of a row has objects
SELECT jsonb_object_agg(f.key, jsonb_typeof(f.value)) FROM types_test.kept k, jsonb_each(to_jsonb(k)) AS f WHERE k.customer = 0;
SELECT bool_and(row_to_json(k)::jsonb = to_jsonb(k)) AS same, bool_and(jsonb_populate_record(NULL::types_test.kept, to_jsonb(k)) = k) AS reads_back FROM types_test.kept k;
SELECT m::json, m::jsonb, g::jsonb, json_build_object('mix', m) FROM types_test.kept WHERE customer = 0;
SELECT bool_and(r::jsonb = r::text::jsonb AND d::jsonb = d::text::jsonb AND s::jsonb = s::json::text::jsonb AND c::json::text = c::text AND l::json::text = l::text) AS the_text FROM types_test.kept;
SELECT to_jsonb(ARRAY[m]) = jsonb_build_array(m) AS in_arrays FROM types_test.kept LIMIT 1;
DROP SCHEMA types_test CASCADE;
