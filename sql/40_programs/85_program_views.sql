-- What people and BI tools read. Names and columns are stable.

CREATE FUNCTION tiering.tiers_as_of(program text, at timestamptz, known_at timestamptz DEFAULT 'infinity')
    RETURNS TABLE (customer text, tier text, rank integer, overridden boolean, since timestamptz, reason text, owner text)
    -- PARALLEL SAFE: a query that calls it would otherwise have no workers, though the call is inlined.
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT l.customer, CASE WHEN c.counts THEN o.tier ELSE l.tier END, CASE WHEN c.counts THEN o.rank ELSE t.rank END, c.counts,
        CASE WHEN c.counts THEN CASE o.kind WHEN 'fixed' THEN o.since ELSE greatest(o.since, l.since) END ELSE l.since END, l.reason, l.owner
    FROM (
        SELECT DISTINCT ON (h.customer) h.customer, h.tier, h.since, h.reason, h.owner
        FROM tiering.assignment_log h
        WHERE h.program = $1 AND (h.since <= $2 OR h.as_of <= $2) AND h.recorded_at <= $3
        ORDER BY h.customer, h.since DESC
    ) l
    -- Full joins, which are never done row by row, whatever the planner takes the number of rows for; coalesce() keeps them full.
    FULL JOIN (SELECT v.*, n.rank FROM tiering.overrides v FULL JOIN (SELECT m.* FROM tiering.program_tiers m WHERE m.program = $1) n ON n.tier = v.tier
        WHERE v.program = $1 AND v.since <= $2 AND coalesce(v.until > $2, true)) o ON o.customer = l.customer
    FULL JOIN (SELECT g.tier, g.rank FROM tiering.program_tiers g WHERE g.program = $1) t ON t.tier = l.tier
    CROSS JOIN LATERAL (SELECT o.program IS NOT NULL AND tiering.override_outweighs(o.kind, o.rank, t.rank) AS counts) c
    WHERE coalesce(l.reason, 'gone') <> 'gone';
END;
COMMENT ON FUNCTION tiering.tiers_as_of(text, timestamptz, timestamptz) IS
    'the customers of a program and the tiers in force at a time, overrides counted: tier, its rank today (NULL if the scheme has it no more), since '
    'when, reason, owner. Where several runs graded as of one moment, the last of them counts; known_at: the last that was recorded by then, that is what this function would have said '
    'at that time, but for overrides. No row for an unknown program or a time before the first grading';

-- || '': as in assignment_history. An override belongs to a customer whose assignment shows the newest one, so that those of an owner are found by the index of such customers.
CREATE VIEW tiering.tier_changes WITH (security_invoker) AS
    SELECT c.*,
        (SELECT a.label FROM tiering.assignments a WHERE a.program = c.program AND a.customer = c.customer) AS label,
        b.rank AS from_rank, t.rank AS to_rank
    FROM (
    SELECT p.program, l.customer, l.since AS at,
        (SELECT x.tier FROM tiering.assignment_log x WHERE x.program = l.program AND x.customer = l.customer AND x.since < l.since ORDER BY x.since DESC LIMIT 1) AS from_tier,
        l.tier AS to_tier, l.reason, l.cause, l.owner, l.reasons, l.changed_by
    FROM tiering.programs p
    JOIN tiering.assignment_log l ON l.program = p.program || ''
    UNION ALL
    SELECT p.program, o.customer, o.since, t.tier, o.tier, 'override', 'override', a.owner, ARRAY[o.reason], o.author
    FROM tiering.programs p
    JOIN tiering.overrides o ON o.program = p.program || ''
    LEFT JOIN tiering.assignments a ON a.program = p.program || '' AND a.customer = o.customer AND a.override_tier IS NOT NULL
    LEFT JOIN LATERAL (SELECT l.tier FROM tiering.assignment_log l WHERE l.program = o.program AND l.customer = o.customer AND l.since <= o.since
        ORDER BY l.since DESC LIMIT 1) t ON true
    UNION ALL
    SELECT p.program, o.customer, o.until, o.tier, t.tier, 'override_ended', 'override', a.owner, ARRAY[o.reason], coalesce(o.cleared_by, o.author)
    FROM tiering.programs p
    JOIN tiering.overrides o ON o.program = p.program || ''
    LEFT JOIN tiering.assignments a ON a.program = p.program || '' AND a.customer = o.customer AND a.override_tier IS NOT NULL
    LEFT JOIN LATERAL (SELECT l.tier FROM tiering.assignment_log l WHERE l.program = o.program AND l.customer = o.customer AND l.since <= o.until
        ORDER BY l.since DESC LIMIT 1) t ON true
    WHERE o.until <= now()
    ) c
    -- Whoever does not ask for them does not pay for them: the planner leaves such joins out.
    LEFT JOIN tiering.program_tiers b ON b.program = c.program AND b.tier = c.from_tier
    LEFT JOIN tiering.program_tiers t ON t.program = c.program AND t.tier = c.to_tier;
