# A subscriber of logical replication grades what arrives. The cluster of the other suites has no wal_level = logical,
# so that this suite starts one of its own.
source tests/lib.sh

cluster=logical-$("$root/tools/major.sh")
"$root/tools/cluster.sh" remove "$cluster"
trap '"$root/tools/cluster.sh" remove "$cluster"' EXIT
"$root/tools/cluster.sh" start "$cluster" -c wal_level=logical -c fsync=off -c synchronous_commit=off -c max_wal_senders=4 -c max_replication_slots=8
source <("$root/tools/cluster.sh" env "$cluster")

fresh_database publisher
extension_database subscriber
table="CREATE TABLE clients (id integer PRIMARY KEY, annual_value numeric, note text);
    CREATE TABLE parted (id integer PRIMARY KEY, annual_value numeric) PARTITION BY LIST (id);
    CREATE TABLE part PARTITION OF parted DEFAULT"
sql publisher "$table; INSERT INTO clients VALUES (1, 5, 'x'), (2, 5, 'x'); CREATE PUBLICATION clients FOR TABLE clients, parted" >/dev/null
sql subscriber "$table; INSERT INTO clients VALUES (1, 5, 'x'), (2, 5, 'x')
    ; SELECT tiering.create_program('clients', 'abc_share', 'clients', 'id'), tiering.create_program('parted', 'abc_share', 'parted', 'id')
    ; CALL tiering.retier('clients'); SELECT tiering.enable_automatic('clients'), tiering.enable_automatic('parted')" >/dev/null
sql publisher "SELECT pg_create_logical_replication_slot('clients', 'pgoutput')" >/dev/null
connection="host=$PGHOST port=$PGPORT dbname=publisher user=$PGUSER"
check_runs "a subscription" sql subscriber "CREATE SUBSCRIPTION clients CONNECTION '$connection' PUBLICATION clients
    WITH (create_slot = false, slot_name = clients, copy_data = false)"

# caught_up [SLOT]: everything that the publisher has written until now has been applied
caught_up() {
    local here slot=${1:-clients}
    here=$(sql publisher "SELECT pg_current_wal_insert_lsn()")
    for _ in $(seq 300); do
        [ "$(sql publisher "SELECT coalesce(bool_and(confirmed_flush_lsn >= '$here'), false) FROM pg_replication_slots WHERE slot_name = '$slot'")" = t ] && return
        sleep 0.2
    done
    fail "the subscriber has caught up" "$(tail -n 5 "$PGSERVERLOG")"
}
tiers() { sql subscriber "SELECT string_agg(customer || ' ' || coalesce(tier, '-'), ', ' ORDER BY customer) FROM tiering.current_tiers WHERE program = '$1'"; }
oracle() { sql subscriber "SELECT string_agg(id || ' ' || tiering.customer_tier('abc_share', annual_value), ', ' ORDER BY id::text) FROM $1"; }

sql publisher "UPDATE clients SET annual_value = 999999 WHERE id = 1; INSERT INTO clients VALUES (3, 999999, 'x'); DELETE FROM clients WHERE id = 2;
    INSERT INTO parted VALUES (1, 999999), (2, 5); UPDATE parted SET id = 3 WHERE id = 2"
caught_up
check "an UPDATE, an INSERT and a DELETE that arrive are graded" "$(tiers clients)" "$(oracle clients)"
check "so they are in partitions" "$(tiers parted)" "$(oracle parted)"
check "not all of them have one tier" "$(sql subscriber "SELECT count(DISTINCT tier) FROM tiering.current_tiers")" 2

# what cannot be graded must not stop the replication
sql publisher "UPDATE clients SET annual_value = 'NaN' WHERE id = 1; UPDATE clients SET annual_value = 5 WHERE id = 3"
caught_up
check "a value that cannot be graded arrives" "$(sql subscriber "SELECT annual_value FROM clients WHERE id = 1")" NaN
check "and what comes after it is graded" "$(sql subscriber "SELECT tier = tiering.customer_tier('abc_share', 5) FROM tiering.current_tiers WHERE program = 'clients' AND customer = '3'")" t
sql subscriber "SELECT tiering.drop_program('parted')" >/dev/null
sql subscriber "DELETE FROM tiering.programs" >/dev/null
sql publisher "UPDATE clients SET annual_value = 7 WHERE id = 1"
caught_up
check "a program that is not there does not stop it" "$(sql subscriber "SELECT annual_value FROM clients WHERE id = 1")" 7
sql subscriber "SELECT tiering.create_program('clients', 'abc_share', 'clients', 'id'); CALL tiering.retier('clients')" >/dev/null
sql publisher "TRUNCATE clients"
caught_up
check "a TRUNCATE that arrives leaves nobody" "$(tiers clients)" ""

# sessions that take triggers away, as a restore does, pass; rows written here are graded by the statement
sql subscriber "SET session_replication_role = replica; INSERT INTO clients VALUES (7, 5, 'x')" >/dev/null
check "session_replication_role = replica is not replication" "$(tiers clients)" ""
sql subscriber "INSERT INTO clients VALUES (8, 5, 'x')" >/dev/null
check "a row written on the subscriber is graded" "$(tiers clients)" "8 $(sql subscriber "SELECT tiering.customer_tier('abc_share', 5)")"
sql subscriber "ALTER SUBSCRIPTION clients DISABLE; ALTER SUBSCRIPTION clients SET (slot_name = NONE); DROP SUBSCRIPTION clients" >/dev/null

