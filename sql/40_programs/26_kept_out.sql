-- Persons who were erased, or object, and whom the source still has: a hash of the key keeps them out.

CREATE TABLE tiering.kept_out (
    program text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    salt text NOT NULL,
    month date NOT NULL,
    PRIMARY KEY (program, hash)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.kept_out TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.kept_out', '');
COMMENT ON TABLE tiering.kept_out IS
    'customers whom erase_customer(…, keep_out => true) keeps out of a program, by a salted hash of the key: whoever may read this table and guesses a key can tell whether it is kept out';
COMMENT ON COLUMN tiering.kept_out.program IS 'program';
COMMENT ON COLUMN tiering.kept_out.hash IS 'SHA-256 of the salt and the key, or of what all spellings of the key have in common, hexadecimal';
COMMENT ON COLUMN tiering.kept_out.salt IS 'random text, the same for all customers of a program';
COMMENT ON COLUMN tiering.kept_out.month IS 'first day of the month in which it was asked for';

CREATE FUNCTION tiering.key_hash(salt text, customer text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to($1 || ':' || $2, 'UTF8')), 'hex');
COMMENT ON FUNCTION tiering.key_hash(text, text) IS 'the hash by which a customer is kept out: SHA-256 of salt, colon and key, hexadecimal';

CREATE FUNCTION tiering.kept_out_condition(program text, customer text, equal_key text DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Who may not read the table grades nobody, and is told so elsewhere.
    IF NOT has_table_privilege('tiering.kept_out', 'SELECT') THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT format('EXISTS (SELECT FROM tiering.kept_out o WHERE o.program = %L AND o.hash = ANY (ARRAY[tiering.key_hash(%L, %s)%s] COLLATE pg_catalog."C"))', k.program, k.salt,
        kept_out_condition.customer, CASE WHEN kept_out_condition.equal_key IS NOT NULL THEN format(', tiering.key_hash(%L, ''equal: '' || %s)', k.salt, kept_out_condition.equal_key) END)
        FROM tiering.kept_out k WHERE k.program = kept_out_condition.program LIMIT 1);
END
$$;
COMMENT ON FUNCTION tiering.kept_out_condition(text, text, text) IS
    'the SQL condition that a customer (an expression of the key as text, and that of equal_key() if equal keys may be spelt differently) is kept out of a program; NULL: nobody is';

CREATE FUNCTION tiering.kept_out_hashes(p tiering.programs, customer text, salt text) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key_column text := tiering.renamed_column(p.source, p.column_numbers, p.key_column);
    expression text := tiering.equal_key(p.source, key_column, tiering.typed_key(p.source, key_column, '$1'));
    equal text;
BEGIN
    IF expression IS NOT NULL THEN
        EXECUTE 'SELECT ' || expression INTO equal USING customer;
    END IF;
    -- The text as well: the hash of a type may be another one on another server, after a dump.
    RETURN array_remove(ARRAY[tiering.key_hash(salt, customer), tiering.key_hash(salt, 'equal: ' || equal)], NULL);
END
$$;
COMMENT ON FUNCTION tiering.kept_out_hashes(tiering.programs, text, text) IS
    'the hashes by which a customer is kept out: that of the key as text and, where equal keys may be spelt differently, one that all spellings have';

CREATE FUNCTION tiering.kept_out_salt(program text) RETURNS text
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k.salt FROM tiering.kept_out k WHERE k.program = $1 LIMIT 1;
END;
COMMENT ON FUNCTION tiering.kept_out_salt(text) IS 'the salt of a program, the same for all of its customers who are kept out; NULL: nobody is';

CREATE FUNCTION tiering.keep_out(program text, customer text) RETURNS void
    LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO tiering.kept_out (program, hash, salt, month)
    SELECT p.program, h.hash, s.salt, date_trunc('month', now() AT TIME ZONE p.zone)::date
    FROM tiering.programs p
    CROSS JOIN LATERAL (SELECT coalesce(tiering.kept_out_salt(p.program), gen_random_uuid()::text) AS salt) s
    CROSS JOIN LATERAL unnest(tiering.kept_out_hashes(p, $2, s.salt)) AS h (hash)
    WHERE p.program = $1
    ON CONFLICT DO NOTHING;
END;
COMMENT ON FUNCTION tiering.keep_out(text, text) IS 'a part of erase_customer(): writes down that a customer is kept out';

CREATE FUNCTION tiering.is_kept_out(p tiering.programs, customer text) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    salt text := tiering.kept_out_salt(p.program);
    hashes text[];
BEGIN
    IF salt IS NULL THEN
        RETURN false;
    END IF;
    hashes := tiering.kept_out_hashes(p, customer, salt);
    RETURN EXISTS (SELECT FROM tiering.kept_out k WHERE k.program = p.program AND k.hash = ANY (hashes));
END
$$;
COMMENT ON FUNCTION tiering.is_kept_out(tiering.programs, text) IS 'whether a customer is kept out of a program, by the key as customer_key() gives it';

CREATE FUNCTION tiering.refuse_kept_out(program text, customer text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('customer "%s" is kept out of program "%s"', customer, program),
        DETAIL = 'It was erased, and is graded no more.', HINT = CASE WHEN tiering.is_administrator() THEN format('SELECT tiering.let_in(%L, %L) lets it in again.', program, customer) ELSE 'An administrator can let it in again.' END;
END
$$;
COMMENT ON FUNCTION tiering.refuse_kept_out(text, text) IS 'ERROR 42704: the customer is kept out of the program';

CREATE FUNCTION tiering.let_in(program text, customer text, path text DEFAULT current_setting('search_path')) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(let_in.program);
    key text := tiering.customer_key(p.program, let_in.customer, let_in.path);
    salt text := tiering.kept_out_salt(p.program);
    -- As the source spells the key now, and as it was when he was kept out.
    hashes text[] := tiering.kept_out_hashes(p, key, salt) || tiering.kept_out_hashes(p, let_in.customer, salt);
BEGIN
    DELETE FROM tiering.kept_out k WHERE k.program = p.program AND k.hash = ANY (hashes);
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION tiering.let_in(text, text, text) IS
    'a customer who was kept out by erase_customer(…, keep_out => true) may be graded again; whether he was kept out. ERROR 42704 unknown program, or a text that is no key';

CREATE FUNCTION tiering.tell_kept_out(plan tiering.program_plan, path text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    condition text := (plan).kept_out;
    counted record;
    n bigint;
BEGIN
    IF condition IS NULL THEN
        RETURN 0;
    END IF;
    counted := tiering.run_statement(plan, format('SELECT pg_catalog.count(*) AS n FROM %s s WHERE %s', (plan).source, condition), NULL, path);
    n := counted.n;
    IF n > 0 THEN
        RAISE NOTICE USING MESSAGE = format('program "%s": %s kept out', (plan).program, n),
            HINT = format('SELECT tiering.let_in(%L, customer) lets one in again.', (plan).program);
    END IF;
    RETURN n;
END
$$;
COMMENT ON FUNCTION tiering.tell_kept_out(tiering.program_plan, text) IS 'a part of retier(): a NOTICE of how many customers of the source are kept out; path: search_path under which it is read';
