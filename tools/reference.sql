-- Part of tools/reference.sh: the page of one chapter.
SET search_path = pg_catalog, pg_temp;
SET client_min_messages = warning;
CREATE TEMP TABLE placed (chapter text, topic text, place integer, name text, stable boolean);
CREATE TEMP TABLE released (object text PRIMARY KEY, version text);
\set copy '\\copy placed FROM ' :'placed'
:copy
\set copy '\\copy released FROM ' :'since'
:copy
-- What no release has is new in the working version. An identity as tools/objects.sql gives it.
CREATE FUNCTION pg_temp.since(identity text) RETURNS text LANGUAGE sql STABLE
    RETURN coalesce((SELECT r.version FROM released r WHERE r.object = since.identity), (SELECT extversion FROM pg_extension WHERE extname = 'customer_tiering'));
CREATE FUNCTION pg_temp.since(class oid, object oid) RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT pg_temp.since(i.type || ' ' || i.identity) FROM pg_identify_object(since.class, since.object, 0) i);
-- Each declaration in the order of its file, with what it returns. Functions of several forms stand together.
WITH declared AS (
    SELECT p.proname::text AS name, 1 AS kind, p.pronargs::bigint AS place,
        format('%s(%s)%s', p.proname, pg_get_function_arguments(p.oid), CASE p.prokind WHEN 'p' THEN '' ELSE ' → ' || pg_get_function_result(p.oid) END) AS signature,
        CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END AS word, obj_description(p.oid, 'pg_proc') AS comment, pg_temp.since('pg_proc'::regclass, p.oid) AS since, NULL::oid AS relation
    FROM pg_proc p WHERE p.pronamespace = 'tiering'::regnamespace
    UNION ALL
    SELECT c.relname, 0, 0, c.relname, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, obj_description(c.oid, 'pg_class'), pg_temp.since('pg_class'::regclass, c.oid), c.oid
    FROM pg_class c WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind IN ('r', 'v')
    UNION ALL
    SELECT t.typname, 0, 0, t.typname, 'type', obj_description(t.oid, 'pg_type'), pg_temp.since('pg_type'::regclass, t.oid), NULL
    FROM pg_type t WHERE t.typnamespace = 'tiering'::regnamespace AND t.typtype IN ('b', 'd', 'e') AND t.typelem = 0
), listed AS (
    SELECT l.topic, l.place AS topic_place, l.stable OR d.word = 'type' AS stable, l.stable OR d.kind = 0 AS shown, d.* FROM placed l JOIN declared d ON d.name = l.name
    WHERE l.chapter = :'chapter' AND d.comment IS NOT NULL AND d.comment !~ '^(a part of|part of|internal)'
), entries AS (
    SELECT l.topic, l.topic_place, l.kind, l.place, l.signature,
        format(E'\n### `%s`\n\n%s, %s, since %s: %s\n', replace(replace(replace(l.signature, 'tiering.', ''), 'timestamp with time zone', 'timestamptz'), 'double precision', 'float8'), initcap(l.word),
            CASE WHEN l.stable THEN 'stable' ELSE 'may change' END, l.since, regexp_replace(replace(replace(l.comment, '&', '&amp;'), '<', '&lt;'), '\m([a-z_]+\(\))', '`\1`', 'g'))
        || coalesce((SELECT E'\n| column | type | |\n|---|---|---|\n' || string_agg(format(E'| `%s` | %s | %s |\n', a.attname, replace(format_type(a.atttypid, a.atttypmod), 'tiering.', ''),
                replace(replace(replace(concat_ws('; since ', col_description(a.attrelid, a.attnum), c.since), '|', '\|'), '&', '&amp;'), '<', '&lt;')), '' ORDER BY a.attnum)
            FROM pg_attribute a, LATERAL (SELECT nullif(pg_temp.since(format('column %s.%s', a.attrelid::regclass, quote_ident(a.attname))), l.since)) AS c (since) WHERE a.attrelid = l.relation AND a.attnum > 0 AND NOT a.attisdropped), '') AS entry
    FROM listed l WHERE l.shown
), parts AS (
    SELECT l.topic, format(E'\n*Parts, which may change with any version:* %s.\n', string_agg(DISTINCT format('`%s`', l.name), ', ' ORDER BY format('`%s`', l.name))) AS names
    FROM listed l WHERE NOT l.shown AND NOT EXISTS (SELECT FROM listed s WHERE s.topic = l.topic AND s.name = l.name AND s.shown) GROUP BY l.topic
), topics AS (
    SELECT coalesce(e.topic, p.topic) AS topic, e.text, p.names
    FROM (SELECT topic, string_agg(entry, '' ORDER BY topic_place, kind, place, signature COLLATE "C") AS text FROM entries GROUP BY topic) e FULL JOIN parts p ON p.topic = e.topic
)
SELECT format(E'\n## %s\n', upper(left(t.title, 1)) || substr(t.title, 2)) || coalesce(o.text, '') || coalesce(o.names, '')
FROM topics o, LATERAL (SELECT replace(regexp_replace(o.topic, '^\d+_', ''), '_', ' ') AS title) t
ORDER BY o.topic COLLATE "C";
