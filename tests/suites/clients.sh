# Drivers and tools read every table and view of tiering and values of every type, and the examples of docs/clients.md run. It installs them, pinned, below target/, and starts a cluster of its own
# that answers by TCP, which not all of them do without.
#   CLIENTS=1 tests/run clients     needs python3 with venv, npm, and the network the first time; Java and the driver of Debian (libpostgresql-jdbc-java) where they are
source tests/lib.sh

if [ -z "${CLIENTS:-}" ]; then
    echo "# skipped: CLIENTS=1 tests/run clients installs drivers from PyPI and npm, and tries them"
    exit
fi
for tool in python3 npm node; do
    if ! command -v $tool >/dev/null; then
        echo "# skipped: this machine has no $tool"
        exit
    fi
done

tools=$target/clients python=$target/clients/python
mkdir -p "$tools"
if ! cmp -s tests/clients/requirements.txt "$python/requirements.txt"; then
    rm -rf "$python"
    if ! { python3 -m venv "$python" && "$python/bin/pip" install --quiet --disable-pip-version-check --no-compile -r tests/clients/requirements.txt; } >"$work/clients-pip.log" 2>&1; then
        echo "# skipped: the Python clients cannot be installed, offline perhaps: $(tail -n 1 "$work/clients-pip.log")"
        exit
    fi
    cp tests/clients/requirements.txt "$python/"
fi
node=$tools/node
mkdir -p "$node"
if ! cmp -s tests/clients/package.json "$node/package.json" || [ ! -d "$node/node_modules/pg" ]; then
    cp tests/clients/package.json "$node/"
    if ! npm install --silent --no-audit --no-fund --prefix "$node" >"$work/clients-npm.log" 2>&1; then
        rm "$node/package.json"
        echo "# skipped: the clients of node cannot be installed, offline perhaps: $(tail -n 1 "$work/clients-npm.log")"
        exit
    fi
fi
cp tests/clients/read.mjs "$node/"

cluster=clients-$("$root/tools/major.sh")
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$root/tools/cluster.sh" remove "$cluster"
trap '"$root/tools/cluster.sh" remove "$cluster"' EXIT
# Servers must not inherit the lock of tests/run.
"$root/tools/cluster.sh" start "$cluster" -c fsync=off -c listen_addresses=127.0.0.1 -c port="$port" 9>&-
source <("$root/tools/cluster.sh" env "$cluster")
export PGHOST=127.0.0.1 PGPORT=$port

# everything that there is to read, and a table of every type of the extension that columns can be of
extension_database clients
psql -X -q -v ON_ERROR_STOP=1 -d clients -f tests/dump_restore.sql >/dev/null 2>&1 || fail "rows to read are made"
sql clients "CREATE TABLE clients_types AS SELECT tiering.current_scheme('rfm') AS scheme, (SELECT document FROM tiering.calendars WHERE calendar = 'cn') AS calendar,
        tiering.rfm(at, amount) AS rfm, tiering.distribution(amount) AS distribution, tiering.tier_mix(tier) AS tier_tally, tiering.migration('A', tier) AS migration,
        '{\"kind\": \"bg_nbd\", \"unit\": \"week\", \"parameters\": {\"r\": 0.243, \"alpha\": 4.414, \"a\": 0.793, \"b\": 2.426}}'::tiering.lifetime_model AS lifetime_model,
        tiering.figures(tiering.rfm(at, amount), '2026-03-01') AS figures
    FROM (SELECT date '2026-01-01' + g AS at, g * 1.5 AS amount, chr(65 + g % 3) AS tier FROM generate_series(1, 9) AS g) o" >/dev/null
sql clients "DO \$\$ DECLARE c record; BEGIN
    FOR c IN SELECT a.attname, a.atttypid::regtype AS type FROM pg_attribute a WHERE a.attrelid = 'clients_types'::regclass AND a.attnum > 0 LOOP
        EXECUTE format('ALTER TABLE clients_types ADD %I %s[]', c.attname || '_s', c.type);
        EXECUTE format('UPDATE clients_types SET %I = ARRAY[%I]', c.attname || '_s', c.attname);
    END LOOP; END \$\$" >/dev/null
