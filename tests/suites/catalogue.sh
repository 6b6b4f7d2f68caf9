# Every system of the catalogue, by its id, through SQL: G schemes by their sample rows (so is the one that
# grades by the measure M04), F logs and dates, P strategies and overlays. Whether an action that is marked as
# the source's is the source's: engine/tests/sources.rs. What the ids are: tests/README.md.
source tests/lib.sh

database=catalogue
extension_database "$database"
ask() { sql "$database" "SET search_path = tiering, pg_catalog; SET DateStyle = ISO; $1"; }

# G01 to G34, M02, M04, P13, R01: every sample row gets its tier and its classes on each side of the score; every tier has a row.
for file in catalogue/samples/*.json; do
    scheme=$(basename "$file" .json)
    id=$(ask "SELECT source_id FROM catalogue WHERE scheme = '$scheme'")
    wrong=$(psql -X -q -A -t -d "$database" -v document="$(cat "$file")" -v scheme="$scheme" 2>&1 <<'SQL'
WITH sample AS (SELECT :'document'::jsonb AS s), graded AS (
    SELECT r -> 'inputs' AS inputs, r ->> 'tier' AS expected, r ->> 'why' AS why,
        tiering.customer_tier_asof(:'scheme', (coalesce(r ->> 'as_of', s ->> 'as_of') || ' 00:00+00')::timestamptz, r -> 'inputs') AS tier
    FROM sample, jsonb_array_elements(s -> 'rows') AS r)
SELECT 'row ' || inputs::text || ' gives ' || coalesce(tier, 'none') || ', not ' || coalesce(expected, 'none') || ': ' || coalesce(why, '')
FROM graded WHERE tier IS DISTINCT FROM expected
UNION ALL
SELECT 'row ' || (r -> 'inputs')::text || ' has the classes ' || coalesce(found::text, 'none') || ', not ' || coalesce((r -> 'dimensions')::text, 'none')
FROM sample, jsonb_array_elements(s -> 'rows') AS r, LATERAL (
    SELECT jsonb_object_agg(e ->> 'name', e -> 'class') AS found FROM jsonb_array_elements(
        tiering.explain_tier_asof(:'scheme', (coalesce(r ->> 'as_of', s ->> 'as_of') || ' 00:00+00')::timestamptz, r -> 'inputs') -> 'dimensions') AS e) AS f
WHERE found IS DISTINCT FROM r -> 'dimensions'
UNION ALL
SELECT 'no row for tier ' || t.tier FROM tiering.tiers t
WHERE t.scheme = :'scheme' AND NOT EXISTS (SELECT FROM graded g WHERE g.expected = t.tier)
UNION ALL
SELECT 'the scheme is missing' WHERE NOT EXISTS (SELECT FROM tiering.catalogue WHERE scheme = :'scheme');
SQL
    )
    check "$id $scheme: its sample rows" "$wrong" ""
done
check "G01 to G34 are all there" \
    "$(ask "SELECT string_agg(source_id, ' ' ORDER BY source_id) FROM catalogue WHERE source_id LIKE 'G%'")" "$(echo G0{1..9} G{10..34})"
check "the schemes of measures, of a strategy and of the cycle are there: M02, M04, P13, R01" \
    "$(ask "SELECT string_agg(source_id || ' ' || scheme, ', ' ORDER BY source_id) FROM catalogue WHERE source_id NOT LIKE 'G%'")" "M02 churn_risk, M04 lifetime_value, P13 relation_end, R01 lead_conversion"
check "G01 to G34, M02, M04, P13, R01: check_scheme finds nothing" \
    "$(ask "SELECT scheme, c FROM current_schemes, check_scheme(document) c WHERE c.severity <> 'notice'")" ""

check "G10 value, need and behaviour have their own results beside the layer" "$(ask "
    SELECT string_agg(e #>> '{class_title,zh}', ' ')
    FROM jsonb_array_elements(explain_tier('value_need_behaviour', 80000, 30, 'direct', 'low', 3, 0, 3) -> 'dimensions') AS e")" \
    "高价值客户 低需求客户 问题客户"
check "G11 a 4S dealership finds its scheme" \
    "$(ask "SELECT string_agg(scheme, ' ') FROM catalogue WHERE title_zh LIKE '%4S店%'")" "auto_dealer"
check "G31 the customers to keep have their usual Chinese name" \
    "$(ask "SELECT title_zh FROM tiers WHERE scheme = 'rfm' AND tier = 'cannot_lose_them'")" "重要保持客户"
check "G33 the low grade is brought in by events" \
    "$(ask "SELECT count(*) FROM tier_strategy('power_loyalty_potential', 'low', lang => 'zh') WHERE action LIKE '%活动引流%'")" 1

# F01 to F05: the rhythm of the five logs, from a contact on Wednesday 2026-01-14
due() { ask "SELECT next_followup_due('sales_readiness', '$1', '2026-01-14 10:00+00')"; }
check "F01 the daily log is due every day" "$(due A)" 2026-01-15
check "F02 the weekly log is due within a week" "$(due B)" 2026-01-21
check "F03 the half-month log is due every 15 days" "$(due C)" 2026-01-29
check "F04 the month log is due every 30 days" "$(due D)" 2026-02-13
check "F05 the year log is due within a year" "$(due E)" 2027-01-14
check "F06 after a follow-up the new grade gives the rhythm" "$(ask "
    SELECT tier, next_followup_due('sales_readiness', tier, '2026-01-14 10:00+00')
    FROM (VALUES (customer_tier_asof('sales_readiness', '2026-01-14 12:00+00', 'latent', NULL)),
                 (customer_tier_asof('sales_readiness', '2026-01-14 12:00+00', 'explicit', date '2026-02-01'))) AS graded (tier)")" \
    $'D|2026-02-13\nA|2026-01-15'
check "F07 the urgency windows give a task its deadline class" "$(ask "
    SELECT string_agg(customer_tier_asof('urgency', '2026-01-14 12:00+00', d), ' ' ORDER BY d)
    FROM unnest('{2026-01-10,2026-01-21,2026-01-22,2026-02-14,2026-02-15,2026-04-14,2026-04-15}'::date[]) AS d")" \
    "urgent urgent soon soon not_urgent not_urgent potential"

# P01 to P10
check "P01 every tier of every scheme has a strategy in both languages" "$(ask "
    SELECT t.scheme, t.tier FROM tiers t
    WHERE NOT EXISTS (SELECT FROM tier_strategy(t.scheme, t.tier, lang => 'en')) OR NOT EXISTS (SELECT FROM tier_strategy(t.scheme, t.tier, lang => 'zh'))
    UNION ALL SELECT s.scheme, s.tier FROM strategies s WHERE s.action_en IS NULL OR s.action_zh IS NULL")" ""
check "P01 no English is left in the Chinese areas, roles and channels" "$(ask "
    SELECT DISTINCT s.area, s.owner, s.channel FROM tiers t, tier_strategy(t.scheme, t.tier, lang => 'zh') s
    WHERE s.area ~ '[A-Za-z]' OR s.owner ~ '[A-Za-z]' OR s.channel ~ '[A-Za-z]'")" ""
check "P02 large, medium and small customers are served differently" "$(ask "
    SELECT count(DISTINCT actions) FROM (
        SELECT array_agg(action_en ORDER BY position) AS actions FROM strategies
        WHERE scheme = 'scale_by_potential' AND tier IN ('large_key', 'medium_key', 'small_key') GROUP BY tier) d")" 3
check "P03 high, mid and low-end relations are served differently" "$(ask "
    SELECT count(DISTINCT actions) FROM (
        SELECT array_agg(action_en ORDER BY position) AS actions FROM strategies WHERE scheme = 'service_value' GROUP BY tier) d")" 3
overlays() { ask "SELECT string_agg(overlay, ' ' ORDER BY overlay) FROM overlays WHERE document ->> 'group' = '$1'"; }
check "P04 special groups" "$(overlays special_group)" "disabled elderly low_income"
check "P05 personalities" "$(overlays personality)" "combative impulsive indecisive overbearing rational self_admiring stubborn"
check "P06 buying motives" "$(overlays buying_motive)" "individual_needs price_sensitive value_driven"
check "P07 segments" "$(overlays segment)" "behavioural business_attribute demographic geographic psychographic"
check "P08, P11 the check-lists of service and of attitude" "$(overlays checklist)" "attitude_checklist service_checklist"
check "P11 the rules of attitude are four" "$(ask "SELECT jsonb_array_length(document -> 'strategy') FROM overlays WHERE overlay = 'attitude_checklist'")" 4
check "P12 why dearer: material, technology and quality, patents, brand, no discount" "$(ask "
    SELECT count(*), bool_or(action LIKE '%材质%'), bool_or(action LIKE '%技术%' AND action LIKE '%质量%'), bool_or(action LIKE '%专利证书%'), bool_or(action LIKE '%品牌%'), bool_or(action LIKE '%打折%')
    FROM tier_strategy('rfm', 'loyal', overlays => '{price_sensitive}', lang => 'zh') WHERE source <> 'scheme' AND action LIKE '客户%：%'")" "5|t|t|t|t|t"
check "P13 the measures of a high, a middle and a low-end relationship: seven, five, seven, all the source's" "$(ask "
    SELECT string_agg(format('%s %s', item, n), ', ' ORDER BY first) FROM (
        SELECT item, count(*) AS n, min(i) AS first FROM (SELECT row_number() OVER () AS i, d.* FROM describe_scheme('relation_end', 'zh') AS d) AS d
        WHERE section = '服务策略' AND basis = '来源' GROUP BY item) AS e")" "高端客户（high） 7, 中端客户（mid） 5, 低端客户（low） 7"
check "P04 to P08 overlays merge in order and say where a row comes from" "$(ask "
    SELECT string_agg(source, ' ' ORDER BY first) FROM (
        SELECT source, min(n) AS first FROM (
            SELECT row_number() OVER () AS n, source
            FROM tier_strategy('rfm', 'loyal', overlays => '{price_sensitive,elderly}')) r
        GROUP BY source) s")" "scheme overlay:price_sensitive overlay:elderly"
check "P04 an overlay of one's own" "$(ask "
    SELECT create_overlay('{\"overlay\": \"vegan\", \"group\": \"taste\", \"title\": {\"en\": \"Vegan\"}, \"strategy\": [{\"area\": \"offers\", \"action\": {\"en\": \"No leather\"}}]}');
    SELECT action, source FROM tier_strategy('rfm', 'loyal', overlays => '{vegan}') WHERE source <> 'scheme'")" \
    $'vegan\nNo leather|overlay:vegan'
check "P09 a strategy changes in versions, grading does not" "$(ask "
    CREATE TEMP TABLE before AS SELECT customer_tier('rfm', 10, 20, 3000) AS tier, (SELECT digest FROM schemes WHERE scheme = 'rfm') AS digest;
    SELECT set_strategy('rfm', 'champions', '[{\"area\": \"contact\", \"action\": {\"en\": \"Call them\"}}]');
    SELECT action FROM tier_strategy('rfm', 'champions');
    SELECT set_strategy('rfm', 'champions', NULL);
    SELECT count(*) > 1 FROM tier_strategy('rfm', 'champions');
    SELECT tier = customer_tier('rfm', 10, 20, 3000) AND digest = (SELECT digest FROM schemes WHERE scheme = 'rfm') FROM before")" \
    $'1\nCall them\n2\nt\nt'
check "P10 the customer is shown what is public, no more" "$(ask "
    SELECT bool_and(s.audience = 'public'), count(*) = (SELECT count(*) FROM strategies WHERE scheme = 'rfm' AND tier = 'loyal' AND audience = 'public')
    FROM tier_strategy('rfm', 'loyal', audience => 'customer') t
    JOIN strategies s ON s.scheme = 'rfm' AND s.tier = 'loyal' AND s.action_en = t.action")" "t|t"
check "P10 a level of a service plan contains the one below" "$(ask "
    SELECT count(DISTINCT owed_by_tier) FROM strategies WHERE scheme = 'service_plan' GROUP BY rank ORDER BY rank")" $'4\n3\n2\n1'
