-- Part of tools/reference.sh: the page of one chapter.
SET search_path = pg_catalog, pg_temp;
SET client_min_messages = warning;
CREATE TEMP TABLE placed (chapter text, topic text, place integer, name text, stable boolean);
\set copy '\\copy placed FROM ' :'placed'
:copy
-- Each declaration in the order of its file, with what it returns. Functions of several forms stand together.
WITH declared AS (
    SELECT p.proname::text AS name, 1 AS kind, p.pronargs::bigint AS place,
        format('%s(%s)%s', p.proname, pg_get_function_arguments(p.oid), CASE p.prokind WHEN 'p' THEN '' ELSE ' → ' || pg_get_function_result(p.oid) END) AS signature,
        CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END AS word, obj_description(p.oid, 'pg_proc') AS comment, p.oid AS object, NULL::oid AS relation
    FROM pg_proc p WHERE p.pronamespace = 'tiering'::regnamespace
    UNION ALL
    SELECT c.relname, 0, 0, c.relname, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, obj_description(c.oid, 'pg_class'), c.oid, c.oid
    FROM pg_class c WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind IN ('r', 'v')
    UNION ALL
    SELECT t.typname, 0, 0, t.typname, 'type', obj_description(t.oid, 'pg_type'), t.oid, NULL
    FROM pg_type t WHERE t.typnamespace = 'tiering'::regnamespace AND t.typtype IN ('b', 'd', 'e') AND t.typelem = 0
), listed AS (
    SELECT l.topic, l.place AS topic_place, l.stable OR d.kind = 0 AS stable, d.* FROM placed l JOIN declared d ON d.name = l.name
    WHERE l.chapter = :'chapter' AND d.comment IS NOT NULL AND d.comment !~ '^(a part of|part of|internal)'
), entries AS (
    SELECT l.topic, l.topic_place, l.kind, l.place, l.signature,
        format(E'\n### `%s`\n\n%s: %s\n', replace(replace(replace(l.signature, 'tiering.', ''), 'timestamp with time zone', 'timestamptz'), 'double precision', 'float8'), initcap(l.word),
            regexp_replace(replace(replace(l.comment, '&', '&amp;'), '<', '&lt;'), '\m([a-z_]+\(\))', '`\1`', 'g'))
        || coalesce((SELECT E'\n| column | type | |\n|---|---|---|\n' || string_agg(format(E'| `%s` | %s | %s |\n', a.attname, replace(format_type(a.atttypid, a.atttypmod), 'tiering.', ''),
                replace(replace(replace(coalesce(col_description(a.attrelid, a.attnum), ''), '|', '\|'), '&', '&amp;'), '<', '&lt;')), '' ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = l.relation AND a.attnum > 0 AND NOT a.attisdropped), '') AS entry
    FROM listed l WHERE l.stable
), parts AS (
    SELECT l.topic, format(E'\n*Parts, which may change with any version:* %s.\n', string_agg(DISTINCT format('`%s`', l.name), ', ' ORDER BY format('`%s`', l.name))) AS names
    FROM listed l WHERE NOT l.stable AND NOT EXISTS (SELECT FROM listed s WHERE s.topic = l.topic AND s.name = l.name AND s.stable) GROUP BY l.topic
), topics AS (
    SELECT coalesce(e.topic, p.topic) AS topic, e.text, p.names
    FROM (SELECT topic, string_agg(entry, '' ORDER BY topic_place, kind, place, signature COLLATE "C") AS text FROM entries GROUP BY topic) e FULL JOIN parts p ON p.topic = e.topic
)
SELECT format(E'\n## %s\n', upper(left(t.title, 1)) || substr(t.title, 2)) || coalesce(o.text, '') || coalesce(o.names, '')
FROM topics o, LATERAL (SELECT replace(regexp_replace(o.topic, '^\d+_', ''), '_', ' ') AS title) t
ORDER BY o.topic COLLATE "C";
