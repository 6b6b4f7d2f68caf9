-- Tiers by month / 各月等级
-- program text: Program / 项目
-- month text: Month / 月份
-- tier text: Tier / 等级
-- customers bigint: Customers / 客户数
-- metric customers SUM(customers): Customers / 客户数
WITH programs AS ([[programs]])
SELECT p.name AS program, to_char(m.month, 'YYYY-MM') AS month, [[tier g]] AS tier, count(*) AS customers
FROM programs p
CROSS JOIN LATERAL generate_series(p.first_month, p.last_month, interval '1 month') AS m (month)
-- at the end of the month, or now
CROSS JOIN LATERAL tiering.tiers_as_of(p.program, least((m.month + interval '1 month') AT TIME ZONE p.zone - interval '1 microsecond', p.graded_at)) t
LEFT JOIN tiering.program_tiers g ON g.program = p.program AND g.tier = t.tier
GROUP BY p.name, m.month, g.program, g.rank, g.tier, g.title_en, g.title_zh
