-- Run by `make demo` from the top of the clone, again and again: starts from nothing each time.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS customer_tiering CASCADE;
CREATE EXTENSION customer_tiering;
SELECT extname, extversion FROM pg_extension WHERE extname = 'customer_tiering';
