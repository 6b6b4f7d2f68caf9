# From every released version: with rows in every table, a value of every type, generated columns, indexes, materialized views and views of one's own on the extension's, ALTER EXTENSION UPDATE
# loses and changes nothing, and leaves the very objects that a fresh install makes. Until something is released, the working version stands in for one.
source tests/lib.sh

folder=$("$PG_CONFIG" --sharedir)/extension
current=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$folder/customer_tiering.control")
released=sql/released
# scripts that only this run knows; those of released versions may be there twice, with the same text
own="test$$"
trap 'rm -f "$folder"/customer_tiering--*"$own"*.sql' EXIT

check "one version everywhere" "$(grep -h -o -E '^version = "[0-9.]+"|"version": "[0-9.]+"|^version: [0-9.]+' Cargo.toml META.json integrations/dbt/dbt_project.yml | grep -v '"1.0.0"' | grep -o '[0-9.]*[0-9]' | sort -u)" "$current"
if [ -e $released/SHA256SUMS ]; then
    check "what is released stays as it was" "$(sha256sum --check --quiet $released/SHA256SUMS 2>&1)" ""
fi
catalogue() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -f tests/upgrade/catalogue.sql; }
extension_database upgrade_fresh
catalogue upgrade_fresh >"$work/upgrade_fresh"
check "the extension has objects to compare" "$([ "$(grep -c '' "$work/upgrade_fresh")" -gt 1000 ] && echo yes)" yes

# Everything that a database holds: its tables and views but those of the system and the built-in documents, by the columns that there are before the update.
everything() {
    sql "$1" "SELECT format('SELECT %L, md5(string_agg(r::text, E''\n'' ORDER BY r::text)), count(*) FROM (SELECT %s FROM %s %s) r;', c.oid::regclass,
            (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), c.oid::regclass,
            CASE WHEN c.oid = ANY (e.extconfig) THEN e.extcondition[array_position(e.extconfig, c.oid)] END)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_extension e
        WHERE e.extname = 'customer_tiering' AND c.relkind IN ('r', 'v', 'm') AND n.nspname !~ '^(pg_|information_schema)' AND (n.nspname <> 'tiering' OR c.oid = ANY (e.extconfig) OR c.relname IN ('current_tiers', 'followups_due', 'assignment_history'))
        ORDER BY c.oid::regclass::text"
}
values() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c 'SET TimeZone = UTC' -f "$2" 2>&1; }
presets() { sql "$1" "SELECT scheme, version, tiering.fingerprint(document) FROM tiering.schemes WHERE built_in ORDER BY scheme COLLATE \"C\", version" -F ' '; }

