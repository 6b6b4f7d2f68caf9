-- What happened with a customer over time, one row an event; and what owners ticked off.

-- Each part finds one customer by the primary key of its table: program and customer are its first columns. || '': as in assignment_history.
CREATE VIEW tiering.customer_log WITH (security_invoker) AS
    SELECT p.program, e.customer, e.at, e.kind, e.code, tiering.label(e.kind, 'en') AS kind_en, tiering.label(e.kind, 'zh') AS kind_zh,
        concat_ws('; ', e.change, tiering.label(e.code, 'en'), tiering.label(e.channel, 'en'), e.detail) AS text_en,
        concat_ws('；', e.change, tiering.label(e.code, 'zh'), tiering.label(e.channel, 'zh'), e.detail) AS text_zh,
        e.by_whom
    FROM tiering.programs p
    CROSS JOIN LATERAL (
        SELECT f.customer, f.at, CASE WHEN f.attempt THEN 'attempt' ELSE 'followup' END AS kind, f.outcome AS code, f.channel, NULL AS change, f.note AS detail, f.logged_by AS by_whom
        FROM tiering.followups f WHERE f.program = p.program || ''
        UNION ALL
        SELECT r.customer, r.made_at, 'promise', NULL, NULL, NULL, r.promise, r.made_by FROM tiering.promises r WHERE r.program = p.program || ''
        UNION ALL
        SELECT r.customer, r.kept_at, 'promise_kept', CASE WHEN r.kept_at > r.promised_at THEN 'kept_late' ELSE 'kept' END, NULL, NULL, r.promise, r.kept_by
        FROM tiering.promises r WHERE r.program = p.program || '' AND r.kept_at IS NOT NULL
        UNION ALL
        SELECT r.customer, r.promised_at, 'promise_broken', NULL, NULL, NULL, r.promise, r.owner
        FROM tiering.promises r WHERE r.program = p.program || '' AND NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = r.program AND a.customer = r.customer AND a.gone_since <= r.promised_at OFFSET 0)
            AND r.promised_at < now() AND (r.kept_at > r.promised_at OR r.kept_at IS NULL) AND (r.withdrawn_at > r.promised_at OR r.withdrawn_at IS NULL)
        UNION ALL
        SELECT r.customer, r.withdrawn_at, 'promise_withdrawn', NULL, NULL, NULL, r.promise, NULL FROM tiering.promises r WHERE r.program = p.program || '' AND r.withdrawn_at IS NOT NULL
        UNION ALL
        SELECT c.customer, c.at, 'complaint', NULL, c.channel, NULL, c.complaint, c.logged_by FROM tiering.complaints c WHERE c.program = p.program || ''
        UNION ALL
        SELECT c.customer, c.resolved_at, 'complaint_resolved', NULL, NULL, NULL, c.resolution, c.resolved_by FROM tiering.complaints c WHERE c.program = p.program || '' AND c.resolved_at IS NOT NULL
        UNION ALL
        SELECT l.customer, l.since, 'tier_change', l.reason, NULL,
            concat_ws(' → ', (SELECT b.tier FROM tiering.assignment_log b WHERE b.program = l.program AND b.customer = l.customer AND b.since < l.since ORDER BY b.since DESC LIMIT 1), l.tier),
            NULL, l.changed_by
        FROM tiering.assignment_log l WHERE l.program = p.program || ''
        UNION ALL
        SELECT o.customer, o.since, 'override', NULL, NULL, o.tier, o.reason, o.author FROM tiering.overrides o WHERE o.program = p.program || ''
        UNION ALL
        SELECT o.customer, o.until, 'override_ended', NULL, NULL, o.tier, o.reason, coalesce(o.cleared_by, o.author) FROM tiering.overrides o WHERE o.program = p.program || '' AND o.until <= now()
        UNION ALL
        SELECT f.customer, f.planned_at, f.kind, NULL, NULL, f.due::text, f.reason, f.planned_by FROM tiering.followup_plans f WHERE f.program = p.program || ''
        UNION ALL
        SELECT s.customer, s.since, 'contact_stop', NULL, s.channel, NULL, s.reason, s.stopped_by FROM tiering.contact_stops s WHERE s.program = p.program || ''
        UNION ALL
        SELECT s.customer, s.until, 'contact_allowed', NULL, s.channel, NULL, s.reason, coalesce(s.ended_by, s.stopped_by) FROM tiering.contact_stops s WHERE s.program = p.program || '' AND s.until <= now()
        UNION ALL
        SELECT s.successor, s.at, s.kind, NULL, NULL, concat(s.customer, ' → ', s.successor), s.reason, s.made_by FROM tiering.successions s WHERE s.program = p.program || '' AND s.undone_at IS NULL
        UNION ALL
        SELECT s.customer, s.at, s.kind, NULL, NULL, concat(s.customer, ' → ', s.successor), s.reason, s.made_by FROM tiering.successions s WHERE s.program = p.program || '' AND s.undone_at IS NULL
        UNION ALL
        SELECT r.customer, r.at, 'review', r.decision, NULL, NULL, r.reason, r.reviewed_by FROM tiering.reviews r WHERE r.program = p.program || ''
    ) e;
