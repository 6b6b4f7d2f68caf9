# A database owner who is no superuser installs the extension, and removes it without a trace.
source tests/lib.sh

database=install_as_owner
owner=tiering_test_owner
fresh_database "$database"
sql postgres "DROP ROLE IF EXISTS $owner; CREATE ROLE $owner LOGIN NOSUPERUSER; ALTER DATABASE $database OWNER TO $owner" >/dev/null

# everything that an extension might leave behind, with the names by which one would find it
objects() {
    sql "$database" "
        SELECT 'schema', nspname FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast_temp)'
        UNION ALL SELECT 'function', oid::regprocedure::text FROM pg_proc
        UNION ALL SELECT 'type', oid::regtype::text FROM pg_type
        UNION ALL SELECT 'relation', oid::regclass::text FROM pg_class WHERE oid >= 16384
        UNION ALL SELECT 'operator', oid::regoperator::text FROM pg_operator
        UNION ALL SELECT 'cast', castsource::regtype || ' as ' || casttarget::regtype FROM pg_cast
        UNION ALL SELECT 'extension', extname FROM pg_extension
        UNION ALL SELECT 'event trigger', evtname FROM pg_event_trigger
        UNION ALL SELECT 'privilege', defaclnamespace::regnamespace::text FROM pg_default_acl
        ORDER BY 1, 2"
}
before=$(objects)

check "the owner is no superuser" "$(sql "$database" "SELECT rolsuper FROM pg_roles WHERE rolname = '$owner'")" f
check "the owner installs the extension" "$(sqlstate "$database" 'CREATE EXTENSION customer_tiering' -U "$owner")" 00000
check "it is there, in the version of the control file" \
    "$(sql "$database" "SELECT e.extversion = a.default_version FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname WHERE extname = 'customer_tiering'")" t
check "all of its objects stand in schema tiering" "$(sql "$database" "
    SELECT i.type, i.identity
    FROM pg_depend d
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'customer_tiering'
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      AND i.schema IS DISTINCT FROM 'tiering' AND i.type NOT IN ('schema', 'cast', 'language')")" ""
check "a user without any right may look things up" \
    "$(sql "$database" "SELECT has_schema_privilege('public', 'tiering', 'USAGE')")" t

check "the owner drops it" "$(sqlstate "$database" 'DROP EXTENSION customer_tiering' -U "$owner")" 00000
check "nothing is left" "$(diff <(echo "$before") <(objects) || true)" ""

check "somebody's schema tiering stops the installation" \
    "$(sqlstate "$database" 'CREATE SCHEMA tiering; CREATE EXTENSION customer_tiering' -U "$owner")" 42P06
check "and nothing is installed into it" "$(sql "$database" "SELECT count(*) FROM pg_extension WHERE extname = 'customer_tiering'")" 0
