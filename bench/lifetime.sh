#!/usr/bin/env bash
# Started by bench/bench.sh, in its database: fits and scores models of lifetime value, fits them with the Python package
# Lifetimes (from PyPI, installed below target/) to the same figures, and prints both as Markdown.
set -euo pipefail
here=$(dirname "$0")
source "$here/../tools/env.sh"
customers=${MODEL_ROWS:-1000000}
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

say "lifetime value: simulating $customers customers, fitting and scoring"
sql -v "model_rows=$customers" -f "$here/lifetime.sql"

packages=$target/bench/lifetimes
if ! PYTHONPATH=$packages python3 -c 'import lifetimes' 2>/dev/null; then
    python3 -m pip --version >/dev/null 2>&1 || die "python3-pip is missing, with which the Python package Lifetimes is installed below target/"
    say "installing the Python package Lifetimes below target/"
    python3 -m pip install -q --disable-pip-version-check --upgrade --target "$packages" 'Lifetimes==0.11.3' >&2
fi
export_folder=$(mktemp -d)
trap 'rm -rf "$export_folder"' EXIT
sql -c "\copy (SELECT frequency, recency, age, spend FROM bench.cdnow) TO '$export_folder/CDNOW.csv' (FORMAT csv, HEADER)"
sql -c "\copy (SELECT frequency, recency, age, spend FROM bench.buyers) TO '$export_folder/many.csv' (FORMAT csv, HEADER)"
say "lifetime value: the same with Lifetimes (minutes)"
PYTHONPATH=$packages python3 "$here/lifetime.py" "$export_folder" >"$export_folder/python.csv"
sql -c 'CREATE TABLE bench.lifetimes_package (data text, model text, milliseconds float8, parameters text, error text)'
sql -c "\copy bench.lifetimes_package FROM '$export_folder/python.csv' (FORMAT csv)"

sql -v "model_rows=$customers" <<'SQL'
SELECT E'\nModels of lifetime value, against Lifetimes 0.11.3 on the same figures (its export and import not counted)\n';
SELECT E'| customers | model | ms | Lifetimes, ms | times as fast | |\n|---|---|--:|--:|--:|---|';
SELECT format('| %s | %s | %s | %s | %s | %s |', replace(f.data, 'many', to_char(:model_rows, 'FM999G999G999')), f.model, round(f.milliseconds::numeric, 1),
    coalesce(round(p.milliseconds)::text || CASE WHEN p.error <> '' THEN ', then ' || p.error ELSE '' END, '-'),
    coalesce(round((p.milliseconds / f.milliseconds)::numeric)::text, '-'),
    CASE WHEN NOT tiering.converged(f.document) THEN '**does not converge**' WHEN p.milliseconds IS NULL THEN ''
        WHEN p.milliseconds / f.milliseconds >= 20 THEN 'at least 20: holds' ELSE 'at least 20: **missed**' END)
FROM bench.lifetime_fits f LEFT JOIN bench.lifetimes_package p USING (data, model) ORDER BY f.place;
SELECT E'\n| predictions for ' || to_char(:model_rows, 'FM999G999G999') || E' customers | µs each | at most 3 |\n|---|--:|---|';
SELECT format('| %s | %s | %s |', title, round(microseconds::numeric, 2), CASE WHEN microseconds <= 3 THEN 'holds' ELSE '**missed**' END)
FROM bench.lifetime_scores ORDER BY place;
SQL
