-- What a customer bought, summed up in one pass over the orders: recency, frequency, monetary value.

CREATE TYPE tiering.time_zone;
CREATE FUNCTION tiering.time_zone_in(cstring) RETURNS tiering.time_zone
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'time_zone_in';
CREATE FUNCTION tiering.time_zone_out(tiering.time_zone) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
CREATE FUNCTION tiering.time_zone_recv(internal) RETURNS tiering.time_zone
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'time_zone_recv';
CREATE FUNCTION tiering.time_zone_send(tiering.time_zone) RETURNS bytea LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'textsend';
CREATE TYPE tiering.time_zone (
    INPUT = tiering.time_zone_in, OUTPUT = tiering.time_zone_out, RECEIVE = tiering.time_zone_recv, SEND = tiering.time_zone_send, LIKE = text);
-- Text of a column is taken as well.
CREATE CAST (text AS tiering.time_zone) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS tiering.time_zone) WITH INOUT AS IMPLICIT;
COMMENT ON TYPE tiering.time_zone IS 
    'a time zone by its IANA name, such as Asia/Shanghai; UTC. Unlike text it has no collation, so that postgres_fdw sends a constant of it to the '
    'other server';
COMMENT ON FUNCTION tiering.time_zone_in(cstring) IS 'input of type time_zone; ERROR 22023 unknown time zone';
COMMENT ON FUNCTION tiering.time_zone_out(tiering.time_zone) IS 'output of type time_zone';
COMMENT ON FUNCTION tiering.time_zone_recv(internal) IS 'binary input of type time_zone; ERROR 22023 unknown time zone';
COMMENT ON FUNCTION tiering.time_zone_send(tiering.time_zone) IS 'binary output of type time_zone';

CREATE TYPE tiering.currency_code;
CREATE FUNCTION tiering.currency_code_in(cstring) RETURNS tiering.currency_code
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'currency_code_in';
CREATE FUNCTION tiering.currency_code_out(tiering.currency_code) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
CREATE FUNCTION tiering.currency_code_recv(internal) RETURNS tiering.currency_code
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'currency_code_recv';
CREATE FUNCTION tiering.currency_code_send(tiering.currency_code) RETURNS bytea LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'textsend';
CREATE TYPE tiering.currency_code (
    INPUT = tiering.currency_code_in, OUTPUT = tiering.currency_code_out, RECEIVE = tiering.currency_code_recv, SEND = tiering.currency_code_send, LIKE = text);
-- Text of a column is taken as well.
CREATE CAST (text AS tiering.currency_code) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS tiering.currency_code) WITH INOUT AS IMPLICIT;
CREATE CAST (bpchar AS tiering.currency_code) WITH INOUT AS IMPLICIT;
COMMENT ON TYPE tiering.currency_code IS
    'a currency by its code of three letters (ISO 4217), such as EUR; stored in capital letters. Like time_zone it has no collation';
COMMENT ON FUNCTION tiering.currency_code_in(cstring) IS 'input of type currency_code; ERROR 22023 no three letters';
COMMENT ON FUNCTION tiering.currency_code_out(tiering.currency_code) IS 'output of type currency_code';
COMMENT ON FUNCTION tiering.currency_code_recv(internal) IS 'binary input of type currency_code; ERROR 22023 no three letters';
COMMENT ON FUNCTION tiering.currency_code_send(tiering.currency_code) IS 'binary output of type currency_code';

CREATE FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, numeric) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_numeric';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, double precision) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_float8';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, real) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_float4';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, numeric, tiering.time_zone) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_numeric_zone';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, double precision, tiering.time_zone) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_float8_zone';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, real, tiering.time_zone) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_float4_zone';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, date, numeric) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_date_numeric';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, date, double precision) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_date_float8';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, date, real) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_date_float4';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, numeric, tiering.time_zone, tiering.currency_code) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_numeric_currency';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, date, numeric, tiering.currency_code) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_date_numeric_currency';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, double precision, tiering.time_zone, tiering.currency_code) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_float8_currency';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, date, double precision, tiering.currency_code) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_date_float8_currency';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, real, tiering.time_zone, tiering.currency_code) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_float4_currency';
CREATE FUNCTION tiering.rfm_add(tiering.rfm, date, real, tiering.currency_code) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_add_date_float4_currency';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, numeric) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, double precision) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, numeric, tiering.time_zone) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, double precision, tiering.time_zone) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, date, numeric) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, date, double precision) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, real) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, real, tiering.time_zone) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, date, real) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, numeric, tiering.time_zone, tiering.currency_code) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, date, numeric, tiering.currency_code) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, double precision, tiering.time_zone, tiering.currency_code) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, date, double precision, tiering.currency_code) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, timestamptz, real, tiering.time_zone, tiering.currency_code) IS 'transition of aggregate rfm';
COMMENT ON FUNCTION tiering.rfm_add(tiering.rfm, date, real, tiering.currency_code) IS 'transition of aggregate rfm';

