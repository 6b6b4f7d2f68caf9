-- The aggregates distribution() and exact_distribution(), and what can be asked of their values, against exact answers.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
SET extra_float_digits = 0;
CREATE SCHEMA distribution_test;
-- amounts that repeat, a long tail, zeros
CREATE TABLE distribution_test.amounts AS
SELECT g AS id, CASE WHEN g % 50 = 0 THEN 0 ELSE round((1 + g * 7919 % 1000) ^ 2::numeric / 37 + g % 7, 2) END AS v FROM generate_series(1, 5000) AS g;
ANALYZE distribution_test.amounts;

-- by hand: 1, 2, 3, 4 of 10
SELECT count(d), sum(d), mean(d), min(d), max(d), relative_error(d), quantile(d, 0), quantile(d, 0.25), quantile(d, 0.26), quantile(d, 0.5), quantile(d, 1), quantiles(d, '{0.5, NULL, 1}')
FROM (SELECT exact_distribution(v) AS d FROM unnest(ARRAY[4, 1, 3, 2]) AS v) s;
SELECT rank(d, 0.5), rank(d, 1), rank(d, 2.5), rank(d, 4), rank(d, 'infinity'), share_above(d, 4), share_above(d, 3), share_above(d, 3.5), share_above(d, 0), share_above(d, 5)
FROM (SELECT exact_distribution(v) AS d FROM unnest(ARRAY[4, 1, 3, 2]) AS v) s;
SELECT value_share_cut(d, 0), value_share_cut(d, 0.4), value_share_cut(d, 0.41), value_share_cut(d, 0.7), value_share_cut(d, 0.9), value_share_cut(d, 0.91), value_share_cut(d, 1), gini(d)
FROM (SELECT exact_distribution(v) AS d FROM unnest(ARRAY[4, 1, 3, 2]) AS v) s;
SELECT * FROM lorenz((SELECT exact_distribution(v) FROM unnest(ARRAY[4, 1, 3, 2]) AS v), 4);
SELECT population_share, round(value_share::numeric, 6) FROM lorenz((SELECT exact_distribution(v) FROM unnest(ARRAY[4, 1, 3, 2]) AS v), 8);
SELECT count(*), min(value_share), max(value_share) FROM lorenz((SELECT exact_distribution(v) FROM unnest(ARRAY[4, 1, 3, 2]) AS v));
-- all the same; one has everything; one of two; one alone; zeros below the Pareto cut
SELECT name, gini(d), value_share_cut(d, 0.8), value_share_cut(d, 1), share_above(d, 5), lorenz_points(d, 2)
FROM (SELECT name, exact_distribution(v) AS d FROM (VALUES ('equal', '{5,5,5,5}'::float8[]), ('all', '{0,0,0,8}'), ('half', '{0,8}'), ('alone', '{7}'), ('zeros', '{0,0,1,2}')) AS x (name, vs), unnest(vs) AS v GROUP BY name) s ORDER BY name;
-- where shares mean nothing: negative, only zeros, infinite, NaN
SELECT name, count(d), sum(d), mean(d), min(d), max(d), gini(d), value_share_cut(d, 0.8), share_above(d, 1), lorenz_points(d, 2), (SELECT count(*) FROM lorenz(d)) AS points
FROM (SELECT name, distribution(v) AS d FROM (VALUES ('negative', '{-1,2}'::float8[]), ('zeros', '{0,-0}'), ('infinite', '{1,infinity}'), ('both', '{-infinity,infinity}'), ('nan', '{1,NaN}')) AS x (name, vs), unnest(vs) AS v GROUP BY name) s ORDER BY name;
-- a sum that no double holds is an error, and what it is of is known: never infinite
SELECT mean(d), max(d), gini(d), value_share_cut(d, 0.8), share_above(d, 1), lorenz_points(d, 2) FROM (SELECT distribution(v) AS d FROM unnest('{1.7e308,1.7e308}'::float8[]) AS v) x;
SELECT sum(distribution(v)) FROM unnest('{1.7e308,1.7e308}'::float8[]) AS v;
SELECT sum(distribution(v)), mean(distribution(v)) FROM unnest('{1.7e308,1.7e308,-1.7e308,-1.7e308}'::float8[]) AS v;
-- NaN is the greatest, as everywhere
SELECT quantiles(d, '{0, 0.25, 0.26, 0.5, 0.75, 1}'), rank(d, '-infinity'), rank(d, 5), rank(d, 'infinity'), rank(d, 'NaN')
FROM (SELECT exact_distribution(v) AS d FROM unnest('{NaN, -infinity, infinity, 5}'::float8[]) AS v) s;

