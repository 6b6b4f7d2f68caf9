-- The extension is there, with its schema and nothing in anybody else's.
SELECT extname, nspname, extrelocatable
FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
WHERE extname = 'customer_tiering';
SELECT obj_description('tiering'::regnamespace);
-- a schema of the same name stops the installation, loudly
BEGIN;
DROP EXTENSION customer_tiering;
CREATE SCHEMA tiering;
CREATE EXTENSION customer_tiering;
ROLLBACK;
