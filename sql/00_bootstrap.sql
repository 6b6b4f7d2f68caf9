-- The schema is created plainly, so that a schema of that name made by somebody else stops the
-- installation instead of being taken over. CREATE EXTENSION runs these scripts with
-- search_path = pg_catalog, pg_temp: unqualified operators and functions are the server's own.

CREATE SCHEMA tiering;
COMMENT ON SCHEMA tiering IS 'customer_tiering: grades customers, dates follow-ups, looks up service strategies';
GRANT USAGE ON SCHEMA tiering TO PUBLIC;
