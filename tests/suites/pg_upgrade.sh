# pg_upgrade to another major version carries everything over: rows of every table, a value of every type, generated columns, indexes, views. By hand, as it needs a second server:
#   PG_CONFIG=/path/to/15/bin/pg_config TO=/path/to/18/bin/pg_config tests/run pg_upgrade
source tests/lib.sh

if [ -z "${TO:-}" ]; then
    echo "# skipped: name a server to upgrade to, TO=/path/to/pg_config"
    exit
fi
from=$PG_CONFIG
to=$(PG_CONFIG=$TO tools/install.sh dev)
from_major=$(tools/major.sh)
to_major=$(PG_CONFIG=$to tools/major.sh)
[ "$to_major" -gt "$from_major" ] || { echo "# skipped: $to_major does not come after $from_major"; exit; }

old=upgrade-from-$from_major new=upgrade-to-$to_major
clear() { for name in "$old" "$new"; do tools/cluster.sh remove "$name"; done; }
clear
trap clear EXIT
# Both as initdb makes them, with the same settings; without checksums, which are the default from 18 on.
PG_CONFIG=$from tools/cluster.sh start "$old" -c fsync=off 9>&-
there() { (source <(tools/cluster.sh env "$1") && shift && "$@"); }
used() { extension_database used && psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d used -f tests/dump_restore.sql; }
check_runs "rows to carry over are made on $from_major" there "$old" used
everything="SELECT format('SELECT %L, md5(string_agg(r::text, E''\n'' ORDER BY r::text)), count(*) FROM (SELECT * FROM %s) r;', c.oid::regclass, c.oid::regclass)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_|information_schema)' OR c.oid IN ('tiering.current_tiers'::regclass, 'tiering.followups_due'::regclass, 'tiering.catalogue'::regclass, 'kept.ours'::regclass) ORDER BY c.oid::regclass::text"
there "$old" sql used "$everything" >"$work/pg_upgrade.sql"
values() { psql -X -q -A -t -d used -c 'SET TimeZone = UTC' -f "$work/pg_upgrade.sql" 2>&1; }
there "$old" values >"$work/pg_upgrade.before"
check "its tables and views are read" "$(grep -c -E '\|[0-9a-f]{32}\|[1-9]' "$work/pg_upgrade.before")" "$(grep -v -c -E "LIKE NOTHING" "$work/pg_upgrade.sql")"
there "$old" pg_dump -Fc -d used -f "$work/pg_upgrade.dump"
check "the library of another major version is refused" "$(there "$old" sql postgres "LOAD '$("$to" --pkglibdir)/customer_tiering.so'" | grep -o -E 'could not load library|version mismatch' | head -n 1)" "could not load library"
tools/cluster.sh stop "$old"

PG_CONFIG=$to tools/cluster.sh start "$new" -c fsync=off 9>&-
tools/cluster.sh stop "$new"
directory=$target/cluster
if [ "$to_major" -ge 18 ]; then
    rm -rf "$directory/$new/data"
    tools/cluster.sh run "$new" "$("$to" --bindir)/initdb" -D "$directory/$new/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-data-checksums >/dev/null
fi
upgrade() { tools/cluster.sh run "$new" "$("$to" --bindir)/pg_upgrade" -U postgres -b "$("$from" --bindir)" -B "$("$to" --bindir)" -d "$directory/$old/data" -D "$directory/$new/data" -s "$directory/$new" "$@"; }
# without the package for the new server
library=$("$to" --pkglibdir)/customer_tiering.so
mv "$library" "$library.away"
said=$(upgrade --check 2>&1 || true)
found=$(cat "$directory/$new/data"/pg_upgrade_output.d/*/loadable_libraries.txt 2>/dev/null || true)
mv "$library.away" "$library"
check_contains "pg_upgrade --check finds that the package is missing on the new server" "$said" "loadable libraries"
check_contains "and names the library" "$found" 'could not load library "customer_tiering"'

check_contains "pg_upgrade --check" "$(upgrade --check 2>&1 || true)" "Clusters are compatible"
check_contains "pg_upgrade" "$(upgrade 2>&1 || tail -n 12 "$directory/$new/data"/pg_upgrade_output.d/*/log/*_dump_*.log)" "Upgrade Complete"
tools/cluster.sh run "$new" touch log
PG_CONFIG=$to tools/cluster.sh start "$new" -c fsync=off 9>&-
check "the server is $to_major" "$(there "$new" sql used "SELECT current_setting('server_version_num')::integer / 10000")" "$to_major"
check "everything is there" "$(diff <(there "$new" values) "$work/pg_upgrade.before" | head -n 20 || true)" ""
# The same by dump and restore.
control=$("$to" --sharedir)/extension/customer_tiering.control
restored() { there "$new" pg_restore -e -d restored "$work/pg_upgrade.dump" 2>&1; }
there "$new" fresh_database restored
mv "$control" "$control.away"
said=$(restored || true)
mv "$control.away" "$control"
check_contains "a restore without the files of the extension says so" "$said" 'extension "customer_tiering" is not available'
there "$new" fresh_database restored
check "with them the dump of $from_major is restored on $to_major" "$(restored)" ""
# a restore gives programs other OIDs
stored() { PGDATABASE=restored psql -X -q -A -t -c 'SET TimeZone = UTC' -f "$work/pg_upgrade.sql" 2>&1; }
without_oids() { grep -v -E '^(tiering\.(programs|program_inputs|program_sources|assignments|schemes|overlays|calendars|catalogue)|crm\.client_tiers)'; }
check "with all that was stored" "$(diff <(there "$new" stored | without_oids) <(without_oids <"$work/pg_upgrade.before") | head -n 20 || true)" ""
goes_on="SELECT tiering.version() = extversion FROM pg_extension WHERE extname = 'customer_tiering'; CALL tiering.retier('dumped'); CALL tiering.retier('dumped_view'); UPDATE crm.clients SET monetary = 1 WHERE id = 20;
    SELECT tiering.log_followup('dumped', '7', 'phone') IS NOT NULL; REFRESH MATERIALIZED VIEW kept.mix; INSERT INTO kept.grades (customer, annual_value) VALUES (1000, 1); REINDEX TABLE kept.everything;
    SELECT count(*) FROM kept.grades WHERE grade = tiering.grade('{\"scheme\": \"sign\", \"inputs\": [{\"name\": \"v\", \"type\": \"number\"}],
    \"decision\": {\"method\": \"rules\", \"rules\": [{\"when\": {\"input\": \"v\", \"gt\": 100}, \"tier\": \"more\"}], \"otherwise\": \"less\"}, \"tiers\": [{\"code\": \"more\"}, {\"code\": \"less\"}]}'::tiering.scheme, timestamptz '2026-01-31 00:00+00', annual_value);
    UPDATE kept.everything SET id = id; SELECT count(*) FROM kept.customers a JOIN kept.customers b USING (r)"
check_contains "and goes on: programs, triggers, generated columns, indexes" "$(there "$new" sql used "$goes_on")" "20"
check "without an error" "$(there "$new" sqlstate used "$goes_on")" 00000
