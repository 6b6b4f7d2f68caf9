-- The schema is created plainly, so that a schema of that name made by somebody else stops the
-- installation instead of being taken over. CREATE EXTENSION runs these scripts with
-- search_path = pg_catalog, pg_temp: unqualified operators and functions are the server's own.

DO $$
BEGIN
    IF pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.<>) 'UTF8' THEN
        RAISE EXCEPTION USING ERRCODE = 'feature_not_supported',
            MESSAGE = 'customer_tiering needs a database with encoding UTF8',
            DETAIL = pg_catalog.format('This database has %s.', pg_catalog.getdatabaseencoding()),
            HINT = 'CREATE DATABASE … ENCODING ''UTF8'' TEMPLATE template0.';
    END IF;
END
$$;

CREATE SCHEMA tiering;
COMMENT ON SCHEMA tiering IS 'customer_tiering: grades customers, dates follow-ups, looks up service strategies';
GRANT USAGE ON SCHEMA tiering TO PUBLIC;

CREATE FUNCTION tiering.version() RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'library_version';
COMMENT ON FUNCTION tiering.version() IS
    'the version of the installed library, such as 0.1.0. Where extversion in pg_extension is another, ALTER EXTENSION customer_tiering UPDATE brings the objects of this database up to it';
