# kill -9 of backends and of the whole server while four clients log contacts and change customers and a fifth
# retiers or backfills, over and over. What a client was told is done must be there, once; what nobody was told may be
# there, but whole.
#   ROUNDS=100 tests/run faults      2 rounds unless told otherwise; SEED=7 repeats the moments of another campaign
source tests/lib.sh

rounds=${ROUNDS:-2} customers=${FAULTS_CUSTOMERS:-10000}
RANDOM=${SEED:-1}
cluster=faults-$("$root/tools/major.sh")
outputs=$work/faults
# No power fails here, so that what was written to the kernel stays: fsync may be off, but a commit must have been written.
options=(-c fsync=off -c synchronous_commit=on -c max_wal_size=4GB)
rm -rf "$outputs"
mkdir -p "$outputs"
"$root/tools/cluster.sh" remove "$cluster"
trap '"$root/tools/cluster.sh" remove "$cluster"' EXIT
"$root/tools/cluster.sh" start "$cluster" "${options[@]}"
source <("$root/tools/cluster.sh" env "$cluster")
postmaster=$target/cluster/$cluster/data/postmaster.pid

extension_database faults
check_runs "customers and programs are made" sql faults "
    CREATE TABLE clients (id integer PRIMARY KEY, recency_days integer, frequency integer, monetary numeric, owner text);
    INSERT INTO clients SELECT g, g % 400, g % 15, g % 1000, 'owner ' || g % 50 FROM generate_series(1, $customers) AS g;
    CREATE TABLE accounts (LIKE clients INCLUDING ALL);
    INSERT INTO accounts SELECT * FROM clients WHERE id <= 2000;
    CREATE FUNCTION accounts_as_of(at timestamptz) RETURNS SETOF accounts LANGUAGE sql STABLE
        AS 'SELECT id, recency_days + extract(month FROM at)::integer, frequency, monetary, owner FROM public.accounts';
    CREATE TABLE acknowledged (note text);
    CREATE TABLE changed (id integer, monetary numeric);
    SELECT tiering.create_program('faults', 'rfm', 'clients', 'id', owner_column => 'owner'), tiering.create_program('automatic', 'rfm', 'accounts', 'id', owner_column => 'owner');
    CALL tiering.retier('faults'); CALL tiering.retier('automatic'); SELECT tiering.enable_automatic('automatic')"

# --- the load: each prints statements without end; a row that comes back is the acknowledgement ---

contacts() { # ROUND CLIENT PROGRAM, of which the first half of the customers stays
    awk -v round="$1" -v client="$2" -v program="$3" -v customers="$([ "$3" = faults ] && echo $((customers / 2)) || echo 1000)" -v seed="$RANDOM" 'BEGIN {
        srand(seed)
        for (i = 1; ; i++)
            printf "SELECT '\''contact r%d-c%d-%d'\'' FROM tiering.log_followup('\''%s'\'', '\''%d'\'', '\''phone'\'', note => '\''r%d-c%d-%d'\'');\n",
                round, client, i, program, 1 + int(rand() * customers), round, client, i
    }'
}
# Only this client writes customers to 1000: values grow, so that the newest that was acknowledged can be told.
changes() { # ROUND
    awk -v round="$1" -v seed="$RANDOM" 'BEGIN {
        srand(seed)
        for (i = 1; ; i++) {
            id = 1 + int(rand() * 1000); value = round * 1000000 + i
            if (i % 5 == 0) printf "BEGIN; DELETE FROM accounts WHERE id = %d; INSERT INTO accounts VALUES (%d, %d, %d, %d, '\''new'\''); COMMIT;\n", 1000 + id, 1000 + id, i % 400, i % 15, i
            else if (i % 5 == 1) printf "DELETE FROM accounts WHERE id = %d;\n", 1000 + id
            else printf "UPDATE accounts SET monetary = %d, frequency = %d, recency_days = %d WHERE id = %d RETURNING '\''change '\'' || id || '\'' '\'' || monetary;\n",
                value, i % 15, i % 400, id
        }
    }'
}
retiers() { # ROUND
    awk -v round="$1" 'BEGIN {
        for (i = 1; ; i++) {
            printf "UPDATE clients SET frequency = (id + %d) %% 15, recency_days = (id * %d) %% 400, owner = '\''owner %d'\'' WHERE id %% 3 = %d;\n", i, i, i, i % 3
            printf "DELETE FROM clients WHERE id %% 97 = %d AND id > '"$((customers / 2))"';\nINSERT INTO clients SELECT g, 1, 1, 1, '\''back'\'' FROM generate_series(1, %d) AS g ON CONFLICT DO NOTHING;\n", i % 97, '"$customers"'
            print "CALL tiering.retier('\''faults'\'', batch_size => 500);"
        }
    }'
}
backfills() { # ROUND
    awk -v round="$1" 'BEGIN {
        for (i = 1; ; i++) {
            printf "SELECT tiering.create_program('\''past_%d_%d'\'', '\''rfm'\'', '\''accounts'\'', '\''id'\'');\n", round, i
            printf "SELECT tiering.backfill('\''past_%d_%d'\'', '\''2025-01-01'\'', '\''2025-12-01'\'', '\''1 month'\'', customers_as_of => '\''accounts_as_of(timestamptz)'\'');\n", round, i
        }
    }'
}
clients=()
client() { # NAME generator...
    local name=$1
    shift
    ("$@" 2>/dev/null || true) | PGAPPNAME=faults-$name psql -X -q -A -t -d faults >>"$outputs/$name.out" 2>>"$outputs/$name.err" &
    clients+=($!)
}

