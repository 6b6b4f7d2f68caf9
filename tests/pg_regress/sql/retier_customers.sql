-- A few customers graded right now (E18): by hand, and from triggers on a table below the source.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA few_test;
CREATE TABLE few_test.orders AS SELECT i % 100 AS customer, 10::numeric AS amount FROM generate_series(1, 200) AS i;
CREATE INDEX ON few_test.orders (customer);
CREATE VIEW few_test.totals AS SELECT customer, sum(amount) AS annual_value FROM few_test.orders GROUP BY customer;
SELECT create_program('few', 'abc_share', 'few_test.totals', key => 'customer');
CALL retier('few');
INSERT INTO few_test.orders VALUES (7, 500000), (8, 500000);
SELECT retier_customers('few', '7');
SELECT customer, tier FROM current_tiers WHERE program = 'few' AND customer IN ('7', '8') ORDER BY 1;
SELECT reason, cause FROM assignment_log WHERE program = 'few' AND customer = '7' ORDER BY since;
-- several, one twice and in another spelling, one who is not there, nobody
SELECT retier_customers('few', '7', '007', '8', '4711', NULL);
SELECT retier_customers('few', VARIADIC ARRAY(SELECT customer::text FROM few_test.orders WHERE amount > 10));
SELECT retier_customers('few', VARIADIC '{}'), retier_customers('few', VARIADIC NULL), retier_customers('few', NULL);
SELECT retier_customers('few', 'seven');

-- a trigger of one's own on the orders
CREATE FUNCTION few_test.grade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tiering.retier_customers('few', VARIADIC ARRAY(SELECT DISTINCT customer::text FROM changed));
    RETURN NULL;
END
$$;
CREATE TRIGGER grade AFTER INSERT ON few_test.orders REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION few_test.grade();
INSERT INTO few_test.orders VALUES (9, 500000), (101, 500000);
SELECT customer, tier FROM current_tiers WHERE program = 'few' AND customer IN ('9', '101') ORDER BY 1;
SELECT pause_program('few');
INSERT INTO few_test.orders VALUES (10, 500000);
SELECT resume_program('few');
DROP TRIGGER grade ON few_test.orders;

-- who reads and no more may not
CREATE ROLE few_reader;
CREATE ROLE few_agent;
SELECT grant_reader('few_reader'), grant_agent('few_agent');
GRANT USAGE ON SCHEMA few_test TO few_reader, few_agent;
GRANT SELECT ON ALL TABLES IN SCHEMA few_test TO few_reader, few_agent;
SET ROLE few_reader;
SELECT retier_customers('few', '10');
SET ROLE few_agent;
SELECT retier_customers('few', '10');
RESET ROLE;
SELECT tier FROM current_tiers WHERE program = 'few' AND customer = '10';

SELECT drop_program('few');
DROP SCHEMA few_test CASCADE;
DROP OWNED BY few_reader, few_agent;
DROP ROLE few_reader, few_agent;
