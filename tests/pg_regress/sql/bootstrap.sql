-- The extension is there, with its schema and nothing in anybody else's.
SELECT extname, nspname, extrelocatable
FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
WHERE extname = 'customer_tiering';
SELECT obj_description('tiering'::regnamespace);
SELECT tiering.version() = extversion AS library_and_objects_are_of_one_version FROM pg_extension WHERE extname = 'customer_tiering';
-- a schema of the same name stops the installation, loudly
\set SHOW_CONTEXT never \\ -- only PostgreSQL 18 says where in the script
BEGIN;
DROP EXTENSION customer_tiering;
CREATE SCHEMA tiering;
CREATE EXTENSION customer_tiering;
ROLLBACK;
