-- Every object of the extension, with all that its definition says: two databases have the same if their rows are equal. Nothing in it depends on OIDs.
SET search_path = pg_catalog, pg_temp;
WITH member AS (
    SELECT d.classid, d.objid, d.objsubid, i.type, i.identity
    FROM pg_depend d CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i
    WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'customer_tiering')
), acl AS ( -- grants in a fixed order
    SELECT classid, objid, string_agg(x::text, ',' ORDER BY x::text) AS grants FROM (
        SELECT 'pg_proc'::regclass::oid AS classid, oid AS objid, unnest(proacl) AS x FROM pg_proc
        UNION ALL SELECT 'pg_class'::regclass, oid, unnest(relacl) FROM pg_class
        UNION ALL SELECT 'pg_type'::regclass, oid, unnest(typacl) FROM pg_type) a GROUP BY 1, 2
)
SELECT concat_ws(' | ', m.type, m.identity, acl.grants, obj_description(m.objid, m.classid::regclass::name),
    CASE m.classid
        WHEN 'pg_proc'::regclass THEN (SELECT CASE p.prokind WHEN 'a' THEN (SELECT to_jsonb(a) - '{aggfnoid,aggtranstype,aggmtranstype,aggsortop}'::text[]
                    || jsonb_build_object('state', format_type(a.aggtranstype, NULL), 'parallel', p.proparallel, 'arguments', pg_get_function_arguments(p.oid)) FROM pg_aggregate a WHERE a.aggfnoid = p.oid)::text
                ELSE pg_get_functiondef(p.oid) END FROM pg_proc p WHERE p.oid = m.objid)
        WHEN 'pg_class'::regclass THEN (SELECT concat_ws(E'\n', c.relkind, c.relrowsecurity, c.relforcerowsecurity, array_to_string(c.reloptions, ','), CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
            (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(f.adbin, f.adrelid), a.attgenerated, a.attidentity, array_to_string(a.attacl, ','),
                col_description(a.attrelid, a.attnum)), E'\n' ORDER BY a.attnum)
                FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'S'),
            (SELECT string_agg(conname::text || ' ' || pg_get_constraintdef(oid), E'\n' ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid),
            (SELECT string_agg(pg_get_indexdef(indexrelid), E'\n' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = c.oid),
            (SELECT string_agg(pg_get_triggerdef(oid) || tgenabled::text, E'\n' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
            (SELECT string_agg(concat_ws(' ', polname, polcmd, polpermissive, polroles::regrole[]::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)), E'\n' ORDER BY polname) FROM pg_policy WHERE polrelid = c.oid),
            (SELECT n.condition FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS n (id, condition) WHERE e.extname = 'customer_tiering' AND n.id = c.oid)) FROM pg_class c WHERE c.oid = m.objid)
        WHEN 'pg_type'::regclass THEN (SELECT concat_ws(' ', t.typtype, t.typcategory, t.typlen, t.typstorage, t.typalign, t.typinput, t.typoutput, t.typreceive, t.typsend, format_type(nullif(t.typbasetype, 0), t.typtypmod), t.typdefault,
            (SELECT string_agg(pg_get_constraintdef(c.oid), ',' ORDER BY c.conname) FROM pg_constraint c WHERE c.contypid = t.oid)) FROM pg_type t WHERE t.oid = m.objid)
        WHEN 'pg_operator'::regclass THEN (SELECT concat_ws(' ', o.oprcode, o.oprrest, o.oprjoin, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprcanhash, o.oprcanmerge) FROM pg_operator o WHERE o.oid = m.objid)
        WHEN 'pg_cast'::regclass THEN (SELECT concat_ws(' ', c.castcontext, c.castmethod, c.castfunc::regprocedure) FROM pg_cast c WHERE c.oid = m.objid)
        WHEN 'pg_opclass'::regclass THEN (SELECT concat_ws(' ', c.opcdefault, c.opcintype::regtype) FROM pg_opclass c WHERE c.oid = m.objid)
    END)
FROM member m LEFT JOIN acl USING (classid, objid)
ORDER BY m.type COLLATE "C", m.identity COLLATE "C";
