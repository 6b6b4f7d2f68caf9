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

CREATE FUNCTION tiering.strategy_document(strategy jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'strategy_document';
COMMENT ON FUNCTION tiering.strategy_document(jsonb) IS
    'a strategy, validated: an array of actions as in the tiers of a scheme document';

-- A strategy may change without a new version of the scheme: grading is not touched.
CREATE TABLE tiering.tier_strategies (
    scheme text NOT NULL,
    tier text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    strategy jsonb CHECK (strategy IS NULL OR tiering.strategy_document(strategy) IS NOT NULL),
    set_at timestamptz NOT NULL DEFAULT now(),
    set_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (scheme, tier, version)
);
GRANT SELECT ON tiering.tier_strategies TO PUBLIC;
GRANT INSERT, DELETE ON tiering.tier_strategies TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.tier_strategies', '');
COMMENT ON TABLE tiering.tier_strategies IS 'strategies that set_strategy() put in the place of those of the documents; the newest counts';
COMMENT ON COLUMN tiering.tier_strategies.scheme IS 'scheme';
COMMENT ON COLUMN tiering.tier_strategies.tier IS 'tier';
COMMENT ON COLUMN tiering.tier_strategies.version IS 'version of the strategy, from 1';
COMMENT ON COLUMN tiering.tier_strategies.strategy IS 'array of actions; NULL: that of the document again';
COMMENT ON COLUMN tiering.tier_strategies.set_at IS 'since when';
COMMENT ON COLUMN tiering.tier_strategies.set_by IS 'by which session user';

-- A tier may include a lower one, whose actions are owed to it too. All within one scheme, so that a
-- condition on the scheme reaches the table.
CREATE VIEW tiering.strategies AS
    SELECT s.scheme, s.version, w.tier, w.rank, w.position, w.area, w.action_en, w.action_zh, w.owner, w.channel,
        w.service_target_en, w.service_target_zh, w.audience, w.owed_by_tier, w.strategy_version
    FROM tiering.current_schemes s
    CROSS JOIN LATERAL (
        WITH RECURSIVE tiers AS (
            SELECT t.rank::integer AS rank, t.tier ->> 'code' AS tier, t.tier ->> 'includes' AS includes,
                coalesce(own.strategy, t.tier -> 'strategy') AS strategy,
                CASE WHEN own.strategy IS NOT NULL THEN own.version END AS strategy_version
            FROM jsonb_array_elements(tiering.to_jsonb(s.document) -> 'tiers') WITH ORDINALITY AS t (tier, rank)
            LEFT JOIN LATERAL (
                SELECT o.strategy, o.version FROM tiering.tier_strategies o
                WHERE o.scheme = s.scheme AND o.tier = t.tier ->> 'code'
                ORDER BY o.version DESC LIMIT 1
            ) own ON true
        ), owed AS (
            SELECT t.rank, t.tier, t.includes, t.strategy, t.strategy_version, t.tier AS owed_by_tier, 0 AS depth
            FROM tiers t
            UNION ALL
            SELECT o.rank, o.tier, t.includes, t.strategy, t.strategy_version, t.tier, o.depth + 1
            FROM owed o
            JOIN tiers t ON t.tier = o.includes
        )
        SELECT o.tier, o.rank,
            (row_number() OVER (PARTITION BY o.rank ORDER BY o.depth, a.n))::integer AS position,
            a.action ->> 'area' AS area,
            a.action #>> '{action,en}' AS action_en,
            a.action #>> '{action,zh}' AS action_zh,
            a.action ->> 'owner' AS owner,
            a.action ->> 'channel' AS channel,
            a.action #>> '{service_target,en}' AS service_target_en,
            a.action #>> '{service_target,zh}' AS service_target_zh,
            coalesce(a.action ->> 'audience', 'internal') AS audience,
            o.owed_by_tier,
            o.strategy_version
        FROM owed o
        CROSS JOIN LATERAL jsonb_array_elements(o.strategy) WITH ORDINALITY AS a (action, n)
    ) w;
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
COMMENT ON COLUMN tiering.strategies.strategy_version IS 'version that set_strategy() gave; NULL: as in the document';

CREATE FUNCTION tiering.language(lang text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'language';
COMMENT ON FUNCTION tiering.language(text) IS
    'en or zh, from the name of a language or locale: zh, zh_CN, zh-Hans, 中文, en, en_US, English …; ERROR 22023 for any other';

CREATE FUNCTION tiering.label(code text, lang text DEFAULT tiering.default_lang()) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'label';
COMMENT ON FUNCTION tiering.label(text, text) IS
    'a code as people read it: area, role, channel, outcome, reason or cause of a change, urgency, status, finding of check_inputs() or check_scheme() …; '
    'a code of your own stays as it is. lang: en or zh. ERROR 22023 unknown language';
CREATE FUNCTION tiering.finding_message(finding text, lang text DEFAULT tiering.default_lang()) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'finding_message';
COMMENT ON FUNCTION tiering.finding_message(text, text) IS
    'what a finding of check_inputs() means and what to do about it, as a sentence. lang: en or zh. ERROR 22023 unknown language';
CREATE FUNCTION tiering.code_of(kind text, word text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'code_of';
COMMENT ON FUNCTION tiering.code_of(text, text) IS
    'the code of a word in either language: code_of(''channel'', ''电话'') is phone; a word of your own stays as it is. '
    'kind: as in tiering.vocabulary. ERROR 22023 unknown kind';

CREATE FUNCTION tiering.terms() RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'terms';
COMMENT ON FUNCTION tiering.terms() IS 'the rows of tiering.vocabulary as a jsonb array';

CREATE VIEW tiering.vocabulary WITH (security_invoker) AS
    SELECT t.kind, t.code, t.title_en, t.title_zh, t.also
    FROM jsonb_to_recordset(tiering.terms()) AS t (kind text, code text, title_en text, title_zh text, also text[]);
GRANT SELECT ON tiering.vocabulary TO PUBLIC;
COMMENT ON VIEW tiering.vocabulary IS 'every code that the extension writes or proposes, as people read it';
COMMENT ON COLUMN tiering.vocabulary.kind IS 'what it is one of: area, role, channel, outcome, reason, cause, urgency, finding …';
COMMENT ON COLUMN tiering.vocabulary.code IS 'code, as it is stored';
COMMENT ON COLUMN tiering.vocabulary.title_en IS 'what it is called in English';
COMMENT ON COLUMN tiering.vocabulary.title_zh IS 'what it is called in Chinese';
COMMENT ON COLUMN tiering.vocabulary.also IS 'other words that code_of() takes for it';

CREATE FUNCTION tiering.require_tier(scheme text, tier text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.current_scheme(require_tier.scheme);
    IF NOT EXISTS (SELECT FROM tiering.tiers t WHERE t.scheme = require_tier.scheme AND t.tier = require_tier.tier) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('scheme "%s" has no tier "%s"', require_tier.scheme, require_tier.tier),
            DETAIL = format('Its tiers are: %s.',
                (SELECT string_agg(t.tier, ', ' ORDER BY t.rank) FROM tiering.tiers t WHERE t.scheme = require_tier.scheme)),
            HINT = 'SELECT * FROM tiering.tiers lists the tiers of every scheme.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_tier(text, text) IS 'ERROR 42704 unless the current version of the scheme has the tier';

CREATE FUNCTION tiering.set_strategy(scheme text, tier text, strategy jsonb) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    newest integer;
BEGIN
    IF set_strategy.scheme IS NULL OR set_strategy.tier IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM tiering.require_tier(set_strategy.scheme, set_strategy.tier);
    -- Two sessions that set it at once each get a version: the one that comes second tries again.
    LOOP
        SELECT coalesce(max(t.version), 0) INTO newest FROM tiering.tier_strategies t WHERE t.scheme = set_strategy.scheme AND t.tier = set_strategy.tier;
        INSERT INTO tiering.tier_strategies (scheme, tier, version, strategy)
        VALUES (set_strategy.scheme, set_strategy.tier, newest + 1, tiering.strategy_document(set_strategy.strategy))
        ON CONFLICT DO NOTHING;
        EXIT WHEN FOUND;
    END LOOP;
    RETURN newest + 1;
END
$$;
COMMENT ON FUNCTION tiering.set_strategy(text, text, jsonb) IS
    'puts an array of actions in the place of the strategy of a tier, as a new version, which it returns; '
    'NULL goes back to the strategy of the document. Grading does not change';

CREATE FUNCTION tiering.overlay_document(document jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'overlay_document';
COMMENT ON FUNCTION tiering.overlay_document(jsonb) IS 'an overlay document, validated';
CREATE FUNCTION tiering.preset_overlays() RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'preset_overlays';
COMMENT ON FUNCTION tiering.preset_overlays() IS 'the documents of the overlays of this version of the extension';
CREATE FUNCTION tiering.overlay_json_schema() RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'overlay_json_schema';
COMMENT ON FUNCTION tiering.overlay_json_schema() IS 'the JSON Schema (draft 2020-12) of the overlay document';

CREATE TABLE tiering.overlays (
    overlay text PRIMARY KEY,
    document jsonb NOT NULL CHECK (tiering.overlay_document(document) ->> 'overlay' = overlay),
    built_in boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT session_user,
    CHECK (built_in OR NOT starts_with(overlay, 'tiering_'))  -- as for schemes
);
GRANT SELECT ON tiering.overlays TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.overlays TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.overlays', 'WHERE NOT built_in');
COMMENT ON TABLE tiering.overlays IS 'what is done for particular customers beside the strategy of their tier: special groups, personalities, motives …';
COMMENT ON COLUMN tiering.overlays.overlay IS 'name, as tier_strategy() takes it';
COMMENT ON COLUMN tiering.overlays.document IS 'the validated document; tiering.overlay_json_schema() describes it';
COMMENT ON COLUMN tiering.overlays.built_in IS 'came with the extension: left out of dumps, cannot be changed';
COMMENT ON COLUMN tiering.overlays.created_at IS 'when it was stored';
COMMENT ON COLUMN tiering.overlays.created_by IS 'by which session user';
INSERT INTO tiering.overlays (overlay, document, built_in, created_by)
SELECT d ->> 'overlay', d, true, 'customer_tiering' FROM jsonb_array_elements(tiering.preset_overlays()) AS d;

CREATE TRIGGER protect BEFORE INSERT OR UPDATE OR DELETE ON tiering.overlays
    FOR EACH ROW EXECUTE FUNCTION tiering.protect_built_in('overlay', 'create_overlay(document)');

CREATE FUNCTION tiering.create_overlay(document jsonb) RETURNS text
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    valid jsonb := tiering.overlay_document(create_overlay.document);
BEGIN
    INSERT INTO tiering.overlays (overlay, document) VALUES (valid ->> 'overlay', valid) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_object',
            MESSAGE = format('overlay "%s" already exists', valid ->> 'overlay'),
            HINT = 'Give the document another name, or UPDATE or DELETE your own one in tiering.overlays.';
    END IF;
    RETURN valid ->> 'overlay';
END
$$;
COMMENT ON FUNCTION tiering.create_overlay(jsonb) IS
    'stores an overlay of your own and returns its name; ERROR 42710 if the name is taken';

CREATE FUNCTION tiering.tier_strategy(
    scheme text, tier text, overlays text[] DEFAULT '{}', lang text DEFAULT tiering.default_lang(), audience text DEFAULT 'internal'
) RETURNS TABLE (area text, action text, owner text, channel text, service_target text, source text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 8 SET search_path = pg_catalog, pg_temp
    SET jit = off  -- the planner overrates the recursion over tiers; compiling it takes longer than running it
AS $$
#variable_conflict use_column
DECLARE
    unheard_of text;
    spoken text := tiering.language(lang);
BEGIN
    IF tier_strategy.audience NOT IN ('internal', 'customer') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('unknown audience "%s"', tier_strategy.audience),
            HINT = 'Use ''internal'' for all actions, or ''customer'' for what a customer may be told.';
    END IF;
    PERFORM tiering.require_tier(tier_strategy.scheme, tier_strategy.tier);
    SELECT coalesce(n.name, 'NULL') INTO unheard_of
    FROM unnest(overlays) AS n (name)
    WHERE NOT EXISTS (SELECT FROM tiering.overlays o WHERE o.overlay = n.name)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('overlay "%s" does not exist', unheard_of),
            DETAIL = format('There are: %s.', (SELECT string_agg(o.overlay, ', ' ORDER BY o.overlay) FROM tiering.overlays o)),
            HINT = 'tiering.create_overlay(document) adds one.';
    END IF;
    RETURN QUERY
        WITH actions AS (
            SELECT 0 AS layer, s.position::bigint AS position, s.area, s.action_en, s.action_zh, s.owner, s.channel,
                s.service_target_en, s.service_target_zh, s.audience, 'scheme'::text AS source
            FROM tiering.strategies s
            WHERE s.scheme = tier_strategy.scheme AND s.tier = tier_strategy.tier
            UNION ALL
            SELECT n.layer, a.n, a.action ->> 'area', a.action #>> '{action,en}', a.action #>> '{action,zh}',
                a.action ->> 'owner', a.action ->> 'channel',
                a.action #>> '{service_target,en}', a.action #>> '{service_target,zh}',
                coalesce(a.action ->> 'audience', 'internal'), 'overlay:' || o.overlay
            FROM unnest(overlays) WITH ORDINALITY AS n (name, layer)
            JOIN tiering.overlays o ON o.overlay = n.name
            CROSS JOIN LATERAL jsonb_array_elements(o.document -> 'strategy') WITH ORDINALITY AS a (action, n)
        )
        SELECT tiering.label(a.area, spoken),
            CASE spoken WHEN 'zh' THEN coalesce(a.action_zh, a.action_en) ELSE coalesce(a.action_en, a.action_zh) END,
            CASE tier_strategy.audience WHEN 'internal' THEN tiering.label(a.owner, spoken) END,
            tiering.label(a.channel, spoken),
            CASE spoken WHEN 'zh' THEN coalesce(a.service_target_zh, a.service_target_en)
                ELSE coalesce(a.service_target_en, a.service_target_zh) END,
            CASE tier_strategy.audience WHEN 'internal' THEN a.source END
        FROM actions a
        WHERE tier_strategy.audience = 'internal' OR a.audience = 'public'
        ORDER BY a.layer, a.position;
END
$$;
COMMENT ON FUNCTION tiering.tier_strategy(text, text, text[], text, text) IS
    'how the customers of a tier are served: area, action, owner, channel, service target, and where the row comes from '
    '(scheme, or overlay:name). overlays add what particular customers need; lang: en or zh; '
    'audience: internal (all) or customer (what a customer may be told: public actions, without owner and source). '
    'ERROR 42704 unknown scheme, tier or overlay, 22023 unknown language or audience';
