# Every SQL block of the READMEs and of the pages of docs runs, in order. A page has a fresh database, or, with a line `<!-- after: tour.md -->`, what that page
# of docs has left in its own. A block after a line `<!-- error: 22023 -->` must fail, with this SQLSTATE; a block of `output` right after one of SQL is what it prints.
source tests/lib.sh

# Prints the blocks of a file as one psql script, which reports each as `line state expected`; what they are to print goes into files of a folder, by line.
script() {
    awk -v folder="$2" '
        /^<!-- error: [0-9A-Z]+ -->/ { expected = $3 }
        /^```sql/ { block = 1; line = NR; next }
        /^```output/ && after { block = 2; file = folder "/" line; printf "" > file; next }
        /^```/ && block == 2 { close(file); block = 0; next }
        /^```/ && block {
            # \gdesc and the like of a block count as well; the state is that of its last statement
            printf "\n\\echo @block %d :SQLSTATE %s\n", line, expected == "" ? "00000" : expected
            block = 0; expected = ""; after = 1; next
        }
        block == 2 { print > file; next }
        block { print; next }
        NF { after = 0 }' "$1"
}

declare -A database # of each page that has run
run_page() {
    local file=$1 earlier name errors='' said='' blocks=0 line at state expected
    [ -z "${database[$file]:-}" ] || return 0
    name=$(tr -c 'a-z\n' _ <<<"${file,,}")
    earlier=$(sed -n 's/^<!-- after: \(.*\) -->$/\1/p' "$file")
    if [ -n "$earlier" ]; then
        run_page "docs/$earlier"
        psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $name" -c "CREATE DATABASE $name TEMPLATE ${database[docs/$earlier]}" 2>/dev/null
    else
        fresh_database "$name"
    fi
    database[$file]=$name
    rm -rf "$work/$name" && mkdir -p "$work/$name"
    # without ON_ERROR_STOP: an expected error must not end the script; any other one fails its block
    script "$file" "$work/$name" >"$work/$name.sql"
    psql -X -q -d "$name" -f "$work/$name.sql" >"$work/$name.out" 2>&1 || true

    while IFS= read -r line; do
        case $line in
            '@block '*)
                read -r _ at state expected <<<"$line"
                blocks=$((blocks + 1))
                if [ "$state" = "$expected" ] && { [ "$expected" != 00000 ] || [ -z "$errors" ]; }; then
                    pass "$file line $at"
                else
                    fail "$file line $at" "answered $state, expected $expected"$'\n'"$errors"
                fi
                [ ! -e "$work/$name/$at" ] || check "$file line $at prints what stands there" "$(sed 's/ *$//' <<<"${said%$'\n'}")" "$(cat "$work/$name/$at")"
                errors='' said='' ;;
            *'ERROR: '*) errors+=$line$'\n' ;;
            'psql:'*) ;;
            ?*) said+=$line$'\n' ;;
        esac
    done <"$work/$name.out"
    check "$file: all blocks were run" "$blocks" "$(grep -c '^```sql' "$file" || true)"
}

for file in README.md README.zh-CN.md docs/*.md docs/guides/*.md; do
    grep -q '^```sql' "$file" || continue
    # its blocks belong to several servers: suite fdw runs them
    case $file in docs/scale.md | docs/scale.zh-CN.md) continue ;; esac
    run_page "$file"
done
for name in "${database[@]}"; do psql -X -q -d postgres -c "DROP DATABASE $name"; done