GRANT SELECT ON tiering.tier_changes TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.tier_changes IS 'every change of tier of every customer, by the criteria and by decree';
COMMENT ON COLUMN tiering.tier_changes.program IS 'program';
COMMENT ON COLUMN tiering.tier_changes.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.tier_changes.at IS 'when';
COMMENT ON COLUMN tiering.tier_changes.from_tier IS 'tier before; NULL: none';
COMMENT ON COLUMN tiering.tier_changes.to_tier IS 'tier from then on; NULL: ungraded or gone';
COMMENT ON COLUMN tiering.tier_changes.reason IS 'first, promotion, demotion, graded, ungraded, criteria, gone, returned; override, override_ended';
COMMENT ON COLUMN tiering.tier_changes.cause IS 'retier, followup, automatic, backfill, regrade or override';
COMMENT ON COLUMN tiering.tier_changes.owner IS 'who looked after the customer; for overrides, who does now';
COMMENT ON COLUMN tiering.tier_changes.reasons IS 'reason codes of the score, or the reason of the override';
COMMENT ON COLUMN tiering.tier_changes.changed_by IS 'which session user';
COMMENT ON COLUMN tiering.tier_changes.label IS 'what people call the customer (label of the program)';
COMMENT ON COLUMN tiering.tier_changes.from_rank IS 'rank that the tier before has today, 1 is the best';
COMMENT ON COLUMN tiering.tier_changes.to_rank IS 'rank that the tier from then on has today';

-- || '': as in assignment_history.
CREATE VIEW tiering.promise_status WITH (security_invoker) AS
    SELECT p.program, r.customer, r.promise, r.made_at, r.promised_at, r.kept_at,
        CASE
            WHEN r.withdrawn_at IS NOT NULL THEN 'withdrawn'
            WHEN r.kept_at <= r.promised_at THEN 'kept'
            WHEN r.kept_at IS NOT NULL THEN 'kept_late'
            WHEN g.gone_since <= r.promised_at THEN 'lapsed'
            WHEN r.promised_at < now() THEN 'broken'
            ELSE 'due'
        END AS status,
        r.owner, r.made_by, r.kept_by, f.tier, g.label, n.rank
    FROM tiering.programs p
    JOIN tiering.promises r ON r.program = p.program || ''
    LEFT JOIN LATERAL (SELECT a.gone_since, a.label FROM tiering.assignments a WHERE a.program = r.program AND a.customer = r.customer OFFSET 0) g ON true
    LEFT JOIN LATERAL (SELECT x.tier FROM tiering.followups x WHERE x.program = r.program AND x.customer = r.customer AND x.at = r.made_at AND x.n = r.n OFFSET 0) f ON true
    LEFT JOIN tiering.program_tiers n ON n.program = p.program AND n.tier = f.tier;
GRANT SELECT ON tiering.promise_status TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.promise_status IS 'what was promised to customers, and whether it was kept';
COMMENT ON COLUMN tiering.promise_status.program IS 'program';
COMMENT ON COLUMN tiering.promise_status.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.promise_status.promise IS 'what was promised';
COMMENT ON COLUMN tiering.promise_status.made_at IS 'when';
COMMENT ON COLUMN tiering.promise_status.promised_at IS 'for when';
COMMENT ON COLUMN tiering.promise_status.kept_at IS 'when it was kept; NULL: not yet';
COMMENT ON COLUMN tiering.promise_status.status IS 'due; kept; kept_late: after the time; broken: the time has passed and it is not kept; lapsed: the customer was gone before; withdrawn: the customer did without it';
COMMENT ON COLUMN tiering.promise_status.owner IS 'who looks after the customer; when it is settled or broken, who did then';
COMMENT ON COLUMN tiering.promise_status.made_by IS 'which session user logged it';
COMMENT ON COLUMN tiering.promise_status.kept_by IS 'which session user said that it was kept';
COMMENT ON COLUMN tiering.promise_status.tier IS 'tier in force when it was made';
COMMENT ON COLUMN tiering.promise_status.label IS 'what people call the customer (label of the program)';
COMMENT ON COLUMN tiering.promise_status.rank IS 'rank that the tier has today, 1 is the best; NULL: the scheme has it no more';

