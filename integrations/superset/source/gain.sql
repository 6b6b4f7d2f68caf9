-- What it brought / 投入产出
-- program text: Program / 项目
-- quarter text: Quarter / 季度
-- tier text: Tier / 等级
-- gain numeric: Gain / 增益
-- cost numeric: Cost / 成本
-- roi numeric: Return / 回报率
-- metric gain SUM(gain): Gain / 增益
-- metric cost SUM(cost): Cost / 成本
WITH programs AS ([[programs]])
SELECT p.name AS program, [[quarter b.began]] AS quarter, CASE WHEN r.tier = 'all' THEN '[[All|全部]]' ELSE [[tier g]] END AS tier, round(r.change, 0) AS gain, round(r.cost, 0) AS cost, r.roi
FROM programs p
JOIN tiering.hold_outs h ON h.program = p.program
CROSS JOIN LATERAL (SELECT q AT TIME ZONE p.zone AS began, (q + interval '3 months') AT TIME ZONE p.zone AS ended
    FROM generate_series(p.first_quarter, p.last_quarter, interval '3 months') AS q) b
CROSS JOIN LATERAL tiering.tier_roi(p.program, b.began, interval '3 months', baseline => 'held_out') r
LEFT JOIN tiering.program_tiers g ON g.program = p.program AND g.tier = r.tier
WHERE h.since <= b.began AND coalesce(h.until >= b.ended, true) AND r.change IS NOT NULL
