-- What the aggregates and the fit are measured against: the plain SQL that gives the same.

-- Orders as they come in: by time, of customers in no order. 20 a customer.
CREATE TABLE bench.orders AS
SELECT 1 + (hashint8(g) & 2147483647) % greatest(:rows / 4, 1) AS customer,
    timestamptz '2024-01-01' + g * (interval '730 days' / (5 * :rows)) AS at,
    ((hashint8(g + 7) & 2147483647) % 100000 / 100.0 + 1)::numeric(10, 2) AS amount,
    ((hashint8(g + 7) & 2147483647) % 100000 / 100.0 + 1)::float8 AS paid,
    ((hashint8(g + 11) & 2147483647) % 5)::smallint AS channel
FROM generate_series(1, 5::bigint * :rows) AS g;
CREATE TABLE bench.population AS
SELECT g AS id, round(exp(3 + 2.5 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))::numeric, 2) AS value
FROM generate_series(1, 5::bigint * :rows) AS g;
CREATE TABLE bench.numbers AS SELECT exp(8 * random()) AS value FROM generate_series(1, 5::bigint * :rows);
VACUUM ANALYZE bench.orders;
VACUUM ANALYZE bench.numbers;
VACUUM ANALYZE bench.population;
SELECT tiering.derive_scheme('abc_share', 'bench_pareto',
    '{"characteristics": [{"name": "value_class", "input": "annual_value", "fit": {"share_of": "value", "cuts": [0.8, 0.95]},
      "bins": [{"code": "A"}, {"code": "B"}, {"code": "C"}]}]}'), tiering.approve_scheme('bench_pareto') \g /dev/null

INSERT INTO bench.topics (topic, title) VALUES
    ('rfm', format('What each of %s customers bought, from %s orders', to_char(:rows / 4, 'FM999G999G999'), to_char(5 * :rows, 'FM999G999G999'))),
    ('rfm_float8', 'The same, amounts of `double precision`'),
    ('rfm_few', 'The same by five channels'),
    ('rfm_few_float8', 'By five channels, amounts of `double precision`'),
    ('rfm_all', 'The same of all orders together'),
    ('rfm_all_float8', 'Of all orders together, amounts of `double precision`'),
    ('quintiles', format('Five quantiles of %s numbers', to_char(5 * :rows, 'FM999G999G999'))),
    ('pareto', format('ABC by share of the value, %s customers, cut points found and everybody graded', to_char(5 * :rows, 'FM999G999G999')));

INSERT INTO bench.variants (topic, title, expression, source, at_most, against) VALUES
('rfm', '`max, min, count, sum` of `numeric`', 'num_nonnulls(a, b, c, d)',
    '(SELECT max(at) AS a, min(at) AS b, count(*) AS c, sum(amount) AS d FROM bench.orders GROUP BY customer) o', NULL, NULL),
('rfm', '**`rfm` of `numeric`**', 'r', '(SELECT tiering.rfm(at, amount) AS r FROM bench.orders GROUP BY customer) o', 0.8, NULL),
('rfm', '`max, min, count, sum, count(DISTINCT day)` of `numeric`', 'num_nonnulls(a, b, c, d, e)',
    '(SELECT max(at) AS a, min(at) AS b, count(*) AS c, sum(amount) AS d, count(DISTINCT (at AT TIME ZONE ''UTC'')::date) AS e FROM bench.orders GROUP BY customer) o', NULL, NULL),
('rfm_float8', '`max, min, count, sum` of `double precision`', 'num_nonnulls(a, b, c, d)',
    '(SELECT max(at) AS a, min(at) AS b, count(*) AS c, sum(paid) AS d FROM bench.orders GROUP BY customer) o', NULL, NULL),
('rfm_float8', '**`rfm` of `double precision`**', 'r', '(SELECT tiering.rfm(at, paid) AS r FROM bench.orders GROUP BY customer) o', 0.9, NULL),
('rfm_few', '`max, min, count, sum` of `numeric`', 'num_nonnulls(a, b, c, d)',
    '(SELECT max(at) AS a, min(at) AS b, count(*) AS c, sum(amount) AS d FROM bench.orders GROUP BY channel) o', NULL, NULL),
('rfm_few', '**`rfm` of `numeric`**', 'r', '(SELECT tiering.rfm(at, amount) AS r FROM bench.orders GROUP BY channel) o', 0.5, NULL),
('rfm_few_float8', '`max, min, count, sum` of `double precision`', 'num_nonnulls(a, b, c, d)',
    '(SELECT max(at) AS a, min(at) AS b, count(*) AS c, sum(paid) AS d FROM bench.orders GROUP BY channel) o', NULL, NULL),
('rfm_few_float8', '**`rfm` of `double precision`**', 'r', '(SELECT tiering.rfm(at, paid) AS r FROM bench.orders GROUP BY channel) o', NULL, NULL),
('rfm_all', '`max, min, count, sum` of `numeric`', 'num_nonnulls(a, b, c, d)',
    '(SELECT max(at) AS a, min(at) AS b, count(*) AS c, sum(amount) AS d FROM bench.orders) o', NULL, NULL),