-- against the exact answers: 99 quantiles, within the error that is promised
CREATE TABLE distribution_test.built AS
SELECT name, d, relative_error(d) AS error FROM (VALUES ('default', (SELECT distribution(v) FROM distribution_test.amounts)), ('of doubles', (SELECT distribution(v::float8) FROM distribution_test.amounts)),
    ('0.1', (SELECT distribution(v, 0.1) FROM distribution_test.amounts)), ('0.0001', (SELECT distribution(v, 0.0001) FROM distribution_test.amounts)),
    ('exact', (SELECT exact_distribution(v) FROM distribution_test.amounts)), ('exact, of doubles', (SELECT exact_distribution(v::float8) FROM distribution_test.amounts))) AS b (name, d);
WITH exact AS MATERIALIZED (SELECT percentile_disc(ARRAY(SELECT q / 100.0 FROM generate_series(1, 99) AS q)) WITHIN GROUP (ORDER BY v::float8) AS qs FROM distribution_test.amounts)
SELECT name, round(error::numeric, 6) AS promised, count(*), bool_and(abs(a - e) <= error * e * (1 + 1e-12)) AS held
FROM distribution_test.built, exact, unnest(quantiles(d, ARRAY(SELECT q / 100.0 FROM generate_series(1, 99) AS q)), qs) AS x (a, e) GROUP BY 1, 2 ORDER BY 2, 1;
-- counts, sums, extremes are exact in all of them
SELECT name, count(d) = n, sum(d)::numeric = total, min(d) = least, max(d) = most, abs(mean(d) - mean) < 1e-9 FROM distribution_test.built,
    (SELECT count(*) AS n, sum(v) AS total, min(v) AS least, max(v) AS most, avg(v) AS mean FROM distribution_test.amounts) e ORDER BY 1;
-- rank, Pareto cut, share above, Gini, Lorenz: the exact twin as window functions have them, the sketch close by
CREATE TABLE distribution_test.ranked AS
SELECT v, sum(v) OVER (ORDER BY v DESC) / sum(v) OVER () AS from_top, cume_dist() OVER (ORDER BY v) AS up_to, row_number() OVER (ORDER BY v) AS place FROM distribution_test.amounts;
SELECT name, bool_and(CASE WHEN name LIKE 'exact%' THEN a = e ELSE abs(a - e) <= error * e * (1 + 1e-12) END) AS share_cuts
FROM distribution_test.built, generate_series(5, 95, 15) AS s,
    LATERAL (SELECT value_share_cut(d, s / 100.0) AS a, (SELECT max(v)::float8 FROM distribution_test.ranked WHERE from_top >= s / 100.0) AS e) x GROUP BY 1 ORDER BY 1;
SELECT name, bool_and(abs(rank(d, v) - up_to) < CASE WHEN name LIKE 'exact%' THEN 1e-12 ELSE 0.1 END) AS rank,
    bool_and(abs(share_above(d, v) - from_top) < CASE WHEN name LIKE 'exact%' THEN 1e-12 ELSE 0.1 END) AS share
FROM distribution_test.built, (SELECT DISTINCT v::float8, from_top::float8, up_to FROM distribution_test.ranked WHERE v::int % 211 = 0) r GROUP BY 1 ORDER BY 1;
SELECT name, abs(gini(d) - exact) < CASE WHEN name LIKE 'exact%' THEN 1e-9 ELSE 0.002 END AS gini
FROM distribution_test.built, (SELECT (2 * sum(place * v) / (count(*) * sum(v)) - (count(*) + 1.0) / count(*))::float8 AS exact FROM distribution_test.ranked) e ORDER BY 1;
SELECT name, bool_and(abs(l.value_share - e.share) < CASE WHEN name LIKE 'exact%' THEN 1e-9 ELSE 0.005 END) AS lorenz
FROM distribution_test.built, lorenz(d, 50) l JOIN (SELECT place / 5000.0 AS at, (sum(v) OVER (ORDER BY place) / sum(v) OVER ())::float8 AS share FROM distribution_test.ranked) e ON e.at = l.population_share::numeric GROUP BY 1 ORDER BY 1;
-- negative values as well
WITH d AS (SELECT distribution(-v) AS d, percentile_disc(ARRAY[0.1, 0.5, 0.97]) WITHIN GROUP (ORDER BY -v) AS e FROM distribution_test.amounts)
SELECT bool_and(abs(a - x) <= -0.0078 * x) FROM d, unnest(quantiles(d, '{0.1, 0.5, 0.97}'), e::float8[]) AS q (a, x);

