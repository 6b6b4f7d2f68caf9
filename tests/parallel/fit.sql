-- Cut points and counts of a population; more different values than are told apart exactly.
CREATE TABLE customers AS
SELECT g AS id, (g * 7919::bigint % 100003) * 1.25 AS annual_value, g * 31 % 400 AS recency_days, 1 + g * 17 % 25 AS frequency, nullif(g * 7919::bigint % 100003, 7)::numeric AS monetary
FROM generate_series(1, 70000) AS g;
ANALYZE customers;
CREATE TABLE fitted AS SELECT tiering.fit((SELECT tiering.unfitted(tiering.current_scheme('rfm'))), '2026-01-31', recency_days, frequency, monetary) AS d FROM customers;
ANALYZE fitted;
-- query
SELECT NULL::bigint AS part, tiering.fit((SELECT tiering.current_scheme('abc_share')), '2026-01-31', annual_value)::text, tiering.fit((SELECT tiering.current_scheme('rfm')), '2026-01-31', recency_days, frequency, monetary)::text,
    tiering.population((SELECT tiering.current_scheme('rfm')), '2026-01-31', c), tiering.fit((SELECT tiering.current_scheme('abc_share')), '2026-01-31', annual_value) FILTER (WHERE id < 0)::text FROM customers c
UNION ALL SELECT id % 3, tiering.fit((SELECT tiering.current_scheme('abc_share')), '2026-01-31', annual_value)::text, NULL, tiering.population(d, '2026-01-31', recency_days, frequency, monetary), NULL FROM customers, fitted GROUP BY 1, d::text
UNION ALL SELECT -1, tiering.fit_final(tiering.fit_part(s.abc, '2026-01-31', tiering.reading(s.abc, annual_value)))::text, NULL,
    tiering.population_final(tiering.population_part(s.rfm, '2026-01-31', tiering.reading(s.rfm, recency_days, frequency, monetary))), NULL
FROM customers, (SELECT tiering.current_scheme('abc_share') AS abc, tiering.current_scheme('rfm') AS rfm) s
UNION ALL SELECT -2, tiering.fit_final(tiering.fit_part(tiering.fit_reading(s.abc, '2026-01-31', annual_value)), s.abc)::text, NULL,
    tiering.population_final(tiering.population_part(tiering.population_reading(s.rfm, '2026-01-31', recency_days, frequency, monetary)), s.rfm), NULL
FROM customers, (SELECT tiering.current_scheme('abc_share') AS abc, tiering.current_scheme('rfm') AS rfm) s GROUP BY s.abc::text, s.rfm::text, s.abc, s.rfm;
