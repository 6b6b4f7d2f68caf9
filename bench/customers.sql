-- Generated customers: the same ones on every machine and every run, but that their dates are counted from today.

CREATE FUNCTION bench.noise(id bigint, seed integer) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (pg_catalog.hashint8extended(id, seed) & 1073741823) / 1073741824.0::float8;

CREATE FUNCTION bench.generate(rows bigint) RETURNS TABLE (
    id bigint, name text, segment text, annual_spend numeric(12,2), outstanding numeric(12,2), orders_12m integer,
    visits_12m integer, last_order date, expected_close date, satisfaction float8, demand text)
    LANGUAGE sql
AS $$
    SELECT n,
        'Customer ' || n,
        CASE WHEN bench.noise(n, 1) < 0.97 THEN ('{enterprise,public,smb,smb,private,private}'::text[])[1 + floor(6 * bench.noise(n, 2))::int] END,
        CASE WHEN bench.noise(n, 3) < 0.97 THEN exp(5 + 7 * bench.noise(n, 4)) END,
        CASE WHEN bench.noise(n, 5) < 0.97 THEN exp(9 * bench.noise(n, 6)) END,
        CASE WHEN bench.noise(n, 7) < 0.97 THEN floor(30 * bench.noise(n, 8) ^ 2)::int END,
        CASE WHEN bench.noise(n, 9) < 0.97 THEN floor(80 * bench.noise(n, 10) ^ 2)::int END,
        CASE WHEN bench.noise(n, 11) < 0.90 THEN current_date - floor(700 * bench.noise(n, 12))::int END,
        CASE WHEN bench.noise(n, 13) < 0.60 THEN current_date + floor(300 * bench.noise(n, 14))::int END,
        CASE WHEN bench.noise(n, 15) < 0.97 THEN 1 + 4 * bench.noise(n, 16) END,
        CASE WHEN bench.noise(n, 17) < 0.97 THEN ('{explicit,explicit,latent,none}'::text[])[1 + floor(4 * bench.noise(n, 18))::int] END
    FROM generate_series(1, rows) AS n
$$;

CREATE TABLE bench.customers AS SELECT * FROM bench.generate(:rows);
ALTER TABLE bench.customers ADD PRIMARY KEY (id);
CREATE TABLE bench.customers_x5 AS SELECT * FROM bench.generate(5 * :rows);
CREATE TABLE bench.documents AS
    SELECT id, jsonb_build_object('id', id, 'name', name, 'segment', segment, 'annual_spend', annual_spend,
        'orders_12m', orders_12m, 'visits_12m', visits_12m, 'last_order', last_order, 'expected_close', expected_close) AS data
    FROM bench.customers;
VACUUM (ANALYZE, FREEZE) bench.customers, bench.customers_x5, bench.documents;

-- warm: into shared buffers where the server has the extension for it, else at least into the system's cache
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_prewarm') AS prewarm \gset
\if :prewarm
CREATE EXTENSION pg_prewarm;
SELECT pg_prewarm(r::regclass) FROM unnest('{bench.customers,bench.customers_pkey,bench.customers_x5,bench.documents}'::text[]) AS r \g /dev/null
\endif
