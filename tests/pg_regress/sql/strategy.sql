-- What follows from a tier: views tiers and strategies, tier_strategy().
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;

SELECT tier, rank, title_en, title_zh, followup_every, workday, response_within, response_clock
FROM tiers WHERE scheme = 'sales_readiness' ORDER BY rank;
SELECT count(DISTINCT (scheme, tier)) = (SELECT count(*) FROM tiers) AS every_tier_has_a_strategy FROM strategies;
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

-- errors
SELECT * FROM tier_strategy('unheard_of', 'A');
SELECT * FROM tier_strategy('sales_readiness', 'F');
SELECT * FROM tier_strategy('sales_readiness', 'A', '{unheard_of}');
SELECT * FROM tier_strategy('sales_readiness', 'A', lang => 'fr');
SELECT * FROM tier_strategy('sales_readiness', 'A', audience => 'everybody');
