-- Messages in Chinese: by the setting of the product, or where lc_messages begins with zh; of PL/pgSQL and of Rust, in a new session, too.
\set SHOW_CONTEXT never
SET customer_tiering.lang = 'zh';  -- before anything has loaded the library
SELECT tiering.log_complaint('nothing', '1', 'x');
SELECT tiering.customer_tier('nothing', '{}'::jsonb);
\c
SELECT tiering.find_program('nothing');
SET customer_tiering.lang = 'zh';
SELECT tiering.find_program('nothing');
SELECT tiering.label('gap', 'fr');
SELECT tiering.current_scheme('nothing');
-- the SQLSTATE and what programs see of it stay
\set VERBOSITY sqlstate
SELECT tiering.find_program('nothing');
\set VERBOSITY default
DO $$ BEGIN PERFORM tiering.find_program('nothing'); EXCEPTION WHEN undefined_object THEN RAISE NOTICE '%', SQLERRM; END $$;
-- nothing but ours is translated, and what the table does not have stays English
DO $$ BEGIN RAISE EXCEPTION 'program "x" does not exist'; END $$;
SELECT tiering.tier_strategy('abc_share', 'A', audience => 'nobody');
SET customer_tiering.lang = 'en';
SELECT tiering.find_program('nothing');
SET customer_tiering.lang = 'fr';
RESET customer_tiering.lang;
SHOW customer_tiering.lang;
SELECT tiering.find_program('nothing');
