# The dashboards of integrations/superset: the export is what its source says; each chart of each dashboard, in both languages, shows rows of the demo in a real browser.
#   BROWSER=/usr/bin/chromium tests/run dashboards      installs Superset below target/ (some minutes); needs node and npm; pictures stay in target/tests
#   BROWSER=/usr/bin/chromium tests/run dashboards --pictures      writes the pictures of docs anew
#   tests/run dashboards --accept                                  writes the export anew
source tests/lib.sh

export=$work/superset-export
rm -rf "$export"
python3 -B integrations/superset/source/write.py "$export"
if [ "${1:-}" = --accept ]; then
    rm -rf integrations/superset/export
    cp -r "$export" integrations/superset/export
fi
check "the export is what its source says (tests/run dashboards --accept)" "$(diff -r "$export" integrations/superset/export 2>&1 | head -n 20)" ""

# --- the queries, of a program that has everything and of one without a customer, by somebody who may only read ---

extension_database dashboards
psql -X -q -v ON_ERROR_STOP=1 -d dashboards -f tests/pages/seed.sql >/dev/null
sql dashboards "DO \$\$ BEGIN CREATE ROLE dashboards_reader; EXCEPTION WHEN duplicate_object THEN END \$\$; SELECT tiering.grant_reader('dashboards_reader');
    GRANT SELECT ON tiering.customers, tiering.orders TO dashboards_reader" >/dev/null
queries=$work/dashboards-queries
rm -rf "$queries"
mkdir -p "$queries"
python3 -B - "$queries" <<'PYTHON'
import pathlib, sys
sys.path.insert(0, "integrations/superset/source")
import write
for name, content in write.export().items():
    if name.startswith("datasets/"):
        pathlib.Path(sys.argv[1], pathlib.Path(name).stem).write_text(content["sql"], encoding="utf-8")
PYTHON
for file in "$queries"/*; do
    check "query $(basename "$file")" "$(sqlstate dashboards "SET ROLE dashboards_reader; SELECT count(*) FROM ($(cat "$file")) q")" 00000
done
# what may have no rows: moves of this month alone, an effect of less than a quarter
for name in mix months moves changes due done promises scorecard; do
    check "$name: the same rows in both languages, and some" "$(sql dashboards "SELECT count(*) > 0 AND count(*) = (SELECT count(*) FROM ($(cat "$queries/$name.zh")) z) FROM ($(cat "$queries/$name.en")) e")" t
done
check "tiers are sorted by rank, by name" "$(sql dashboards "SELECT string_agg(tier, ', ' ORDER BY tier) FROM ($(cat "$queries/mix.en")) m WHERE customers > 0 AND program LIKE '%(sales)'")" \
    "$(sql dashboards "SELECT string_agg(rank || ' ' || title_en, ', ' ORDER BY rank) FROM tiering.tier_mix_by_program WHERE program = 'sales' AND customers > 0")"

if [ -z "${BROWSER:-}" ]; then
    echo "# skipped: name a browser, BROWSER=/usr/bin/chromium"
    exit
fi

fresh_database dashboards
psql -X -q -v ON_ERROR_STOP=1 -d dashboards -f demo/demo.sql >"$work/dashboards-demo.log" 2>&1
pictures=$work/dashboards tools=$work/dashboards-tools
rm -rf "$pictures"
mkdir -p "$pictures" "$tools"
cp tests/dashboards/open.mjs "$tools/"
npm install --silent --no-save --no-audit --no-fund --prefix "$tools" playwright-core@1.56.1

export SUPERSET_HOME=$work/superset PORT=8097 DATABASE=dashboards
CLUSTER=$(basename "$(dirname "$PGSERVERLOG")")
export CLUSTER
trap 'integrations/superset/run stop' EXIT
check_contains "one command installs, imports and starts" "$(integrations/superset/run start 2>&1)" "make stop-dashboards"
check_runs "importing again replaces what is there" integrations/superset/run load
extension_database dashboards_none
sql dashboards_none "ALTER VIEW tiering.followups_due RENAME TO followups_of_old" >/dev/null
check_contains "an older extension, how it is brought up to date" "$(ADDRESS="postgresql+psycopg2://$PGUSER@/dashboards_none?host=$PGHOST" integrations/superset/run load 2>&1)" "ALTER EXTENSION customer_tiering UPDATE"
sql dashboards_none "DROP EXTENSION customer_tiering CASCADE" >/dev/null
check_contains "one without the extension, that it lacks it" "$(ADDRESS="postgresql+psycopg2://$PGUSER@/dashboards_none?host=$PGHOST" integrations/superset/run load 2>&1)" "CREATE EXTENSION customer_tiering"
seen=$(node "$tools/open.mjs" "$BROWSER" "http://127.0.0.1:$PORT" "$(cat "$SUPERSET_HOME/password")" "$pictures" en zh 2>&1)
check "every chart shows rows" "$seen" "48 charts"
if [ "${1:-}" = --pictures ]; then
    for picture in "$pictures"/*.png; do
        "$target/superset-venv/bin/python" -B tests/dashboards/small.py "$picture" "docs/pictures/dashboard_$(basename "$picture")"
    done
fi
# a page of docs is no place to wait for
check "the pictures of docs are small" "$(find docs/pictures -size +150k)" ""
