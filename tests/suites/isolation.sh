# PostgreSQL's isolation tester interleaves sessions as tests/isolation/specs/*.spec say.
#   tests/run isolation [--accept] [spec...]   as with regress
source tests/lib.sh

accept=
if [ "${1:-}" = --accept ]; then accept=yes; shift; fi
specs=("$@")
if [ ${#specs[@]} = 0 ]; then
    for file in tests/isolation/specs/*.spec; do
        [ -e "$file" ] || continue
        # Under libfaketime the server's time-outs end no wait (findings/libfaketime_statement_timeout.sh): a deadlock stays one.
        if [ -n "${AT:-}" ] && grep -q '[a-z]_timeout' "$file"; then continue; fi
        specs+=("$(basename "$file" .spec)")
    done
fi
[ ${#specs[@]} -gt 0 ] || exit 0

tool=$(regression_tool isolation/pg_isolation_regress) || { echo "no pg_isolation_regress that runs"; exit 1; }
inputs=tests/isolation outputs=$work/isolation
rm -rf "$outputs"
mkdir -p "$outputs" "$inputs/expected"
for spec in "${specs[@]}"; do
    [ -e "$inputs/expected/$spec.out" ] || : >"$inputs/expected/$spec.out"
done

"$tool" \
    --host="$PGHOST" --port="$PGPORT" --user="$PGUSER" --dbname=isolation --load-extension=customer_tiering \
    --bindir="$("$PG_CONFIG" --bindir)" --inputdir="$inputs" --outputdir="$outputs" \
    "${specs[@]}" >"$outputs/summary" 2>&1 </dev/null || true

if [ -n "$accept" ]; then
    for spec in "${specs[@]}"; do cp "$outputs/results/$spec.out" "$inputs/expected/"; done
    git diff --stat -- "$inputs/expected"
fi

for spec in "${specs[@]}"; do
    check_file "$spec" "$outputs/results/$spec.out" "$inputs/expected/$spec.out"
done
[ -d "$outputs/results" ] || { cat "$outputs/summary"; exit 1; }
