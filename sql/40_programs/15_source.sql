-- The source of a program, as others see it: its keys, however somebody spells them; and whether a session sees all rows.

-- PL/pgSQL keeps the plan of this join of five catalogues for the session: every log_followup() asks.
CREATE FUNCTION tiering.equality(type regtype) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    compared regtype := tiering.base_type(equality.type);
BEGIN
    RETURN coalesce(
        (SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
         FROM pg_opclass c
         JOIN pg_am m ON m.oid = c.opcmethod
         JOIN pg_amop a ON a.amopfamily = c.opcfamily AND a.amoplefttype = c.opcintype AND a.amoprighttype = c.opcintype
             AND a.amopstrategy = CASE m.amname WHEN 'btree' THEN 3 ELSE 1 END
         JOIN pg_operator o ON o.oid = a.amopopr
         JOIN pg_namespace n ON n.oid = o.oprnamespace
         WHERE c.opcintype = compared AND c.opcdefault AND m.amname IN ('btree', 'hash')
         ORDER BY m.amname LIMIT 1), 'OPERATOR(pg_catalog.=)');
END
$$;
COMMENT ON FUNCTION tiering.equality(regtype) IS
    'the operator by which indexes on a type find equal values, with its schema: that of an extension''s type stands where no search_path of ours leads';

CREATE FUNCTION tiering.key_condition(key text, type regtype, keys text, only_one boolean DEFAULT false) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN format(CASE WHEN $4 THEN '%s %s (%s)[1]::pg_catalog.text::%s' ELSE '%s %s ANY (%s::pg_catalog.text[]::%s[])' END,
        $1, tiering.equality($2), $3, format_type($2, -1));
COMMENT ON FUNCTION tiering.key_condition(text, regtype, text, boolean) IS
    'the SQL condition that picks customers by a key (an expression and its type) and an array of texts (keys, an expression), or by the first of them, so that an '
    'index on the key serves';

