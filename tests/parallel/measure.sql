-- All five measures; groups that no worker has anything for.
CREATE TABLE customers AS
SELECT g % 1500 AS customer, tiering.rfm(date '2025-01-01' + g * 7919 % 500, (g % 9 - 1)::numeric) AS r, max(nullif(g * 31 % 12, 11)) AS score FROM generate_series(1, 9000) AS g GROUP BY 1;
ANALYZE customers;
-- query
SELECT customer % 7 AS part, tiering.nps(score), tiering.csat(score, 8), tiering.csat(score >= 8), tiering.repeat_rate(r), tiering.churn_rate(r, '2026-05-16', '90 days'),
    tiering.retention(r, '2025-01-01', '2025-02-01', '2025-03-01'), tiering.churn_rate(tiering.churned(r, '2026-05-16', '90 days')), tiering.retention(tiering.retained(r, '2025-01-01', '2025-02-01', '2025-03-01')), tiering.nps(score) FILTER (WHERE score > 100)
FROM customers GROUP BY 1
UNION ALL SELECT NULL, tiering.nps(score), tiering.csat(score, customer % 10), tiering.csat(score >= customer % 10), tiering.repeat_rate(r), tiering.churn_rate(r, '2026-05-16', '90 days'), tiering.retention(r, '2025-01-01', '2025-02-01', '2025-03-01'), tiering.churn_rate(tiering.churned(r, '2026-05-16', '90 days')), tiering.retention(tiering.retained(r, '2025-01-01', '2025-02-01', '2025-03-01')), NULL FROM customers;
