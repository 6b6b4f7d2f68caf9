-- Models fitted to figures and to rfm values, with customers left out, and predictions of them: the same bits.
CREATE TABLE shoppers AS
SELECT g AS id, g % 5 AS segment, x.x AS frequency,
    CASE WHEN x.x > 0 THEN 1 + (g * 13 % 97) * a.a / 100.0 ELSE 0 END AS recency, a.a AS age, (5 + g * 7 % 61 + x.x)::numeric AS spend,
    CASE WHEN g % 31 > 0 THEN r.rfm END AS rfm
FROM generate_series(1, 6000) AS g,
    LATERAL (SELECT greatest(0, g * 37 % 11 - 5 + g % 3)::bigint) AS x (x),
    LATERAL (SELECT (60 + g * 11 % 300)::float8) AS a (a),
    LATERAL (SELECT tiering.rfm(date '2026-01-01' + (n * n * (1 + g % 7) + g % 50), n + g % 20) FROM generate_series(0, x.x::integer) AS n) AS r (rfm);
UPDATE shoppers SET recency = least(recency, age);
ANALYZE shoppers;
-- query
SELECT segment, tiering.fit_bg_nbd(frequency, recency, age)::text AS bg, tiering.fit_mbg_nbd(frequency, recency, age, 'day')::text AS mbg,
    tiering.fit_pareto_nbd(frequency, recency, age)::text AS pareto, tiering.fit_gamma_gamma(frequency, spend)::text AS gg,
    tiering.fit_bg_nbd(rfm, date '2026-02-10', 'week')::text AS rfm_bg, tiering.fit_gamma_gamma(rfm)::text AS rfm_gg,
    sum(tiering.expected_purchases('{"kind": "bg_nbd", "unit": "week", "parameters": {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}}',
        52, rfm, date '2026-12-31')::numeric(20, 9)) AS expected,
    count(tiering.split_at(rfm, '2026-03-01')) AS split
FROM shoppers GROUP BY segment;