-- NULLs, nothing, FILTER, DISTINCT, ORDER BY, GROUPING SETS, windows
SELECT distribution(v), exact_distribution(v), distribution(v, 0.05), rollup(distribution) FROM distribution_test.amounts, (SELECT NULL::distribution) n WHERE false;
SELECT distribution(NULL::float8), exact_distribution(NULL::numeric), distribution(NULL, 0.05::float8), rollup(NULL::distribution);
SELECT count(distribution(v)), count(distribution(v) FILTER (WHERE v > 2)), count(distribution(DISTINCT v)), distribution(v)::text = distribution(v ORDER BY v DESC)::text FROM (VALUES (1), (NULL), (3), (3)) AS x (v);
SELECT count(*) AS groups, count(*) FILTER (WHERE count(d) = n AND sum(d)::numeric = total) AS equal
FROM (SELECT distribution(v) AS d, count(v) AS n, sum(v) AS total FROM distribution_test.amounts GROUP BY GROUPING SETS ((id % 5, id % 3), (id % 5), ())) x;
SELECT count(*) AS groups, count(*) FILTER (WHERE count(d) = n) AS equal FROM (SELECT exact_distribution(v) AS d, count(v) AS n FROM distribution_test.amounts GROUP BY CUBE (id % 5, id % 3)) x;
SELECT count(*) FILTER (WHERE count(running) = id AND max(running)::numeric = most) AS running, count(*) FILTER (WHERE max(moving)::numeric = most_of_4) AS moving, count(*)
FROM (SELECT id, distribution(v) OVER w AS running, max(v) OVER w AS most, exact_distribution(v) OVER (w ROWS 3 PRECEDING) AS moving, max(v) OVER (w ROWS 3 PRECEDING) AS most_of_4
    FROM distribution_test.amounts WHERE id <= 300 WINDOW w AS (ORDER BY id)) x;

-- parts rolled up are the whole; the least precise gives the precision
CREATE TABLE distribution_test.parts AS SELECT id % 7 AS part, distribution(v) AS d, exact_distribution(v) AS e, distribution(v, 0.05) AS f FROM distribution_test.amounts GROUP BY 1;
SELECT rollup(d)::text = (SELECT distribution(v)::text FROM distribution_test.amounts) AS sketch, rollup(e)::text = (SELECT exact_distribution(v)::text FROM distribution_test.amounts) AS exact,
    rollup(d ORDER BY part)::text = rollup(d ORDER BY part DESC)::text AS order_does_not_matter FROM distribution_test.parts;
SELECT round(relative_error(rollup(x))::numeric, 4), rollup(x)::text = (SELECT distribution(v, 0.05)::text FROM distribution_test.amounts) AS coarsest
FROM (SELECT CASE part % 3 WHEN 0 THEN d WHEN 1 THEN e ELSE f END AS x FROM distribution_test.parts) p;
-- too many different values: neighbours are united, in the same way whatever the order
SELECT relative_error(d) AS error, octet_length(distribution_send(d)) < 100000 AS small, d::text = rolled::text AS whole FROM
    (SELECT distribution(x, 0.0001) AS d FROM (SELECT 1.01 ^ (g - 2000) * (1 + g % 10) AS x FROM generate_series(1, 20000) AS g) y WHERE x < 1e80) a,
    (SELECT rollup(d) AS rolled FROM (SELECT distribution(x, 0.0001) AS d FROM (SELECT g, 1.01 ^ (g - 2000) * (1 + g % 10) AS x FROM generate_series(20000, 1, -1) AS g) y WHERE x < 1e80 GROUP BY g % 3) z) b;
