# Bad input is answered with the right SQLSTATE. Cases stand in tests/sqlstate/*.txt, one a line:
#   SQLSTATE|SQL statement        # comments and empty lines are skipped; 00000 is success
# One session runs a whole file; it must be the same session at the end: no case may crash the server.
source tests/lib.sh

for file in tests/sqlstate/*.txt; do
    topic=$(basename "$file" .txt)
    database=sqlstate
    extension_database "$database"

    cases=$(grep -n -v -E '^[[:space:]]*(#|$)' "$file")
    {
        echo 'SELECT pg_backend_pid() AS first_pid \gset'
        while IFS='|' read -r at_and_state statement; do
            printf '%s\n;\n\\echo @case %s :SQLSTATE\n' "$statement" "${at_and_state%%:*}"
        done <<<"$cases"
        echo "SELECT pg_backend_pid() = :first_pid AS same \\gset"
        echo '\echo @same :same'
    } >"$work/sqlstate.$topic.sql"
    psql -X -q -d "$database" -f "$work/sqlstate.$topic.sql" >"$work/sqlstate.$topic.out" 2>&1 || true

    declare -A answered=()
    while read -r mark at state; do
        if [ "$mark" = @case ]; then answered[$at]=$state; fi
    done <"$work/sqlstate.$topic.out"
    while IFS='|' read -r at_and_state statement; do
        at=${at_and_state%%:*} expected=${at_and_state#*:}
        check "$topic line $at: $statement" "${answered[$at]:-nothing}" "$expected"
    done <<<"$cases"
    unset answered
    check "$topic: the session survived" "$(grep '^@same' "$work/sqlstate.$topic.out")" "@same t"
done
