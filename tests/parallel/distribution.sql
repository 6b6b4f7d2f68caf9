-- Sketches, exact twins, an error of one's own; so many different values that neighbours are united.
CREATE TABLE amounts AS
SELECT g % 7 AS part, CASE WHEN g % 97 = 0 THEN NULL WHEN g % 50 = 0 THEN 0 WHEN g % 501 = 0 THEN 'NaN' WHEN g % 502 = 0 THEN '-infinity'
    ELSE (g * 7919 % 10007 - 500) * 1.01 ^ (g % 2000) END::float8 AS v
FROM generate_series(1, 20000) AS g;
ANALYZE amounts;
CREATE TABLE parts AS SELECT g % 900 AS part, tiering.distribution(g / 7.0) AS d FROM generate_series(1, 9000) AS g GROUP BY 1;
ANALYZE parts;
-- query
SELECT part, md5(tiering.distribution(v)::text), md5(tiering.exact_distribution(v)::text), md5(tiering.distribution(v, 0.0005)::text), md5(tiering.distribution(v::numeric) FILTER (WHERE v BETWEEN 1 AND 2)::text)
FROM amounts GROUP BY part
UNION ALL SELECT NULL, md5(tiering.distribution(v)::text), md5(tiering.exact_distribution(v)::text), md5(tiering.distribution(v, 0.0005)::text), md5(tiering.distribution(v) FILTER (WHERE v = 3.3)::text) FROM amounts
UNION ALL SELECT 100 + part % 5, md5(tiering.rollup(d)::text), NULL, NULL, NULL FROM parts GROUP BY 1;
