# docs/reference says what the COMMENTs, the built-in schemes and the JSON Schemas say.
source tests/lib.sh

extension_database reference
check "every function, procedure, view, table and type has a COMMENT" "$(sql reference "
    SELECT i.identity FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'customer_tiering' CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i
    WHERE d.deptype = 'e' AND d.classid IN ('pg_proc'::regclass, 'pg_class'::regclass) AND obj_description(d.objid, d.classid::regclass::name) IS NULL AND i.type <> 'sequence' ORDER BY 1")" ""
command -v python3 >/dev/null || { echo "# python3 is not installed: the pages are not compared"; exit 0; }
PGDATABASE=reference tools/reference.sh "$work/reference"
check "docs/reference is what make reference writes" "$(diff -r docs/reference "$work/reference" | head -n 20 || true)" ""
