-- The one text of a value of a column, whatever the session's settings: by it customers are named, and their words looked up.

-- Types whose text depends on settings, or that write equal values in several ways. For all others the cast to text is the text.
CREATE FUNCTION tiering.key_text(key bytea) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET bytea_output = 'hex'
    RETURN key::text;
COMMENT ON FUNCTION tiering.key_text(bytea) IS 'the text by which a customer with this key is named: hexadecimal, whatever bytea_output is';
CREATE FUNCTION tiering.key_text(key numeric) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN trim_scale(key)::text;
COMMENT ON FUNCTION tiering.key_text(numeric) IS 'the text by which a customer with this key is named: without zeros at its end, as 7.00 equals 7';
CREATE FUNCTION tiering.key_text(key real) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET extra_float_digits = 1
    RETURN (key + 0::real)::text;
COMMENT ON FUNCTION tiering.key_text(real) IS 'the text by which a customer with this key is named: the shortest that reads back as it, whatever extra_float_digits is';
CREATE FUNCTION tiering.key_text(key double precision) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET extra_float_digits = 1
    RETURN (key + 0::float8)::text;
COMMENT ON FUNCTION tiering.key_text(double precision) IS
    'the text by which a customer with this key is named: the shortest that reads back as it, whatever extra_float_digits is';
CREATE FUNCTION tiering.key_text(key date) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET datestyle = 'ISO'
    RETURN key::text;
COMMENT ON FUNCTION tiering.key_text(date) IS 'the text by which a customer with this key is named: ISO 8601, whatever DateStyle is';
CREATE FUNCTION tiering.key_text(key timestamp) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET datestyle = 'ISO'
    RETURN key::text;
COMMENT ON FUNCTION tiering.key_text(timestamp) IS 'the text by which a customer with this key is named: ISO 8601, whatever DateStyle is';
CREATE FUNCTION tiering.key_text(key timestamptz) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET datestyle = 'ISO' SET timezone = 'UTC'
    RETURN key::text;
COMMENT ON FUNCTION tiering.key_text(timestamptz) IS
    'the text by which a customer with this key is named: ISO 8601 in UTC, whatever DateStyle and TimeZone are';

CREATE FUNCTION tiering.base_type(type regtype) RETURNS regtype
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    -- A domain may be over a domain.
    WITH RECURSIVE over AS (
        SELECT t.oid, t.typtype, t.typbasetype FROM pg_type t WHERE t.oid = $1
        UNION ALL
        SELECT t.oid, t.typtype, t.typbasetype FROM over o JOIN pg_type t ON t.oid = o.typbasetype WHERE o.typtype = 'd'
    )
    SELECT o.oid::regtype FROM over o WHERE o.typtype <> 'd';
END;
COMMENT ON FUNCTION tiering.base_type(regtype) IS 'the type that a domain is over; of any other type itself';

CREATE FUNCTION tiering.key_expression(key text, type regtype) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN CASE
        WHEN tiering.base_type($2) IN ('bytea'::regtype, 'numeric'::regtype, 'real'::regtype, 'double precision'::regtype,
            'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
        THEN format('tiering.key_text(%s::%s) COLLATE pg_catalog."C"', $1, format_type(tiering.base_type($2), -1))
        ELSE format('%s::pg_catalog.text COLLATE pg_catalog."C"', $1) END;
COMMENT ON FUNCTION tiering.key_expression(text, regtype) IS
    'the SQL expression of the text by which a customer is named, made of that of a key and its type';

-- Both in one text, as in a JSON pointer (RFC 6901): the slash parts them, and one that belongs to a value is written ~1, a tilde ~0.
CREATE FUNCTION tiering.tenant_key(tenant text, key text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN replace(replace($1, '~', '~0'), '/', '~1') || '/' || replace(replace($2, '~', '~0'), '/', '~1');
COMMENT ON FUNCTION tiering.tenant_key(text, text) IS
    'the text by which a customer of a tenant is named in a program whose key has both: 7/4711. A slash within one of them is written ~1, a tilde ~0, as in JSON pointers. NULL if one is';

CREATE FUNCTION tiering.tenant_key_parts(keys text[], n integer) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_agg(DISTINCT replace(replace(split_part(k.key, '/', $2), '~1', '/'), '~0', '~')) FROM unnest($1) AS k (key) WHERE strpos(k.key, '/') > 0;
END;
COMMENT ON FUNCTION tiering.tenant_key_parts(text[], integer) IS 'the tenants (1) or the keys (2) of texts that tenant_key() has made, each once; NULL: none is such a text';

CREATE FUNCTION tiering.tenant_key_expression(tenant text, tenant_type regtype, key text, key_type regtype) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE
        WHEN $1 IS NULL THEN tiering.key_expression($3, $4)
        -- Numbers and the like have no slash and no tilde.
        WHEN tiering.base_type($2) = ANY ('{smallint,integer,bigint,uuid}'::regtype[]) AND tiering.base_type($4) = ANY ('{smallint,integer,bigint,uuid}'::regtype[])
        THEN format('(%s OPERATOR(pg_catalog.||) ''/''::pg_catalog.text OPERATOR(pg_catalog.||) %s) COLLATE pg_catalog."C"', tiering.key_expression($1, $2), tiering.key_expression($3, $4))
        ELSE format('tiering.tenant_key(%s, %s) COLLATE pg_catalog."C"', tiering.key_expression($1, $2), tiering.key_expression($3, $4)) END;
COMMENT ON FUNCTION tiering.tenant_key_expression(text, regtype, text, regtype) IS
    'the SQL expression of the text by which a customer is named, made of those of a tenant, if there is one, and of a key, and of their types';

-- A day or a clock time of the year 5874897, or infinite, is one that nobody has entered: where all rows are read, it must not be an error for all.
CREATE FUNCTION tiering.moment_expression(moment text, type regtype, zone text) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN tiering.base_type($2) = 'timestamptz'::regtype THEN format('%s::timestamptz', $1)
        ELSE format('CASE WHEN %1$s < ''0001-01-02''::%2$s THEN ''-infinity'' WHEN %1$s > ''9999-12-30''::%2$s THEN ''infinity'' ELSE %1$s::timestamp AT TIME ZONE %3$L END',
            $1, format_type(tiering.base_type($2), -1), $3) END;
COMMENT ON FUNCTION tiering.moment_expression(text, regtype, text) IS
    'the SQL expression of a date, timestamp or timestamptz (an expression and its type) as a timestamptz; days and timestamps are those of a zone, and infinite if they lie '
    'outside the years 1 to 9999, where no zone can be applied to all of them';
