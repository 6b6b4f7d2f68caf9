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

# a restore changes OIDs, and the numbers of columns where the table has lost one; programs have the name of the source beside its OID
contents() { sql "$1" "SELECT (to_jsonb(t) - '{column_numbers,source,source_oid,source_home}'::text[])::text FROM $2 t ${3:-} ORDER BY 1"; }

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

check "a built-in calendar has the days that were added to it" \
    "$(sql dump_target "SELECT known_until = '2027-12-31', tiering.is_workday('cn', '2027-02-08'), tiering.is_workday('cn', '2027-02-20') FROM tiering.calendars WHERE calendar = 'cn'")" \
    "t|f|t"
check "a restored view grades as before" \
    "$(contents dump_target customer_tiers)" "$(contents dump_source customer_tiers)"
check "a materialized view over a scheme of ours is refreshed by the restore" \
    "$(contents dump_target customer_tiers_kept)" "$(contents dump_source customer_tiers_kept)"
check "a view of a program shows what it showed" \
    "$(contents dump_target crm.client_tiers)" "$(contents dump_source crm.client_tiers)"
check "the materialized one, too" \
    "$(contents dump_target crm.client_tiers_kept)" "$(contents dump_source crm.client_tiers_kept)"

for table in kept.everything kept.ours kept.grades kept.mix; do
    check "$table is equal after the restore" "$(contents dump_target $table)" "$(contents dump_source $table)"
done
check "a value of every type is among them" "$(sql dump_source "SELECT t.typname FROM pg_type t WHERE t.typnamespace = 'tiering'::regnamespace AND t.typtype IN ('b', 'd', 'e') AND t.typelem = 0
    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = 'kept.everything'::regclass AND a.atttypid = t.oid)")" ""
check "and none is NULL" "$(sql dump_source "SELECT e.key FROM jsonb_each_text((SELECT to_jsonb(e) FROM kept.everything e)) e WHERE e.value IS NULL")" ""

# Both databases go on as one would: columns are found again under their new numbers, triggers grade, the next retier finds nothing to do.
for database in dump_source dump_target; do
    check_runs "$database: the restored triggers grade" sql "$database" "
        UPDATE crm.clients SET monetary = 1, orders = 1, recency_days = 299 WHERE id = 20; DELETE FROM crm.clients WHERE id = 21"
done
changed="SELECT customer, tier, reason, cause FROM tiering.assignment_history WHERE program = 'dumped' ORDER BY customer, valid"
check "with the same result" "$(sql dump_target "$changed")" "$(sql dump_source "$changed")"
both="CALL tiering.retier('dumped'); CALL tiering.retier('dumped_view'); CALL tiering.retier('dumped_tenants')"
check "a retier finds the same in both" "$(sql dump_target "$both")" "$(sql dump_source "$both")"
check "and after it there is nothing to do" "$(sql dump_target "$both" | grep -o '[0-9]* new, .*' | sort -u)" "0 new, 0 moved, 0 otherwise changed, 0 gone"

# pg_restore knows no order between the tables of an extension: by jobs, by sections, alone or after the fact, all rows come back.
counts=$(sql dump_source "SELECT string_agg(format('SELECT %L, count(*) FROM %s', t, t), ' UNION ALL ' ORDER BY t::text)
    FROM pg_extension e, unnest(e.extconfig) AS c (id), LATERAL (SELECT c.id::regclass AS t) t WHERE e.extname = 'customer_tiering'")
everything() {
    sql "$1" "$counts"
    local table condition
    while read -r table condition; do
        [ -z "$table" ] || contents "$1" "$table" "$condition"
    done <<<"$marked"
    sql "$1" "SELECT * FROM crm.client_tiers ORDER BY id"
}
before=$(everything dump_source)
archive=$work/dump_restore
rm -rf "$archive" && mkdir -p "$archive"
pg_dump -Fc -d dump_source -f "$archive/whole"
pg_dump -Fd -j 2 -d dump_source -f "$archive/directory"
pg_dump -Fp -d dump_source -f "$archive/plain.sql"
pg_dump -Fc --data-only -d dump_source -f "$archive/data" 2>/dev/null
restore() { # "what" command...: into a fresh database, and compared
    local what=$1
    shift
    fresh_database dump_parts
    check_runs "$what" "$@"
    check "$what: all rows are there" "$(diff <(everything dump_parts) <(echo "$before") | head -n 20 || true)" ""
}
for n in 1 2 3 4 5; do
    restore "pg_restore -j 4 of one file, time $n" pg_restore -e -j 4 -d dump_parts "$archive/whole"
done
restore "pg_restore -j 4 of a directory" pg_restore -e -j 4 -d dump_parts "$archive/directory"
restore "pg_restore with one job" pg_restore -e -1 -d dump_parts "$archive/whole"
restore "a plain dump" psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d dump_parts -f "$archive/plain.sql"
by_sections() { for section in pre-data data post-data; do pg_restore -e -j 2 --section="$section" -d dump_parts "$archive/whole" || return 1; done; }
restore "pg_restore by sections" by_sections
schema_then_data() { pg_restore -e --schema-only -d dump_parts "$archive/whole" && pg_restore -e --disable-triggers -j 3 --data-only -d dump_parts "$archive/data"; }
restore "the schema first, the data later" schema_then_data
check_contains "programs find their source by its name, though no trigger has looked for it" "$(sql dump_parts "CALL tiering.retier('dumped')")" "0 new, 0 moved, 0 otherwise changed, 0 gone"
check "and write it down" "$(sql dump_parts "SELECT source FROM tiering.programs WHERE program = 'dumped'")" crm.clients
ours_first() {
    sql dump_parts 'CREATE EXTENSION customer_tiering' && pg_restore -e -n tiering --data-only -d dump_parts "$archive/whole" && sql dump_parts 'CREATE SCHEMA crm' &&
        pg_restore -n crm -d dump_parts "$archive/whole"
}
fresh_database dump_parts
check_runs "programs before their tables" ours_first
check_contains "find them when they have come" "$(sql dump_parts "CALL tiering.retier('dumped')")" "0 new, 0 moved, 0 otherwise changed, 0 gone"
one_schema_and_ours() {
    sql dump_parts 'CREATE EXTENSION customer_tiering; CREATE SCHEMA crm' &&
        pg_restore -e -n crm --schema-only -d dump_parts "$archive/whole" && pg_restore -e -j 2 -n tiering --data-only -d dump_parts "$archive/whole" &&
        pg_restore -e --disable-triggers -n crm --data-only -d dump_parts "$archive/whole"
}
restore "schemas alone, ours among them" one_schema_and_ours

# A table that is restored without its program takes writes.
fresh_database dump_parts
sql dump_parts 'CREATE EXTENSION customer_tiering; CREATE SCHEMA crm' >/dev/null
pg_restore -n crm -d dump_parts "$archive/whole" >/dev/null 2>&1 || true
said=$(sql dump_parts "INSERT INTO crm.clients (id) SELECT 1000 + g FROM generate_series(1, 3) AS g; UPDATE crm.clients SET owner = 'x'; DELETE FROM crm.clients; TRUNCATE crm.clients")
check "a table without its program takes writes, with one WARNING a statement" "$(grep -c WARNING <<<"$said")" 4
check "and with no ERROR" "$(grep -c ERROR <<<"$said" || true)" 0
check "the HINT of it works" "$(sql dump_parts "SELECT tiering.drop_triggers('dumped', 'crm.clients')")" 5
