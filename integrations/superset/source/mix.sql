-- Tiers now / 当前各等级
-- program text: Program / 项目
-- tier text: Tier / 等级
-- part text: Tier / 等级
-- customers bigint: Customers / 客户数
-- overridden bigint: By hand / 人工指定
-- metric customers SUM(customers): Customers / 客户数
-- metric overridden SUM(overridden): By hand / 人工指定
-- metric tiers COUNT(DISTINCT tier) FILTER (WHERE customers > 0): Tiers in use / 使用中的等级
WITH programs AS ([[programs]])
-- part: a plot takes no column twice
SELECT p.name AS program, [[tier m]] AS tier, [[tier m]] AS part, m.customers, m.overridden
FROM tiering.tier_mix_by_program m
JOIN programs p ON p.program = m.program
