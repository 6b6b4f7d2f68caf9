# kill -9 of the server in the middle of a retier, restart, resume: nothing is lost, nothing is there twice.
#   CRASH_CUSTOMERS=1000000 tests/run crash     a cluster of its own, with fsync, as in earnest; 100 000 customers unless told otherwise
source tests/lib.sh

customers=${CRASH_CUSTOMERS:-100000}
cluster=crash-$("$root/tools/major.sh")
"$root/tools/cluster.sh" remove "$cluster"
trap '"$root/tools/cluster.sh" remove "$cluster"' EXIT
"$root/tools/cluster.sh" start "$cluster" -c autovacuum=off -c max_wal_size=4GB
source <("$root/tools/cluster.sh" env "$cluster")
postmaster=$target/cluster/$cluster/data/postmaster.pid

extension_database crash
check_runs "$customers customers are made" sql crash "
    CREATE TABLE clients (id integer PRIMARY KEY, recency_days integer, frequency integer, monetary numeric, owner text);
    INSERT INTO clients SELECT g, g % 400, g % 15, g % 1000, 'owner ' || g % 50 FROM generate_series(1, $customers) AS g;
    SELECT tiering.create_program('crash', 'rfm', 'clients', 'id', owner_column => 'owner')"

# Everybody graded anew, both ways; and the history, which must hold each assignment once.
oracle="
    SELECT 'missing ' || count(*) FROM (SELECT id::text, tiering.customer_tier('rfm', recency_days, frequency, monetary), tiering.customer_score('rfm', recency_days, frequency, monetary), owner
        FROM clients EXCEPT ALL SELECT customer, tier, score, owner FROM tiering.assignments WHERE gone_since IS NULL) x
    UNION ALL SELECT 'too much ' || count(*) FROM (SELECT customer, tier, score, owner FROM tiering.assignments WHERE gone_since IS NULL
        EXCEPT ALL SELECT id::text, tiering.customer_tier('rfm', recency_days, frequency, monetary), tiering.customer_score('rfm', recency_days, frequency, monetary), owner FROM clients) x
    UNION ALL SELECT 'not the last of the log ' || count(*) FROM (SELECT customer, tier, since, gone_since IS NOT NULL FROM tiering.assignments
        EXCEPT ALL (SELECT DISTINCT ON (customer) customer, tier, since, reason = 'gone' FROM tiering.assignment_log ORDER BY customer, since DESC)) x
    UNION ALL SELECT 'in the log without an assignment ' || count(*) FROM (SELECT customer FROM tiering.assignment_log EXCEPT SELECT customer FROM tiering.assignments) x
    UNION ALL SELECT 'same tier twice ' || count(*) FROM tiering.assignment_history WHERE tier = previous_tier AND reason <> 'returned'
    UNION ALL SELECT 'first twice ' || count(*) FROM (SELECT customer FROM tiering.assignment_log WHERE reason = 'first' GROUP BY customer HAVING count(*) > 1) x"
right=$'missing 0\ntoo much 0\nnot the last of the log 0\nin the log without an assignment 0\nsame tier twice 0\nfirst twice 0'

# Somewhere in the middle of the keys a run waits for whoever holds this lock.
sql crash "CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END';
    CREATE TRIGGER waits AFTER INSERT OR UPDATE ON tiering.assignments FOR EACH ROW WHEN (new.customer = '51') EXECUTE FUNCTION waits()" >/dev/null
# wait_for "query": until it gives 1
wait_for() { for _ in $(seq 6000); do if [ "$(sql crash "$1")" = 1 ]; then return; fi; sleep 0.02; done; }
waiting="SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
holding="SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"