GRANT SELECT ON tiering.customer_log TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.customer_log IS
    'what happened with each customer: contacts, promises, complaints, changes of tier, overrides, plans, reviews; one row an event. Name program and customer, which are '
    'looked up by key, and ORDER BY at';
COMMENT ON COLUMN tiering.customer_log.program IS 'program';
COMMENT ON COLUMN tiering.customer_log.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.customer_log.at IS 'when';
COMMENT ON COLUMN tiering.customer_log.kind IS
    'followup: a contact; attempt: nobody was reached; contact_stop, contact_allowed; promise, promise_kept, promise_broken (the time for which it was made has passed), promise_withdrawn; complaint, complaint_resolved; tier_change: by the '
    'criteria; override, override_ended; plan, snooze; review; merge, rename: of or to another key';
COMMENT ON COLUMN tiering.customer_log.code IS 'outcome of a contact, reason of a change of tier, decision of a review, whether a promise was kept late';
COMMENT ON COLUMN tiering.customer_log.kind_en IS 'what it is, English';
COMMENT ON COLUMN tiering.customer_log.kind_zh IS 'what it is, Chinese';
COMMENT ON COLUMN tiering.customer_log.text_en IS 'the particulars in English: tiers or day, code, channel, and what was written';
COMMENT ON COLUMN tiering.customer_log.text_zh IS 'the particulars in Chinese';
COMMENT ON COLUMN tiering.customer_log.by_whom IS 'which session user; of a broken promise, who looked after the customer';

CREATE FUNCTION tiering.customer_log(program text, customer text, lang text DEFAULT tiering.default_lang(), path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (at timestamptz, kind text, content text, by_whom text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    spoken text := tiering.language(coalesce(customer_log.lang, 'en'));
    key text;
BEGIN
    PERFORM tiering.find_program(customer_log.program);
    key := tiering.customer_key(customer_log.program, customer_log.customer, path);
    RETURN QUERY SELECT l.at, CASE spoken WHEN 'zh' THEN l.kind_zh ELSE l.kind_en END, CASE spoken WHEN 'zh' THEN l.text_zh ELSE l.text_en END, l.by_whom
    FROM tiering.customer_log l WHERE l.program = customer_log.program AND l.customer = key ORDER BY l.at, l.kind;
END
$$;
COMMENT ON FUNCTION tiering.customer_log(text, text, text, text) IS
    'what happened with a customer, in order of time, in one language: tiering.customer_log for people; no rows for a customer of whom nothing is known. lang: en or zh. '
    'ERROR 42704 unknown program, or a text that is none of its keys, 22023 unknown language';

-- || '': as in assignment_history.
CREATE VIEW tiering.owner_checks WITH (security_invoker) AS
    SELECT w.program, w.owner, w.month, c.item AS "check", tiering.label(c.item, 'en') AS title_en, tiering.label(c.item, 'zh') AS title_zh,
        count(*) AS ticked, round(count(*)::numeric / w.followups, 4) AS share
    FROM (
        SELECT p.program, f.owner, m.month, f.checks, count(*) OVER (PARTITION BY p.program, f.owner, m.month) AS followups
        FROM tiering.programs p
        JOIN tiering.followups f ON f.program = p.program || ''
        CROSS JOIN LATERAL (SELECT date_trunc('month', f.at AT TIME ZONE p.zone)::date AS month) m
    ) w
    CROSS JOIN LATERAL unnest(w.checks) AS c (item)
    GROUP BY w.program, w.owner, w.month, c.item, w.followups;
GRANT SELECT ON tiering.owner_checks TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.owner_checks IS 'how often each owner ticked each item of the check-lists, by month';
COMMENT ON COLUMN tiering.owner_checks.program IS 'program';
COMMENT ON COLUMN tiering.owner_checks.owner IS 'who looked after the customers at the time; NULL: nobody';
COMMENT ON COLUMN tiering.owner_checks.month IS 'first day of the month';
COMMENT ON COLUMN tiering.owner_checks."check" IS 'code of the item, as log_followup() takes it';
COMMENT ON COLUMN tiering.owner_checks.title_en IS 'what it is called in English';
COMMENT ON COLUMN tiering.owner_checks.title_zh IS 'what it is called in Chinese';
COMMENT ON COLUMN tiering.owner_checks.ticked IS 'contacts for which it was ticked';
COMMENT ON COLUMN tiering.owner_checks.share IS 'their share of the contacts of the owner in that month, 0 to 1';