-- the ends of doubles
SELECT quantiles(d, '{0, 0.4, 0.6, 1}') = '{-1.7976931348623157e308, -2.2250738585072014e-308, 2.2250738585072014e-308, 1.7976931348623157e308}', sum(d)
FROM (SELECT exact_distribution(v) AS d FROM unnest('{1.7976931348623157e308, -1.7976931348623157e308, 2.2250738585072014e-308, -2.2250738585072014e-308}'::float8[]) AS v) x;
SELECT count(d), min(d), max(d) FROM (SELECT distribution(v) AS d FROM unnest('{4.9e-324, -4.9e-324}'::float8[]) AS v) x;
SELECT quantile(distribution(v), 1), max(exact_distribution(v)) FROM (VALUES (1e1000::numeric), (123456789012345678901234567890.123456789)) AS x (v);
SELECT min(exact_distribution(v)) FROM (VALUES (1e-1000::numeric), (1)) AS x (v);

-- text, bytes, storage
-- what the receive function makes of bytes: the text of the value, or the error
CREATE FUNCTION distribution_test.receive(type regtype, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    -- the binary format of COPY: signature, flags, no extension; one row of one column; the end
    message bytea := '\x5047434f50590aff0d0a00'::bytea || int4send(0) || int4send(0) || int2send(1::int2) || int4send(octet_length(bytes)) || bytes || int2send((-1)::int2);
    octal text := (SELECT string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), '' ORDER BY n)
        FROM generate_series(0, octet_length(message) - 1) AS n, LATERAL (SELECT get_byte(message, n) AS b) v);
    answer text;
BEGIN
    EXECUTE format('CREATE TEMP TABLE received (value %s)', type);
    EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', octal));
    SELECT value::text INTO answer FROM received;
    DROP TABLE received;
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RETURN concat(SQLSTATE, ': ', SQLERRM);
END $$;
SELECT name, d::text::distribution::text = d::text AS text, distribution_send(d::text::distribution) = distribution_send(d) AS bytes,
    CASE WHEN octet_length(distribution_send(d)) < 10000 THEN distribution_test.receive('distribution', distribution_send(d)) = d::text END AS received
FROM distribution_test.built ORDER BY 1;
SELECT d, d::text::distribution::text = d::text, distribution_test.receive('distribution', distribution_send(d)) = d::text FROM (SELECT distribution(v) AS d FROM unnest('{NaN, -infinity, infinity, infinity, 5, -0.1, 0}'::float8[]) AS v) x;
CREATE TABLE distribution_test.toasted AS SELECT exact_distribution(sqrt(g)) AS d FROM generate_series(1, 20000) AS g;
SELECT pg_column_size(d) < octet_length(distribution_send(d)) AS compressed, pg_relation_size(reltoastrelid) > 0 AS toasted, count(d), quantile(d, 0.5), (SELECT count(rollup(d)) FROM distribution_test.toasted) FROM distribution_test.toasted, pg_class WHERE oid = 'distribution_test.toasted'::regclass;
CREATE MATERIALIZED VIEW distribution_test.kept AS SELECT rollup(d) AS d FROM distribution_test.parts;
REFRESH MATERIALIZED VIEW distribution_test.kept;
SELECT count(d), jsonb_typeof(to_jsonb(d)), d::text::jsonb ->> 'version' AS version FROM distribution_test.kept;
-- arguments resolve
SELECT count(distribution(v)), count(distribution(v::smallint)), count(distribution(v::bigint)), count(distribution(v::real)), count(distribution(v, 0.02)), count(exact_distribution(v)), quantile(distribution(v), 1::numeric) FROM (VALUES (1), (2)) AS x (v);

