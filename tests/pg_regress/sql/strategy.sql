-- What follows from a tier: views tiers and strategies, tier_strategy().
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;

SELECT tier, rank, title_en, title_zh, followup_every, workday, response_within, response_clock
FROM tiers WHERE scheme = 'sales_readiness' ORDER BY rank;
SELECT t.scheme, t.tier FROM tiers t JOIN current_schemes USING (scheme) WHERE built_in
EXCEPT SELECT scheme, tier FROM strategies;  -- none: every tier has one
SELECT area, action, owner, channel, service_target, source FROM tier_strategy('sales_readiness', 'A');
SELECT area, action, owner, channel, service_target, source FROM tier_strategy('sales_readiness', 'A', lang => 'zh');
SELECT area, action FROM tier_strategy('sales_readiness', 'A', audience => 'customer');
SELECT count(*) FROM tier_strategy(NULL, 'A');

-- a tier that includes a lower one owes its actions too
SELECT create_scheme('{"scheme": "plans", "inputs": [{"name": "plan", "type": "text", "allowed": ["plus", "basic"]}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "plan", "eq": "plus"}, "tier": "plus"}], "otherwise": "basic"},
    "tiers": [{"code": "plus", "includes": "basic", "strategy": [{"area": "contact", "action": {"en": "A named person"}, "owner": "our_hero"}]},
              {"code": "basic", "strategy": [{"area": "self_service", "action": {"en": "Online help", "zh": "在线帮助"}, "audience": "public"}]}]}');
SELECT approve_scheme('plans');
SELECT * FROM tier_strategy('plans', 'plus', lang => 'zh');
SELECT tier, position, action_en, audience, owed_by_tier FROM strategies WHERE scheme = 'plans' ORDER BY rank, position;
SELECT retire_scheme('plans');
DELETE FROM schemes WHERE scheme = 'plans';

-- overlays
SELECT overlay, document ->> 'group' AS "group", document #>> '{title,zh}' AS title FROM overlays ORDER BY 2, 1;
SELECT action, source FROM tier_strategy('sales_readiness', 'E', overlays => '{price_sensitive}') WHERE source <> 'scheme';
SELECT create_overlay('{"overlay": "elderly", "group": "x", "title": {"en": "x"}, "strategy": [{"area": "offers", "action": {"en": "x"}}]}');
SELECT create_overlay('{"overlay": "mine", "group": "x", "title": {"en": "x"}, "strategy": [{"area": "shoes", "action": {"en": "x"}}]}');
SELECT create_overlay('{"overlay": "mine", "group": "x", "title": {"en": "x"}, "strategy": []}');
DELETE FROM overlays WHERE overlay = 'elderly';
UPDATE overlays SET built_in = false WHERE overlay = 'elderly';
SELECT * FROM tier_strategy('sales_readiness', 'E', overlays => '{elderly,NULL}');

-- strategies of one's own
SELECT set_strategy('sales_readiness', 'E', '[{"area": "review", "action": {"en": "Look once a year", "zh": "每年查看一次"}, "owner": "system"}]');
SELECT * FROM tier_strategy('sales_readiness', 'E', lang => 'zh');
SELECT set_strategy('sales_readiness', 'E', NULL);
SELECT count(*) > 1 AS that_of_the_document FROM tier_strategy('sales_readiness', 'E');
SELECT scheme, tier, version, strategy IS NULL AS back, set_by = session_user AS by_me FROM tier_strategies ORDER BY version;
SELECT set_strategy('sales_readiness', 'F', '[]');
SELECT set_strategy('unheard_of', 'A', '[]');
SELECT set_strategy('sales_readiness', 'A', '{}');
SELECT set_strategy('sales_readiness', 'A', '[{"area": "contact"}]');
DELETE FROM tier_strategies;

-- errors
SELECT * FROM tier_strategy('unheard_of', 'A');
SELECT * FROM tier_strategy('sales_readiness', 'F');
SELECT * FROM tier_strategy('sales_readiness', 'A', '{unheard_of}');
SELECT * FROM tier_strategy('sales_readiness', 'A', lang => 'fr');
SELECT * FROM tier_strategy('sales_readiness', 'A', audience => 'everybody');
-- A customer is told what is done for him, not who does it nor which group he was put into.
SELECT count(*) > 0 AS told, count(source) AS sources, count(owner) AS owners
FROM tiering.current_schemes s, tiering.tiers t, tiering.tier_strategy(t.scheme, t.tier, overlays => '{low_income,combative,individual_needs}', audience => 'customer') WHERE t.scheme = s.scheme;
