-- What follows from a tier: its rhythm, its service target, its strategy.

CREATE VIEW tiering.tiers AS
    SELECT s.scheme, s.version,
        t.tier ->> 'code' AS tier,
        t.rank::integer AS rank,
        t.tier #>> '{title,en}' AS title_en,
        t.tier #>> '{title,zh}' AS title_zh,
        t.tier #>> '{followup,every}' AS followup_every,
        t.tier #>> '{followup,workday}' AS workday,
        t.tier #>> '{response,within}' AS response_within,
        t.tier #>> '{response,clock}' AS response_clock
    FROM tiering.current_schemes s
    CROSS JOIN LATERAL jsonb_array_elements(tiering.to_jsonb(s.document) -> 'tiers') WITH ORDINALITY AS t (tier, rank);
GRANT SELECT ON tiering.tiers TO PUBLIC;
COMMENT ON VIEW tiering.tiers IS 'every tier of every current scheme';
COMMENT ON COLUMN tiering.tiers.scheme IS 'scheme';
COMMENT ON COLUMN tiering.tiers.version IS 'its current version';
COMMENT ON COLUMN tiering.tiers.tier IS 'code of the tier, as customer_tier() returns it';
COMMENT ON COLUMN tiering.tiers.rank IS 'rank within the scheme, 1 is the best';
COMMENT ON COLUMN tiering.tiers.title_en IS 'title, English';
COMMENT ON COLUMN tiering.tiers.title_zh IS 'title, Chinese';
COMMENT ON COLUMN tiering.tiers.followup_every IS 'follow-up cadence, ISO 8601 duration; NULL: none';
COMMENT ON COLUMN tiering.tiers.workday IS 'how a due day that is no working day moves: none, following, preceding, modified_following';
COMMENT ON COLUMN tiering.tiers.response_within IS 'service target, ISO 8601 duration; NULL: none';
COMMENT ON COLUMN tiering.tiers.response_clock IS 'what the target counts: calendar (all time) or working (working time)';

-- A tier may include a lower one, whose actions are owed to it too.
CREATE VIEW tiering.strategies AS
    WITH RECURSIVE owed AS (
        SELECT s.scheme, s.version, d.tiers, t.rank::integer AS rank, t.tier ->> 'code' AS tier,
            t.tier AS giver, 0 AS depth
        FROM tiering.current_schemes s
        CROSS JOIN LATERAL (SELECT tiering.to_jsonb(s.document) -> 'tiers' AS tiers) d
        CROSS JOIN LATERAL jsonb_array_elements(d.tiers) WITH ORDINALITY AS t (tier, rank)
        UNION ALL
        SELECT o.scheme, o.version, o.tiers, o.rank, o.tier, t.tier, o.depth + 1
        FROM owed o
        CROSS JOIN LATERAL jsonb_array_elements(o.tiers) AS t (tier)
        WHERE t.tier ->> 'code' = o.giver ->> 'includes'
    )
    SELECT o.scheme, o.version, o.tier, o.rank,
        (row_number() OVER (PARTITION BY o.scheme, o.rank ORDER BY o.depth, a.n))::integer AS position,
        a.action ->> 'area' AS area,
        a.action #>> '{action,en}' AS action_en,
        a.action #>> '{action,zh}' AS action_zh,
        a.action ->> 'owner' AS owner,
        a.action ->> 'channel' AS channel,
        a.action #>> '{service_target,en}' AS service_target_en,
        a.action #>> '{service_target,zh}' AS service_target_zh,
        coalesce(a.action ->> 'audience', 'internal') AS audience,
        o.giver ->> 'code' AS owed_by_tier
    FROM owed o
    CROSS JOIN LATERAL jsonb_array_elements(o.giver -> 'strategy') WITH ORDINALITY AS a (action, n);