CREATE FUNCTION tiering.next_step(program text, customer text, tier text, began timestamptz, last_followup timestamptz) RETURNS integer
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    n integer := (SELECT jsonb_array_length(t.steps) FROM tiering.program_tiers t WHERE t.program = next_step.program AND t.tier = next_step.tier);
BEGIN
    IF n IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN nullif(least(tiering.steps_done(program, customer, began, last_followup, n), n) + 1, n + 1);
END
$$;
COMMENT ON FUNCTION tiering.next_step(text, text, text, timestamptz, timestamptz) IS 'which of the steps of a tier comes next for a customer who came into it at a time; NULL: the tier has none, or all are done';

-- The subquery is nothing but the table twice, so that its indexes give it in the order of due dates: the first fifty of a million cost fifty
-- look-ups. Which of the two rows of a customer counts is decided after that: that of the override while it lasts, otherwise that of the assignment.
CREATE VIEW tiering.followups_due WITH (security_invoker) AS
    SELECT k.program, k.customer, k.label, k.owner, k.tier, k.rank, k.last_followup, k.due,
        greatest((now() AT TIME ZONE p.zone)::date - k.due, 0) AS days_overdue,
        CASE
            WHEN k.due <= (now() AT TIME ZONE p.zone)::date + 7 THEN 'urgent'
            WHEN k.due <= ((now() AT TIME ZONE p.zone)::date + interval '1 month')::date THEN 'soon'
            WHEN k.due <= ((now() AT TIME ZONE p.zone)::date + interval '3 months')::date THEN 'not_urgent'
            ELSE 'potential'
        END AS urgency,
        coalesce(tiering.calendar_covers(coalesce(p.calendar, (SELECT tiering.default_calendar())), k.due), true) AS calendar_known,
        k.planned_due IS NOT NULL AS planned, k.snoozed_until,
        CASE WHEN tiering.claim_holds(k.claimed_until, k.claimed_by, k.owner) THEN k.claimed_by END AS claimed_by,
        tiering.strategy_line(k.program, k.tier, 'en', false) AS strategy_en, tiering.strategy_line(k.program, k.tier, 'zh', false) AS strategy_zh,
        (SELECT count(*) FROM tiering.followups f WHERE f.program = k.program AND f.customer = k.customer AND f.attempt AND f.at > coalesce(k.last_followup, '-infinity')) AS attempts,
        ARRAY(SELECT s.channel FROM tiering.contact_stops s WHERE s.program = k.program AND s.customer = k.customer AND tiering.lasts(s.until) AND s.channel IS NOT NULL ORDER BY 1) AS channels_stopped,
        CASE WHEN p.stepped
            THEN (SELECT tiering.next_step(k.program, k.customer, k.tier, k.began, k.last_followup)
                FROM tiering.program_tiers t WHERE t.program = k.program AND t.tier = k.tier AND t.steps IS NOT NULL) END AS step,
        CASE WHEN p.stepped
            THEN (SELECT t.steps -> tiering.next_step(k.program, k.customer, k.tier, k.began, k.last_followup) - 1 ->> 'channel'
                FROM tiering.program_tiers t WHERE t.program = k.program AND t.tier = k.tier AND t.steps IS NOT NULL) END AS channel,
        tiering.strategy_line(k.program, k.tier, 'en', true) AS brief_en, tiering.strategy_line(k.program, k.tier, 'zh', true) AS brief_zh
    FROM (
        SELECT x.program, x.customer, x.label, x.owner, x.tier, x.rank, x.last_followup, x.next_due AS due, x.planned_due, x.snoozed_until, x.claimed_until, x.claimed_by,
            x.gone_since, x.override_until, x.override_kind, x.override_rank, x.rank AS assigned_rank, x.no_contact, x.no_contact_until, x.since AS began, false AS by_override
        FROM tiering.assignments x
        UNION ALL
        SELECT y.program, y.customer, y.label, y.owner, y.override_tier, y.override_rank, y.last_followup, y.override_due, y.planned_due, y.snoozed_until, y.claimed_until,
            y.claimed_by, y.gone_since, y.override_until, y.override_kind, y.override_rank, y.rank, y.no_contact, y.no_contact_until, y.override_since, true
        FROM tiering.assignments y
    ) k
    JOIN tiering.programs p ON p.program = k.program
    LEFT JOIN tiering.hold_outs h ON h.program = k.program AND h.until IS NULL AND h.since <= now()
    WHERE (h.program IS NULL OR NOT tiering.is_drawn(k.customer, h.share, h.seed)) AND k.due IS NOT NULL AND k.gone_since IS NULL AND NOT tiering.is_stopped(k.no_contact, k.no_contact_until) AND k.by_override = tiering.override_counts(k.override_until, k.override_kind, k.override_rank, k.assigned_rank);
