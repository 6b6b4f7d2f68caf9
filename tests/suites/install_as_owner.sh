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

# Programs, too, and a dump by one whom row-level security concerns.
program="CREATE SCHEMA mine; CREATE TABLE mine.clients (id integer PRIMARY KEY, annual_value numeric); INSERT INTO mine.clients SELECT g, g * 20000 FROM generate_series(1, 20) AS g;
    SELECT tiering.create_program('mine', 'abc_share', 'mine.clients', 'id'); SELECT tiering.enable_automatic('mine')"
check_runs "the owner makes a program" sql "$database" "$program" -U "$owner"
check_runs "and retiers it" sql "$database" "CALL tiering.retier('mine')" -U "$owner"
check_runs "and logs a contact" sql "$database" "SELECT tiering.log_followup('mine', '3')" -U "$owner"
fresh_database "${database}_restored"
sql postgres "ALTER DATABASE ${database}_restored OWNER TO $owner" >/dev/null
check_contains "a plain dump by the owner says that it would not be whole" "$(pg_dump -U "$owner" -d "$database" 2>&1 >/dev/null || true)" "row-level security"
carry_over() { pg_dump -U "$owner" --enable-row-security --inserts -d "$database" | psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -U "$owner" -d "${database}_restored"; }
check_runs "with the options of docs/operations.md it is" carry_over
tiers="SELECT customer, tier, since, last_followup FROM tiering.current_tiers ORDER BY customer"
check "the restored tiers are equal" "$(sql "${database}_restored" "$tiers" -U "$owner")" "$(sql "$database" "$tiers")"
# What the owner of a database may do hangs on the database, not on who restored it: the extension then belongs to a superuser.
works_as_owner() { # "what": all that a database's owner does
    local scheme='{"scheme": "own", "inputs": [{"name": "x", "type": "number"}], "tiers": [{"code": "A"}],
        "decision": {"method": "rules", "rules": [{"when": {"input": "x", "gte": 1}, "tier": "A"}]}}'
    check "$1: the tiers are equal" "$(sql "$restored" "$tiers" -U "$owner")" "$(sql "$database" "$tiers")"
    check "$1: the owner has all rights, and may grant what not everybody has" "$(sql "$restored" "SELECT c.relname, r.r FROM pg_class c, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS r (r)
        WHERE c.relnamespace = 'tiering'::regnamespace AND (c.relkind = 'r' AND c.relname <> 'tier_strategies' OR c.relkind = 'v' AND r.r = 'SELECT') AND NOT has_table_privilege('public', c.oid, r.r)
            AND NOT has_table_privilege('$owner', c.oid, r.r || ' WITH GRANT OPTION')")" ""
    check "$1: the owner goes on" "$(sqlstate "$restored" "CALL tiering.retier('mine')" -U "$owner")" 00000
    check "$1: and does the rest" "$(sqlstate "$restored" "UPDATE mine.clients SET annual_value = 1 WHERE id = 20; SELECT tiering.log_followup('mine', '4'), tiering.override_tier('mine', '5', 'A', 'why'),
        tiering.create_scheme('$scheme'), tiering.approve_scheme('own', 1, 'why'), tiering.create_program('more', 'abc_share', 'mine.clients', 'id'), tiering.drop_program('more'),
        tiering.grant_reader('${owner}_seller'), tiering.grant_agent('${owner}_seller'), tiering.grant_admin('${owner}_seller'), tiering.erase_customer('mine', '7', 'asked'), length(tiering.report_html('mine'))" -U "$owner")" 00000
    empty_restored
}
restored=${database}_restored
empty_restored() { fresh_database "$restored" && sql postgres "ALTER DATABASE $restored OWNER TO $owner" >/dev/null; }
archive=$work/install_as_owner
sql postgres "DROP ROLE IF EXISTS ${owner}_seller; CREATE ROLE ${owner}_seller" >/dev/null
empty_restored
rm -rf "$archive" && mkdir -p "$archive"
pg_dump -Fc -d "$database" -f "$archive/custom"
pg_dump -Fd -j 2 -d "$database" -f "$archive/directory"
pg_dump -Fp -d "$database" -f "$archive/plain"
check_runs "a superuser restores the custom format" pg_restore -e -d "$restored" "$archive/custom"
works_as_owner "custom format, restored by a superuser"
check_runs "a superuser restores the directory" pg_restore -e -j 4 -d "$restored" "$archive/directory"
works_as_owner "directory, restored by a superuser"
check_runs "a superuser restores the plain dump" psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d "$restored" -f "$archive/plain"
works_as_owner "plain dump, restored by a superuser"
check_runs "the owner dumps in custom format" pg_dump -U "$owner" -Fc --enable-row-security --inserts -d "$database" -f "$archive/own"
check_runs "and restores it" pg_restore -U "$owner" -e --enable-row-security -d "$restored" "$archive/own"
works_as_owner "custom format, dumped and restored by the owner"
sql postgres "DROP DATABASE $restored" >/dev/null
sql postgres "DROP ROLE ${owner}_seller" >/dev/null
sql "$database" "DROP SCHEMA mine CASCADE" >/dev/null

