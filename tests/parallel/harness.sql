-- A query of the server's own: shows that the settings of this suite do make a plan parallel.
CREATE TABLE numbers AS SELECT g AS n FROM generate_series(1, 10000) AS g;
ANALYZE numbers;
-- query
SELECT n % 7 AS remainder, count(*), sum(n) FROM numbers GROUP BY 1;