GRANT SELECT ON tiering.followups_due TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.followups_due IS 'the next follow-up of every customer; ORDER BY due, rank gives the most urgent first, WHERE due <= current_date those that are due. Customers who are held out (tiering.hold_outs), or not to be contacted (stop_contact), do not stand here';
COMMENT ON COLUMN tiering.followups_due.program IS 'program';
COMMENT ON COLUMN tiering.followups_due.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.followups_due.label IS 'what people call the customer (label of the program), such as the name';
COMMENT ON COLUMN tiering.followups_due.owner IS 'who looks after the customer';
COMMENT ON COLUMN tiering.followups_due.tier IS 'tier in force';
COMMENT ON COLUMN tiering.followups_due.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.followups_due.last_followup IS 'time of the last contact';
COMMENT ON COLUMN tiering.followups_due.due IS 'day of the next follow-up';
COMMENT ON COLUMN tiering.followups_due.days_overdue IS 'days since then; 0: not overdue';
COMMENT ON COLUMN tiering.followups_due.urgency IS 'urgent: due, or within a week; soon: within a month; not_urgent: within three months; potential: later';
COMMENT ON COLUMN tiering.followups_due.calendar_known IS 'whether the calendar of the program is known for the day; without a calendar it is';
COMMENT ON COLUMN tiering.followups_due.planned IS 'whether plan_followup() set the day';
COMMENT ON COLUMN tiering.followups_due.snoozed_until IS 'day to which snooze_followup() put it off';
COMMENT ON COLUMN tiering.followups_due.step IS 'which of the steps of the tier comes next, 1 is the first; NULL: the tier has none, or all are done';
COMMENT ON COLUMN tiering.followups_due.channel IS 'by which channel that step is to be done; NULL: any';
COMMENT ON COLUMN tiering.followups_due.claimed_by IS 'who has claimed it at the moment';
COMMENT ON COLUMN tiering.followups_due.strategy_en IS 'the actions of the tier, English';
COMMENT ON COLUMN tiering.followups_due.strategy_zh IS 'the actions of the tier, Chinese';
COMMENT ON COLUMN tiering.followups_due.brief_en IS 'the first action of the tier, cut to 60 characters, English';
COMMENT ON COLUMN tiering.followups_due.brief_zh IS 'the first action of the tier, cut to 60 characters, Chinese';
COMMENT ON COLUMN tiering.followups_due.attempts IS 'attempts since the last contact, with which nobody was reached';
COMMENT ON COLUMN tiering.followups_due.channels_stopped IS 'channels by which the customer is not to be contacted';