export PGDATABASE=clients
for client in psycopg_text psycopg_binary psycopg2 asyncpg sqlalchemy pandas connectorx adbc; do
    check "$client reads everything" "$("$python/bin/python" tests/clients/read.py $client 2>"$work/clients-$client.err")" ""
done
for client in pg postgres; do
    check "node $client reads everything" "$(node "$node/read.mjs" $client 2>&1)" ""
done

# the page: its SQL blocks first, as the suite readme runs them, then the examples
page=$work/clients
page_blocks docs/clients.md "$page"
fresh_database clients_page
cat "$page"/* | psql -X -q -d clients_page >"$work/clients_page.log" 2>&1
export PGDATABASE=clients_page DATABASE_URL="postgresql://$PGUSER@$PGHOST:$PGPORT/clients_page" JDBC_URL="jdbc:postgresql://$PGHOST:$PGPORT/clients_page?user=$PGUSER"
examples() { awk -v start="\`\`\`$1" -v folder="$page" -v ending="$2" '$0 == start { file = sprintf("%s/%04d.%s", folder, NR, ending); block = 1; next } /^```/ { block = 0 } block { print > file }' docs/clients.md; }
examples python py
examples js mjs
examples java java
for example in "$page"/*.py; do
    check_runs "docs/clients.md line $((10#$(basename "$example" .py)))" "$python/bin/python" "$example"
done
for example in "$page"/*.mjs; do
    cp "$example" "$node/example.mjs"
    check_runs "docs/clients.md line $((10#$(basename "$example" .mjs)))" node "$node/example.mjs"
done
# debian NAME: unpacks a package of the system's release below target/, and prints where; nothing where there is no such release, package or network
debian() {
    local place=$tools/debian/$1
    if [ ! -d "$place" ]; then
        command -v apt-get >/dev/null || return 0
        rm -rf "$place.new"
        mkdir -p "$place.new"
        (cd "$place.new" && apt-get download -q "$1" && dpkg -x "$1"_*.deb .) >/dev/null 2>&1 || return 0
        mv "$place.new" "$place"
    fi
    echo "$place"
}

jar=/usr/share/java/postgresql.jar
[ -e $jar ] || jar=$(compgen -G "$(debian libpostgresql-jdbc-java)/usr/share/java/postgresql-*.jar" | head -n 1 || true)
if [ -n "$jar" ] && command -v javac >/dev/null; then
    for example in "$page"/*.java; do
        check_runs "docs/clients.md line $((10#$(basename "$example" .java)))" java -cp "$jar" "$example"
    done
else
    echo "# skipped: JDBC, for want of a JDK or libpostgresql-jdbc-java"
fi

# pgbouncer in transaction mode: what the page says of it, and a block of the page, through a pool of one connection that others have used with other settings
pooler=$(command -v pgbouncer || compgen -G "$(debian pgbouncer)/usr/sbin/pgbouncer" || true)
libraries=$(debian libc-ares2)/usr/lib/$(uname -m)-linux-gnu
if [ -n "$pooler" ] && LD_LIBRARY_PATH=$libraries "$pooler" --version >/dev/null 2>&1; then
    pool=$work/pgbouncer pool_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    install -d -m 777 "$pool"
    printf '"%s" ""\n' "$PGUSER" >"$pool/users"
    printf '%s\n' "[databases]" "* = host=127.0.0.1 port=$PGPORT pool_size=1" "[pgbouncer]" "listen_addr = 127.0.0.1" "listen_port = $pool_port" "unix_socket_dir =" "auth_type = trust" "auth_file = $pool/users" \
        "pool_mode = transaction" "logfile = $pool/log" "pidfile = $pool/pid" >"$pool/pgbouncer.ini"
    unprivileged=()
    [ "$(id -u)" != 0 ] || unprivileged=(-u nobody)
    LD_LIBRARY_PATH=$libraries "$pooler" -q -d "${unprivileged[@]}" "$pool/pgbouncer.ini" 9>&-
    pooled() { PGPORT=$pool_port psql -X -q -A -t -d clients_page -v ON_ERROR_STOP=1 "$@" 2>&1; }
    for _ in $(seq 100); do pooled -c 'SELECT 1' >/dev/null && break; sleep 0.1; done
    block=$(awk '/^## pgbouncer/ { part = 1 } part && /^```sql/ { block = 1; next } block && /^```/ { exit } block' docs/clients.md)
    check_contains "a contact behind a pool" "$(pooled <<<"$block")" "|"
    check "a setting ends with its transaction" "$(pooled -c "BEGIN; SET LOCAL customer_tiering.lang = 'zh'; COMMIT" -c "SELECT current_setting('customer_tiering.lang', true) IS NOT DISTINCT FROM 'zh'")" "f"
    check "retier() commits behind a pool" "$(pooled -c "CALL tiering.retier('sales')" -c "SELECT status FROM tiering.runs WHERE program = 'sales' ORDER BY started DESC LIMIT 1" | tail -n 1)" "done"
    kill "$(cat "$pool/pid")"
else
    echo "# skipped: pgbouncer, which is neither here nor to be had"
fi

# pgTAP: the tests of the page, whose functions need no extension
tap=$(compgen -G "$(debian "postgresql-$("$root/tools/major.sh")-pgtap")/usr/share/postgresql/*/extension/pgtap.sql" | head -n 1 || true)
if [ -n "$tap" ]; then
    psql -X -q -d clients_page -c 'SET client_min_messages = error' -f "$tap" >"$work/clients-pgtap.log" 2>&1
    tests=$(awk '/^## pgTAP/ { part = 1 } part && /^```text/ { block = 1; next } block && /^```/ { exit } block' docs/clients.md)
    check "pgTAP" "$(psql -X -q -A -t -d clients_page <<<"$tests" 2>&1 | cut -d ' ' -f 1-2)" $'1..3\nok 1\nok 2\nok 3'
