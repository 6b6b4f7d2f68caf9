-- The objects of the extension by their identities, one a line, and the columns of its tables and views: `tools/release.sh freeze` writes them down, and the reference tells by them since when each is there.
SET search_path = pg_catalog, pg_temp;
SELECT object FROM (
    SELECT format('%s %s', i.type, i.identity)
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'customer_tiering' CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND i.type IN ('function', 'procedure', 'aggregate', 'view', 'table', 'type')
    UNION ALL
    SELECT format('column %s.%s', c.oid::regclass, quote_ident(a.attname))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind IN ('r', 'v')
) o (object) ORDER BY object COLLATE "C";
