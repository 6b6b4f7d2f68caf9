-- Due list / 待跟进清单
-- program text: Program / 项目
-- owner text: Owner / 负责人
-- customer text: Customer / 客户
-- tier text: Tier / 等级
-- due date: Due / 应跟进日
-- late bigint: Days late / 逾期天数
-- urgency text: Urgency / 紧急程度
-- last_contact text: Last contact / 上次联系
-- what text: What to do / 跟进内容
-- n bigint: Place / 序号
-- metric customers COUNT(*): Customers / 客户数
-- metric overdue COUNT(*) FILTER (WHERE late > 0): Overdue / 已逾期
-- metric today COUNT(*) FILTER (WHERE due = CURRENT_DATE): Due today / 今日应跟进
-- metric week COUNT(*) FILTER (WHERE due > CURRENT_DATE AND due <= CURRENT_DATE + 7): Next 7 days / 未来7天
-- metric owners COUNT(DISTINCT owner) FILTER (WHERE due BETWEEN CURRENT_DATE - 30 AND CURRENT_DATE + 30): Owners with work / 有任务的负责人
WITH programs AS ([[programs]])
SELECT p.name AS program, coalesce(d.owner, '[[Nobody|无人负责]]') AS owner, [[customer d]] AS customer, [[tier g]] AS tier, d.due, d.days_overdue AS late,
    tiering.label(d.urgency, '[[lang]]') AS urgency, coalesce(to_char(d.last_followup AT TIME ZONE p.zone, 'YYYY-MM-DD'), '[[Never|从未]]') AS last_contact, d.brief_[[lang]] AS what,
    row_number() OVER (PARTITION BY d.program, d.owner ORDER BY d.due, d.rank, d.customer) AS n
FROM programs p
JOIN tiering.followups_due d ON d.program = p.program
LEFT JOIN tiering.program_tiers g ON g.program = d.program AND g.tier = d.tier