-- || '': as in assignment_history.
CREATE VIEW tiering.followup_logs WITH (security_invoker) AS
    SELECT p.program, g.log, t.customer, t.label, t.owner, t.tier, t.rank, g.title_en, g.title_zh, t.last_followup, f.channel, f.outcome, f.note,
        d.period_start, (SELECT count(*) FROM tiering.followups c WHERE c.program = t.program AND c.customer = t.customer
            AND NOT c.attempt AND c.at >= d.period_start::timestamp AT TIME ZONE p.zone) AS contacts,
        coalesce((t.last_followup AT TIME ZONE p.zone)::date >= d.period_start, false) AS done,
        t.next_due, greatest(d.today - t.next_due, 0) AS days_overdue,
        tiering.strategy_line(t.program, t.tier, 'en', true) AS brief_en, tiering.strategy_line(t.program, t.tier, 'zh', true) AS brief_zh
    FROM tiering.programs p
    JOIN tiering.program_tiers g ON g.program = p.program AND g.log IS NOT NULL
    JOIN tiering.current_tiers t ON t.program = p.program || '' AND t.tier = g.tier
    CROSS JOIN LATERAL (
        SELECT n.today, CASE g.log
            WHEN 'daily' THEN n.today
            WHEN 'weekly' THEN date_trunc('week', n.today::timestamp)::date
            WHEN 'half_month' THEN date_trunc('month', n.today::timestamp)::date + CASE WHEN extract(day FROM n.today) > 15 THEN 15 ELSE 0 END
            WHEN 'month' THEN date_trunc('month', n.today::timestamp)::date
            ELSE date_trunc('year', n.today::timestamp)::date
        END AS period_start
        FROM (SELECT (now() AT TIME ZONE p.zone)::date AS today) n
    ) d
    LEFT JOIN LATERAL (
        SELECT c.channel, c.outcome, c.note FROM tiering.followups c
        WHERE c.program = t.program AND c.customer = t.customer AND NOT c.attempt ORDER BY c.at DESC, c.n DESC LIMIT 1
    ) f ON true
    LEFT JOIN tiering.hold_outs h ON h.program = p.program AND h.until IS NULL AND h.since <= now()
    WHERE (h.program IS NULL OR NOT tiering.is_drawn(t.customer, h.share, h.seed)) AND NOT t.no_contact;
GRANT SELECT ON tiering.followup_logs TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.followup_logs IS 'every customer in the log that the cadence of the tier says (客户追踪志): the last contact, whether this period has its own, the next one. Customers who are held out (tiering.hold_outs), or not to be contacted (stop_contact), do not stand here';
COMMENT ON COLUMN tiering.followup_logs.program IS 'program';
COMMENT ON COLUMN tiering.followup_logs.log IS 'daily 日志, weekly 周志, half_month 半月志, month 月志, year 年志';
COMMENT ON COLUMN tiering.followup_logs.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.followup_logs.label IS 'what people call the customer (label of the program)';
COMMENT ON COLUMN tiering.followup_logs.owner IS 'who looks after the customer';
COMMENT ON COLUMN tiering.followup_logs.tier IS 'tier in force';
COMMENT ON COLUMN tiering.followup_logs.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.followup_logs.title_en IS 'title of the tier, English';
COMMENT ON COLUMN tiering.followup_logs.title_zh IS 'title of the tier, Chinese';
COMMENT ON COLUMN tiering.followup_logs.last_followup IS 'time of the last contact';
COMMENT ON COLUMN tiering.followup_logs.channel IS 'by what the last logged contact was';
COMMENT ON COLUMN tiering.followup_logs.outcome IS 'what came of it';
COMMENT ON COLUMN tiering.followup_logs.note IS 'what is to be remembered of it';
COMMENT ON COLUMN tiering.followup_logs.period_start IS 'first day of the period: today, this week, half-month, month or year';
COMMENT ON COLUMN tiering.followup_logs.contacts IS 'contacts logged in the period';
COMMENT ON COLUMN tiering.followup_logs.done IS 'whether the period has a contact';
COMMENT ON COLUMN tiering.followup_logs.next_due IS 'day of the next follow-up';
COMMENT ON COLUMN tiering.followup_logs.days_overdue IS 'days since then; 0: not overdue';
COMMENT ON COLUMN tiering.followup_logs.brief_en IS 'the first action of the tier, cut to 60 characters, English';
COMMENT ON COLUMN tiering.followup_logs.brief_zh IS 'the first action of the tier, cut to 60 characters, Chinese';

-- A view for each log, which is a plain filter: the columns and their comments are those of followup_logs.
DO $$
DECLARE
    v record;
    n text;
