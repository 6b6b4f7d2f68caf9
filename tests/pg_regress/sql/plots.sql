-- Plots of a few characters: bars and lines.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
SELECT v AS value, bar(v, 8, 4) AS bar FROM unnest('{0,0.01,0.25,1,1.75,2,4,7.9,8,9,NULL}'::float8[]) AS v;
SELECT bar(3, 0), bar(0, 0), bar(1, NULL), bar(5, 10);
SELECT bar(1e308, 1e-308, 4), bar(1e-308, 1e308, 4), bar(5e-324, 1e-323, 4);
SELECT bar(-1, 2);
SELECT bar('NaN', 2);
SELECT bar(1, 'Infinity');
SELECT bar(1, 2, 0);
SELECT bar(1, 2, NULL);
SELECT length(bar(1, 1, 1000));
-- as somebody would use it
SELECT tier, customers, bar(customers, max(customers) OVER (), 10) FROM (VALUES ('A', 5), ('B', 20), ('C', 0)) AS t (tier, customers);
SELECT spark('{1,2,3,4,5,6,7,8}'), spark('{8,1,NULL,4.5}'), spark('{3,3,3}'), spark('{}'), spark(NULL), spark('{NULL}');
SELECT spark('{-1.7e308,0,1.7e308}');
SELECT spark('{1,NaN}');
SELECT spark(array_agg(sales ORDER BY month)) FROM (VALUES (1, 10.5), (2, 20), (3, 5)) AS s (month, sales);