# Rows without a key are found by all their columns, of our types too, without a search_path; as text and as bytes.
check_runs "the extension at the publisher" sql publisher "CREATE EXTENSION customer_tiering"
for form in text binary; do
    table="CREATE TABLE kept_$form (id integer, r tiering.rfm, d tiering.distribution, m tiering.tier_tally, g tiering.migration,
        s tiering.scheme, c tiering.calendar, l tiering.lifetime_model)"
    sql subscriber "$table" >/dev/null
    sql publisher "$table; ALTER TABLE kept_$form REPLICA IDENTITY FULL; CREATE PUBLICATION kept_$form FOR TABLE kept_$form" >/dev/null
    sql publisher "SELECT pg_create_logical_replication_slot('kept_$form', 'pgoutput')" >/dev/null
    check_runs "a subscription to them ($form)" sql subscriber "CREATE SUBSCRIPTION kept_$form CONNECTION '$connection' PUBLICATION kept_$form
        WITH (create_slot = false, slot_name = kept_$form, copy_data = false, binary = $([ $form = binary ] && echo true || echo false))"
    sql publisher "INSERT INTO kept_$form SELECT g, tiering.rfm(date '2026-01-01' + d, g * d), tiering.distribution(g * d), tiering.tier_mix(chr(65 + g)), tiering.migration('A', chr(65 + g)),
            tiering.current_scheme('rfm'), (SELECT document FROM tiering.calendars WHERE calendar = 'cn'),
            '{\"kind\": \"bg_nbd\", \"unit\": \"week\", \"parameters\": {\"r\": 0.243, \"alpha\": 4.414, \"a\": 0.793, \"b\": 2.426}}'
            FROM generate_series(1, 4) AS g, generate_series(1, 9) AS d GROUP BY g;
        UPDATE kept_$form SET r = (SELECT r FROM kept_$form WHERE id = 2), s = tiering.current_scheme('abc_share') WHERE id = 1;
        UPDATE kept_$form SET d = NULL WHERE id = 3; UPDATE kept_$form SET id = 5 WHERE id = 3; DELETE FROM kept_$form WHERE id = 2" >/dev/null
    caught_up "kept_$form"
    rows="SELECT count(*), md5(string_agg(k::text, '' ORDER BY id)) FROM kept_$form k"
    check "rows with our types are found and changed ($form)" "$(sql subscriber "$rows")" "$(sql publisher "$rows")"
    check "none is left that was deleted ($form)" "$(sql subscriber "SELECT string_agg(id::text, ' ' ORDER BY id) FROM kept_$form")" "1 4 5"
    sql subscriber "ALTER SUBSCRIPTION kept_$form DISABLE; ALTER SUBSCRIPTION kept_$form SET (slot_name = NONE); DROP SUBSCRIPTION kept_$form" >/dev/null
done

# A program that is replicated finds its source by name at the subscriber, where OIDs are others, or when it comes.
for form in text binary; do
    sql publisher "CREATE TABLE source_$form (id integer PRIMARY KEY, annual_value numeric); CREATE TABLE later_$form (id integer PRIMARY KEY, annual_value numeric)
        ; CREATE PUBLICATION programs_$form FOR TABLE tiering.programs" >/dev/null
    sql publisher "SELECT pg_create_logical_replication_slot('programs_$form', 'pgoutput')" >/dev/null
    sql subscriber "CREATE TABLE source_$form (note text, annual_value numeric, id integer PRIMARY KEY)" >/dev/null
    check_runs "a subscription to programs ($form)" sql subscriber "CREATE SUBSCRIPTION programs_$form CONNECTION '$connection' PUBLICATION programs_$form
        WITH (create_slot = false, slot_name = programs_$form, copy_data = false, binary = $([ $form = binary ] && echo true || echo false))"
    sql publisher "SELECT tiering.create_program('source_$form', 'abc_share', 'source_$form', 'id'), tiering.create_program('later_$form', 'abc_share', 'later_$form', 'id')" >/dev/null
    caught_up "programs_$form"
    check "the source of the subscriber, and its columns ($form)" "$(sql subscriber "SELECT source, column_numbers ->> 'id' FROM tiering.programs WHERE program = 'source_$form'")" "source_$form|3"
    check_contains "a table that is not there yet ($form)" "$(sql subscriber "CALL tiering.retier('later_$form')")" "the source of program \"later_$form\" does not exist"
    check_contains "and is there now ($form)" "$(sql subscriber "CREATE TABLE later_$form (id integer PRIMARY KEY, annual_value numeric); INSERT INTO later_$form VALUES (1, 5)" &&
        sql subscriber "CALL tiering.retier('later_$form')")" "1 new"
    sql subscriber "ALTER SUBSCRIPTION programs_$form DISABLE; ALTER SUBSCRIPTION programs_$form SET (slot_name = NONE); DROP SUBSCRIPTION programs_$form" >/dev/null
done
