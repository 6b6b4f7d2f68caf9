# A hot standby grades and reads, follows an update of the extension, and goes on as a primary when it is promoted.
source tests/lib.sh

folder=$("$PG_CONFIG" --sharedir)/extension
current=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$folder/customer_tiering.control")
own="standby$$"
name=standby-$(tools/major.sh)
trap '"$root/tools/cluster.sh" remove "$name"; rm -f "$folder"/customer_tiering--*"$own"*.sql' EXIT
tools/cluster.sh remove "$name"
cp "$folder/customer_tiering--$current.sql" "$folder/customer_tiering--$own.sql"
printf '%s\n' "CREATE VIEW tiering.of_the_update AS SELECT 1 AS one;" >"$folder/customer_tiering--$own--$current.sql"

fresh_database standby
check_runs "the primary has a program" sql standby "CREATE EXTENSION customer_tiering VERSION '$own'; CREATE TABLE clients (id integer PRIMARY KEY, annual_value numeric, owner text);
    INSERT INTO clients SELECT g, g * 20000, 'anna' FROM generate_series(1, 20) AS g; CREATE TABLE kept AS SELECT tiering.distribution(annual_value) AS d, tiering.current_scheme('rfm') AS s FROM clients;
    SELECT tiering.create_program('clients', 'abc_share', 'clients', 'id', owner_column => 'owner'); CALL tiering.retier('clients'); SELECT tiering.enable_automatic('clients')"

# where the server of this run can write, too
directory=$target/cluster/$name
install -d -m 700 -o "$(stat -c %U "$(sql standby 'SHOW data_directory')")" "$directory" "$directory/socket"
check_runs "a base backup" tools/cluster.sh run "$name" env PGHOST="$PGHOST" PGPORT="$PGPORT" PGUSER="$PGUSER" "$("$PG_CONFIG" --bindir)/pg_basebackup" -D "$directory/data" -R -c fast
tools/cluster.sh run "$name" touch log
check_runs "a standby starts from it" tools/cluster.sh start "$name" -c fsync=off 9>&-
on_standby() { (source <(tools/cluster.sh env "$name") && sql standby "$1"); }
state_on_standby() { (source <(tools/cluster.sh env "$name") && sqlstate standby "$1"); }
# caught_up: what the primary has written until now can be read there
caught_up() {
    local here
    here=$(sql standby "SELECT pg_current_wal_insert_lsn()")
    for _ in $(seq 300); do
        [ "$(on_standby "SELECT pg_last_wal_replay_lsn() >= '$here'")" = t ] && return
        sleep 0.1
    done
    fail "the standby has caught up" "$(tail -n 5 "$directory/log")"
}

sql standby "UPDATE clients SET annual_value = 1 WHERE id = 20; SELECT tiering.log_followup('clients', '7', 'phone')" >/dev/null
caught_up
all="SELECT customer, tier, since, last_followup FROM tiering.current_tiers ORDER BY customer; SELECT customer, due FROM tiering.followups_due ORDER BY 1; SELECT * FROM kept; SELECT count(*) FROM tiering.catalogue"
check "it has what the primary has" "$(on_standby "$all")" "$(sql standby "$all")"
read_there="SELECT tiering.customer_tier('abc_share', 1e9), tiering.explain_customer('clients', '7') ->> 'tier', length(tiering.report_html('clients')) > 1000, count(*) FROM tiering.retier_preview('clients')"
check "it grades, explains, reports and previews" "$(on_standby "$read_there")" "$(sql standby "$read_there")"
for write in "CALL tiering.retier('clients')" "SELECT tiering.log_followup('clients', '7', 'phone')" "SELECT tiering.derive_scheme('rfm', 'mine', '{}')" "ALTER EXTENSION customer_tiering UPDATE"; do
    check "it refuses $write" "$(state_on_standby "$write")" 25006
done
check "the primary updates the extension" "$(sqlstate standby 'ALTER EXTENSION customer_tiering UPDATE')" 00000
caught_up
check "the standby follows" "$(on_standby "SELECT extversion, one FROM pg_extension, tiering.of_the_update WHERE extname = 'customer_tiering'")" "$current|1"
check "it is promoted" "$(on_standby "SELECT pg_promote()")" t
check "and goes on" "$(state_on_standby "CALL tiering.retier('clients'); UPDATE clients SET annual_value = 1e9 WHERE id = 20; SELECT tiering.log_followup('clients', '7', 'phone')")" 00000
check "with the trigger's grade" "$(on_standby "SELECT tier FROM tiering.current_tiers WHERE customer = '20'")" A
sql postgres 'DROP DATABASE standby' >/dev/null
