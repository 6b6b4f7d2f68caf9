#!/usr/bin/env bash
# PyPI dbt-core 1.10.23 (dbt-adapters 1.24.5, dbt-duckdb 1.10.1): a customer who is gone from the source and comes back is there twice in a snapshot, for the time up to the deletion.
#
# dbt's documentation (snapshot_meta_column_names): dbt_valid_from is "when this snapshot row was first inserted and became valid", dbt_valid_to when it is no longer valid, and dbt_scd_id "a unique key
# generated for each snapshot row"; hard_deletes: new_record is for a history "without gaps". With the strategy timestamp a row that is deleted gets the time of the run as its dbt_valid_to. If it comes back as
# it was (after a load that failed half-way, a filter that was put right, a restored backup), its new row gets updated_at as dbt_valid_from, which is before the deletion, and the very dbt_scd_id of the old row.
# A join as of any moment in between finds the customer twice, and revenue by tier is counted twice; a test "unique" on dbt_scd_id fails. With new_record, the row of the deletion gets this old
# updated_at as its dbt_valid_to, before its dbt_valid_from: the absence is in no period at all. The remedy is an updated_at that moves when a row is put back.
#
# Seen, of one customer of 1 January 2026, deleted before the second run and put back before the third (in DuckDB, which needs no server; the rows are made by macros of dbt-adapters):
#   invalidate: 2 rows, both valid at 2026-06-01: 2, different dbt_scd_id: 1
#   new_record: 3 rows, both valid at 2026-06-01: 2, different dbt_scd_id: 2, deletion ends before it begins: True
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check dbt-core==1.10.23 dbt-adapters==1.24.5 dbt-common==1.39.0 dbt-duckdb==1.10.1 duckdb==2.0.1
mkdir "$folder/project" "$folder/project/snapshots" "$folder/project/models"
cd "$folder/project"
cat >dbt_project.yml <<'YAML'
name: finding
version: "1.0"
config-version: 2
profile: finding
flags: {send_anonymous_usage_stats: false}
YAML
cat >profiles.yml <<'YAML'
finding: {target: dev, outputs: {dev: {type: duckdb, path: finding.duckdb, threads: 1}}}
YAML
cat >models/sources.yml <<'YAML'
version: 2
sources: [{name: crm, schema: main, tables: [{name: customers}]}]
YAML
cat >snapshots/snapshots.yml <<'YAML'
version: 2
snapshots:
  - {name: invalidate, relation: "source('crm', 'customers')", config: {strategy: timestamp, unique_key: id, updated_at: updated_at, hard_deletes: invalidate}}
  - {name: new_record, relation: "source('crm', 'customers')", config: {strategy: timestamp, unique_key: id, updated_at: updated_at, hard_deletes: new_record}}
YAML
cat >run.py <<'PYTHON'
import sys

import duckdb
from dbt.cli.main import dbtRunner


def query(text):
    with duckdb.connect("finding.duckdb") as connection:
        return connection.execute(text).fetchall()


def snapshot():
    if not dbtRunner().invoke(["--quiet", "snapshot", "--project-dir", ".", "--profiles-dir", "."]).success:
        sys.exit("dbt snapshot failed")


query("CREATE TABLE customers (id integer, tier text, updated_at timestamp)")
query("INSERT INTO customers VALUES (1, 'gold', '2026-01-01 00:00')")
snapshot()
query("DELETE FROM customers")
snapshot()
query("INSERT INTO customers VALUES (1, 'gold', '2026-01-01 00:00')")
snapshot()
for name in "invalidate", "new_record":
    rows, valid, ids = query(f"""SELECT count(*), count(*) FILTER (WHERE dbt_valid_from <= '2026-06-01' AND (dbt_valid_to > '2026-06-01' OR dbt_valid_to IS NULL)),
        count(DISTINCT dbt_scd_id) FROM {name}""")[0]
    print(f"{name}: {rows} rows, both valid at 2026-06-01: {valid}, different dbt_scd_id: {ids}", end="")
    print("" if name == "invalidate" else f", deletion ends before it begins: {query('SELECT dbt_valid_to < dbt_valid_from FROM new_record WHERE dbt_is_deleted')[0][0]}")
PYTHON
seen=$("$folder/venv/bin/python" run.py 2>"$folder/log" | grep '^[a-z_]*: [0-9]* rows') || { tail -n 20 "$folder/log"; exit 1; }
echo "$seen"
[ "$seen" = "invalidate: 2 rows, both valid at 2026-06-01: 2, different dbt_scd_id: 1
new_record: 3 rows, both valid at 2026-06-01: 2, different dbt_scd_id: 2, deletion ends before it begins: True" ]
