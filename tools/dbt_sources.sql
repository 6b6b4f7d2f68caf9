-- The tables and views of the extension as sources of dbt, with what COMMENT ON says of them. psql -X -q -A -t -f tools/dbt_sources.sql; tests/suites/dbt.sh compares.
-- A text of JSON is one of YAML. dbt renders descriptions as templates: braces in pairs would not be text.
SELECT $$# Written from the COMMENTs of the extension: tests/run dbt --accept
sources:
  - name: tiering
    schema: tiering
    description: "Customers by tier: schemes, programs, tiers in force and their history, follow-ups. Of the PostgreSQL extension customer_tiering"
    tables:$$;
WITH shown AS (
    SELECT c.oid, c.relname
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
    JOIN pg_catalog.pg_extension e ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND e.oid = d.refobjid AND e.extname = 'customer_tiering'
    WHERE c.relkind IN ('r', 'v') AND c.relnamespace = 'tiering'::pg_catalog.regnamespace
),
lines AS (
    SELECT s.relname COLLATE "C" AS relation, 0 AS n, format(E'      - name: %s\n        description: %s\n        columns:', s.relname, pg_catalog.to_json(pg_catalog.obj_description(s.oid, 'pg_class'))) AS line
    FROM shown s
    UNION ALL
    SELECT s.relname, a.attnum, format(E'          - name: %s\n            data_type: %s\n            description: %s', a.attname,
        pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.to_json(pg_catalog.col_description(s.oid, a.attnum)))
    FROM shown s JOIN pg_catalog.pg_attribute a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
)
SELECT replace(replace(l.line, '{{', '{ {'), '{%', '{ %') FROM lines l ORDER BY l.relation, l.n;