else
    echo "# skipped: pgTAP, which is not to be had"
fi

# pg_cron: the jobs of the page, and one that is due every minute, which must have graded within three
cron=$(debian "postgresql-$("$root/tools/major.sh")-cron")
library=$(compgen -G "$cron/usr/lib/postgresql/*/lib/pg_cron.so" || true)
if [ -n "$library" ]; then
    cp "$library" "$("$PG_CONFIG" --pkglibdir)/"
    cp "$cron"/usr/share/postgresql/*/extension/pg_cron* "$("$PG_CONFIG" --sharedir)/extension/"
    "$root/tools/cluster.sh" stop "$cluster"
    "$root/tools/cluster.sh" start "$cluster" -c fsync=off -c listen_addresses=127.0.0.1 -c port="$port" -c shared_preload_libraries=pg_cron -c cron.database_name=clients_page -c cron.host=127.0.0.1 9>&-
    jobs=$(awk '/^## pg_cron/ { part = 1 } part && /^```text/ { block = 1; next } block && /^```/ { exit } block' docs/clients.md)
    check "the jobs of the page are taken" "$(psql -X -q -A -t -d clients_page -c 'CREATE EXTENSION pg_cron' -f - <<<"$jobs" 2>&1 | tr '\n' ' ')" "1 2 3 "
    psql -X -q -d clients_page -c "SELECT cron.schedule('now', '* * * * *', 'CALL tiering.retier_all()')" >/dev/null
    ended="SELECT status FROM cron.job_run_details WHERE status IN ('succeeded', 'failed') ORDER BY runid LIMIT 1"
    for _ in $(seq 180); do [ -z "$(sql clients_page "$ended")" ] || break; sleep 1; done
    check "retier_all() by pg_cron" "$(sql clients_page "$ended"; sql clients_page "SELECT status FROM tiering.runs WHERE program = 'sales' ORDER BY started DESC LIMIT 1")" $'succeeded\ndone'
else
    echo "# skipped: pg_cron, which is not to be had"
fi
