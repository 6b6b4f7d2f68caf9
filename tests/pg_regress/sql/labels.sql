-- Codes as people read them, in both languages; languages and channels by many names.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;

-- Every code that the SQL writes has a label. The fault that this keeps away: raw codes in Chinese reports.
CREATE TEMP VIEW written AS
    -- what tables may hold
    SELECT 'constraint' AS found_in, c.conname::text AS name, m[1] AS code
    FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), 'ARRAY\[([^]]*)\]', 'g') AS list, regexp_matches(list[1], '''([^'']+)''::text', 'g') AS m
    WHERE c.connamespace = 'tiering'::regnamespace
    UNION ALL
    -- what views decide
    SELECT 'view', c.relname, m[1]
    FROM pg_class c, regexp_matches(pg_get_viewdef(c.oid), '(?:THEN|ELSE) ''([a-z_]+)''::text', 'g') AS m
    WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind = 'v' AND m[1] NOT IN ('en', 'zh')
    UNION ALL
    SELECT 'view', 'tier_changes', m[1] FROM regexp_matches(pg_get_viewdef('tier_changes'::regclass), '''([a-z_]+)''::text', 'g') AS m
    UNION ALL
    -- what functions return as reasons and findings
    SELECT 'function', p.proname, m[1]
    FROM pg_proc p, regexp_matches(pg_get_functiondef(p.oid), '(?:THEN|ELSE|ARRAY\[ARRAY\[) *''([a-z_ ]+)''', 'g') AS m
    WHERE p.pronamespace = 'tiering'::regnamespace AND p.proname IN ('source_findings', 'change_reason')
    UNION ALL
    SELECT 'function', p.proname, m[1] FROM pg_proc p, regexp_matches(p.prosrc, '''''([a-z]+ key)''''', 'g') AS m
    WHERE p.pronamespace = 'tiering'::regnamespace AND p.proname = 'source_findings';
SELECT found_in, count(DISTINCT code) > 4 AS some FROM written GROUP BY 1 ORDER BY 1;
SELECT DISTINCT found_in, name, code FROM written WHERE code NOT IN (SELECT v.code FROM vocabulary v) ORDER BY 1, 2, 3;  -- none
SELECT kind, code FROM vocabulary WHERE title_zh !~ '[一-龥]' OR title_en !~ '^[A-Za-z -]+$' ORDER BY 1, 2;  -- none
SELECT kind, count(*) FROM vocabulary GROUP BY kind ORDER BY kind;

SELECT label('promotion', 'zh'), label('promotion', 'en'), label('half_month', 'zh_CN'), label('not allowed', '中文'), label('gap', 'zh-Hans'), label('店长', 'zh'), label(NULL, 'zh');

-- where no language is named, that of the database
BEGIN;
SELECT set_defaults(lang => '中文');
SELECT label('promotion'), finding_message('not mapped');
SELECT reason FROM suggest_mapping('abc_share', 'pg_catalog.pg_class');
SELECT title FROM check_list() WHERE "check" = 'attention';
ROLLBACK;
SELECT label('promotion'), finding_message('not mapped'), finding_message(NULL);

-- findings and reasons, as they come
CREATE TABLE pg_temp.clients ("年销售额" text, key int);
INSERT INTO pg_temp.clients VALUES ('12', 1), (NULL, 1), ('x', NULL);
SELECT finding, label(finding, 'zh') AS zh FROM check_inputs('abc_share', 'pg_temp.clients', '{"annual_value": "年销售额"}', 'key') ORDER BY 1;
SELECT input, reason, label(reason, 'zh') AS zh FROM suggest_mapping('abc_share', 'pg_temp.clients')
UNION ALL SELECT input, reason, label(reason, 'zh') FROM suggest_mapping('deal_status', 'pg_temp.clients') ORDER BY 1;
SELECT input, reason FROM suggest_mapping('abc_share', 'pg_temp.clients', lang => 'zh');
SELECT finding, message FROM check_inputs('abc_share', 'pg_temp.clients', '{"annual_value": "年销售额"}', 'key', lang => 'zh') ORDER BY 1;

-- a language by any of its names
SELECT l, language(l) FROM unnest('{zh,zh_CN,zh-Hans,zh-CN,zh_CN.UTF-8,中文,Chinese,en,EN,en_US,English}'::text[]) AS l;
SELECT count(*) > 20 AS described FROM describe_scheme('rfm', '中文') WHERE section = '等级';
SELECT action FROM tier_strategy('importance', 'key', lang => 'zh-CN') LIMIT 1;
SELECT language('fr');
SELECT language('');
SELECT label('gap', 'latin');
SELECT * FROM tier_strategy('importance', 'key', lang => 'fr');
SELECT * FROM describe_scheme('rfm', 'zhongwen');

-- a channel by any of its words; words of one's own stay
SELECT w, code_of('channel', w) FROM unnest('{phone,电话,Phone,telephone,致电,微信,e-mail,传真," fax "}'::text[]) AS w;
SELECT w, code_of('outcome', w) FROM unnest('{成交,no answer,无人接听,投诉,"asked for the boss"}'::text[]) AS w;
SELECT code_of('channel', NULL), code_of(NULL, 'phone');
SELECT code_of('colour', 'red');
SELECT code, title_en, title_zh, also FROM vocabulary WHERE kind = 'channel' ORDER BY code LIMIT 3;
