-- Moves / 等级变动
-- program text: Program / 项目
-- month text: Month / 月份
-- from_tier text: From / 原等级
-- to_tier text: To / 现等级
-- movement text: Movement / 变动方向
-- customers bigint: Customers / 客户数
-- metric customers SUM(customers): Customers / 客户数
-- metric up SUM(customers) FILTER (WHERE movement = '[[Up|升级]]'): Up / 升级
-- metric down SUM(customers) FILTER (WHERE movement = '[[Down|降级]]'): Down / 降级
WITH programs AS ([[programs]])
SELECT p.name AS program, to_char(c.at AT TIME ZONE p.zone, 'YYYY-MM') AS month, [[tier f]] AS from_tier, [[tier t]] AS to_tier,
    CASE WHEN t.rank < f.rank THEN '[[Up|升级]]' ELSE '[[Down|降级]]' END AS movement, count(*) AS customers
FROM programs p
JOIN tiering.tier_changes c ON c.program = p.program AND c.at >= p.first_month AT TIME ZONE p.zone
JOIN tiering.program_tiers f ON f.program = p.program AND f.tier = c.from_tier
JOIN tiering.program_tiers t ON t.program = p.program AND t.tier = c.to_tier
WHERE f.rank <> t.rank
GROUP BY p.name, 2, f.program, f.rank, f.tier, f.title_en, f.title_zh, t.program, t.rank, t.tier, t.title_en, t.title_zh
