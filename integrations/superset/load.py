"""Imports the export beside this file into the Superset of this Python: load.py ADDRESS, an SQLAlchemy address of the database with the extension.

Superset knows colours by labels, so that the labels of the tiers of this database are written into the dashboards, each with the colour of its rank.
Run it again after a new scheme: it replaces what it imported before, and nothing else.
"""

import json
import pathlib
import sys

import sqlalchemy
import yaml

HERE = pathlib.Path(__file__).parent
LABELS = """
    SELECT t.rank, lpad(t.rank::text, length(max(t.rank) OVER (PARTITION BY t.program)::text), '0') || ' ' || coalesce(t.title_{}, t.title_en, t.tier)
    FROM tiering.program_tiers t
"""


def tier_colours(connection, lang):
    colours = json.loads((HERE / "export" / "colours.json").read_text(encoding="utf-8"))
    return {label: colours[(rank - 1) % len(colours)] for rank, label in connection.execute(sqlalchemy.text(LABELS.format(lang)))}


def look(connection):
    """Ends with what to do if the datasets cannot be read in this database."""
    def there(query):
        return connection.execute(sqlalchemy.text(query)).scalar()

    if not there("SELECT count(*) FROM pg_extension WHERE extname = 'customer_tiering'"):
        sys.exit("this database has no customer_tiering: CREATE EXTENSION customer_tiering; (that of make demo is made by it)")
    for path in sorted((HERE / "export").glob("datasets/*/*.yaml")):
        query = yaml.safe_load(path.read_text(encoding="utf-8"))["sql"]
        try:
            # a colon is no parameter here
            connection.exec_driver_sql(f"SELECT FROM ({query.replace('%', '%%')}) q LIMIT 0")
        except sqlalchemy.exc.DBAPIError as error:
            sys.exit(f"{path.name}: {str(error.orig).strip()}\nIf the extension is older than these dashboards: ALTER EXTENSION customer_tiering UPDATE; "
                     "if a right is missing: SELECT tiering.grant_reader('role'), and SELECT on the registered events.")


def contents(address):
    files = {}
    with sqlalchemy.create_engine(address).connect() as connection:
        look(connection)
        for path in sorted((HERE / "export").rglob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            folder = path.relative_to(HERE / "export").parts[0]
            if folder == "databases":
                text = yaml.safe_dump({**yaml.safe_load(text), "sqlalchemy_uri": address}, allow_unicode=True)
            elif folder == "dashboards":
                described = yaml.safe_load(text)
                metadata = described["metadata"]
                metadata["label_colors"].update(tier_colours(connection, path.stem.split(".")[-1]))
                metadata["map_label_colors"] = metadata["label_colors"]
                metadata["shared_label_colors"] = sorted(metadata["label_colors"])
                text = yaml.safe_dump(described, allow_unicode=True)
            files[str(path.relative_to(HERE / "export"))] = text
    return files


def main(address):
    files = contents(address)
    from superset.app import create_app  # takes its time

    app = create_app()
    with app.app_context():
        from superset import security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.utils.core import override_user

        with override_user(security_manager.find_user(username="admin")):
            ImportAssetsCommand(files).run()


if __name__ == "__main__":
    main(sys.argv[1])