# --- what must hold ---

grading="SELECT id::text, tiering.customer_tier('rfm', recency_days, frequency, monetary), tiering.customer_score('rfm', recency_days, frequency, monetary), owner FROM"
graded="SELECT customer, tier, score, owner FROM tiering.assignments WHERE gone_since IS NULL AND program ="
fresh() { # PROGRAM SOURCE: as if everybody were graded just now, both ways
    echo "SELECT '$1: graded otherwise' WHERE EXISTS ($grading $2 EXCEPT ALL $graded '$1') OR EXISTS ($graded '$1' EXCEPT ALL $grading $2)"
}
always="
    SELECT 'lost: ' || a.note FROM acknowledged a WHERE NOT EXISTS (SELECT FROM tiering.followups f WHERE f.note = a.note)
    UNION ALL SELECT 'doubled: ' || note FROM tiering.followups GROUP BY note HAVING count(*) > 1
    UNION ALL SELECT 'change lost: ' || c.id FROM changed c JOIN accounts a USING (id) GROUP BY c.id, a.monetary HAVING max(c.monetary) > a.monetary
    UNION ALL $(fresh automatic accounts)
    UNION ALL SELECT 'last contact of ' || customer FROM (
        SELECT program, customer, max(at) FROM tiering.followups GROUP BY 1, 2
        EXCEPT SELECT program, customer, last_followup FROM tiering.assignments WHERE last_followup IS NOT NULL) x
    UNION ALL SELECT 'not the last of the log: ' || program || ' ' || customer FROM (
        SELECT program, customer, tier, since, gone_since IS NOT NULL FROM tiering.assignments EXCEPT ALL (
        SELECT DISTINCT ON (program, customer) program, customer, tier, since, reason = 'gone' FROM tiering.assignment_log ORDER BY program, customer, since DESC)) x
    UNION ALL SELECT 'in the log without an assignment: ' || customer FROM (
        SELECT program, customer FROM tiering.assignment_log EXCEPT SELECT program, customer FROM tiering.assignments) x
    UNION ALL SELECT 'empty or overlapping range: ' || customer FROM (
        SELECT program, customer, valid, lag(valid) OVER (PARTITION BY program, customer ORDER BY valid) AS before FROM tiering.assignment_history) x
        WHERE isempty(valid) OR valid && before
    UNION ALL SELECT 'same tier twice: ' || program || ' ' || customer FROM tiering.assignment_history WHERE tier = previous_tier AND reason <> 'returned'
    UNION ALL SELECT 'first twice: ' || customer FROM tiering.assignment_log WHERE reason = 'first' GROUP BY program, customer HAVING count(*) > 1
    UNION ALL SELECT 'half a backfill: ' || p.program FROM tiering.programs p WHERE p.program LIKE 'past%'
        AND (SELECT count(*) FROM tiering.assignments a WHERE a.program = p.program) NOT IN (0, (SELECT count(*) FILTER (WHERE reason = 'first') FROM tiering.assignment_log l WHERE l.program = p.program))
    UNION ALL SELECT 'said to run: ' || program FROM tiering.runs WHERE status = 'running'"
after_retier="$always UNION ALL $(fresh faults clients)
    UNION ALL SELECT 'stuck: ' || program || ' ' || started FROM tiering.retier_runs WHERE status = 'running'"

answers() { psql -X -q -A -t -d faults -c 'SELECT 1' >/dev/null 2>&1; }
await() { # "what" command...
    local what=$1
    shift
    for _ in $(seq 1200); do
        if "$@"; then return; fi
        sleep 0.05
    done
    fail "$what"
    exit 1
}
dead() { # PID...
    local pid
    for pid in "$@"; do
        # where nobody reaps it, a dead process stays as a zombie
        if grep -q '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" 2>/dev/null; then return 1; fi
    done
}
under_load() {
    [ "$(sql faults "SELECT count(DISTINCT split_part(note, '-', 2)) FROM tiering.followups WHERE note LIKE 'r$round-%'")" = 3 ]
}