# update_from VERSION SEED PRESETS: a database with that version and all that the seed makes, updated
update_from() {
    local version=$1 seed=$2 presets=$3 from="${4:-$1}" n
    fresh_database upgrade_old
    check_runs "$from: installed" sql upgrade_old "CREATE EXTENSION customer_tiering VERSION '$version'"
    if [ -n "$presets" ]; then # the library brings those that came later as well
        { echo "CREATE TEMP TABLE \"then\" (scheme text, version integer, digest uuid); COPY \"then\" FROM STDIN (DELIMITER ' ');"; cat "$presets"; printf '\\.\n'
            echo "SET session_replication_role = replica; DELETE FROM tiering.schemes s WHERE built_in AND NOT EXISTS (SELECT FROM \"then\" t WHERE (t.scheme, t.version) = (s.scheme, s.version));"
        } | psql -X -q -v ON_ERROR_STOP=1 -d upgrade_old
        check "$from: its built-in schemes are those of then" "$(presets upgrade_old)" "$(cat "$presets")"
    fi
    check_runs "$from: used" psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d upgrade_old -f "$seed"
    everything upgrade_old >"$work/upgrade_queries"
    values upgrade_old "$work/upgrade_queries" >"$work/upgrade_before"
    check "$from: its tables and views are read" "$(grep -c -E '^[^|]+\|[0-9a-f]{32}\|[1-9]' "$work/upgrade_before"),$(grep -c ERROR "$work/upgrade_before" || true)" "$(grep -c '' "$work/upgrade_queries"),0"
    pg_dump -Fc -d upgrade_old -f "$work/upgrade_dump"
    check "$from: ALTER EXTENSION customer_tiering UPDATE" "$(sql upgrade_old 'ALTER EXTENSION customer_tiering UPDATE')" ""
    check "$from: updated to the working version" "$(sql upgrade_old "SELECT extversion, tiering.version() FROM pg_extension WHERE extname = 'customer_tiering'")" "$current|$current"
    check "$from: nothing that was stored has changed" "$(diff <(values upgrade_old "$work/upgrade_queries") "$work/upgrade_before" | head -n 20 || true)" ""
    check "$from: the objects are those of a fresh install" "$(diff <(catalogue upgrade_old) "$work/upgrade_fresh" | cut -c 1-300 | head -n 20 || true)" ""
    [ -z "$presets" ] || check "$from: no version of a built-in scheme is changed or gone" "$(grep -v -x -F -f <(presets upgrade_old) "$presets" || true)" ""
    check "$from: the built-in schemes are those of a fresh install" "$(diff <(presets upgrade_old) <(presets upgrade_fresh) || true)" ""
    check_runs "$from: it goes on" sql upgrade_old "CALL tiering.retier('dumped'); CALL tiering.retier('dumped_view'); UPDATE crm.clients SET monetary = 1 WHERE id = 20; SELECT tiering.log_followup('dumped', '7', 'phone');
        REFRESH MATERIALIZED VIEW kept.mix; REINDEX TABLE kept.everything; INSERT INTO kept.grades (customer, annual_value) VALUES (1000, 1)"
    fresh_database upgrade_restored
    check_runs "$from: a dump of it is restored with the working version" pg_restore -e -j 2 -d upgrade_restored "$work/upgrade_dump"
    check "$from: with all that was stored" "$(diff <(grep -v -E '^(tiering\.(programs|program_inputs|program_sources|assignments)|crm\.client_tiers)' <(values upgrade_restored "$work/upgrade_queries")) \
        <(grep -v -E '^(tiering\.(programs|program_inputs|program_sources|assignments)|crm\.client_tiers)' "$work/upgrade_before") | head -n 20 || true)" ""
}

some=
for script in $released/customer_tiering--*.sql; do
    [ -e "$script" ] || continue
    some=yes
    version=$(basename "$script" .sql)
    version=${version#customer_tiering--}
    if [ "$version" = "$current" ]; then
        cp "$script" "$folder/customer_tiering--$own.sql"
        fresh_database upgrade_old
        sql upgrade_old "CREATE EXTENSION customer_tiering VERSION '$own'" >/dev/null
        check "$version is what has been released: begin the next version (tools/release.sh next) before you change it" "$(diff <(catalogue upgrade_old) "$work/upgrade_fresh" | cut -c 1-300 | head -n 20 || true)" ""
    else
        cp "$script" "$folder/"
        update_from "$version" "$released/seed--$version.sql" "$released/presets--$version"
    fi
done
if [ -z "$some" ]; then
    cp "$folder/customer_tiering--$current.sql" "$folder/customer_tiering--$own.sql"
    echo '-- nothing' >"$folder/customer_tiering--$own--$current.sql"
    presets upgrade_fresh >"$work/upgrade_presets"
    update_from "$own" tests/dump_restore.sql "$work/upgrade_presets" "the working version as an earlier one"
fi

# An update that brings a new version of a built-in scheme: a program that names no version takes it up with its next retier, which says so, and how many move.
cp "$folder/customer_tiering--$current.sql" "$folder/customer_tiering--edition$own.sql"
cat >"$folder/customer_tiering--edition$own--$current.sql" <<'SQL'
ALTER TABLE tiering.schemes DISABLE TRIGGER protect;
INSERT INTO tiering.schemes (scheme, version, document, status, built_in, approved_at, approved_by)
SELECT scheme, 2, tiering.scheme(tiering.merge_patch(tiering.to_jsonb(document), '{"characteristics": [{"name": "value_class", "input": "annual_value",
    "bins": [{"code": "A", "gte": 300000}, {"code": "B", "gte": 10000, "lt": 300000}, {"code": "C", "lt": 10000}]}]}')), 'approved', true, now(), 'customer_tiering'
