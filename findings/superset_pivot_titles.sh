#!/usr/bin/env bash
# PyPI apache-superset 6.1.0: a pivot table shows the names of columns in place of their titles, on a dashboard that was imported.
#
# A dataset gives each column a title (verbose_name). For a dashboard, Superset hands out the titles of those columns alone that its charts use: SqlaTable.data_for_slices() looks for
# them in the query context of each chart or, where that is NULL (charts made by import or by the API may have none, and none is exported in a form that another Superset could
# take), in parameters of the chart. The list of those (COLUMN_FORM_DATA_PARAMS) has groupby, columns and all_columns, but not groupbyRows and groupbyColumns, which are those of a pivot table. It
# says to_tier, then, where its page of its own says "To". Naming the columns in all_columns as well, which a pivot table does not read, brings the titles.
#
# Seen: table: To / pivot table: to_tier / pivot table with all_columns: To
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check apache-superset==6.1.0 rich==15.0.0 cachetools==8.0.2 flask-caching==2.3.1 psycopg2-binary==2.9.13
cat >"$folder/superset_config.py" <<PYTHON
SECRET_KEY = "a key of forty characters for this test alone"
SQLALCHEMY_DATABASE_URI = "sqlite:///$folder/superset.db"
PYTHON
cat >"$folder/ask.py" <<'PYTHON'
import json
from superset.app import create_app

app = create_app()
with app.app_context():
    from superset import db
    from superset.connectors.sqla.models import SqlaTable, TableColumn
    from superset.models.core import Database
    from superset.models.slice import Slice

    from flask_appbuilder import Model

    # Superset's tables belong to the base of its framework, not to that of the extension for Flask
    Model.metadata.create_all(db.engine)
    table = SqlaTable(table_name="moves", sql="SELECT 'A' AS to_tier", database=Database(database_name="d", sqlalchemy_uri="postgresql://localhost/d"),
                      columns=[TableColumn(column_name="to_tier", verbose_name="To", type="TEXT")])
    db.session.add(table)
    db.session.commit()

    def title(viz_type, **params):
        chart = Slice(slice_name=viz_type, viz_type=viz_type, datasource_id=table.id, datasource_type="table", params=json.dumps({"viz_type": viz_type, **params}))
        return table.data_for_slices([chart])["verbose_map"].get("to_tier", "to_tier")

    print("table:", title("table", all_columns=["to_tier"]))
    print("pivot table:", title("pivot_table_v2", groupbyRows=["to_tier"]))
    print("pivot table with all_columns:", title("pivot_table_v2", groupbyRows=["to_tier"], all_columns=["to_tier"]))
PYTHON
seen=$(cd "$folder" && SUPERSET_HOME="$folder" SUPERSET_CONFIG_PATH="$folder/superset_config.py" "$folder/venv/bin/python" ask.py 2>"$folder/log" | grep -v '^Loaded your LOCAL') || { tail -n 20 "$folder/log"; exit 1; }
echo "$seen"
[ "$seen" = "table: To
pivot table: to_tier
pivot table with all_columns: To" ]
