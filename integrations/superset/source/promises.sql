-- Open promises / 未兑现承诺
-- program text: Program / 项目
-- owner text: Owner / 负责人
-- customer text: Customer / 客户
-- promise text: Promise / 承诺
-- promised_for date: For / 应兑现日
-- status text: Status / 状态
WITH programs AS ([[programs]])
SELECT p.name AS program, coalesce(r.owner, '[[Nobody|无人负责]]') AS owner, [[customer r]] AS customer, tiering.label(r.promise, '[[lang]]') AS promise,
    (r.promised_at AT TIME ZONE p.zone)::date AS promised_for, tiering.label(r.status, '[[lang]]') AS status
FROM programs p
JOIN tiering.promise_status r ON r.program = p.program AND r.status IN ('due', 'broken')