interrupted=0
for round in $(seq "$rounds"); do
    clients=()
    if [ $((round % 3)) = 0 ]; then what=backfill; else what=retier; fi
    client contacts1 contacts "$round" 1 faults
    client contacts2 contacts "$round" 2 faults
    client contacts3 contacts "$round" 3 automatic
    client changes changes "$round"
    client work "${what}s" "$round"
    await "round $round: the load begins" under_load
    sleep "0.$((RANDOM % 10))$((RANDOM % 10))"

    server=$(head -n 1 "$postmaster")
    if [ $((round % 2)) = 0 ]; then
        victim="the server"
        # all of them: a backend at work would go on to the end without its server
        children=$(pgrep -P "$server")
        kill -9 "$server" $children
        await "round $round: the processes end" dead "$server" $children
        rm -f "$postmaster"
    else
        names=(work work changes contacts1 contacts3)
        victim=${names[RANDOM % 5]}
        pid=$(sql faults "SELECT pid FROM pg_stat_activity WHERE application_name = 'faults-$victim'")
        kill -9 "$pid"
    fi
    for pid in "${clients[@]}"; do wait "$pid" 2>/dev/null || true; done
    [ "$victim" != "the server" ] || "$root/tools/cluster.sh" start "$cluster" "${options[@]}"
    await "round $round: the server answers again" answers

    sed -n 's/^contact //p' "$outputs"/contacts?.out >"$outputs/acknowledged"
    sed -n 's/^change //p' "$outputs/changes.out" >"$outputs/changed"
    sql faults "TRUNCATE acknowledged, changed" >/dev/null
    sql faults "COPY acknowledged FROM STDIN" <"$outputs/acknowledged"
    sql faults "COPY changed FROM STDIN (DELIMITER ' ')" <"$outputs/changed"
    check "round $round, $victim killed during $what: what was acknowledged is there once, and all is whole" "$(sql faults "$always")" ""
    if [ "$(sql faults "SELECT status FROM tiering.runs WHERE program = 'faults' ORDER BY started DESC LIMIT 1")" = interrupted ]; then
        interrupted=$((interrupted + 1))
    fi
    sql faults "CALL tiering.retier('faults')" >/dev/null || fail "round $round: retier" "$(sql faults "CALL tiering.retier('faults')")"
    check "round $round: after the next retier all are graded as anew, and no run is left" "$(sql faults "$after_retier")" ""
    # The past of the programs that were backfilled is not looked at again.
    sql faults "SELECT count(tiering.drop_program(program)) FROM tiering.programs WHERE program LIKE 'past%'" >/dev/null
done

# The campaign would see what it looks for.
found() { sql faults "BEGIN; $1; $after_retier; ROLLBACK" | sed -n '1s/:.*//p'; }
check "a lost contact would be found" "$(found "INSERT INTO acknowledged VALUES ('-')")" "lost"
check "a doubled one, too" "$(found "INSERT INTO tiering.followups SELECT program, customer, at, 9, channel, outcome, note FROM tiering.followups LIMIT 1")" "doubled"
check "a lost change" "$(found "INSERT INTO changed SELECT id, monetary + 1 FROM accounts LIMIT 1")" "change lost"
check "an owner of before" "$(found "UPDATE clients SET owner = 'another' WHERE id = (SELECT max(id) FROM clients)")" "faults"
check "half an assignment" "$(found "DELETE FROM tiering.assignment_log WHERE program = 'faults' AND customer = '1'")" "not the last of the log"
check "a run that hangs" "$(found "UPDATE tiering.retier_runs SET status = 'running', pid = 0 WHERE started = (SELECT max(started) FROM tiering.retier_runs)")" "stuck"

check "no client got an error but the loss of its server" "$(grep -h 'ERROR:' "$outputs"/*.err | sort | uniq -c || true)" ""
acknowledged=$(wc -l <"$outputs/acknowledged")
if [ "$acknowledged" -ge $((rounds * 3)) ]; then pass "contacts were acknowledged in every round"; else fail "contacts were acknowledged in every round" "$acknowledged"; fi
echo "# $rounds kills, $interrupted of them in the middle of a retier; contacts: $acknowledged acknowledged, $(
    sql faults "SELECT count(*) - $acknowledged || ' more written that nobody was told of' FROM tiering.followups"); $(wc -l <"$outputs/changed") changes by triggers acknowledged"
