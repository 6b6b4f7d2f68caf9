# A subscriber of logical replication grades what arrives. The cluster of the other suites has no wal_level = logical,
# so that this suite starts one of its own.
source tests/lib.sh

cluster=logical-$("$root/tools/major.sh")
"$root/tools/cluster.sh" remove "$cluster"
trap '"$root/tools/cluster.sh" remove "$cluster"' EXIT
"$root/tools/cluster.sh" start "$cluster" -c wal_level=logical -c fsync=off -c synchronous_commit=off -c max_wal_senders=4 -c max_replication_slots=4
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

# everything that the publisher has written until now has been applied
caught_up() {
    local here
    here=$(sql publisher "SELECT pg_current_wal_insert_lsn()")
    for _ in $(seq 300); do
        [ "$(sql publisher "SELECT coalesce(bool_and(confirmed_flush_lsn >= '$here'), false) FROM pg_replication_slots WHERE slot_name = 'clients'")" = t ] && return
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
