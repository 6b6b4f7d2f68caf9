# docs/reference says what the COMMENTs, the built-in schemes, the JSON Schemas and the errors say, and since when each object is there.
source tests/lib.sh

extension_database reference
check "every function, procedure, view, table and type has a COMMENT" "$(sql reference "
    SELECT i.identity FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'customer_tiering' CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i
    WHERE d.deptype = 'e' AND d.classid IN ('pg_proc'::regclass, 'pg_class'::regclass) AND obj_description(d.objid, d.classid::regclass::name) IS NULL AND i.type <> 'sequence' ORDER BY 1")" ""
command -v python3 >/dev/null || { echo "# python3 is not installed: the pages are not compared"; exit 0; }
PGDATABASE=reference tools/reference.sh "$work/reference"
check "docs/reference is what make reference writes" "$(diff -r docs/reference "$work/reference" | head -n 20 || true)" ""

# A version that has been released before, with all but a few objects, as `make release` writes it down.
mkdir -p "$work/released"
psql -X -q -A -t -d reference -f tools/objects.sql >"$work/objects"
check "an identity of each kind is written down" "$(sed 's/ .*//' "$work/objects" | sort -u | xargs)" "aggregate column function procedure table type view"
grep -v -F -x -e 'view tiering.runs' -e 'column tiering.programs.scheme' -e 'function tiering.key_text(pg_catalog.date)' "$work/objects" >"$work/released/objects--0.0.2"
grep -v -E '^(procedure|function tiering.key_text)' "$work/released/objects--0.0.2" >"$work/released/objects--0.0.1"
current=$(sql reference "SELECT extversion FROM pg_extension WHERE extname = 'customer_tiering'")
PGDATABASE=reference RELEASED=$work/released ERRORS=no tools/reference.sh "$work/reference_since"
since() { grep -h -A 2 -F "### \`$1" "$work"/reference_since/*.md | grep -o -E 'since [0-9.]+' | xargs; }
check "what the first release has is there since then" "$(since 'customer_tier(')" "since 0.0.1"
check "a procedure that came with the second one" "$(since 'retier(')" "since 0.0.2"
check "a view that no release has is new" "$(since runs)" "since $current"
check "a function of several forms may be of several versions" "$(since 'key_text(key date') $(since 'key_text(key numeric')" "since $current since 0.0.2"
check "a column may be younger than its table" "$(sed -n '/^### `programs`/,/^### /p' "$work/reference_since/programs.md" | grep '^| `scheme` ' | grep -o 'since [0-9.]*[0-9]')" "since $current"

# Every SQLSTATE that the sources name stands in both languages of the summary, and no other.
raised() {
    awk 'NR == FNR { named[$1]; next } $2 == "E" && ($3 in named || $4 in named) && !seen[$4]++ { print $1 }' \
        <(grep -rh ERRCODE sql | grep -oE "'[a-z_0-9]+'" | tr -d "'"; grep -rh ERRCODE_ src | grep -v -E '[!=]= PgSqlErrorCode' | grep -oE 'ERRCODE_[A-Z_]+') "$("$PG_CONFIG" --sharedir)/errcodes.txt" | sort -u | xargs
}
for page in docs/sqlstates.md docs/sqlstates.zh-CN.md; do
    check "$page has every SQLSTATE that may be raised" "$(grep -E '^\| [0-9]' "$page" | cut -d '|' -f 2 | grep -oE '[0-9][0-9A-Z]{4}' | sort -u | xargs)" "$(raised)"
done
