-- Latest changes / 最近变动
-- program text: Program / 项目
-- at date: Day / 日期
-- customer text: Customer / 客户
-- from_tier text: From / 原等级
-- to_tier text: To / 现等级
-- reason text: Reason / 原因
-- owner text: Owner / 负责人
-- n bigint: Place / 序号
WITH programs AS ([[programs]])
SELECT p.name AS program, (c.at AT TIME ZONE p.zone)::date AS at, [[customer c]] AS customer, CASE WHEN f.tier IS NULL THEN '–' ELSE [[tier f]] END AS from_tier, [[tier t]] AS to_tier,
    tiering.label(c.reason, '[[lang]]') AS reason, coalesce(c.owner, '[[Nobody|无人负责]]') AS owner,
    row_number() OVER (PARTITION BY c.program ORDER BY c.at DESC, c.customer) AS n
FROM programs p
JOIN tiering.tier_changes c ON c.program = p.program AND c.at >= p.first_month AT TIME ZONE p.zone
LEFT JOIN tiering.program_tiers f ON f.program = p.program AND f.tier = c.from_tier
LEFT JOIN tiering.program_tiers t ON t.program = p.program AND t.tier = c.to_tier
WHERE c.from_tier IS DISTINCT FROM c.to_tier AND c.from_tier IS NOT NULL