FROM tiering.schemes WHERE scheme = 'abc_share';
ALTER TABLE tiering.schemes ENABLE TRIGGER protect;
SQL
fresh_database upgrade_old
sql upgrade_old "CREATE EXTENSION customer_tiering VERSION 'edition$own'; CREATE TABLE clients (id integer PRIMARY KEY, annual_value numeric); INSERT INTO clients SELECT g, g * 20000 FROM generate_series(1, 20) AS g;
    SELECT tiering.create_program('follows', 'abc_share', 'clients', 'id'), tiering.create_program('stays', 'abc_share', 'clients', 'id', version => 1); CALL tiering.retier('follows'); CALL tiering.retier('stays')" >/dev/null 2>&1
check "a new version of a built-in scheme comes by an update" "$(sql upgrade_old "ALTER EXTENSION customer_tiering UPDATE; SELECT tiering.customer_tier('abc_share', 250000)")" B
check_contains "a program that names no version takes it up, and says how many move" "$(sql upgrade_old "CALL tiering.retier('follows')")" \
    'program "follows" takes up version 2 of the built-in scheme "abc_share" instead of 1: 10 customers move'
check "and that many have moved" "$(sql upgrade_old "SELECT count(*) FROM tiering.assignment_history WHERE program = 'follows' AND previous_tier = 'A' AND tier = 'B'")" 10
check "and it says it once" "$(sql upgrade_old "CALL tiering.retier('follows')" | grep -c 'takes up' || true)" 0
check "a program that names its version stays" "$(sql upgrade_old "CALL tiering.retier('stays')" | grep -o '0 moved')" "0 moved"
check_runs "what the HINT says goes back" sql upgrade_old "SELECT tiering.alter_program('follows', '{\"version\": 1}'); CALL tiering.retier('follows')"
check "to the tiers of before" "$(sql upgrade_old "SELECT count(*) FROM tiering.current_tiers WHERE program = 'follows' AND tier = 'A'")" 16

# An update that fails, over an object that somebody has changed, is as if it had not been tried.
cp "$folder/customer_tiering--$current.sql" "$folder/customer_tiering--changed$own.sql"
cat >"$folder/customer_tiering--changed$own--$current.sql" <<'SQL'
ALTER TABLE tiering.schemes ADD added integer;
CREATE OR REPLACE VIEW tiering.vocabulary AS SELECT 1 AS kind;
SQL
fresh_database upgrade_old
sql upgrade_old "CREATE EXTENSION customer_tiering VERSION 'changed$own'; CREATE TABLE own AS SELECT tiering.current_scheme('rfm') AS scheme" >/dev/null
catalogue upgrade_old >"$work/upgrade_before"
check "an update that meets a view with other columns says so" "$(sqlstate upgrade_old 'ALTER EXTENSION customer_tiering UPDATE')" 42P16
check "and has changed nothing" "$(diff <(catalogue upgrade_old) "$work/upgrade_before" | head -n 5 || true)" ""
check "nor the version" "$(sql upgrade_old "SELECT extversion FROM pg_extension WHERE extname = 'customer_tiering'")" "changed$own"
check "an update to a version that there is not" "$(sqlstate upgrade_old "ALTER EXTENSION customer_tiering UPDATE TO '99'")" 22023
rm -f "$folder"/customer_tiering--*"$own"*.sql
for database in upgrade_old upgrade_fresh upgrade_restored; do sql postgres "DROP DATABASE IF EXISTS $database" >/dev/null 2>&1; done