CREATE AGGREGATE tiering.rfm (at timestamptz, amount numeric) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (at timestamptz, amount double precision) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (at timestamptz, amount numeric, zone tiering.time_zone) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (at timestamptz, amount double precision, zone tiering.time_zone) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (on_day date, amount numeric) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (on_day date, amount double precision) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (at timestamptz, amount real) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (at timestamptz, amount real, zone tiering.time_zone) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (on_day date, amount real) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (at timestamptz, amount numeric, zone tiering.time_zone, currency tiering.currency_code) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (on_day date, amount numeric, currency tiering.currency_code) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (at timestamptz, amount double precision, zone tiering.time_zone, currency tiering.currency_code) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (on_day date, amount double precision, currency tiering.currency_code) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (at timestamptz, amount real, zone tiering.time_zone, currency tiering.currency_code) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rfm (on_day date, amount real, currency tiering.currency_code) (
    SFUNC = tiering.rfm_add, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rollup (rfm tiering.rfm) (
    SFUNC = tiering.rfm_combine, STYPE = tiering.rfm, SSPACE = 256, FINALFUNC = tiering.rfm_final, COMBINEFUNC = tiering.rfm_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.rfm (timestamptz, numeric) IS
    'what a customer bought, from the time and the amount of each order. An amount below zero is a refund: it lowers the '
    'sum, and is neither an order nor a visit; zero is an order. Days are those of UTC. Sums are exact, whatever the order '
    'of the rows; orders of one day count as one visit in repeat_days(). Rows with a NULL are ignored; NULL without rows. '
    'ERROR 22023 NaN or infinite amount, 22003 more than 38 digits, 22008 time out of range';
COMMENT ON AGGREGATE tiering.rfm (timestamptz, double precision) IS
    'the same for floating-point amounts, each of which counts as the shortest decimal that reads back as it: 0.1 is '
    '0.1. PostgreSQL passes integer amounts this way, too: cast a bigint beyond 2^53 to numeric';
COMMENT ON AGGREGATE tiering.rfm (timestamptz, numeric, tiering.time_zone) IS
    'the same with the days of a time zone (IANA name), which the value remembers; ERROR 22023 unknown or changing zone';
COMMENT ON AGGREGATE tiering.rfm (timestamptz, double precision, tiering.time_zone) IS
    'the same with the days of a time zone (IANA name), which the value remembers; ERROR 22023 unknown or changing zone';
COMMENT ON AGGREGATE tiering.rfm (date, numeric) IS 'the same from the day and the amount of each order; its time is midnight UTC';
COMMENT ON AGGREGATE tiering.rfm (date, double precision) IS 'the same from the day and the amount of each order; its time is midnight UTC';
COMMENT ON AGGREGATE tiering.rfm (timestamptz, real) IS 'the same for amounts of type real, each the shortest decimal that reads back as it';
COMMENT ON AGGREGATE tiering.rfm (timestamptz, real, tiering.time_zone) IS
    'the same with the days of a time zone (IANA name), which the value remembers; ERROR 22023 unknown or changing zone';
COMMENT ON AGGREGATE tiering.rfm (date, real) IS 'the same from the day and the amount of each order; its time is midnight UTC';
COMMENT ON AGGREGATE tiering.rfm (timestamptz, numeric, tiering.time_zone, tiering.currency_code) IS
    'the same for amounts of one currency (a code of three letters, ISO 4217), which the value remembers; ERROR 22023 a second currency, or no such code';
COMMENT ON AGGREGATE tiering.rfm (date, numeric, tiering.currency_code) IS
    'the same for amounts of one currency (a code of three letters, ISO 4217), which the value remembers; ERROR 22023 a second currency, or no such code';
COMMENT ON AGGREGATE tiering.rfm (timestamptz, double precision, tiering.time_zone, tiering.currency_code) IS
    'the same for amounts of one currency (a code of three letters, ISO 4217), which the value remembers; ERROR 22023 a second currency, or no such code';
COMMENT ON AGGREGATE tiering.rfm (date, double precision, tiering.currency_code) IS
    'the same for amounts of one currency (a code of three letters, ISO 4217), which the value remembers; ERROR 22023 a second currency, or no such code';
COMMENT ON AGGREGATE tiering.rfm (timestamptz, real, tiering.time_zone, tiering.currency_code) IS
    'the same for amounts of one currency (a code of three letters, ISO 4217), which the value remembers; ERROR 22023 a second currency, or no such code';
COMMENT ON AGGREGATE tiering.rfm (date, real, tiering.currency_code) IS
    'the same for amounts of one currency (a code of three letters, ISO 4217), which the value remembers; ERROR 22023 a second currency, or no such code';
COMMENT ON AGGREGATE tiering.rollup (tiering.rfm) IS
    'several rfm values as one, as if all their orders had been aggregated at once; ERROR 22023 for values of different zones or currencies';

-- Accessors.

CREATE FUNCTION tiering.recency(rfm tiering.rfm, as_of timestamptz) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_recency';
CREATE FUNCTION tiering.recency(rfm tiering.rfm, as_of date) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_recency_date';
CREATE FUNCTION tiering.age(rfm tiering.rfm, as_of timestamptz) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_age';
CREATE FUNCTION tiering.age(rfm tiering.rfm, as_of date) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_age_date';
CREATE FUNCTION tiering.frequency(rfm tiering.rfm) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_frequency';
CREATE FUNCTION tiering.refunds(rfm tiering.rfm) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_refunds';
CREATE FUNCTION tiering.monetary(rfm tiering.rfm) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_monetary';
CREATE FUNCTION tiering.currency(rfm tiering.rfm) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_currency';
CREATE FUNCTION tiering.average_order(rfm tiering.rfm) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN tiering.monetary($1) / nullif(tiering.frequency($1), 0);
CREATE FUNCTION tiering.repeat_monetary(rfm tiering.rfm) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_repeat_monetary';
CREATE FUNCTION tiering.first_at(rfm tiering.rfm) RETURNS timestamptz
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_first_at';
CREATE FUNCTION tiering.last_at(rfm tiering.rfm) RETURNS timestamptz
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_last_at';
CREATE FUNCTION tiering.repeat_days(rfm tiering.rfm) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_repeat_days';
CREATE FUNCTION tiering.repeat_span(rfm tiering.rfm) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_repeat_span';
COMMENT ON FUNCTION tiering.recency(tiering.rfm, timestamptz) IS
    'whole days from the day of the last order until then to the as-of day, in the zone of the value; '
    'NULL if nothing had been ordered. ERROR 22008 out of range';
COMMENT ON FUNCTION tiering.recency(tiering.rfm, date) IS 'the same to a day; NULL if nothing had been ordered. ERROR 22008 out of range';
COMMENT ON FUNCTION tiering.age(tiering.rfm, timestamptz) IS
    'whole days from the day of the first order to the as-of day, in the zone of the value: T of the lifetime-value models; '
    'NULL if nothing had been ordered. ERROR 22008 out of range';
COMMENT ON FUNCTION tiering.age(tiering.rfm, date) IS 'the same to a day; NULL if nothing had been ordered. ERROR 22008 out of range';
COMMENT ON FUNCTION tiering.frequency(tiering.rfm) IS 'how many orders, refunds not counted';
COMMENT ON FUNCTION tiering.refunds(tiering.rfm) IS 'how many refunds: orders of a negative amount';
COMMENT ON FUNCTION tiering.monetary(tiering.rfm) IS 'the exact sum of all amounts, refunds deducted';
COMMENT ON FUNCTION tiering.currency(tiering.rfm) IS 'the code of the currency of the amounts, in capital letters; NULL if none was named';
COMMENT ON FUNCTION tiering.average_order(tiering.rfm) IS 'the sum by the number of orders; NULL if nothing was ever ordered';
COMMENT ON FUNCTION tiering.repeat_monetary(tiering.rfm) IS 'the sum of what came after the day of the first order, refunds deducted';
COMMENT ON FUNCTION tiering.first_at(tiering.rfm) IS 'when the first order was; NULL if nothing was ever ordered';
COMMENT ON FUNCTION tiering.last_at(tiering.rfm) IS 'when the last order was; NULL if nothing was ever ordered';
COMMENT ON FUNCTION tiering.repeat_days(tiering.rfm) IS
    'on how many days after the first something was ordered: x of the lifetime-value models (Fader, Hardie and Lee 2005); '
    'NULL if nothing was ever ordered';
COMMENT ON FUNCTION tiering.repeat_span(tiering.rfm) IS
    'days from the day of the first order to that of the last: t_x of the lifetime-value models; NULL if nothing was ever ordered';

-- The same as of a day.

CREATE FUNCTION tiering.frequency(rfm tiering.rfm, as_of timestamptz) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_frequency';
CREATE FUNCTION tiering.refunds(rfm tiering.rfm, as_of timestamptz) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_refunds';
CREATE FUNCTION tiering.monetary(rfm tiering.rfm, as_of timestamptz) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_monetary';
CREATE FUNCTION tiering.average_order(rfm tiering.rfm, as_of timestamptz) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN tiering.monetary($1, $2) / nullif(tiering.frequency($1, $2), 0);
CREATE FUNCTION tiering.first_at(rfm tiering.rfm, as_of timestamptz) RETURNS timestamptz
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_first_at';
CREATE FUNCTION tiering.last_at(rfm tiering.rfm, as_of timestamptz) RETURNS timestamptz
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_last_at';
CREATE FUNCTION tiering.repeat_days(rfm tiering.rfm, as_of timestamptz) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_repeat_days';
COMMENT ON FUNCTION tiering.frequency(tiering.rfm, timestamptz) IS
    'the same as of a day: ERROR 22023 if something was ordered after it, for the value knows sums, not the orders of single days. '
    'When a refund was it does not know';
COMMENT ON FUNCTION tiering.refunds(tiering.rfm, timestamptz) IS 'the same; ERROR 22023 if something was ordered after the as-of day';
COMMENT ON FUNCTION tiering.monetary(tiering.rfm, timestamptz) IS 'the same; ERROR 22023 if something was ordered after the as-of day';
COMMENT ON FUNCTION tiering.average_order(tiering.rfm, timestamptz) IS 'the same; ERROR 22023 if something was ordered after the as-of day';
COMMENT ON FUNCTION tiering.first_at(tiering.rfm, timestamptz) IS 'the same; ERROR 22023 if something was ordered after the as-of day';
COMMENT ON FUNCTION tiering.last_at(tiering.rfm, timestamptz) IS 'the same; ERROR 22023 if something was ordered after the as-of day';
COMMENT ON FUNCTION tiering.repeat_days(tiering.rfm, timestamptz) IS 'the same; ERROR 22023 if something was ordered after the as-of day';

CREATE TYPE tiering.rfm_figures AS (
    recency_days integer,
    frequency bigint,
    monetary numeric,
    average_order numeric,
    refunds bigint,
    first_at timestamptz,
    last_at timestamptz,
    repeat_days integer,
    age_days integer
);
COMMENT ON TYPE tiering.rfm_figures IS 'the figures of an rfm value as a row; the first three are the inputs of the scheme rfm';
COMMENT ON COLUMN tiering.rfm_figures.recency_days IS 'days since the last order';
COMMENT ON COLUMN tiering.rfm_figures.frequency IS 'number of orders';
COMMENT ON COLUMN tiering.rfm_figures.monetary IS 'sum of all amounts, refunds deducted';
COMMENT ON COLUMN tiering.rfm_figures.average_order IS 'the sum by the number of orders';
COMMENT ON COLUMN tiering.rfm_figures.refunds IS 'number of refunds';
COMMENT ON COLUMN tiering.rfm_figures.first_at IS 'first order';
COMMENT ON COLUMN tiering.rfm_figures.last_at IS 'last order';
COMMENT ON COLUMN tiering.rfm_figures.repeat_days IS 'days with an order after the first';
COMMENT ON COLUMN tiering.rfm_figures.age_days IS 'days since the first order';

CREATE FUNCTION tiering.figures(rfm tiering.rfm, as_of timestamptz) RETURNS tiering.rfm_figures
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ROW(tiering.recency($1, $2), tiering.frequency($1, $2), tiering.monetary($1, $2), tiering.average_order($1, $2), tiering.refunds($1, $2),
        tiering.first_at($1, $2), tiering.last_at($1, $2), tiering.repeat_days($1, $2), tiering.age($1, $2))::tiering.rfm_figures;
COMMENT ON FUNCTION tiering.figures(tiering.rfm, timestamptz) IS
    'all figures of an rfm value as a row, for customer_tier(''rfm'', figures(r, now())) or as columns: (figures(r, now())).*. '
    'ERROR 22023 if something was ordered after the as-of day: leave it out with rfm(at, amount) FILTER (WHERE at < …)';
