-- Grading by name, by row, by jsonb and by document, scores included.
CREATE TABLE customers AS
SELECT g AS id, g % 400 AS recency_days, (g * 7) % 30 AS frequency, ((g * 31) % 5000)::numeric(12,2) AS monetary
FROM generate_series(1, 20000) AS g;
UPDATE customers SET monetary = NULL WHERE id % 97 = 0;
ANALYZE customers;
-- query
SELECT tiering.customer_tier('rfm', recency_days, frequency, monetary) AS tier,
    tiering.customer_tier('rfm', c) AS by_row, tiering.customer_tier('rfm', to_jsonb(c)) AS by_jsonb,
    tiering.grade(tiering.current_scheme('rfm'), '2026-01-31', recency_days, frequency, monetary) AS by_document,
    count(*), sum(tiering.customer_score('rfm', recency_days, frequency, monetary))
FROM customers c GROUP BY 1, 2, 3, 4;
