-- Models of lifetime value: the CDNOW sample, and customers simulated from a BG/NBD model, against the Python package
-- Lifetimes, which bench/lifetime.sh runs on the same figures.

CREATE TEMP TABLE log (line text);
\copy log FROM 'demo/data/cdnow_sample.txt'
CREATE TABLE bench.cdnow AS
SELECT tiering.repeat_days(rfm)::bigint AS frequency, tiering.repeat_span(rfm) / 7.0::float8 AS recency, tiering.age(rfm, date '1997-09-30') / 7.0::float8 AS age,
    coalesce((tiering.repeat_monetary(rfm) / nullif(tiering.repeat_days(rfm), 0))::float8, 0) AS spend
FROM (SELECT tiering.rfm(c[3]::date, c[5]::numeric) FILTER (WHERE c[3]::date <= '1997-09-30') AS rfm
    FROM log, regexp_split_to_array(btrim(line), ' +') AS c GROUP BY c[2]) AS customers;

-- Gamma(1.5, 6) weeks: a sum of exponentials and the square of a normal; the chance to drop out Beta(1, 3), which inverts. Whole
-- days. Everybody is followed for one to three years.
CREATE FUNCTION bench.buyer(id bigint, OUT frequency bigint, OUT recency float8, OUT age float8, OUT spend float8, OUT days integer[])
    LANGUAGE plpgsql
AS $$
DECLARE
    rate float8 := (-ln(1 - bench.noise(id, 1)) - ln(1 - bench.noise(id, 2)) * cos(pi() * bench.noise(id, 3)) ^ 2) / 6 / 7;
    chance float8 := 1 - (1 - bench.noise(id, 4)) ^ (1 / 3.0);
    total integer := 365 + floor(730 * bench.noise(id, 5));
    at float8 := 0;
    event integer := 0;
BEGIN
    days := ARRAY[0];
    LOOP
        event := event + 1;
        at := at - ln(1 - bench.noise(id, 100 + 2 * event)) / rate;
        EXIT WHEN at > total;
        IF ceil(at)::integer > days[cardinality(days)] AND ceil(at)::integer <= total THEN
            days := days || ceil(at)::integer;
        END IF;
        EXIT WHEN bench.noise(id, 101 + 2 * event) < chance;
    END LOOP;
    frequency := cardinality(days) - 1;
    recency := days[cardinality(days)] / 7.0;
    age := total / 7.0;
    spend := CASE WHEN frequency > 0 THEN round((10 + 40 * bench.noise(id, 6) + 20 * bench.noise(id, 7) / sqrt(frequency))::numeric, 2) ELSE 0 END;
END
$$;
CREATE TABLE bench.buyers AS SELECT id, b.* FROM generate_series(1, :model_rows) AS id, bench.buyer(id) AS b;
-- as rfm values, whose last day of observation is 2026-01-01
CREATE TABLE bench.shoppers AS
SELECT tiering.rfm(date '2026-01-01' - round(age * 7)::integer + d.d, b.spend) AS rfm
FROM (SELECT id, age, spend, days FROM bench.buyers) AS b, unnest(b.days) AS d (d) GROUP BY b.id;
VACUUM (ANALYZE, FREEZE) bench.cdnow, bench.buyers, bench.shoppers;

CREATE TABLE bench.lifetime_fits (place integer GENERATED ALWAYS AS IDENTITY, data text, model text, expression text, source text, milliseconds float8, document tiering.lifetime_model);
INSERT INTO bench.lifetime_fits (data, model, expression, source) VALUES
    ('CDNOW', 'bg_nbd', 'tiering.fit_bg_nbd(frequency, recency, age, ''week'')', 'bench.cdnow'),
    ('CDNOW', 'mbg_nbd', 'tiering.fit_mbg_nbd(frequency, recency, age, ''week'')', 'bench.cdnow'),
    ('CDNOW', 'pareto_nbd', 'tiering.fit_pareto_nbd(frequency, recency, age, ''week'')', 'bench.cdnow'),
    ('CDNOW', 'gamma_gamma', 'tiering.fit_gamma_gamma(frequency, spend)', 'bench.cdnow'),
    ('many', 'bg_nbd', 'tiering.fit_bg_nbd(frequency, recency, age, ''week'')', 'bench.buyers'),
    ('many', 'mbg_nbd', 'tiering.fit_mbg_nbd(frequency, recency, age, ''week'')', 'bench.buyers'),
    ('many', 'pareto_nbd', 'tiering.fit_pareto_nbd(frequency, recency, age, ''week'')', 'bench.buyers'),
    ('many', 'gamma_gamma', 'tiering.fit_gamma_gamma(frequency, spend)', 'bench.buyers'),
    ('many rfm', 'bg_nbd', 'tiering.fit_bg_nbd(rfm, date ''2026-01-01'', ''week'')', 'bench.shoppers');

