-- Scorecard / 记分卡
-- program text: Program / 项目
-- quarter text: Quarter / 季度
-- tier text: Tier / 等级
-- measure text: Measure / 指标
-- name text: Id / 标识
-- value numeric: Value / 数值
-- previous numeric: Quarter before / 上季度
-- change numeric: Change / 变化
-- target numeric: Target / 目标
-- metric value SUM(value): Value / 数值
-- metric measures COUNT(*): Measures / 指标数
WITH programs AS ([[programs]])
SELECT p.name AS program, [[quarter l.period_start]] AS quarter, CASE WHEN l.tier = 'all' THEN '[[All|全部]]' ELSE [[tier g]] END AS tier,
    l.title_[[lang]] || CASE WHEN l.unit = 'share' THEN ' %' ELSE '' END AS measure, l.measure AS name, s.times * l.value AS value, s.times * l.previous AS previous,
    s.times * (l.value - l.previous) AS change, s.times * l.target AS target
FROM programs p
CROSS JOIN LATERAL (SELECT ARRAY(SELECT generate_series(p.first_quarter, p.last_quarter + interval '3 months', interval '3 months') AT TIME ZONE p.zone) AS bounds) b
CROSS JOIN LATERAL tiering.tier_scorecard_periods_long(p.program, b.bounds) l
LEFT JOIN tiering.program_tiers g ON g.program = p.program AND g.tier = l.tier
CROSS JOIN LATERAL (SELECT CASE WHEN l.unit = 'share' THEN 100 ELSE 1 END AS times) s
WHERE p.first_quarter IS NOT NULL AND l.value IS NOT NULL
    -- nobody is ungraded
    AND NOT (l.tier IS NULL AND l.value = 0)
