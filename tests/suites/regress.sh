# PostgreSQL's pg_regress, one file a topic: tests/pg_regress/{sql,expected}.
#   tests/run regress                  all topics
#   tests/run regress scheme grade     these
#   tests/run regress --accept scheme  these, and what they print becomes what is expected
source tests/lib.sh

accept=
if [ "${1:-}" = --accept ]; then accept=yes; shift; fi
topics=("$@")
if [ ${#topics[@]} = 0 ]; then
    for file in tests/pg_regress/sql/*.sql; do topics+=("$(basename "$file" .sql)"); done
fi

for topic in "${topics[@]}"; do
    [ -e "tests/pg_regress/sql/$topic.sql" ] || { echo "there is no topic $topic in tests/pg_regress/sql"; exit 1; }
done

tool=$(regression_tool regress/pg_regress) || { echo "no pg_regress that runs"; exit 1; }
inputs=tests/pg_regress outputs=$work/regress
rm -rf "$outputs"
mkdir -p "$outputs"

# pg_regress gives up altogether when it finds nothing to compare with
for topic in "${topics[@]}"; do
    [ -e "$inputs/expected/$topic.out" ] || : >"$inputs/expected/$topic.out"
done

# The launcher undoes the odd settings that pg_regress makes, so that the files show what users see, on any server.
"$tool" \
    --host="$PGHOST" --port="$PGPORT" --user="$PGUSER" --dbname=regress_topics --load-extension=customer_tiering \
    --bindir="$("$PG_CONFIG" --bindir)" --inputdir="$inputs" --outputdir="$outputs" \
    --launcher="env PGOPTIONS='-c IntervalStyle=postgres -c bytea_output=hex -c extra_float_digits=1' PGDATESTYLE=ISO,YMD PGTZ=UTC PGCLIENTENCODING=UTF8" \
    "${topics[@]}" >"$outputs/summary" 2>&1 </dev/null || true

if [ -n "$accept" ]; then
    for topic in "${topics[@]}"; do cp "$outputs/results/$topic.out" "$inputs/expected/"; done
    git diff --stat -- "$inputs/expected"
fi

for topic in "${topics[@]}"; do
    check_file "$topic" "$outputs/results/$topic.out" "$inputs/expected/$topic.out"
done
# when not even the database could be made
[ -d "$outputs/results" ] || { cat "$outputs/summary"; exit 1; }
