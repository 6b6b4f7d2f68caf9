-- Types altered while a statement runs: each row is read by the definition that its type has now, as to_jsonb() reads
-- it, or refused with 42804. Never by a definition that is gone.
SET client_min_messages = warning;
CREATE SCHEMA altered_test;
SET search_path = tiering, altered_test, public;
CREATE FUNCTION altered_test.run_at(i integer, at integer, command text) RETURNS integer LANGUAGE plpgsql VOLATILE
    AS $$ BEGIN IF i = at THEN EXECUTE command; END IF; RETURN i; END $$;
-- an alteration at the third of five rows: graded as row, and as jsonb
CREATE FUNCTION altered_test.graded(alteration text) RETURNS TABLE (i integer, tier text, tier_of_jsonb text) LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    DROP TYPE IF EXISTS altered_test.customer CASCADE;
    CREATE TYPE altered_test.customer AS (id integer, annual_value numeric, note text);
    RETURN QUERY EXECUTE
        'SELECT run_at(x.i, 3, $1), customer_tier(''abc_share'', x.r), customer_tier(''abc_share'', to_jsonb(x.r))
         FROM (SELECT i, ROW(i, i * 30000, ''x'')::customer AS r FROM generate_series(1, 5) AS i OFFSET 0) x' USING alteration;
END
$$;
SELECT * FROM graded('ALTER TYPE customer ADD ATTRIBUTE more text');
SELECT * FROM graded('ALTER TYPE customer DROP ATTRIBUTE id');
SELECT * FROM graded('ALTER TYPE customer DROP ATTRIBUTE annual_value');
SELECT * FROM graded('ALTER TYPE customer RENAME ATTRIBUTE annual_value TO other');
SELECT * FROM graded('ALTER TYPE customer ALTER ATTRIBUTE annual_value TYPE bigint');
SELECT * FROM graded('ALTER TYPE customer ALTER ATTRIBUTE id TYPE text');
SELECT * FROM graded('ALTER TYPE customer DROP ATTRIBUTE annual_value, ADD ATTRIBUTE annual_value integer');

-- rows that a function makes, as the type is then
DROP TYPE customer CASCADE;
CREATE TYPE altered_test.customer AS (id integer, annual_value numeric, note text);
CREATE FUNCTION altered_test.made(i integer) RETURNS customer LANGUAGE plpgsql VOLATILE
    AS $$ DECLARE r altered_test.customer; BEGIN r.annual_value := i * 30000; RETURN r; END $$;
SELECT i, run_at(i, 3, 'ALTER TYPE customer ADD ATTRIBUTE more numeric'), customer_tier('abc_share', made(i)) FROM generate_series(1, 5) AS i;
SELECT i, run_at(i, 3, 'ALTER TYPE customer ALTER ATTRIBUTE annual_value TYPE integer'), customer_tier('abc_share', made(i)) FROM generate_series(1, 5) AS i;

-- aggregates over rows
SELECT to_jsonb(fit(current_scheme('abc_share'), now(), r)) #> '{characteristics,0,fitted,n}' AS n, count(x)
    FROM (SELECT run_at(i, 3, 'ALTER TYPE customer DROP ATTRIBUTE id') AS x, made(i) AS r FROM generate_series(1, 5) AS i OFFSET 0) y;
SELECT population(current_scheme('abc_share'), '2026-01-01', r), count(x)
    FROM (SELECT run_at(i, 3, 'ALTER TYPE customer ADD ATTRIBUTE id integer') AS x, made(i) AS r FROM generate_series(1, 5) AS i OFFSET 0) y;
SELECT fit(current_scheme('abc_share'), now(), r), count(x)
    FROM (SELECT run_at(i, 3, 'ALTER TYPE customer ALTER ATTRIBUTE annual_value TYPE text') AS x, made(i) AS r FROM generate_series(1, 5) AS i OFFSET 0) y;
