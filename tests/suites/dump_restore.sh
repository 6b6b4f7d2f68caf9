# pg_dump | psql carries everything over that users have made. What there is to carry is made by
# tests/dump_restore.sql: whoever adds a table that is dumped adds rows to it there.
source tests/lib.sh

extension_database dump_source
fresh_database dump_target
check_runs "rows to carry over are made" psql -X -q -v ON_ERROR_STOP=1 -d dump_source -f tests/dump_restore.sql

carry_over() { pg_dump -d dump_source | psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d dump_target; }
check_runs "dump and restore go without an error" carry_over

# every table that the extension marks as dumped: its name, and which of its rows are
marked=$(sql dump_source "
    SELECT format('%s %s', c.table_id::regclass, c.condition)
    FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS c(table_id, condition)
    WHERE e.extname = 'customer_tiering'
    ORDER BY 1")

contents() { sql "$1" "SELECT t.*::text FROM $2 t ${3:-} ORDER BY 1"; }

while read -r table condition; do
    [ -n "$table" ] || continue
    before=$(contents dump_source "$table" "$condition")
    after=$(contents dump_target "$table" "$condition")
    if [ -z "$before" ]; then
        fail "$table has rows to carry over" "add some to tests/dump_restore.sql"
    else
        check "$table is equal after the restore" "$after" "$before"
    fi
done <<<"$marked"

# a second generation shows what a restore changes silently: owners, privileges, comments, defaults
schema_of() { pg_dump --schema-only -d "$1" | grep -v -E '^\\(un)?restrict '; }
check "the restored database dumps as the first" "$(diff <(schema_of dump_source) <(schema_of dump_target) || true)" ""

check "a restored view grades as before" \
    "$(contents dump_target customer_tiers)" "$(contents dump_source customer_tiers)"
check "a materialized view over a scheme of ours is refreshed by the restore" \
    "$(contents dump_target customer_tiers_kept)" "$(contents dump_source customer_tiers_kept)"