('rfm_all', '**`rfm` of `numeric`**', 'r', '(SELECT tiering.rfm(at, amount) AS r FROM bench.orders) o', 0.5, NULL),
('rfm_all_float8', '`max, min, count, sum` of `double precision`', 'num_nonnulls(a, b, c, d)',
    '(SELECT max(at) AS a, min(at) AS b, count(*) AS c, sum(paid) AS d FROM bench.orders) o', NULL, NULL),
('rfm_all_float8', '**`rfm` of `double precision`**', 'r', '(SELECT tiering.rfm(at, paid) AS r FROM bench.orders) o', NULL, NULL),
-- What no aggregate can be faster than.
('rfm', 'grouping and counting alone', 'num_nonnulls(customer, n)', '(SELECT customer, count(amount) AS n FROM bench.orders GROUP BY customer) o', NULL, NULL),
('rfm_float8', 'grouping and counting alone', 'num_nonnulls(customer, n)', '(SELECT customer, count(paid) AS n FROM bench.orders GROUP BY customer) o', NULL, NULL),
('rfm_few', 'reading the columns alone', 'num_nonnulls(channel, n)', '(SELECT channel, count(amount) AS n FROM bench.orders GROUP BY channel) o', NULL, NULL),
('rfm_all', 'reading the columns alone', 'n', '(SELECT count(amount) AS n FROM bench.orders) o', NULL, NULL),
('quintiles', '`percentile_cont` of five', 'q',
    '(SELECT percentile_cont(''{0.1,0.25,0.5,0.75,0.9}''::float8[]) WITHIN GROUP (ORDER BY value) AS q FROM bench.numbers) o', NULL, NULL),
('quintiles', '`ntile(5)`, its bounds', 'q',
    '(SELECT max(value) AS q FROM (SELECT value, ntile(5) OVER (ORDER BY value) AS part FROM bench.numbers) n GROUP BY part) o', NULL, NULL),
('quintiles', '**`distribution`**', 'q',
    '(SELECT tiering.quantiles(tiering.distribution(value), ''{0.1,0.25,0.5,0.75,0.9}'') AS q FROM bench.numbers) o', 0.3, NULL),
('pareto', 'window function', 'tier',
    '(SELECT CASE WHEN share <= 0.8 THEN ''A'' WHEN share <= 0.95 THEN ''B'' ELSE ''C'' END AS tier '
    'FROM (SELECT sum(value) OVER (ORDER BY value DESC) / sum(value) OVER () AS share FROM bench.population) w) p', NULL, NULL),
('pareto', '**`fit` and `grade`**', 'tiering.grade((SELECT tiering.fit(tiering.current_scheme(''bench_pareto''), now(), value) FROM bench.population), now(), value)', 'bench.population', 0.3, NULL);

-- Against the extension tdigest, where the server has it (Debian: postgresql-NN-tdigest).
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'tdigest') AS tdigest \gset
\if :tdigest
CREATE SCHEMA tdigest;
CREATE EXTENSION tdigest SCHEMA tdigest;
INSERT INTO bench.topics (topic, title) VALUES ('tdigest', format('Five quantiles of %s numbers, against the extension tdigest', to_char(5 * :rows, 'FM999G999G999')));
INSERT INTO bench.variants (topic, title, expression, source, at_most, against) VALUES
('tdigest', '`tdigest_percentile` of five, compression 100', 'q',
    '(SELECT tdigest.tdigest_percentile(value, 100, ''{0.1,0.25,0.5,0.75,0.9}''::float8[]) AS q FROM bench.numbers) o', NULL, NULL),
('tdigest', '**`distribution`**, against tdigest', 'q',
    '(SELECT tiering.quantiles(tiering.distribution(value), ''{0.1,0.25,0.5,0.75,0.9}'') AS q FROM bench.numbers) o', 0.38, NULL);
\endif

-- The same query by one and by two workers, in turns, the leader looking on. (Two hyperthreads of one core are no two cores: the last
-- query shows what can be had.)
CREATE TABLE bench.workers (query text, workers integer, milliseconds float8);
CREATE PROCEDURE bench.measure_workers(runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    measured text;
BEGIN
    PERFORM set_config('parallel_leader_participation', 'off', false), set_config('parallel_setup_cost', '0', false),
        set_config('parallel_tuple_cost', '0', false), set_config('min_parallel_table_scan_size', '0', false);
    FOR run IN 1 .. least(runs, 5) LOOP
        FOREACH measured IN ARRAY ARRAY[
            'SELECT tiering.distribution(value) FROM bench.numbers',
            'SELECT tiering.fit(tiering.current_scheme(''bench_pareto''), now(), value) FROM bench.population',
            'SELECT tiering.rfm(at, amount) FROM bench.orders',
            -- what this machine makes of a second worker at all: aggregates of the server's own
            'SELECT sum(value), avg(value), stddev(value), min(value), max(value) FROM bench.numbers']
        LOOP
            FOR workers IN 1 .. 2 LOOP
                PERFORM set_config('max_parallel_workers_per_gather', workers::text, false);
                INSERT INTO bench.workers VALUES (measured, workers, bench.milliseconds(measured));
                COMMIT;
            END LOOP;
        END LOOP;
    END LOOP;
    PERFORM set_config('max_parallel_workers_per_gather', '0', false);
END
$$;