SELECT population(current_scheme('abc_share'), now(), r), count(x)
    FROM (SELECT run_at(i, 3, 'ALTER TYPE customer ALTER ATTRIBUTE annual_value TYPE text') AS x, made(i) AS r FROM generate_series(1, 5) AS i OFFSET 0) y;

-- a loop of PL/pgSQL: the statements between may alter what they like
DO $$
DECLARE
    r altered_test.customer;
    tiers text[] := '{}';
BEGIN
    FOR i IN 1..6 LOOP
        r := altered_test.made(i);
        tiers := tiers || tiering.customer_tier('abc_share', r);
        IF i = 2 THEN ALTER TYPE customer ADD ATTRIBUTE again text; END IF;
        IF i = 4 THEN ALTER TYPE customer ALTER ATTRIBUTE annual_value TYPE bigint; END IF;
    END LOOP;
    RAISE WARNING '%', tiers;
END
$$;
-- and a row made by a plan that has not heard of it
DO $$
BEGIN
    FOR i IN 1..4 LOOP
        RAISE WARNING '% %', i, tiering.customer_tier('abc_share', ROW(8, 'x', 1, 2, 'z')::customer);
        IF i = 2 THEN ALTER TYPE customer ALTER ATTRIBUTE annual_value TYPE numeric; END IF;
    END LOOP;
EXCEPTION WHEN datatype_mismatch THEN RAISE WARNING '% %', SQLSTATE, SQLERRM;
END
$$;

-- a table whose rows are older than its columns
CREATE TABLE altered_test.accounts (id integer);
CREATE TABLE altered_test.kept (r accounts);
INSERT INTO accounts VALUES (1);
INSERT INTO kept VALUES (ROW(1));
ALTER TABLE accounts ADD COLUMN annual_value numeric;
SELECT customer_tier('abc_share', r) AS tier, customer_tier('abc_share', to_jsonb(r)) AS tier_of_jsonb FROM kept;
DROP TABLE kept;
ALTER TABLE accounts ADD COLUMN word text DEFAULT 'x', DROP COLUMN annual_value, ADD COLUMN annual_value numeric DEFAULT 150000;
SELECT customer_tier('abc_share', a) FROM accounts a;
INSERT INTO accounts SELECT g, repeat('x', g % 200), g * 1000 FROM generate_series(2, 300) AS g;
UPDATE accounts SET id = NULL WHERE id % 3 = 0;
ALTER TABLE accounts DROP COLUMN id;
SELECT count(*) FILTER (WHERE customer_tier('abc_share', a) IS DISTINCT FROM customer_tier('abc_share', a.annual_value)) AS wrong, count(*) FROM accounts a;

-- labels of an enum renamed within a statement and within a loop
CREATE TYPE altered_test.demand AS ENUM ('explicit', 'latent', 'none');
SELECT i, run_at(i, 3, 'ALTER TYPE demand RENAME VALUE ''none'' TO ''no more''') AS run, customer_tier('sales_readiness', d, current_date + 5)
    FROM (SELECT i, 'latent'::demand AS d FROM generate_series(1, 4) AS i OFFSET 0) x;
SELECT i, run_at(i, 3, 'ALTER TYPE demand RENAME VALUE ''latent'' TO ''dim''') AS run, customer_tier('sales_readiness', d, current_date + 5)
    FROM (SELECT i, 'latent'::demand AS d FROM generate_series(1, 4) AS i OFFSET 0) x;
DO $$
DECLARE
    d altered_test.demand := 'latent';
    tiers text[] := '{}';
BEGIN
    FOR i IN 1..4 LOOP
        tiers := tiers || tiering.customer_tier('sales_readiness', d, current_date + 5);
        IF i = 2 THEN
            ALTER TYPE demand RENAME VALUE 'explicit' TO 'was explicit';
            ALTER TYPE demand RENAME VALUE 'latent' TO 'explicit';
        END IF;
    END LOOP;
    RAISE WARNING '%', tiers;
END
$$;
DROP SCHEMA altered_test CASCADE;
