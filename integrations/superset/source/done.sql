-- Contacts made / 跟进记录
-- program text: Program / 项目
-- month text: Month / 月份
-- owner text: Owner / 负责人
-- tier text: Tier / 等级
-- on_time bigint: On time / 按时
-- late bigint: Late / 逾期
-- undue bigint: Without a due day / 无应跟进日
-- metric on_time SUM(on_time): On time / 按时
-- metric late SUM(late): Late / 逾期
-- metric undue SUM(undue): Without a due day / 无应跟进日
WITH programs AS ([[programs]])
SELECT p.name AS program, to_char(o.month, 'YYYY-MM') AS month, coalesce(o.owner, '[[Nobody|无人负责]]') AS owner, [[tier g]] AS tier,
    o.on_time, o.late, o.followups - o.on_time - o.late AS undue
FROM programs p
JOIN tiering.owner_performance o ON o.program = p.program AND o.followups > 0
LEFT JOIN tiering.program_tiers g ON g.program = o.program AND g.tier = o.tier