GRANT SELECT ON tiering.strategies TO PUBLIC;
COMMENT ON VIEW tiering.strategies IS 'every action owed to every tier of every current scheme, in both languages';
COMMENT ON COLUMN tiering.strategies.scheme IS 'scheme';
COMMENT ON COLUMN tiering.strategies.version IS 'its current version';
COMMENT ON COLUMN tiering.strategies.tier IS 'the tier that the action is owed to';
COMMENT ON COLUMN tiering.strategies.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.strategies.position IS 'place of the action within the tier';
COMMENT ON COLUMN tiering.strategies.area IS 'field of service: contact, communication, response, offers, resources, training, self_service, review';
COMMENT ON COLUMN tiering.strategies.action_en IS 'what is done, English';
COMMENT ON COLUMN tiering.strategies.action_zh IS 'what is done, Chinese';
COMMENT ON COLUMN tiering.strategies.owner IS 'code of the role that does it';
COMMENT ON COLUMN tiering.strategies.channel IS 'code of the channel';
COMMENT ON COLUMN tiering.strategies.service_target_en IS 'what is promised, English';
COMMENT ON COLUMN tiering.strategies.service_target_zh IS 'what is promised, Chinese';
COMMENT ON COLUMN tiering.strategies.audience IS 'public: the customer may be told; internal: not';
COMMENT ON COLUMN tiering.strategies.owed_by_tier IS 'the tier whose strategy the action stands in: the tier itself or one that it includes';

CREATE FUNCTION tiering.label(code text, lang text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE lang
        WHEN 'zh' THEN coalesce('{
            "contact": "联系人", "communication": "沟通", "response": "响应", "offers": "优惠与产品", "resources": "资源",
            "training": "培训", "self_service": "自助服务", "review": "评估",
            "account_manager": "客户经理", "senior_management": "高层管理者", "sales_representative": "销售代表",
            "service_team": "服务团队", "key_account_team": "大客户团队", "marketing": "市场部", "adviser": "顾问",
            "customer_service": "客服", "system": "系统",
            "visit": "上门拜访", "phone": "电话", "email": "电子邮件", "meeting": "会议", "message": "即时消息",
            "online": "线上", "event": "活动", "hotline": "热线", "mail": "邮寄"}'::jsonb ->> code, code)
        ELSE replace(code, '_', ' ')
    END;
COMMENT ON FUNCTION tiering.label(text, text) IS
    'the code of an area, a role or a channel as people read it; a code of your own stays as it is';

CREATE FUNCTION tiering.tier_strategy(
    scheme text, tier text, overlays text[] DEFAULT '{}', lang text DEFAULT 'en', audience text DEFAULT 'internal'
) RETURNS TABLE (area text, action text, owner text, channel text, service_target text, source text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 8 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF $4 NOT IN ('en', 'zh') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('unknown language "%s"', $4), HINT = 'Use ''en'' for English or ''zh'' for Chinese.';
    END IF;
    IF $5 NOT IN ('internal', 'customer') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('unknown audience "%s"', $5),
            HINT = 'Use ''internal'' for all actions, or ''customer'' for what a customer may be told.';
    END IF;
    PERFORM tiering.current_scheme($1);
    IF NOT EXISTS (SELECT FROM tiering.tiers t WHERE t.scheme = $1 AND t.tier = $2) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('scheme "%s" has no tier "%s"', $1, $2),
            DETAIL = format('Its tiers are: %s.',
                (SELECT string_agg(t.tier, ', ' ORDER BY t.rank) FROM tiering.tiers t WHERE t.scheme = $1)),
            HINT = 'SELECT * FROM tiering.tiers lists the tiers of every scheme.';
    END IF;
    IF cardinality($3) > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('overlay "%s" does not exist', $3[1]),
            HINT = 'No overlays are installed.';
    END IF;
    RETURN QUERY
        SELECT tiering.label(s.area, $4),
            CASE $4 WHEN 'zh' THEN coalesce(s.action_zh, s.action_en) ELSE coalesce(s.action_en, s.action_zh) END,
            tiering.label(s.owner, $4),
            tiering.label(s.channel, $4),
            CASE $4 WHEN 'zh' THEN coalesce(s.service_target_zh, s.service_target_en)
                ELSE coalesce(s.service_target_en, s.service_target_zh) END,
            'scheme'::text
        FROM tiering.strategies s
        WHERE s.scheme = $1 AND s.tier = $2 AND ($5 = 'internal' OR s.audience = 'public')
        ORDER BY s.position;
END
$$;
COMMENT ON FUNCTION tiering.tier_strategy(text, text, text[], text, text) IS
    'how the customers of a tier are served: area, action, owner, channel, service target, and where the row comes from. '
    'lang: en or zh; audience: internal (all) or customer (what a customer may be told). '
    'ERROR 42704 unknown scheme, tier or overlay, 22023 unknown language or audience';