BEGIN
    FOR v IN
        SELECT * FROM (VALUES
            ('daily', 'daily_log', 'the daily log 日志: customers who are to be followed up every few days at least, with the last contact and whether today has one'),
            ('weekly', 'weekly_log', 'the week log 周志: customers who are to be followed up every week, with the last contact and whether this week has one'),
            ('half_month', 'half_month_log',
                'the half-month log 半月志: customers who are to be followed up every half-month, with the last contact and whether this half-month has one'),
            ('month', 'month_log', 'the month log 月志: customers who are to be followed up every month, with the last contact and whether this month has one'),
            ('year', 'year_log', 'the year log 年志: customers who are to be followed up every year, with the last contact and whether this year has one')
        ) AS v (log, name, comment)
    LOOP
        EXECUTE (
            SELECT format('CREATE VIEW tiering.%I WITH (security_invoker) AS SELECT %s FROM tiering.followup_logs l WHERE l.log = %L',
                v.name, string_agg(format('l.%I', a.attname), ', ' ORDER BY a.attnum), v.log)
            FROM pg_attribute a WHERE a.attrelid = 'tiering.followup_logs'::regclass AND a.attnum > 0 AND a.attname <> 'log');
        EXECUTE format('COMMENT ON VIEW tiering.%I IS %L', v.name, v.comment);
        FOR n IN
            SELECT format('COMMENT ON COLUMN tiering.%I.%I IS %L', v.name, a.attname, col_description(a.attrelid, a.attnum))
            FROM pg_attribute a WHERE a.attrelid = 'tiering.followup_logs'::regclass AND a.attnum > 0 AND a.attname <> 'log'
        LOOP
            EXECUTE n;
        END LOOP;
    END LOOP;
END
$$;
GRANT SELECT ON tiering.daily_log, tiering.weekly_log, tiering.half_month_log, tiering.month_log, tiering.year_log TO @extowner@, pg_database_owner WITH GRANT OPTION;

CREATE VIEW tiering.owner_workload WITH (security_invoker) AS
    SELECT p.program, t.owner, t.tier, t.rank, count(*) AS customers,
        count(*) FILTER (WHERE t.next_due < d.today) AS overdue,
        count(*) FILTER (WHERE t.next_due = d.today) AS due_today,
        count(*) FILTER (WHERE t.next_due > d.today AND t.next_due <= d.today + 7) AS due_in_7_days,
        count(*) FILTER (WHERE t.last_followup IS NULL) AS never_contacted,
        coalesce(max(d.today - t.next_due) FILTER (WHERE t.next_due < d.today), 0) AS longest_overdue
    FROM tiering.programs p
    JOIN tiering.current_tiers t ON t.program = p.program || ''
    CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE p.zone)::date AS today) d
    LEFT JOIN tiering.hold_outs h ON h.program = p.program AND h.until IS NULL AND h.since <= now()
    WHERE (h.program IS NULL OR NOT tiering.is_drawn(t.customer, h.share, h.seed)) AND NOT t.no_contact
    GROUP BY p.program, t.owner, t.tier, t.rank;
GRANT SELECT ON tiering.owner_workload TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.owner_workload IS 'what each owner has to do, by tier. Customers who are held out (tiering.hold_outs), or not to be contacted (stop_contact), do not stand here';
COMMENT ON COLUMN tiering.owner_workload.program IS 'program';
COMMENT ON COLUMN tiering.owner_workload.owner IS 'who looks after the customers; NULL: nobody';
COMMENT ON COLUMN tiering.owner_workload.tier IS 'tier in force';
COMMENT ON COLUMN tiering.owner_workload.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.owner_workload.customers IS 'customers';
COMMENT ON COLUMN tiering.owner_workload.overdue IS 'whose follow-up is overdue';
COMMENT ON COLUMN tiering.owner_workload.due_today IS 'due today';
COMMENT ON COLUMN tiering.owner_workload.due_in_7_days IS 'due within the next seven days';
COMMENT ON COLUMN tiering.owner_workload.never_contacted IS 'of whom no contact is known';
COMMENT ON COLUMN tiering.owner_workload.longest_overdue IS 'days by which the latest is overdue';