# kill_in_the_middle "what": a retier in small batches, and the end of the server in one of them
kill_in_the_middle() {
    psql -X -q -d crash -c 'SELECT pg_advisory_lock(1), pg_sleep(3600)' >/dev/null 2>&1 &
    local holder=$!
    wait_for "$holding"
    psql -X -q -d crash -c "CALL tiering.retier('crash', batch_size => $((customers / 100)))" >/dev/null 2>&1 &
    local client=$! seen total status
    wait_for "$waiting"
    local server children child
    server=$(head -n 1 "$postmaster")
    children=$(pgrep -P "$server")
    # all of them: a backend at work would go on to the end without its server
    kill -9 "$server" $children
    wait "$client" "$holder" 2>/dev/null || true
    for child in $children; do
        for _ in $(seq 400); do
            if ! grep -q '^State:[[:space:]]*[^ZX]' "/proc/$child/status" 2>/dev/null; then break; fi
            sleep 0.05
        done
    done
    # where nobody reaps it, the dead server would pass for a running one
    rm -f "$postmaster"
    "$root/tools/cluster.sh" start "$cluster" -c autovacuum=off -c max_wal_size=4GB
    IFS='|' read -r status seen total < <(sql crash "SELECT status, done, total FROM tiering.runs ORDER BY started DESC LIMIT 1")
    check "$1: the run is shown as interrupted" "$status" interrupted
    if [ "$seen" -gt 0 ] && [ "$seen" -lt "$total" ]; then pass "$1: the server was killed in the middle"; else fail "$1: the server was killed in the middle" "$seen of $total"; fi
}

kill_in_the_middle "first retier"
written=$(sql crash "SELECT count(*) FROM tiering.assignments")
check "first retier: what was committed is there, with its history" \
    "$(sql crash "SELECT sum(added), (SELECT count(*) FROM tiering.assignment_log) FROM tiering.retier_runs")" "$written|$written"
check_runs "it is called again" sql crash "CALL tiering.retier('crash')"
check "first retier: the second call has done the rest, and no more" "$(sql crash "SELECT sum(added) FROM tiering.retier_runs")" "$customers"
check "all is as recomputed" "$(sql crash "$oracle")" "$right"

sql crash "UPDATE clients SET frequency = 14, recency_days = 5, owner = 'new' WHERE id % 3 = 0; DELETE FROM clients WHERE id % 7 = 0;
    INSERT INTO clients SELECT g, 1, 1, 1, 'new' FROM generate_series($customers + 1, $customers + 1000) AS g" >/dev/null
kill_in_the_middle "retier of changes"
check_runs "it is called again" sql crash "CALL tiering.retier('crash')"
check "all is as recomputed after the changes" "$(sql crash "$oracle")" "$right"
check "a further call finds nothing to do" "$(sql crash "CALL tiering.retier('crash')" | grep -o '[0-9]* new, .*')" "0 new, 0 moved, 0 otherwise changed, 0 gone"

# No more memory from the system, in the middle of a document. (The program's parent is the backend, which may limit itself;
# it reads what it is given, for the server takes a program that ends before for an error.)
checkpointer="SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
before=$(sql crash "$checkpointer")
printed=$(psql -X -q -A -t -v VERBOSITY=verbose -d crash 2>&1 <<'SQL'
SELECT tiering.customer_tier('abc_share', 3) \g /dev/null
CREATE TEMP TABLE document AS SELECT '{"scheme": "x", "inputs": [' || string_agg(format('{"name": "n%s", "type": "number"}', g), ',') || ']}' AS text FROM generate_series(1, 20000) AS g;
COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; prlimit --pid $PPID --as=$(awk "/VmSize/ { print (\$2 + 4000) * 1024 }" /proc/$PPID/status)';
SELECT text::tiering.scheme IS NULL FROM document;
SQL
) || true
check "out of memory: the session is told" "$(grep -oE '(FATAL|PANIC|ERROR):  [0-9A-Z]{5}' <<<"$printed")" "FATAL:  53200"
check "out of memory: the other processes of the server live on" "$(sql crash "$checkpointer")" "$before"
