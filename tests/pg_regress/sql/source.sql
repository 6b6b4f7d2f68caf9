-- Sources as users have them: names of columns, types and spellings of keys, rows that are hidden, settings, keys that are deferred.
\set SHOW_CONTEXT never
CREATE SCHEMA source_test;
SELECT tiering.create_scheme('{"scheme": "source_scheme", "inputs": [{"name": "level", "type": "text"}, {"name": "v", "type": "number", "missing": "null"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "level", "eq": "VIP"}, "tier": "A"}, {"when": {"input": "v", "gte": 100}, "tier": "B"}],
        "otherwise": "C"},
    "tiers": [{"code": "A", "followup": {"every": "P1D"}}, {"code": "B"}, {"code": "C"}]}');
SELECT tiering.approve_scheme('source_scheme');

-- Any name of a column, in any role: nothing that is generated takes it for one of its own.
CREATE FUNCTION source_test.live(names text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    roles jsonb := jsonb_object('{key,level,v,owner,last_followup}', names);
    shown text;
BEGIN
    SET client_min_messages = warning;
    EXECUTE format('CREATE TABLE source_test.named (%I integer PRIMARY KEY, %I text, %I numeric, %I text, %I date)',
        roles ->> 'key', roles ->> 'level', roles ->> 'v', roles ->> 'owner', roles ->> 'last_followup');
    INSERT INTO source_test.named VALUES (1, 'x', 1, 'anna', '2020-01-01'), (2, 'x', 1, 'anna', '2020-01-01');
    PERFORM tiering.create_program('named', 'source_scheme', 'source_test.named', roles ->> 'key',
        jsonb_build_object('level', roles -> 'level', 'v', roles -> 'v'), owner_column => roles ->> 'owner', last_followup_column => roles ->> 'last_followup');
    PERFORM tiering.retier_preview('named');
    CALL tiering.retier('named');
    PERFORM tiering.enable_automatic('named');
    EXECUTE format('UPDATE source_test.named SET %I = 500, %I = ''ben'' WHERE %I = 1', roles ->> 'v', roles ->> 'owner', roles ->> 'key');
    EXECUTE format('INSERT INTO source_test.named (%I, %I) VALUES (3, ''VIP'')', roles ->> 'key', roles ->> 'level');
    EXECUTE format('DELETE FROM source_test.named WHERE %I = 2', roles ->> 'key');
    PERFORM tiering.log_followup('named', '1'), tiering.explain_customer('named', '1');
    PERFORM tiering.create_tier_view('named', 'source_test.named_tiers'), tiering.create_tier_view('named', 'source_test.named_kept', true);
    SELECT string_agg(t.customer || t.tier || coalesce(t.owner, '-'), ' ' ORDER BY t.customer) INTO shown FROM tiering.current_tiers t WHERE t.program = 'named';
    EXECUTE 'SELECT $1 || ''; '' || count(*) FROM source_test.named_tiers JOIN source_test.named_kept USING (tier)' INTO shown USING shown;
    PERFORM tiering.check_inputs('source_scheme', 'source_test.named', jsonb_build_object('level', roles -> 'level', 'v', roles -> 'v'), key => roles ->> 'key');
    PERFORM tiering.drop_program('named');
    DROP TABLE source_test.named CASCADE;
    RETURN shown;
END
$$;
-- each name takes each of the five roles once
WITH names AS (
    SELECT ARRAY['k', 'n', 's', 'g', 'a', 'd', 'r', 'o', 'u', 'q', 'c', 'customer', 'tier', 'rank', 'seen', 'key', 'used', 'owner', 'program', 'plan', 'reasons', 'score',
        'since', 'next_due', 'last_followup', 'computed_tier', 'measure', 'gone', 'argument1', 'order', 'user', 'tiering_new', 'tiering_old', 'ctid_', 'a "quoted" name',
        'it''s', '%s %1$L', 'back\slash', 'Ünïcode', ' ', repeat('客', 21), repeat('长', 21)] AS all_of_them
)
SELECT source_test.live(ARRAY(SELECT all_of_them[1 + (i + j) % cardinality(all_of_them)] FROM generate_series(0, 4) AS j ORDER BY j)) AS shown, count(*)
FROM names, generate_series(1, cardinality(all_of_them)) AS i GROUP BY 1;
-- columns of a view may have the names of system columns
CREATE TABLE source_test.plain (id integer PRIMARY KEY, level text, v numeric);
INSERT INTO source_test.plain VALUES (1, 'VIP', 1);
CREATE VIEW source_test.systematic AS SELECT id AS ctid, level AS xmin, v AS tableoid FROM source_test.plain;
SELECT tiering.create_program('systematic', 'source_scheme', 'source_test.systematic', 'ctid', '{"level": "xmin", "v": "tableoid"}');
CALL tiering.retier('systematic');

-- The text of a key is one, whatever the settings, and however the customer is spelt.
-- A server without citext or without ICU has a type made here, which ignores case as they do, in their place: their own columns and operators, not those of text.
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citext') AS has_citext, EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') AS has_icu \gset
\if :has_citext
    CREATE EXTENSION citext;