-- || '': as in assignment_history.
CREATE VIEW tiering.owner_performance WITH (security_invoker) AS
    SELECT w.*, g.rank FROM (
    SELECT e.program, e.owner, e.tier, e.month, sum(e.followups) AS followups, sum(e.on_time) AS on_time, sum(e.late) AS late,
        sum(e.promises_kept) AS promises_kept, sum(e.promises_late) AS promises_late, sum(e.promises_broken) AS promises_broken,
        sum(e.moved_up) AS moved_up, sum(e.moved_down) AS moved_down, sum(e.attempts) AS attempts
    FROM (
        SELECT p.program, f.owner, f.tier, date_trunc('month', f.at AT TIME ZONE p.zone)::date AS month, (NOT f.attempt)::integer AS followups,
            (f.on_time IS TRUE)::integer AS on_time, (f.on_time IS FALSE)::integer AS late,
            0 AS promises_kept, 0 AS promises_late, 0 AS promises_broken, 0 AS moved_up, 0 AS moved_down, f.attempt::integer AS attempts
        FROM tiering.programs p JOIN tiering.followups f ON f.program = p.program || ''
        UNION ALL
        SELECT p.program, r.owner, r.tier, date_trunc('month', r.promised_at AT TIME ZONE p.zone)::date, 0, 0, 0,
            (r.status = 'kept')::integer, (r.status = 'kept_late')::integer, (r.status = 'broken')::integer, 0, 0, 0
        FROM tiering.programs p JOIN tiering.promise_status r ON r.program = p.program || ''
        WHERE r.status IN ('kept', 'kept_late', 'broken')
        UNION ALL
        SELECT p.program, l.owner, b.tier, date_trunc('month', l.since AT TIME ZONE p.zone)::date, 0, 0, 0, 0, 0, 0,
            (l.reason = 'promotion')::integer, (l.reason = 'demotion')::integer, 0
        FROM tiering.programs p JOIN tiering.assignment_log l ON l.program = p.program || ''
        LEFT JOIN LATERAL (SELECT x.tier FROM tiering.assignment_log x WHERE x.program = l.program AND x.customer = l.customer AND x.since < l.since
            ORDER BY x.since DESC LIMIT 1) b ON true
        WHERE l.reason IN ('promotion', 'demotion')
    ) e
    GROUP BY e.program, e.owner, e.tier, e.month
    ) w
    LEFT JOIN tiering.program_tiers g ON g.program = w.program AND g.tier = w.tier;
GRANT SELECT ON tiering.owner_performance TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.owner_performance IS 'what each owner has done, by month and tier of the customers';
COMMENT ON COLUMN tiering.owner_performance.program IS 'program';
COMMENT ON COLUMN tiering.owner_performance.owner IS 'who looked after the customers at the time; NULL: nobody';
COMMENT ON COLUMN tiering.owner_performance.tier IS 'tier in force before the contact or the move, and when the promise was made; NULL: ungraded';
COMMENT ON COLUMN tiering.owner_performance.month IS 'first day of the month';
COMMENT ON COLUMN tiering.owner_performance.followups IS 'contacts';
COMMENT ON COLUMN tiering.owner_performance.attempts IS 'attempts with which nobody was reached; they are no contacts';
COMMENT ON COLUMN tiering.owner_performance.on_time IS 'on the day that they were due or before';
COMMENT ON COLUMN tiering.owner_performance.late IS 'after that day; the rest had no due day';
COMMENT ON COLUMN tiering.owner_performance.promises_kept IS 'promises for this month that were kept on time';
COMMENT ON COLUMN tiering.owner_performance.promises_late IS 'kept late';
COMMENT ON COLUMN tiering.owner_performance.promises_broken IS 'not kept, though the time has passed';
COMMENT ON COLUMN tiering.owner_performance.moved_up IS 'customers promoted by the criteria';
COMMENT ON COLUMN tiering.owner_performance.moved_down IS 'customers demoted by the criteria';
COMMENT ON COLUMN tiering.owner_performance.rank IS 'rank that the tier has today, 1 is the best; NULL: ungraded, or the scheme has it no more';

CREATE VIEW tiering.tier_mix_by_program WITH (security_invoker) AS
    SELECT g.program, g.tier, g.rank, g.title_en, g.title_zh, coalesce(c.customers, 0) AS customers, coalesce(c.overridden, 0) AS overridden,
        round(coalesce(c.customers, 0) / nullif(sum(c.customers) OVER (PARTITION BY g.program), 0), 4) AS share
    FROM (
        SELECT t.program, t.tier, t.rank, t.title_en, t.title_zh FROM tiering.program_tiers t
        UNION ALL
        SELECT p.program, NULL, NULL, NULL, NULL FROM tiering.programs p
    ) g
    LEFT JOIN (
        SELECT t.program, t.tier, count(*) AS customers, count(*) FILTER (WHERE t.overridden) AS overridden
        FROM tiering.current_tiers t GROUP BY t.program, t.tier
    ) c ON c.program = g.program AND c.tier IS NOT DISTINCT FROM g.tier
    WHERE g.tier IS NOT NULL OR c.customers > 0;
