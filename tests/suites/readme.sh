# Every SQL block of the READMEs and of the pages of docs runs, in order, in a fresh database each. A block after a line
# `<!-- error: 22023 -->` must fail, with this SQLSTATE.
source tests/lib.sh

# Prints the blocks of a file as one psql script, which reports each as `line state expected`.
script() {
    awk '
        /^<!-- error: [0-9A-Z]+ -->/ { expected = $3 }
        /^```sql/ { block = 1; line = NR; next }
        /^```/ && block {
            # \gdesc and the like of a block count as well; the state is that of its last statement
            printf "\n\\echo @block %d :SQLSTATE %s\n", line, expected == "" ? "00000" : expected
            block = 0; expected = ""
        }
        block { print }' "$1"
}

for file in README.md README.zh-CN.md docs/*.md; do
    grep -q '^```sql' "$file" || continue
    # its blocks belong to several servers: suite fdw runs them
    case $file in docs/scale.md | docs/scale.zh-CN.md) continue ;; esac
    database=readme
    name=$(basename "$file")
    fresh_database "$database"
    # without ON_ERROR_STOP: an expected error must not end the script; any other one fails its block
    script "$file" >"$work/$name.sql"
    psql -X -q -d "$database" -f "$work/$name.sql" >"$work/$name.out" 2>&1 || true

    errors=
    blocks=0
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
                errors= ;;
            *'ERROR: '*) errors+=$line$'\n' ;;
        esac
    done <"$work/$name.out"
    check "$file: all blocks were run" "$blocks" "$(grep -c '^```sql' "$file" || true)"
done
