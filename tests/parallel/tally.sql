-- Tiers and moves between them; tiers that one worker sees alone.
CREATE TABLE moves AS
SELECT g % 11 AS part, CASE WHEN g % 5 > 0 THEN chr(65 + g * 7919 % 7) END AS before, CASE WHEN g % 3 > 0 THEN chr(65 + g * 104729 % 9) || CASE WHEN g % 1000 = 0 THEN g::text ELSE '' END END AS after
FROM generate_series(1, 20000) AS g;
ANALYZE moves;
CREATE TABLE parts AS SELECT g % 3000 AS part, tiering.tier_mix(chr(65 + g % 13)) AS x, tiering.migration(chr(65 + g % 13), chr(65 + g % 7)) AS m FROM generate_series(1, 9000) AS g GROUP BY 1;
ANALYZE parts;
-- query
SELECT part, tiering.tier_mix(after)::text, tiering.migration(before, after)::text, tiering.tier_mix(after) FILTER (WHERE after = 'A2000')::text FROM moves GROUP BY part
UNION ALL SELECT 100, tiering.tier_mix(after)::text, tiering.migration(before, after)::text, tiering.tier_mix(after) FILTER (WHERE after = 'none')::text FROM moves
UNION ALL SELECT 200 + part % 3, tiering.rollup(x)::text, tiering.rollup(m)::text, NULL FROM parts GROUP BY 1;