GRANT SELECT ON tiering.tier_mix_by_program TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.tier_mix_by_program IS 'how many customers each tier of each program has now';
COMMENT ON COLUMN tiering.tier_mix_by_program.program IS 'program';
COMMENT ON COLUMN tiering.tier_mix_by_program.tier IS 'tier; NULL: ungraded';
COMMENT ON COLUMN tiering.tier_mix_by_program.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.tier_mix_by_program.title_en IS 'title, English';
COMMENT ON COLUMN tiering.tier_mix_by_program.title_zh IS 'title, Chinese';
COMMENT ON COLUMN tiering.tier_mix_by_program.customers IS 'customers';
COMMENT ON COLUMN tiering.tier_mix_by_program.overridden IS 'of whom by an override';
COMMENT ON COLUMN tiering.tier_mix_by_program.share IS 'share of the customers of the program, 0 to 1';

CREATE VIEW tiering.tier_migration_by_month WITH (security_invoker) AS
    SELECT c.*, b.rank AS from_rank, t.rank AS to_rank FROM (
    SELECT m.program, m.month, j.from_tier, j.to_tier, count(*) AS customers, j.movement
    FROM (
        SELECT p.program, p.zone, s.month::date AS month
        FROM tiering.programs p
        CROSS JOIN LATERAL (SELECT min(l.since) AS first FROM tiering.assignment_log l WHERE l.program = p.program) f
        -- unnest() of an array counts as ten rows, generate_series() as a thousand, for which the server would compile the query.
        CROSS JOIN LATERAL unnest(ARRAY(SELECT generate_series(date_trunc('month', f.first AT TIME ZONE p.zone), now() AT TIME ZONE p.zone, interval '1 month'))) AS s (month)
    ) m
    CROSS JOIN LATERAL (
        SELECT x.tier AS from_tier, y.tier AS to_tier,
            CASE
                WHEN x.customer IS NULL THEN 'new'
                WHEN y.customer IS NULL THEN 'gone'
                WHEN x.tier IS NOT DISTINCT FROM y.tier THEN 'stayed'
                WHEN y.rank < x.rank THEN 'up'
                WHEN y.rank > x.rank THEN 'down'
                ELSE 'other'
            END AS movement
        FROM tiering.tiers_as_of(m.program, m.month::timestamp AT TIME ZONE m.zone - interval '1 microsecond') x
        FULL JOIN tiering.tiers_as_of(m.program, (m.month + interval '1 month') AT TIME ZONE m.zone - interval '1 microsecond') y ON y.customer = x.customer
    ) j
    GROUP BY m.program, m.month, j.from_tier, j.to_tier, j.movement
    ) c
    LEFT JOIN tiering.program_tiers b ON b.program = c.program AND b.tier = c.from_tier
    LEFT JOIN tiering.program_tiers t ON t.program = c.program AND t.tier = c.to_tier;
GRANT SELECT ON tiering.tier_migration_by_month TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.tier_migration_by_month IS 'how many customers went from which tier to which in each month, by the tiers in force just before it and at its end, or now. Each month reads the history twice: name program and month';
COMMENT ON COLUMN tiering.tier_migration_by_month.program IS 'program';
COMMENT ON COLUMN tiering.tier_migration_by_month.month IS 'first day of the month';
COMMENT ON COLUMN tiering.tier_migration_by_month.from_tier IS 'tier just before the month; NULL: none yet, or ungraded';
COMMENT ON COLUMN tiering.tier_migration_by_month.to_tier IS 'tier at the end, or now; NULL: gone, or ungraded';
COMMENT ON COLUMN tiering.tier_migration_by_month.customers IS 'customers';
COMMENT ON COLUMN tiering.tier_migration_by_month.movement IS 'new, gone, stayed, up, down, or other: to or from no tier';
COMMENT ON COLUMN tiering.tier_migration_by_month.from_rank IS 'rank that the tier before has today, 1 is the best';
COMMENT ON COLUMN tiering.tier_migration_by_month.to_rank IS 'rank that the tier at the end has today';