-- errors
SELECT quantile(distribution(1), 1.01);
SELECT quantile(distribution(1), 'NaN');
SELECT quantiles(distribution(1), '{0.5, -0.1}');
SELECT value_share_cut(distribution(1), 2);
SELECT lorenz(distribution(1), 0);
SELECT lorenz(distribution(1), 10001);
SELECT distribution(1, 0.5::float8);
SELECT distribution(1, 'NaN'::float8);
SELECT distribution(1, NULL::float8);
SELECT quantiles(distribution(g), '{}'), quantiles(distribution(g), '{{0.1, 0.9}, {0, 1}}') IS NOT NULL AS flattened, quantile(distribution(g), NULL), lorenz_points(distribution(g), NULL) FROM generate_series(1, 10) AS g;
SELECT distribution('a'::text);
-- text that nobody's aggregate wrote; one of an empty distribution is one
SELECT count(d), sum(d), mean(d), min(d), quantile(d, 0.5), rank(d, 1), gini(d), d FROM (SELECT '{"version":1,"bits":6,"limit":8192,"buckets":[]}'::distribution AS d) x;
CREATE FUNCTION distribution_test.refused(bad text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN concat('accepted: ', bad::distribution::text);
EXCEPTION WHEN OTHERS THEN
    RETURN concat(SQLSTATE, ': ', SQLERRM);
END $$;
SELECT refused, count(*) FROM unnest(ARRAY['', '5', '{}', '{"version":2,"bits":6,"limit":8192,"buckets":[]}', '{"version":1,"bits":53,"limit":8192,"buckets":[]}', '{"version":1,"bits":6,"limit":0,"buckets":[]}',
    '{"version":1,"bits":6,"limit":100,"buckets":[]}', '{"version":1,"bits":6,"limit":8192,"zeros":-1,"buckets":[]}', '{"version":1,"bits":6,"limit":8192,"zeros":1,"buckets":[]}',
    '{"version":1,"bits":6,"limit":8192,"zeros":1,"min":-1,"max":0,"buckets":[]}', '{"version":1,"bits":6,"limit":8192,"zeros":1,"min":-0.0,"max":0,"buckets":[]}', '{"version":1,"bits":6,"limit":8192,"zeros":9223372036854775808,"min":0,"max":0,"buckets":[]}',
    '{"version":1,"bits":6,"limit":8192,"min":5,"max":5,"buckets":[[65616,0,0]]}', '{"version":1,"bits":6,"limit":8192,"min":5,"max":5,"buckets":[[65616,1,0],[65616,1,0]]}', '{"version":1,"bits":6,"limit":8192,"min":5,"max":6,"buckets":[[65616,1,0]]}',
    '{"version":1,"bits":6,"limit":8192,"min":5,"max":5,"buckets":[[65616,1,70368744177664]]}', '{"version":1,"bits":6,"limit":8192,"min":5,"max":5,"buckets":[[0,1,0]]}', '{"version":1,"bits":6,"limit":8192,"min":5,"max":5,"buckets":[[-9223372036854775808,1,0]]}',
    '{"version":1,"bits":6,"limit":8192,"min":NaN,"max":5,"buckets":[[65616,1,0]]}', '{"version":1,"bits":6,"limit":8192,"min":5,"max":5,"buckets":[[65616,18446744073709551615,0]]}']) AS bad, distribution_test.refused(bad) AS refused GROUP BY 1 ORDER BY 1;
CREATE TABLE distribution_test.sent AS SELECT distribution_send(distribution(v)) AS bytes FROM unnest('{NaN, 1, 5, -0.1, 0}'::float8[]) AS v;
SELECT octet_length(bytes), distribution_test.receive('distribution', bytes || '\x00'::bytea), distribution_test.receive('distribution', ''), distribution_test.receive('distribution', '\x010072') FROM distribution_test.sent;
SELECT DISTINCT distribution_test.receive('distribution', substr(bytes, 1, n)) FROM distribution_test.sent, generate_series(3, octet_length(bytes) - 1) AS n;
SELECT left(answer, 5) AS answer, count(*) > 0 AS some FROM (
    SELECT CASE WHEN answer LIKE '{%' THEN CASE WHEN answer::distribution::text = answer THEN 'value' ELSE 'WRONG' END ELSE answer END AS answer
    FROM distribution_test.sent, generate_series(0, octet_length(bytes) - 1) AS n, unnest(ARRAY[1, 2, 128]) AS flip,
        LATERAL (SELECT distribution_test.receive('distribution', set_byte(bytes, n, get_byte(bytes, n) # flip)) AS answer) a) v
GROUP BY 1 ORDER BY 1;

-- the CD shop's log of the demo
CREATE TABLE distribution_test.log (line text);
\copy distribution_test.log FROM demo/data/cdnow_sample.txt
CREATE TABLE distribution_test.cdnow AS SELECT c[5]::numeric AS v FROM distribution_test.log, regexp_split_to_array(btrim(line), ' +') AS c;
WITH d AS MATERIALIZED (SELECT distribution(v) AS d, percentile_disc(ARRAY(SELECT q / 100.0 FROM generate_series(1, 99) AS q)) WITHIN GROUP (ORDER BY v::float8) AS e FROM distribution_test.cdnow)
SELECT count(*) AS quantiles, max(abs(a - x) / nullif(x, 0)) <= 1 / 129.0 AS held FROM d, unnest(quantiles(d, ARRAY(SELECT q / 100.0 FROM generate_series(1, 99) AS q)), e) AS q (a, x);
SET client_min_messages = warning;
DROP SCHEMA distribution_test CASCADE;
