-- Effect / 效果
-- program text: Program / 项目
-- quarter text: Quarter / 季度
-- measure text: Measure / 指标
-- name text: Id / 标识
-- tier text: Tier / 等级
-- treated bigint: Looked after / 跟进客户
-- held_out bigint: Held out / 对照客户
-- effect numeric: Difference / 差异
-- low numeric: At least / 下限
-- high numeric: At most / 上限
-- verdict text: Verdict / 结论
-- metric effect SUM(effect): Difference / 差异
-- metric low SUM(low): At least / 下限
-- metric high SUM(high): At most / 上限
WITH programs AS ([[programs]])
SELECT p.name AS program, [[quarter b.began]] AS quarter, m.title_[[lang]] || CASE WHEN m.unit = 'share' THEN ' %' ELSE '' END AS measure, m.measure AS name,
    CASE WHEN e.tier = 'all' THEN '[[All|全部]]' ELSE [[tier g]] END AS tier, e.n_treated AS treated, e.n_held_out AS held_out,
    round((s.times * e.adjusted)::numeric, s.digits) AS effect, round((s.times * e.adjusted_low)::numeric, s.digits) AS low, round((s.times * e.adjusted_high)::numeric, s.digits) AS high,
    CASE WHEN e.adjusted_low > 0 THEN '[[More|更高]]' WHEN e.adjusted_high < 0 THEN '[[Less|更低]]' ELSE '[[No difference seen|未见差异]]' END AS verdict
FROM programs p
JOIN tiering.hold_outs h ON h.program = p.program
CROSS JOIN LATERAL (SELECT q AT TIME ZONE p.zone AS began, (q + interval '3 months') AT TIME ZONE p.zone AS ended
    FROM generate_series(p.first_quarter, p.last_quarter, interval '3 months') AS q) b
JOIN tiering.scorecard_measures() m ON m.measure IN ('sales_per_customer', 'retained', 'csat', 'contacts_per_customer', 'complaints_per_customer')
CROSS JOIN LATERAL tiering.tier_effect(p.program, m.measure, b.began, b.ended, bootstrap => 0) e
LEFT JOIN tiering.program_tiers g ON g.program = p.program AND g.tier = e.tier
CROSS JOIN LATERAL (SELECT CASE WHEN m.unit = 'share' THEN 100 ELSE 1 END AS times, CASE m.unit WHEN 'money' THEN 0 WHEN 'share' THEN 1 ELSE 2 END AS digits) s
WHERE h.since <= b.began AND coalesce(h.until >= b.ended, true) AND e.adjusted IS NOT NULL