-- Both columns are compared, so that an index on them serves, and a view that groups by them reads no others; the whole text tells the pairs apart.
CREATE FUNCTION tiering.program_key_condition(program text, keys text, alias text DEFAULT 's', only_one boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key record;
    tenant record;
BEGIN
    SELECT format('%s.%I', alias, c.column_name) AS name, c.type INTO key FROM tiering.program_columns(program_key_condition.program) c WHERE c.purpose = 'key';
    SELECT format('%s.%I', alias, c.column_name) AS name, c.type INTO tenant FROM tiering.program_columns(program_key_condition.program) c WHERE c.purpose = 'tenant';
    IF NOT FOUND THEN
        RETURN tiering.key_condition(key.name, key.type, keys, only_one);
    END IF;
    RETURN concat_ws(' AND ',
        tiering.key_condition(tenant.name, tenant.type, format(CASE WHEN only_one THEN 'tiering.tenant_key_parts((%s)[1:1], 1)' ELSE 'tiering.tenant_key_parts(%s, 1)' END, keys), only_one),
        tiering.key_condition(key.name, key.type, format(CASE WHEN only_one THEN 'tiering.tenant_key_parts((%s)[1:1], 2)' ELSE 'tiering.tenant_key_parts(%s, 2)' END, keys), only_one),
        CASE WHEN NOT only_one THEN format('%s OPERATOR(pg_catalog.=) ANY (%s)', tiering.tenant_key_expression(tenant.name, tenant.type, key.name, key.type), keys) END);
END
$$;
COMMENT ON FUNCTION tiering.program_key_condition(text, text, text, boolean) IS
    'the SQL condition that picks customers of a program, of its source under an alias, by an array of texts (keys, an expression), or by the first of them, so that an index on the key, or on tenant and '
    'key, serves';

CREATE FUNCTION tiering.require_key_type(source regclass, column_name text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_type regtype := tiering.base_type((SELECT a.atttypid::regtype FROM pg_attribute a
        WHERE a.attrelid = source AND a.attname = column_name AND a.attnum > 0 AND NOT a.attisdropped));
    t pg_type;
BEGIN
    SELECT y.* INTO t FROM pg_type y WHERE y.oid = found_type;
    IF found_type IN ('interval'::regtype, 'money'::regtype) OR t.typname ~ '^reg' AND t.typnamespace = 'pg_catalog'::regnamespace
        OR t.typtype IN ('c', 'r', 'm', 'p') OR t.typcategory = 'A'
        OR t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod
            WHERE c.opcdefault AND m.amname IN ('btree', 'hash')
                AND (c.opcintype = found_type OR EXISTS (SELECT FROM pg_cast b
                    WHERE b.castsource = found_type AND b.casttarget = c.opcintype AND b.castmethod = 'b' AND b.castcontext = 'i')))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
            MESSAGE = format('column "%s" of %s is of type %s, which cannot name customers', column_name, source, found_type),
            DETAIL = 'Equal values of it have several texts, or their text depends on settings of the session.',
            HINT = format('Make a view that casts it, such as %s AS %I, and use the view as the source.',
                CASE WHEN found_type = 'interval'::regtype THEN format('extract(epoch FROM %I)', column_name)
                    WHEN found_type = 'money'::regtype THEN format('%I::numeric', column_name)
                    WHEN t.typname ~ '^reg' THEN format('%I::oid', column_name)
                    WHEN t.typtype = 'r' THEN format('lower(%I)', column_name)
                    ELSE format('%I::text', column_name) END, column_name);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_key_type(regclass, text) IS
    'ERROR 42804 if values of a column have no one text by which customers could be named: intervals, money, arrays, ranges, rows, names of objects, '
    'types without equality';

CREATE FUNCTION tiering.require_tenant(source regclass, tenant_column text, key_column text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    free text;
BEGIN
    IF tenant_column = key_column THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('column "%s" is both the tenant and the key', key_column),
            HINT = 'Name two columns: key => ''{tenant_id,customer_id}''.';
    END IF;
    PERFORM tiering.require_key_type(source, tenant_column);
    SELECT c.name INTO free FROM unnest(ARRAY[tenant_column, key_column]) AS c (name) WHERE tiering.spelt_freely(source, c.name) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch', MESSAGE = format('column "%s" of %s cannot be part of a key of two columns', free, source),
            DETAIL = 'Equal values of it may be spelt differently.',
            HINT = format('Make a view with one spelling, such as lower(%I::text) AS %I, and use the view as the source.', free, free);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_tenant(regclass, text, text) IS
    'ERROR if two columns cannot name customers together: 22023 they are one, 42804 values of one have no one text, or may be spelt differently';

CREATE FUNCTION tiering.spelt_freely(source regclass, column_name text) RETURNS boolean
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT t.typtype = 'b' AND t.typnamespace <> 'pg_catalog'::regnamespace OR t.oid = 'jsonb'::regtype
        OR EXISTS (SELECT FROM pg_collation c WHERE c.oid = a.attcollation AND NOT c.collisdeterministic)
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = tiering.base_type(a.atttypid)
    WHERE a.attrelid = $1 AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped;
END;
COMMENT ON FUNCTION tiering.spelt_freely(regclass, text) IS
    'whether equal values of a column may be spelt differently: citext and other types of extensions, nondeterministic collations';

CREATE FUNCTION tiering.typed_key(source regclass, column_name text, value text) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%s::%s%s', $3, format_type(a.atttypid, -1), (SELECT format(' COLLATE %s', c.oid::regcollation) FROM pg_collation c WHERE c.oid = a.attcollation))
    FROM pg_attribute a WHERE a.attrelid = $1 AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped;
END;
COMMENT ON FUNCTION tiering.typed_key(regclass, text, text) IS 'the SQL expression of a text (an expression) as a value of a key column: of its type and collation';

CREATE FUNCTION tiering.equal_key(source regclass, column_name text, value text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tiering.spelt_freely(equal_key.source, equal_key.column_name) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT format('%s((%s)::%s, 0)::pg_catalog.text', f.amproc, equal_key.value, format_type(c.opcintype, -1))
        FROM pg_attribute a
        JOIN pg_opclass c ON c.opcdefault AND (c.opcintype = tiering.base_type(a.atttypid) OR EXISTS (SELECT FROM pg_cast b
            WHERE b.castsource = tiering.base_type(a.atttypid) AND b.casttarget = c.opcintype AND b.castmethod = 'b' AND b.castcontext = 'i'))
        JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'hash'
        JOIN pg_amproc f ON f.amprocfamily = c.opcfamily AND f.amproclefttype = c.opcintype AND f.amprocrighttype = c.opcintype AND f.amprocnum = 2
        WHERE a.attrelid = equal_key.source AND a.attname = equal_key.column_name AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY c.opcintype <> tiering.base_type(a.atttypid) LIMIT 1);
END
$$;
COMMENT ON FUNCTION tiering.equal_key(regclass, text, text) IS
    'where equal keys may be spelt differently, the SQL expression of a text that is the same for all spellings of a key (an expression of the type of the column): the hash of its type; otherwise NULL, as for types '
    'without one';

CREATE FUNCTION tiering.read_keys(key_type regtype, customers text[], tenant_type regtype DEFAULT NULL) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    keys text[];
    middle integer := cardinality(customers) / 2;
BEGIN
    -- Halves are taken by the places 1, 2, …, which an array of several dimensions has not.
    IF array_ndims(customers) > 1 OR array_lower(customers, 1) <> 1 THEN
        customers := ARRAY(SELECT k.customer FROM unnest(customers) WITH ORDINALITY AS k (customer, n) ORDER BY k.n);
    END IF;
    IF tenant_type IS NULL THEN
        EXECUTE format('SELECT array_agg(%s ORDER BY k.n) FROM unnest($1::text[]::%s[]) WITH ORDINALITY AS k (key, n)',
            tiering.key_expression('k.key', key_type), format_type(key_type, -1)) INTO keys USING customers;
    ELSE
        EXECUTE format('SELECT array_agg(CASE WHEN k.customer ~ ''^[^/]*/[^/]*$'' THEN %s END ORDER BY k.n) FROM unnest($1) WITH ORDINALITY AS k (customer, n)',
            tiering.tenant_key_expression(format('(tiering.tenant_key_parts(ARRAY[k.customer], 1))[1]::%s', format_type(tenant_type, -1)), tenant_type,
                format('(tiering.tenant_key_parts(ARRAY[k.customer], 2))[1]::%s', format_type(key_type, -1)), key_type)) INTO keys USING customers;
    END IF;
    RETURN keys;
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
    -- The type says that one is wrong, not which.
    IF middle = 0 THEN
        RETURN ARRAY[NULL::text];
    END IF;
    RETURN tiering.read_keys(key_type, customers[:middle], tenant_type) || tiering.read_keys(key_type, customers[middle + 1:], tenant_type);
END
$$;
COMMENT ON FUNCTION tiering.read_keys(regtype, text[], regtype) IS
    'texts that name customers, each as keys of a type are written, or those of tenants and keys of two types; NULL for a text that is no value of the type';

CREATE FUNCTION tiering.customer_keys(program text, customers text[], path text DEFAULT current_setting('search_path'), refuse boolean DEFAULT true) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(customer_keys.program);
    key_column text;
    key_type regtype;
    tenant_type regtype;
    keys text[];
    query text;
    unreadable text;
BEGIN
    -- Customers who are named as they were graded need no source, which may be gone.
    IF NOT EXISTS (SELECT FROM unnest(customers) AS c (customer) WHERE c.customer IS NOT NULL
        -- OFFSET 0: each is looked up by its key, however few customers the planner takes the program to have.
        AND NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = p.program AND a.customer = c.customer AND a.gone_since IS NULL OFFSET 0))
    THEN
        RETURN customers;
    END IF;
    SELECT a.attname::text, a.atttypid::regtype INTO key_column, key_type FROM pg_attribute a
    WHERE a.attrelid = p.source AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = tiering.renamed_column(p.source, p.column_numbers, p.key_column);
    IF NOT FOUND THEN
        RETURN customers;
    END IF;
    IF p.tenant_column IS NOT NULL THEN
        SELECT a.atttypid::regtype INTO tenant_type FROM pg_attribute a
        WHERE a.attrelid = p.source AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = tiering.renamed_column(p.source, p.column_numbers, p.tenant_column);
        IF NOT FOUND THEN
            RETURN customers;
        END IF;
    END IF;
    keys := tiering.read_keys(key_type, customers, tenant_type);
    -- Longer keys than an index takes name nobody.
    IF NOT refuse AND EXISTS (SELECT FROM unnest(keys) AS k (key) WHERE octet_length(k.key) > 2000) THEN
        keys := ARRAY(SELECT CASE WHEN octet_length(k.key) <= 2000 THEN k.key END FROM unnest(keys) WITH ORDINALITY AS k (key, n) ORDER BY k.n);
    END IF;
    IF refuse THEN
        SELECT c.customer INTO unreadable FROM unnest(customers, keys) AS c (customer, key)
        WHERE c.customer IS NOT NULL AND (c.key IS NULL OR octet_length(c.key) > 2000) LIMIT 1;
        IF FOUND THEN
            PERFORM tiering.refuse_customer(p.program, unreadable);
        END IF;
    END IF;
    -- Tenants have keys of one spelling only (require_key_type()).
    IF p.tenant_column IS NULL AND tiering.spelt_freely(p.source, key_column) THEN
        -- As the source spells it; or, of who is gone, as it did.
        query := format('SELECT pg_catalog.array_agg(coalesce((SELECT %1$s FROM %2$s s WHERE s.%3$I %4$s k.key::%5$s LIMIT 1), '
            '(SELECT a.customer FROM tiering.assignments a WHERE a.program = $2 AND %6$s %4$s k.key::%5$s LIMIT 1), k.key) ORDER BY k.n) '
            'FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS k (key, n)',
            tiering.key_expression(format('s.%I', key_column), key_type), p.source, key_column, tiering.equality(key_type), format_type(key_type, -1),
            tiering.typed_key(p.source, key_column, 'a.customer'));
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO keys USING keys, p.program;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    END IF;
    RETURN keys;
END
$$;
COMMENT ON FUNCTION tiering.customer_keys(text, text[], text, boolean) IS
    'customers of a program, each by the one text of its key, however it is spelt: AB-… for a uuid, 007 for a number, another case where the key ignores '
    'case; 7/4711 where a tenant stands before it. path: search_path under which the source is read. ERROR 42704 for a text that cannot be the key of any customer, as one of letters where keys are '
    'numbers, unless it is not to be refused: NULL';

CREATE FUNCTION tiering.all_spellings(p tiering.programs, customer text) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key text := tiering.renamed_column(p.source, p.column_numbers, p.key_column);
    customers text[];
BEGIN
    IF tiering.spelt_freely(p.source, key) THEN
        EXECUTE format('SELECT pg_catalog.array_agg(a.customer) FROM tiering.assignments a WHERE a.program = $1 AND %s %s %s', tiering.typed_key(p.source, key, 'a.customer'),
            tiering.equality((SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = p.source AND a.attname = key)), tiering.typed_key(p.source, key, '$2'))
        INTO customers USING p.program, customer;
    END IF;
    RETURN array_remove(customers, customer) || customer;
END
$$;
COMMENT ON FUNCTION tiering.all_spellings(tiering.programs, text) IS 'a customer of a program, in all the spellings of the key under which the program knows the customer, the given one last';

CREATE FUNCTION tiering.customer_key(program text, customer text, path text DEFAULT current_setting('search_path')) RETURNS text
    LANGUAGE sql STABLE
    RETURN (tiering.customer_keys($1, ARRAY[$2], $3))[1];
COMMENT ON FUNCTION tiering.customer_key(text, text, text) IS 'a customer of a program by the one text of its key, however it is spelt; ERROR 42704 as of customer_keys()';

-- Row-level security of a table below a view counts for the caller, or for the owner of the view; what functions hide cannot be known.
CREATE FUNCTION tiering.hides_rows(source regclass) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (SELECT c.relkind FROM pg_class c WHERE c.oid = source) IS DISTINCT FROM 'v' THEN
        RETURN coalesce(row_security_active(source::oid), false);
    END IF;
    RETURN EXISTS (
        WITH RECURSIVE below AS (
            SELECT hides_rows.source::oid AS relation, r.oid AS reader FROM pg_roles r WHERE r.rolname = current_user
            UNION
            SELECT d.refobjid, CASE WHEN EXISTS (SELECT FROM pg_options_to_table(v.reloptions) AS o
                WHERE o.option_name = 'security_invoker' AND o.option_value::boolean) THEN (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user)
                ELSE v.relowner END
            FROM below b
            JOIN pg_class v ON v.oid = b.relation AND v.relkind = 'v'
            JOIN pg_rewrite w ON w.ev_class = v.oid AND w.ev_type = '1'
            JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
        )
        -- OFFSET 0: otherwise the text of every view of the database is made, and searched.
        SELECT FROM (SELECT c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner, b.reader FROM below b JOIN pg_class c ON c.oid = b.relation OFFSET 0) c
        JOIN pg_roles r ON r.oid = c.reader
        -- A view may look itself at who asks.
        WHERE c.relkind = 'v' AND pg_get_viewdef(c.oid) ~* '[[:<:]](current_user|session_user|current_role|current_setting|pg_has_role)[[:>:]]'
            OR c.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls
                AND (c.relforcerowsecurity OR NOT pg_has_role(r.oid, c.relowner, 'USAGE')));
END
$$;
COMMENT ON FUNCTION tiering.hides_rows(regclass) IS
    'whether rows of a table or view may be hidden from the current user: by row-level security of the table or of one below the view, or by a view '
    'that looks at who asks (current_user, current_setting, pg_has_role). What functions hide is not known';
