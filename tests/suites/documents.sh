# What the documents for developers name is there: every path, make target and suite. NAME and … stand for any name.
source tests/lib.sh

for document in CONTRIBUTING.md docs/architecture.md; do
    named=0 missing=
    while IFS= read -r path; do
        named=$((named + 1))
        # an example with a name to fill in is right if something like it is there
        compgen -G "${path//NAME/*}" >/dev/null || missing+=$path$'\n'
    done < <(grep -oE '`[^` ]+`' "$document" | tr -d '`' | grep -E '^(engine|src|sql|tests|tools|catalogue|bench|demo|docs|\.ci)/|^[A-Za-z.-]+\.(md|toml|json|rs)$' | sort -u)
    check "$document: the files that it names are there" "$missing" ""
    if [ "$named" -lt 10 ]; then fail "$document names files" "$named"; fi
done

while IFS= read -r target; do
    check_runs "make $target is a target" grep -q "^$target:" Makefile
done < <(grep -ohE '`(PG_CONFIG=[^ ]+ )?make [a-z-]+' CONTRIBUTING.md docs/architecture.md | sed 's/.*make //' | sort -u)
while IFS= read -r suite; do
    check_runs "tests/run $suite is a suite" test -f "tests/suites/$suite.sh"
done < <(grep -ohE 'tests/run [a-z_]+' CONTRIBUTING.md docs/architecture.md | sed 's/.* //' | sort -u)
