"""Reads every table and view of the schema tiering as one client does, and values of every type; prints what fails.

    python read.py CLIENT       with PGHOST, PGPORT, PGUSER, PGDATABASE as for psql
"""

import asyncio
import os
import sys
import warnings

import psycopg

HOST, PORT, USER, DATABASE = (os.environ[name] for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE"))
URI = f"postgresql://{USER}@{HOST}:{PORT}/{DATABASE}"

# (name, query, the same with as text what connectorx cannot read): relations of tiering, and clients_types, which holds every type and arrays of it
RELATIONS = """
    SELECT c.oid::regclass::text,
        format('SELECT * FROM %s', c.oid::regclass),
        format('SELECT %s FROM %s', string_agg(format(CASE WHEN t.typnamespace = 'tiering'::regnamespace OR e.typnamespace = 'tiering'::regnamespace OR t.typtype = 'r'
            OR t.oid IN ('interval'::regtype, 'date[]'::regtype, 'regclass'::regtype) THEN '%1$I::text AS %1$I' ELSE '%1$I' END, a.attname), ', ' ORDER BY a.attnum), c.oid::regclass)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    WHERE c.relkind IN ('r', 'v') AND (c.relnamespace = 'tiering'::regnamespace OR c.relname = 'clients_types')
    GROUP BY c.oid ORDER BY 1
"""


def relations():
    with psycopg.connect(URI) as connection:
        return connection.execute(RELATIONS).fetchall()


def with_psycopg(binary):
    with psycopg.connect(URI, autocommit=True) as connection:
        for name, query, _ in relations():
            yield name, lambda query=query: connection.cursor(binary=binary).execute(query).fetchall()


def with_psycopg2():
    import psycopg2

    connection = psycopg2.connect(URI)
    connection.autocommit = True
    for name, query, _ in relations():
        def read(query=query):
            cursor = connection.cursor()
            cursor.execute(query)
            cursor.fetchall()
        yield name, read


def with_asyncpg():
    import asyncpg

    async def read(query):
        connection = await asyncpg.connect(URI)
        try:
            await connection.fetch(query)
        finally:
            await connection.close()

    for name, query, _ in relations():
        yield name, lambda query=query: asyncio.run(read(query))


def with_pandas():
    import pandas
    import sqlalchemy

    engine = sqlalchemy.create_engine(URI.replace("postgresql://", "postgresql+psycopg://"))
    for name, query, _ in relations():
        yield name, lambda query=query: pandas.read_sql(sqlalchemy.text(query), engine)


def with_sqlalchemy():
    import sqlalchemy
    from sqlalchemy.schema import CreateTable

    types()
    engine = sqlalchemy.create_engine(URI.replace("postgresql://", "postgresql+psycopg://"))

    def reflect():
        metadata = sqlalchemy.MetaData()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            metadata.reflect(engine, schema="tiering", views=True)
            metadata.reflect(engine)
        with engine.connect() as connection:
            for table in metadata.tables.values():
                str(CreateTable(table).compile(engine))
                connection.execute(sqlalchemy.select(table)).fetchall()

    yield "reflection", reflect


def types():
    """The types of the extension for SQLAlchemy: their values are texts, as psycopg gives them."""
    import sqlalchemy
    from sqlalchemy.dialects.postgresql.base import ischema_names

    with psycopg.connect(URI) as connection:
        names = connection.execute("SELECT t.oid::regtype::text FROM pg_type t WHERE t.typnamespace = 'tiering'::regnamespace AND (t.typtype IN ('b', 'd') OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')) AND t.typcategory <> 'A'").fetchall()
    for (name,) in names:
        def make(name=name):
            return type(name, (sqlalchemy.types.UserDefinedType,), {"cache_ok": True, "get_col_spec": lambda self, **_: name})
        ischema_names[name] = make()


def with_polars(engine, cast):
    os.environ["POLARS_IMPORT_INTERVAL_AS_STRUCT"] = "1"
    import polars

    for name, query, casts in relations():
        yield name, lambda query=casts if cast else query: polars.read_database_uri(query, URI, engine=engine)


CLIENTS = {
    "psycopg_text": lambda: with_psycopg(False),
    "psycopg_binary": lambda: with_psycopg(True),
    "psycopg2": with_psycopg2,
    "asyncpg": with_asyncpg,
    "pandas": with_pandas,
    "sqlalchemy": with_sqlalchemy,
    "connectorx": lambda: with_polars("connectorx", True),
    "adbc": lambda: with_polars("adbc", False),
}

if __name__ == "__main__":
    for name, read in CLIENTS[sys.argv[1]]():
        try:
            read()
        except BaseException as error:  # connectorx panics
            print(f"{name}: {type(error).__name__}: {str(error).splitlines()[0][:200]}")