\else
    SET client_min_messages = error;
    CREATE TYPE public.citext;
    CREATE FUNCTION public.citextin(cstring) RETURNS public.citext LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textin';
    CREATE FUNCTION public.citextout(public.citext) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
    CREATE TYPE public.citext (INPUT = public.citextin, OUTPUT = public.citextout, LIKE = text, CATEGORY = 'S', COLLATABLE = true);
    CREATE CAST (public.citext AS text) WITHOUT FUNCTION AS IMPLICIT;
    CREATE CAST (text AS public.citext) WITHOUT FUNCTION AS ASSIGNMENT;
    CREATE FUNCTION public.citext_lt(a public.citext, b public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN lower(a::text) COLLATE "C" < lower(b::text) COLLATE "C";
    CREATE FUNCTION public.citext_le(a public.citext, b public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN lower(a::text) COLLATE "C" <= lower(b::text) COLLATE "C";
    CREATE FUNCTION public.citext_eq(a public.citext, b public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN lower(a::text) COLLATE "C" = lower(b::text) COLLATE "C";
    CREATE FUNCTION public.citext_ne(a public.citext, b public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN lower(a::text) COLLATE "C" <> lower(b::text) COLLATE "C";
    CREATE FUNCTION public.citext_ge(a public.citext, b public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN lower(a::text) COLLATE "C" >= lower(b::text) COLLATE "C";
    CREATE FUNCTION public.citext_gt(a public.citext, b public.citext) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN lower(a::text) COLLATE "C" > lower(b::text) COLLATE "C";
    CREATE FUNCTION public.citext_cmp(a public.citext, b public.citext) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN bttextcmp(lower(a::text) COLLATE "C", lower(b::text) COLLATE "C");
    CREATE FUNCTION public.citext_hash(a public.citext) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN hashtext(lower(a::text) COLLATE "C");
    CREATE OPERATOR public.< (LEFTARG = public.citext, RIGHTARG = public.citext, FUNCTION = public.citext_lt, COMMUTATOR = OPERATOR(public.>), NEGATOR = OPERATOR(public.>=));
    CREATE OPERATOR public.<= (LEFTARG = public.citext, RIGHTARG = public.citext, FUNCTION = public.citext_le, COMMUTATOR = OPERATOR(public.>=), NEGATOR = OPERATOR(public.>));
    CREATE OPERATOR public.= (LEFTARG = public.citext, RIGHTARG = public.citext, FUNCTION = public.citext_eq, COMMUTATOR = OPERATOR(public.=), NEGATOR = OPERATOR(public.<>), HASHES, MERGES);
    CREATE OPERATOR public.<> (LEFTARG = public.citext, RIGHTARG = public.citext, FUNCTION = public.citext_ne, COMMUTATOR = OPERATOR(public.<>), NEGATOR = OPERATOR(public.=));
    CREATE OPERATOR public.>= (LEFTARG = public.citext, RIGHTARG = public.citext, FUNCTION = public.citext_ge, COMMUTATOR = OPERATOR(public.<=), NEGATOR = OPERATOR(public.<));
    CREATE OPERATOR public.> (LEFTARG = public.citext, RIGHTARG = public.citext, FUNCTION = public.citext_gt, COMMUTATOR = OPERATOR(public.<), NEGATOR = OPERATOR(public.<=));
    CREATE OPERATOR CLASS public.citext_ops DEFAULT FOR TYPE public.citext USING btree AS OPERATOR 1 public.<, OPERATOR 2 public.<=, OPERATOR 3 public.=,
        OPERATOR 4 public.>=, OPERATOR 5 public.>, FUNCTION 1 public.citext_cmp(public.citext, public.citext);
    CREATE FUNCTION public.citext_hash_extended(a public.citext, seed bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN hashtextextended(lower(a::text) COLLATE "C", seed);
    CREATE OPERATOR CLASS public.citext_ops DEFAULT FOR TYPE public.citext USING hash AS OPERATOR 1 public.=, FUNCTION 1 public.citext_hash(public.citext),
        FUNCTION 2 public.citext_hash_extended(public.citext, bigint);
    RESET client_min_messages;
\endif
\if :has_icu
    CREATE COLLATION source_test.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    \set any_case 'text COLLATE source_test.any_case'
\else
    \set any_case public.citext
\endif
CREATE DOMAIN source_test.number AS integer CHECK (VALUE > 0);
CREATE TYPE source_test.colour AS ENUM ('red', 'green');
CREATE FUNCTION source_test.keys(type text, literal text, spelling text) RETURNS TABLE (customer text, "logged as" text, contacts bigint, events bigint, "new, gone" text)
    LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    SET LOCAL client_min_messages = warning;
    EXECUTE format('CREATE TABLE source_test.keyed (k %s PRIMARY KEY, level text, v numeric)', type);
    EXECUTE format('INSERT INTO source_test.keyed VALUES (%L, ''VIP'', 1)', literal);
    PERFORM tiering.create_program('keyed', 'source_scheme', 'source_test.keyed', 'k');
    CALL tiering.retier('keyed');
    PERFORM tiering.enable_automatic('keyed');
    SET LOCAL bytea_output = 'escape'; SET LOCAL timezone = 'Asia/Tokyo'; SET LOCAL datestyle = 'German'; SET LOCAL intervalstyle = 'sql_standard';
    SET LOCAL extra_float_digits = -10; SET LOCAL standard_conforming_strings = off; SET LOCAL escape_string_warning = off; SET LOCAL quote_all_identifiers = on;
    CALL tiering.retier('keyed');
    SELECT coalesce(r.added, 0) || ', ' || coalesce(r.gone, 0) INTO "new, gone" FROM tiering.retier_runs r WHERE r.program = 'keyed' ORDER BY r.started DESC LIMIT 1;
    UPDATE source_test.keyed SET v = 2;
    PERFORM tiering.log_followup('keyed', spelling, at => '2026-01-05 10:00+00', promise => 'x', promised_at => '2026-01-06 10:00+00');
    PERFORM tiering.plan_followup('keyed', spelling, current_date + 1), tiering.snooze_followup('keyed', spelling, current_date + 2, 'x');
    PERFORM tiering.override_tier('keyed', spelling, 'B', 'x'), tiering.clear_override('keyed', spelling);
    PERFORM tiering.keep_promise('keyed', spelling);
    CREATE TABLE source_test.contacts (customer text, at date);
    INSERT INTO source_test.contacts VALUES (spelling, '2026-01-07'), (literal, '2026-01-08');
    PERFORM tiering.import_followups('keyed', 'source_test.contacts');
    -- who is spelt otherwise in a table of events has not gone silent
    PERFORM tiering.register_events('keyed', 'activity', 'source_test.contacts', 'customer', 'at');
    SELECT s.activity INTO events FROM tiering.tier_scorecard_customers('keyed', '2026-01-01 00:00+00', '2026-02-01 00:00+00', now()) s;
    IF (SELECT c.unknown_customers FROM tiering.check_events('keyed') c) <> 0 THEN RAISE 'a customer is unknown'; END IF;
    PERFORM tiering.create_tier_view('keyed', 'source_test.keyed_tiers');
    SELECT string_agg(t.customer || ' ' || (tiering.explain_customer('keyed', spelling) ->> 'customer' = t.customer), ', ') INTO customer
    FROM tiering.current_tiers t WHERE t.program = 'keyed';
    SELECT string_agg(DISTINCT f.customer, ', '), count(*) INTO "logged as", contacts FROM tiering.followups f WHERE f.program = 'keyed';
    IF (SELECT count(*) FROM source_test.keyed_tiers) <> 1 THEN RAISE 'the view has lost a customer'; END IF;
    SET LOCAL client_min_messages = error;  -- the source still has the customer
    PERFORM tiering.erase_customer('keyed', spelling);
    IF EXISTS (SELECT FROM tiering.assignments a WHERE a.program = 'keyed') THEN RAISE 'not erased'; END IF;
    PERFORM tiering.drop_program('keyed');
    DROP TABLE source_test.keyed CASCADE;
    DROP TABLE source_test.contacts;
    RETURN NEXT;
END
$$;
SELECT CASE WHEN t.spelling = 'aNNa' THEN 'text COLLATE source_test.any_case' ELSE t.type END AS type, k.* FROM (VALUES ('integer', '7', '007'), ('bigint', '7', ' 7 '), ('numeric', '7.00', '7'), ('numeric(12,2)', '7', '7.000'), ('smallint', '7', '+7'),
    ('double precision', '0.1', '1e-1'), ('real', '0.1', '0.10'), ('double precision', '-0', '0'), ('uuid', 'aaaaaaaa-0000-4000-8000-00000000000b', '{AAAAAAAA-0000-4000-8000-00000000000B}'),
    ('char(5)', 'ab', 'ab   '), ('varchar(5)', 'ab', 'ab'), ('"char"', 'a', 'a'), ('name', 'ab', 'ab'), ('text', E'a\\b''', E'a\\b'''), ('public.citext', 'Anna', 'ANNA'),
    (:'any_case', 'Anna', 'aNNa'), ('bytea', E'\\x00ff', E'\\x00FF'), ('bytea', E'\\x5c', E'\\134'),
    ('timestamptz', '2026-02-03 04:05:00.5+00', '2026-02-03 05:05:00.5+01'), ('timestamptz', 'infinity', 'Infinity'), ('timestamptz', '0044-03-15 00:00+00 BC', '0044-03-15 00:00+00 BC'),
    ('timestamp', '2026-02-03 04:05', '2026-02-03T04:05:00'), ('date', '2026-02-03', '20260203'), ('time', '04:05', '04:05:00.0'), ('timetz', '04:05+01', '04:05:00+01'),
    ('boolean', 'true', 'yes'), ('bit(3)', '101', '101'), ('varbit', '101', '101'), ('inet', '10.0.0.1', '10.0.0.1/32'), ('macaddr', '08:00:2b:01:02:03', '08002B010203'),
    ('jsonb', '{"a": 1.0}', '{"a":1}'), ('oid', '7', '07'), ('source_test.number', '7', '07'), ('source_test.colour', 'red', 'red')) AS t (type, literal, spelling),
    source_test.keys(t.type, t.literal, t.spelling) AS k;
-- types that have no one text, with the cast in the hint
RESET client_min_messages;
CREATE TABLE source_test.odd (i interval, m money, r int4range, a integer[], c regclass, j json, t tiering.rfm, level text, v numeric);
\set VERBOSITY default
SELECT tiering.create_program('odd', 'source_scheme', 'source_test.odd', 'i');
SELECT tiering.create_program('odd', 'source_scheme', 'source_test.odd', 'm');
SELECT tiering.create_program('odd', 'source_scheme', 'source_test.odd', 'r');
SELECT tiering.create_program('odd', 'source_scheme', 'source_test.odd', 'a');
SELECT tiering.create_program('odd', 'source_scheme', 'source_test.odd', 'c');
SELECT tiering.create_program('odd', 'source_scheme', 'source_test.odd', 'j');
-- a look-up by key is one by the index, also where the operator stands in another schema
CREATE TABLE source_test.many (k public.citext PRIMARY KEY, level text, v numeric);
INSERT INTO source_test.many SELECT 'Customer ' || g, 'x', g FROM generate_series(1, 3000) AS g;
ANALYZE source_test.many;
SELECT tiering.create_program('many', 'source_scheme', 'source_test.many', 'k');
CREATE FUNCTION source_test.plan_of(program text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('EXPLAIN (COSTS OFF) SELECT 1 FROM source_test.many s WHERE %s', replace((tiering.plan_program(program, now())).chosen, '$2', 'ARRAY[''customer 7'']'));
END
$$;
SELECT source_test.plan_of('many');
-- where equal keys are spelt differently: another spelling is no other customer, by retier() or at once, and who was erased under one is not graded under another
CREATE FUNCTION source_test.respelt(type text) RETURNS TABLE (step text, customers text, history text, contacts text)
    LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    deed text;
BEGIN
    SET LOCAL client_min_messages = error;
    EXECUTE format('CREATE TABLE source_test.respelt (k %s PRIMARY KEY, level text, v numeric)', type);
    INSERT INTO source_test.respelt VALUES ('Anna', 'VIP', 1), ('Bert', 'x', 200), ('Carl', 'x', 1);
    PERFORM tiering.create_program('respelt', 'source_scheme', 'source_test.respelt', 'k');
    CALL tiering.retier('respelt');
    PERFORM tiering.override_tier('respelt', 'anna', 'C', 'x'), tiering.log_followup('respelt', 'BERT', 'phone', at => '2026-01-05 10:00+00');
    FOR step, deed IN VALUES
        ('retier', 'UPDATE source_test.respelt SET k = upper(k::text) WHERE k = ''Anna''; CALL tiering.retier(''respelt'')'),
        ('at once', 'SELECT tiering.enable_automatic(''respelt''); UPDATE source_test.respelt SET k = lower(k::text), v = v - 150 WHERE k = ''Bert'''),
        ('all at once', 'UPDATE source_test.respelt SET k = initcap(k::text)'),
        ('gone is gone', 'DELETE FROM source_test.respelt WHERE k = ''Carl'''),
        ('back', 'INSERT INTO source_test.respelt VALUES (''CARL'', ''x'', 1); CALL tiering.retier(''respelt'')'),
        ('kept out', 'SELECT tiering.erase_customer(''respelt'', ''ANNA'', keep_out => true); UPDATE source_test.respelt SET k = ''aNNa'' WHERE k = ''Anna''; CALL tiering.retier(''respelt'')'),
        ('erased, as they ever were spelt', 'SELECT tiering.erase_customer(''respelt'', ''carl'', keep_out => true); CALL tiering.retier(''respelt'')'),
        ('let in', 'SELECT tiering.let_in(''respelt'', ''anna''); CALL tiering.retier(''respelt'')')
    LOOP
        EXECUTE deed;
        customers := (SELECT string_agg(t.customer || ' ' || t.tier || CASE WHEN t.overridden THEN ' by hand' ELSE '' END, ', ' ORDER BY t.customer) FROM tiering.current_tiers t WHERE t.program = 'respelt');
        history := (SELECT string_agg(l.customer || ' ' || l.reason, ', ' ORDER BY l.customer, l.since) FROM tiering.assignment_log l WHERE l.program = 'respelt');
        contacts := (SELECT string_agg(f.customer, ', ') FROM tiering.followups f WHERE f.program = 'respelt');
        RETURN NEXT;
    END LOOP;
    PERFORM tiering.drop_program('respelt');
    DROP TABLE source_test.respelt;
END
$$;
SELECT * FROM source_test.respelt('public.citext');
SELECT r.* FROM (VALUES (:'any_case')) t (type), source_test.respelt(t.type) AS r WHERE r.step IN ('retier', 'at once', 'kept out');
-- who may not rename leaves it to those who may
CREATE TABLE source_test.spelt_by_agent (k public.citext PRIMARY KEY, level text, v numeric);
INSERT INTO source_test.spelt_by_agent VALUES ('Anna', 'VIP', 1), ('Bert', 'x', 1);
SELECT tiering.create_program('spelt_by_agent', 'source_scheme', 'source_test.spelt_by_agent', 'k');
CALL tiering.retier('spelt_by_agent');
SELECT tiering.enable_automatic('spelt_by_agent');
CREATE ROLE source_speller;
GRANT USAGE ON SCHEMA source_test TO source_speller;
GRANT SELECT, UPDATE ON source_test.spelt_by_agent TO source_speller;
SELECT tiering.grant_agent('source_speller');
SET ROLE source_speller;
UPDATE source_test.spelt_by_agent SET k = upper(k::text) WHERE k = 'Anna';
RESET ROLE;
SELECT customer, tier FROM tiering.current_tiers WHERE program = 'spelt_by_agent' ORDER BY 1;
CALL tiering.retier('spelt_by_agent');
SELECT customer, tier FROM tiering.current_tiers WHERE program = 'spelt_by_agent' ORDER BY 1;
SELECT tiering.drop_program('spelt_by_agent');
DROP OWNED BY source_speller;
DROP ROLE source_speller;
-- a text that can be no key of anybody
SELECT tiering.create_program('numbered', 'source_scheme', 'source_test.plain', 'id');
CALL tiering.retier('numbered');
SELECT tiering.log_followup('numbered', 'seven');
SELECT tiering.override_tier('numbered', '99999999999', 'A', 'x');
SELECT tiering.keep_promise('numbered', 'seven');
SELECT tiering.erase_customer(NULL, 'seven');
CREATE TABLE source_test.contacts (customer text, at date);
INSERT INTO source_test.contacts VALUES ('1', '2026-01-07'), ('seven', '2026-01-08');
SELECT tiering.import_followups('numbered', 'source_test.contacts');
-- contacts whose customers are of another type than the key
CREATE TABLE source_test.typed (customer numeric, at date);
INSERT INTO source_test.typed VALUES (1.00, '2026-01-06');
SELECT tiering.import_followups('numbered', 'source_test.typed');

-- Hidden rows: nobody who is only unseen is taken for gone. What counts is row-level security below the source, for who reads it.
CREATE ROLE source_agent;
CREATE ROLE source_keeper;
SELECT tiering.grant_admin('source_agent');
GRANT USAGE, CREATE ON SCHEMA source_test TO source_agent, source_keeper;
CREATE TABLE source_test.secret (id integer PRIMARY KEY, level text, v numeric, owner text);
INSERT INTO source_test.secret VALUES (1, 'VIP', 1, 'source_agent'), (2, 'VIP', 1, 'somebody');
ALTER TABLE source_test.secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON source_test.secret USING (owner = current_user);
GRANT SELECT ON source_test.secret TO source_agent, source_keeper;
CREATE VIEW source_test.by_invoker WITH (security_invoker) AS SELECT * FROM source_test.secret;
CREATE VIEW source_test.by_owner AS SELECT * FROM source_test.secret;
CREATE VIEW source_test.owner_over_invoker AS SELECT * FROM source_test.by_invoker WHERE id > 0;
CREATE VIEW source_test.invoker_over_owner WITH (security_invoker = on) AS SELECT * FROM source_test.by_owner WHERE id > 0;
CREATE VIEW source_test.deep WITH (security_invoker) AS
    WITH c AS (SELECT * FROM source_test.plain) SELECT c.* FROM c WHERE EXISTS (SELECT FROM source_test.by_invoker i WHERE i.id = c.id);
CREATE VIEW source_test.asking AS SELECT * FROM source_test.plain WHERE session_user <> 'nobody';
CREATE MATERIALIZED VIEW source_test.kept AS SELECT * FROM source_test.secret;
GRANT SELECT ON source_test.by_invoker, source_test.by_owner, source_test.kept, source_test.plain TO source_agent, source_keeper;
SET ROLE source_keeper;
CREATE VIEW source_test.by_keeper AS SELECT * FROM source_test.secret;
RESET ROLE;
CREATE TABLE source_test.whole (id integer, level text, v numeric) PARTITION BY LIST (id);
CREATE TABLE source_test.part PARTITION OF source_test.whole DEFAULT;
ALTER TABLE source_test.part ENABLE ROW LEVEL SECURITY;
CREATE TABLE source_test.child () INHERITS (source_test.plain);
ALTER TABLE source_test.child ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION source_test.hidden() RETURNS TABLE (source regclass, hides boolean) LANGUAGE sql AS $$
    SELECT c.oid::regclass, tiering.hides_rows(c.oid::regclass) FROM pg_class c
    WHERE c.relnamespace = 'source_test'::regnamespace AND c.relname IN ('plain', 'secret', 'by_invoker', 'by_owner', 'owner_over_invoker', 'invoker_over_owner', 'deep',
        'asking', 'kept', 'by_keeper', 'whole', 'part') ORDER BY c.relname COLLATE "C" $$;
SELECT h.source, h.hides AS superuser FROM source_test.hidden() h;
SET ROLE source_agent;
SELECT h.source, h.hides AS agent FROM source_test.hidden() h;
RESET ROLE;
-- policies of partitions and children do not count where the parent is read, as the server has it
INSERT INTO source_test.whole VALUES (1, 'x', 1);
GRANT SELECT ON source_test.whole TO source_agent;
SET ROLE source_agent;
SELECT count(*) FROM source_test.whole;
RESET ROLE;
SELECT tiering.create_program(n.name, 'source_scheme', ('source_test.' || n.name)::regclass, 'id')
FROM unnest(ARRAY['by_invoker', 'by_owner', 'owner_over_invoker']) AS n (name);
GRANT SELECT ON source_test.owner_over_invoker, source_test.invoker_over_owner TO source_agent;
CALL tiering.retier('by_invoker');
CALL tiering.retier('owner_over_invoker');
CALL tiering.retier('by_owner');
SET ROLE source_agent;
CALL tiering.retier('by_invoker');
CALL tiering.retier('owner_over_invoker');
CALL tiering.retier('by_owner');
SELECT * FROM tiering.retier_preview('by_invoker');
SELECT tiering.log_followup('by_invoker', '2');
RESET ROLE;
SELECT program, customer, tier FROM tiering.current_tiers WHERE program IN ('by_invoker', 'owner_over_invoker', 'by_owner') ORDER BY 1, 2;
DELETE FROM source_test.secret WHERE id = 2;
CALL tiering.retier('by_invoker');

-- Names of programs: of any script, and refused with the rule.
SELECT tiering.create_program('销售跟进', 'source_scheme', 'source_test.plain', 'id');
CALL tiering.retier('销售跟进');
DROP TABLE source_test.child;
SELECT tiering.enable_automatic('销售跟进');
SELECT tiering.create_program(repeat('客户', 31) || 'x', 'source_scheme', 'source_test.plain', 'id');
SELECT tiering.create_program(repeat('客户', 31) || 'y', 'source_scheme', 'source_test.plain', 'id');
SELECT tiering.enable_automatic(repeat('客户', 31) || x) FROM unnest('{x,y}'::text[]) AS x;
SELECT count(*), count(DISTINCT tgname), max(octet_length(tgname)) FROM pg_trigger WHERE tgrelid = 'source_test.plain'::regclass;
UPDATE source_test.plain SET level = 'x';
SELECT left(program, 4), customer, tier FROM tiering.current_tiers WHERE program ~ '客|销' ORDER BY program COLLATE "C";
SELECT tiering.create_program(name, 'source_scheme', 'source_test.plain', 'id') FROM (VALUES ('')) AS n (name);
SELECT tiering.create_program('2nd', 'source_scheme', 'source_test.plain', 'id');
SELECT tiering.create_program('a-b', 'source_scheme', 'source_test.plain', 'id');
SELECT tiering.create_program(repeat('x', 64), 'source_scheme', 'source_test.plain', 'id');
-- a program renamed or deleted by hand takes along what belongs to it
UPDATE tiering.programs SET program = '跟进' WHERE program = '销售跟进';
SELECT program, customer FROM tiering.current_tiers WHERE program IN ('跟进', '销售跟进');
DELETE FROM tiering.programs WHERE program = '跟进';
SELECT count(*) FROM tiering.assignments a, tiering.assignment_log l, tiering.program_tiers t, tiering.retier_runs r
WHERE '跟进' IN (a.program, l.program, t.program, r.program);
SELECT tiering.program_tables() = ARRAY(SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'program'
    WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind = 'r' AND c.relname <> 'programs' ORDER BY c.relname) AS all_of_them;

SET client_min_messages = warning;
SELECT count(tiering.drop_program(p.program)) FROM tiering.programs p WHERE p.scheme = 'source_scheme';

-- Nothing that runs has a backslash, which standard_conforming_strings = off would take away.
SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'tiering'::regnamespace AND strpos(p.prosrc, chr(92)) > 0;

-- What the application does keeps working under automatic grading.
RESET client_min_messages;
CREATE TABLE source_test.written (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, level text, v numeric, owner public.citext);
INSERT INTO source_test.written VALUES (1, 'x', 1, 'anna'), (2, 'VIP', 1, 'ben');
SELECT tiering.create_program('written', 'source_scheme', 'source_test.written', 'id', owner_column => 'owner');
CALL tiering.retier('written');
SELECT tiering.enable_automatic('written');
-- keys that are not unique for a while
BEGIN;
UPDATE source_test.written SET id = 2 WHERE level = 'x';
UPDATE source_test.written SET id = 1 WHERE level = 'VIP';
COMMIT;
SELECT customer, tier FROM tiering.current_tiers WHERE program = 'written' ORDER BY 1;
-- values that are equal, but not the same: another case, another scale
UPDATE source_test.written SET owner = 'Anna' WHERE id = 2;
UPDATE source_test.written SET v = 1.00;
SELECT customer, owner FROM tiering.current_tiers WHERE program = 'written' ORDER BY 1;
-- a column that is dropped
ALTER TABLE source_test.written DROP COLUMN v;
UPDATE source_test.written SET level = 'y';
INSERT INTO source_test.written VALUES (3, 'x', 'carl');
ALTER TABLE source_test.written ADD COLUMN v numeric;
SELECT tiering.alter_program('written', '{"inputs": {"v": "v"}}');
UPDATE source_test.written SET v = 500;
SELECT customer, tier FROM tiering.current_tiers WHERE program = 'written' ORDER BY 1;
-- a policy and a function of the user that find their tables by the search_path of the caller; objects that shadow those of pg_catalog
CREATE SCHEMA source_path;
SET search_path = source_path, public;
CREATE TABLE acl (role_name text, customer integer);
INSERT INTO acl VALUES ('source_agent', 1);
CREATE FUNCTION may_see(c integer) RETURNS boolean LANGUAGE plpgsql STABLE AS
    $$ BEGIN RETURN EXISTS (SELECT FROM acl WHERE acl.customer = c AND role_name = current_user); END $$;
CREATE FUNCTION array_agg(text[]) RETURNS text[] LANGUAGE sql AS 'SELECT NULL::text[]';
CREATE FUNCTION count(text) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
CREATE FUNCTION never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = never);
CREATE OPERATOR *<> (LEFTARG = record, RIGHTARG = record, FUNCTION = record_image_eq);
CREATE TABLE client (id integer PRIMARY KEY, level text, v numeric);
INSERT INTO client VALUES (1, 'x', 1);
ALTER TABLE client ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON client USING (may_see(id));
GRANT USAGE ON SCHEMA source_path TO source_agent;
GRANT SELECT, UPDATE ON client TO source_agent;
GRANT SELECT ON acl TO source_agent;
SELECT tiering.create_program('path', 'source_scheme', 'client', 'id');
CALL tiering.retier('path');
SELECT tiering.enable_automatic('path');
SET search_path = source_path, pg_catalog, public;
SET ROLE source_agent;
UPDATE client SET v = 500;
RESET ROLE;
SELECT customer, tier FROM tiering.current_tiers WHERE program OPERATOR(pg_catalog.=) 'path';
SHOW search_path;
RESET search_path;
-- Whoever names a customer by another spelling reads the source under the path of the session, whatever is called.
SET search_path = source_test, public;
CREATE TABLE person (name citext PRIMARY KEY, level text);
CREATE TABLE bonus (name text, v numeric);
INSERT INTO person VALUES ('Anna', 'x'), ('Ben', 'x');
CREATE FUNCTION bonus_of(name text) RETURNS numeric LANGUAGE plpgsql STABLE AS 'BEGIN RETURN coalesce((SELECT sum(b.v) FROM bonus b WHERE b.name = bonus_of.name), 0); END';
CREATE VIEW persons AS SELECT name, level, bonus_of(name::text) AS v FROM person WHERE bonus_of(name::text) >= 0;
SELECT tiering.create_program('spelt', 'source_scheme', 'persons', 'name');
CALL tiering.retier('spelt');
SELECT tiering.plan_followup('spelt', 'ANNA', current_date + 1) = current_date + 1 AS planned, tiering.snooze_followup('spelt', 'ANNA', current_date + 2, 'x') = current_date + 2 AS snoozed;
SELECT tiering.override_tier('spelt', 'ANNA', 'A', 'x'), tiering.assign_tier('spelt', 'bEN', 'A', 'x');
SELECT customer, tier FROM tiering.current_tiers WHERE program = 'spelt' ORDER BY 1;
SELECT tiering.clear_override('spelt', 'ANNA');
SELECT (tiering.log_followup('spelt', 'ANNA', promise => 'x', promised_at => '2999-01-01')).tier;
SELECT tiering.keep_promise('spelt', 'ANNA'), (tiering.log_followup('spelt', 'ANNA', promise => 'y', promised_at => '2999-01-02')).tier;
SELECT tiering.withdraw_promise('spelt', 'ANNA');
CREATE TABLE heard AS SELECT 'ANNA' AS customer, date '2026-01-05' AS at;
SELECT tiering.import_followups('spelt', 'heard');
SELECT tiering.erase_customer('spelt', 'ANNA') > 0 AS erased;
-- and what is known of a customer can be erased when the source is gone
DROP VIEW persons;
SELECT tiering.erase_customer('spelt', 'Ben') > 0 AS erased;
RESET search_path;
SELECT tiering.drop_program('written'), tiering.drop_program('path'), tiering.drop_program('spelt');
SET client_min_messages = warning;
DROP SCHEMA source_path CASCADE;
DROP SCHEMA source_test CASCADE;
\if :has_citext
    DROP EXTENSION citext;
\else
    DROP TYPE public.citext CASCADE;
\endif
DROP OWNED BY source_agent, source_keeper;
DROP ROLE source_agent, source_keeper;
SELECT tiering.retire_scheme('source_scheme');
DELETE FROM tiering.schemes WHERE scheme = 'source_scheme';

-- The user's own functions and policies find their tables by the search_path of the caller, whatever reads the source: all that runs a query over it.
CREATE SCHEMA source_path_test;
SET search_path = source_path_test, public;
CREATE TABLE purchase (customer text, amount numeric);
CREATE FUNCTION spent(c integer) RETURNS numeric LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT sum(p.amount) FROM purchase p WHERE p.customer = c::text); END $$;
CREATE TABLE buyer (id integer PRIMARY KEY, joined date);
INSERT INTO buyer SELECT g, '2026-01-01' FROM generate_series(1, 10) AS g;
INSERT INTO purchase SELECT g::text, g * 1000 FROM generate_series(1, 10) AS g;
CREATE VIEW buyer_view AS SELECT b.id, spent(b.id) AS annual_value FROM buyer b;
CREATE FUNCTION seen(c text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN EXISTS (SELECT FROM purchase p WHERE p.customer = c); END $$;
SELECT count(*) FROM tiering.check_inputs('abc_share', 'buyer_view', key => 'id', owner_column => 'id');
SELECT stored_as, version FROM tiering.fit_scheme('abc_share', 'buyer_view', fitted_as => 'source_path_test') LIMIT 1;
SELECT tiering.approve_scheme('source_path_test');
SELECT sum(n_now) > 0 AS drifts FROM tiering.scheme_drift('source_path_test', 'buyer_view');
SELECT tiering.create_program('source_path', 'source_path_test', 'buyer_view', 'id');
CALL tiering.retier('source_path');
SELECT count(*) FROM tiering.check_inputs('source_path');
SELECT count(*) FROM tiering.retier_preview('source_path');
SELECT tiering.explain_customer('source_path', '1') ->> 'customer' AS customer;
SELECT tiering.log_complaint('source_path', '02', 'late', '2026-01-02') IS NOT NULL AS logged;
SELECT tiering.resolve_complaint('source_path', '002', 'sorry') > interval '0' AS resolved;
SELECT tiering.record_review('source_path', '003', 'keep', 'fair') IS NOT NULL AS reviewed;
SELECT count(*) > 0 AS known FROM tiering.customer_log('source_path', '003');
ALTER TABLE purchase ADD at timestamptz NOT NULL DEFAULT '2026-01-05 10:00+00';
SELECT tiering.register_events('source_path', 'order', 'purchase', 'customer', 'at', 'amount', only_where => 'seen(customer)');
SELECT events FROM tiering.check_events('source_path');
-- a policy of a table, too
ALTER TABLE buyer ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON buyer USING (seen(id::text));
CREATE ROLE source_path_clerk;
GRANT USAGE ON SCHEMA source_path_test TO source_path_clerk;
GRANT SELECT ON buyer, purchase TO source_path_clerk;
SET ROLE source_path_clerk;
SELECT count(*) FROM tiering.suggest_mapping('rfm', 'buyer');
SELECT count(*) FROM tiering.check_inputs('abc_share', 'buyer', '{"annual_value": "id"}');
RESET ROLE;
RESET search_path;
SET client_min_messages = warning;
SELECT tiering.drop_program('source_path');
DROP SCHEMA source_path_test CASCADE;
DROP ROLE source_path_clerk;
SELECT tiering.retire_scheme('source_path_test');
DELETE FROM tiering.schemes WHERE scheme = 'source_path_test';