-- Each fit five times (the median counts), and its model.
DO $$
DECLARE
    f bench.lifetime_fits;
    fitted tiering.lifetime_model;
BEGIN
    FOR f IN SELECT * FROM bench.lifetime_fits ORDER BY place LOOP
        EXECUTE format('SELECT %s FROM %s', f.expression, f.source) INTO fitted;
        UPDATE bench.lifetime_fits SET document = fitted, milliseconds = (
            SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY bench.milliseconds(format('SELECT %s FROM %s', f.expression, f.source)) + 0 * run)
            FROM generate_series(1, 5) AS run) WHERE place = f.place;
    END LOOP;
END
$$;

-- Scoring: microseconds a customer on top of reading the row, median of five. (`0 * run`: an aggregate over figures of the outer query
-- alone would be one of that query.)
CREATE TABLE bench.lifetime_scores (place integer GENERATED ALWAYS AS IDENTITY, title text, expression text, source text, microseconds float8);
INSERT INTO bench.lifetime_scores (title, expression, source)
SELECT replace(s.title, '$', f.model), format(s.expression, f.document, gg.document), s.source
FROM (VALUES
    (1, 'p_alive, $', 'tiering.p_alive(%1$L, frequency, recency, age)', 'bench.buyers'),
    (2, 'expected_purchases of 52 weeks, $', 'tiering.expected_purchases(%1$L, 52, frequency, recency, age)', 'bench.buyers'),
    (3, 'customer_lifetime_value of 52 weeks, $', 'tiering.customer_lifetime_value(%1$L, %2$L, frequency, recency, age, spend, 52, 0)', 'bench.buyers'),
    (4, 'the same, discounted weekly, $', 'tiering.customer_lifetime_value(%1$L, %2$L, frequency, recency, age, spend, 52, 0.002)', 'bench.buyers'),
    (5, 'p_alive of an rfm value, $', 'tiering.p_alive(%1$L, rfm, date ''2026-01-01'')', 'bench.shoppers'),
    (6, 'expected_purchases of an rfm value, $', 'tiering.expected_purchases(%1$L, 52, rfm, date ''2026-01-01'')', 'bench.shoppers'),
    (7, 'customer_lifetime_value of an rfm value, $', 'tiering.customer_lifetime_value(%1$L, %2$L, rfm, date ''2026-01-01'', 52, 0)', 'bench.shoppers')
    ) AS s (place, title, expression, source), bench.lifetime_fits f, bench.lifetime_fits gg
WHERE f.data = 'many' AND f.model IN ('bg_nbd', 'pareto_nbd') AND gg.data = 'many' AND gg.model = 'gamma_gamma'
ORDER BY f.model, s.place;
INSERT INTO bench.lifetime_scores (title, expression, source)
SELECT 'expected_spend', format('tiering.expected_spend(%L, frequency, spend)', document), 'bench.buyers' FROM bench.lifetime_fits WHERE data = 'many' AND model = 'gamma_gamma';
UPDATE bench.lifetime_scores s SET microseconds = 1000 * (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY bench.milliseconds(format('SELECT count(%s) FROM %s', s.expression, s.source))
        - bench.milliseconds(format('SELECT count(*) FROM %s', s.source)) + 0 * run)
    FROM generate_series(1, 5) AS run) / (SELECT count(*) FROM bench.buyers);