check "the owner drops it" "$(sqlstate "$database" 'DROP EXTENSION customer_tiering' -U "$owner")" 00000
check "nothing is left" "$(diff <(echo "$before") <(objects) || true)" ""

# Settings that a server may have do not stand in the way, of the installation nor of the life of a program.
odd="-c standard_conforming_strings=off -c escape_string_warning=off -c check_function_bodies=off -c array_nulls=off -c transform_null_equals=on"
odd="$odd -c quote_all_identifiers=on -c default_transaction_isolation=serializable -c bytea_output=escape -c datestyle=german -c intervalstyle=sql_standard"
odd="$odd -c timezone=Asia/Kathmandu -c extra_float_digits=-3 -c default_transaction_deferrable=on -c xmloption=document -c enable_hashjoin=off"
odd_sql() { PGOPTIONS=$odd sql "$database" "$1" -U "$owner"; }
check_runs "installed under odd settings" odd_sql 'CREATE EXTENSION customer_tiering'
check_runs "a program is made" odd_sql "$program"
check_runs "graded" odd_sql "CALL tiering.retier('mine')"
check_runs "its table is written" odd_sql "INSERT INTO mine.clients VALUES (21, 5); UPDATE mine.clients SET annual_value = 1e9 WHERE id = 1; DELETE FROM mine.clients WHERE id = 2"
check_runs "a contact is logged" odd_sql "SELECT tiering.log_followup('mine', '3', promise => 'x', promised_at => now() + interval '1 day'), tiering.override_tier('mine', '3', 'A', 'x')"
check_runs "what is due is looked at" odd_sql "SELECT * FROM tiering.followups_due; SELECT * FROM tiering.check_inputs('abc_share', 'mine.clients', key => 'id');
    SELECT * FROM tiering.retier_preview('mine'); SELECT tiering.explain_customer('mine', '3')"
check "with the tiers that there are without them" "$(sql "$database" "$tiers" | cut -d '|' -f 1,2)" \
    "$(sql "$database" "SELECT id, CASE id WHEN 3 THEN 'A' ELSE tiering.customer_tier('abc_share', annual_value) END FROM mine.clients ORDER BY id::text COLLATE \"C\"")"
check_runs "and it goes" odd_sql "SELECT tiering.disable_automatic('mine'), tiering.drop_program('mine')"
sql "$database" "DROP SCHEMA mine CASCADE; DROP EXTENSION customer_tiering" >/dev/null

check "somebody's schema tiering stops the installation" \
    "$(sqlstate "$database" 'CREATE SCHEMA tiering; CREATE EXTENSION customer_tiering' -U "$owner")" 42P06
check "and nothing is installed into it" "$(sql "$database" "SELECT count(*) FROM pg_extension WHERE extname = 'customer_tiering'")" 0
