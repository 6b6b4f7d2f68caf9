-- What a customer is still worth: models of how often and for how much somebody will buy again.

-- The type: a model as a JSON document.

CREATE TYPE tiering.lifetime_model;

CREATE FUNCTION tiering.lifetime_model_in(cstring) RETURNS tiering.lifetime_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_model_in';
CREATE FUNCTION tiering.lifetime_model_out(tiering.lifetime_model) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_out';
CREATE FUNCTION tiering.lifetime_model_recv(internal) RETURNS tiering.lifetime_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_model_recv';
CREATE FUNCTION tiering.lifetime_model_send(tiering.lifetime_model) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_send';
COMMENT ON FUNCTION tiering.lifetime_model_in(cstring) IS 'input of type lifetime_model: reads and validates a JSON document';
COMMENT ON FUNCTION tiering.lifetime_model_out(tiering.lifetime_model) IS 'output of type lifetime_model: the canonical JSON text';
COMMENT ON FUNCTION tiering.lifetime_model_recv(internal) IS 'binary input of type lifetime_model: a format byte, then JSON text, validated';
COMMENT ON FUNCTION tiering.lifetime_model_send(tiering.lifetime_model) IS 'binary output of type lifetime_model';

CREATE TYPE tiering.lifetime_model (
    INPUT = tiering.lifetime_model_in,
    OUTPUT = tiering.lifetime_model_out,
    RECEIVE = tiering.lifetime_model_recv,
    SEND = tiering.lifetime_model_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE tiering.lifetime_model IS
    'a fitted model of customer lifetime value: kind, unit of time, parameters, log-likelihood, n, who was left out, whether '
    'the fit converged and why not; a JSON document that reads back to the same bits, made by an aggregate such as '
    'fit_bg_nbd(), or typed from a paper; tiering.lifetime_model_json_schema() describes it';

CREATE FUNCTION tiering.lifetime_model(document jsonb) RETURNS tiering.lifetime_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_model_from_jsonb';
COMMENT ON FUNCTION tiering.lifetime_model(jsonb) IS 'the model that a jsonb document says; validated';
CREATE CAST (jsonb AS tiering.lifetime_model) WITH FUNCTION tiering.lifetime_model(jsonb);

CREATE FUNCTION tiering.to_jsonb(model tiering.lifetime_model) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_to_jsonb';
COMMENT ON FUNCTION tiering.to_jsonb(tiering.lifetime_model) IS 'a model as jsonb, to look into';
CREATE CAST (tiering.lifetime_model AS jsonb) WITH FUNCTION tiering.to_jsonb(tiering.lifetime_model);

CREATE FUNCTION tiering.lifetime_model_digest(model tiering.lifetime_model) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_digest';
COMMENT ON FUNCTION tiering.lifetime_model_digest(tiering.lifetime_model) IS 'the first 16 bytes of the SHA-256 of the canonical text';
CREATE FUNCTION tiering.lifetime_model_json_schema() RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_model_json_schema';
COMMENT ON FUNCTION tiering.lifetime_model_json_schema() IS 'the JSON Schema (draft 2020-12) of the model document, for editors and validators';

-- What a model says of itself.

CREATE FUNCTION tiering.parameters(model tiering.lifetime_model) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN tiering.to_jsonb($1) -> 'parameters';
CREATE FUNCTION tiering.parameter(model tiering.lifetime_model, name text) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN (tiering.to_jsonb($1) -> 'parameters' ->> $2)::double precision;
CREATE FUNCTION tiering.log_likelihood(model tiering.lifetime_model) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN (tiering.to_jsonb($1) ->> 'log_likelihood')::double precision;
CREATE FUNCTION tiering.converged(model tiering.lifetime_model) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN (tiering.to_jsonb($1) ->> 'converged')::boolean;
CREATE FUNCTION tiering.unit_days(model tiering.lifetime_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_unit_days';
COMMENT ON FUNCTION tiering.parameters(tiering.lifetime_model) IS
    'the parameters, named as in the papers: r, alpha, a, b of bg_nbd and mbg_nbd; r, alpha, s, beta of pareto_nbd; p, q, v of gamma_gamma';
COMMENT ON FUNCTION tiering.parameter(tiering.lifetime_model, text) IS 'one parameter; NULL if the model has none of that name';
COMMENT ON FUNCTION tiering.log_likelihood(tiering.lifetime_model) IS
    'the logarithm of the likelihood of the data at these parameters; of two models fitted to the same purchases the greater one suits them better. NULL for typed parameters';
COMMENT ON FUNCTION tiering.converged(tiering.lifetime_model) IS
    'whether the parameters are where the likelihood is greatest; if not, to_jsonb(model) ->> ''reason'' says why';
COMMENT ON FUNCTION tiering.unit_days(tiering.lifetime_model) IS
    'how many days the unit of time of the model has (a month 30.4375). ERROR 22023 for gamma_gamma, which has no times';

-- The unit of times.

CREATE TYPE tiering.time_unit;
CREATE FUNCTION tiering.time_unit_in(cstring) RETURNS tiering.time_unit
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'time_unit_in';
CREATE FUNCTION tiering.time_unit_out(tiering.time_unit) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
CREATE FUNCTION tiering.time_unit_recv(internal) RETURNS tiering.time_unit
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'time_unit_recv';
CREATE FUNCTION tiering.time_unit_send(tiering.time_unit) RETURNS bytea LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'textsend';
CREATE TYPE tiering.time_unit (
    INPUT = tiering.time_unit_in, OUTPUT = tiering.time_unit_out, RECEIVE = tiering.time_unit_recv, SEND = tiering.time_unit_send, LIKE = text);
-- Text of a column is taken as well.
CREATE CAST (text AS tiering.time_unit) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS tiering.time_unit) WITH INOUT AS IMPLICIT;
COMMENT ON TYPE tiering.time_unit IS 
    'a unit of time: day, week, month, quarter or year. Unlike text it has no collation, so that postgres_fdw sends a constant of it to the other server';
COMMENT ON FUNCTION tiering.time_unit_in(cstring) IS 'input of type time_unit; ERROR 22023 unknown unit of time';
COMMENT ON FUNCTION tiering.time_unit_out(tiering.time_unit) IS 'output of type time_unit';
COMMENT ON FUNCTION tiering.time_unit_recv(internal) IS 'binary input of type time_unit; ERROR 22023 unknown unit of time';
COMMENT ON FUNCTION tiering.time_unit_send(tiering.time_unit) IS 'binary output of type time_unit';

-- Fitting. One state serves all models of purchases, so that several of them in one query gather it once.

CREATE FUNCTION tiering.lifetime_add(tiering.purchase_summary, bigint, double precision, double precision) RETURNS tiering.purchase_summary
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_add_days';
CREATE FUNCTION tiering.lifetime_add(tiering.purchase_summary, bigint, double precision, double precision, tiering.time_unit) RETURNS tiering.purchase_summary
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_add_units';
CREATE FUNCTION tiering.lifetime_add(tiering.purchase_summary, tiering.rfm, timestamptz, tiering.time_unit) RETURNS tiering.purchase_summary
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_add_rfm';
CREATE FUNCTION tiering.lifetime_add(tiering.purchase_summary, tiering.rfm, date, tiering.time_unit) RETURNS tiering.purchase_summary
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_add_rfm_date';
CREATE FUNCTION tiering.spend_add(tiering.spend_summary, bigint, double precision) RETURNS tiering.spend_summary
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_add_float8';
CREATE FUNCTION tiering.spend_add(tiering.spend_summary, bigint, numeric) RETURNS tiering.spend_summary
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_add_numeric';
CREATE FUNCTION tiering.spend_add(tiering.spend_summary, tiering.rfm) RETURNS tiering.spend_summary
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_add_rfm';
CREATE FUNCTION tiering.spend_add(tiering.spend_summary, tiering.rfm, timestamptz) RETURNS tiering.spend_summary
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_add_rfm_as_of';
CREATE FUNCTION tiering.spend_add(tiering.spend_summary, tiering.rfm, date) RETURNS tiering.spend_summary
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_add_rfm_date';
COMMENT ON FUNCTION tiering.lifetime_add(tiering.purchase_summary, bigint, double precision, double precision) IS 'transition of the aggregates that fit a model of purchases, such as fit_bg_nbd()';
COMMENT ON FUNCTION tiering.lifetime_add(tiering.purchase_summary, bigint, double precision, double precision, tiering.time_unit) IS 'transition of the aggregates that fit a model of purchases, such as fit_bg_nbd()';
COMMENT ON FUNCTION tiering.lifetime_add(tiering.purchase_summary, tiering.rfm, timestamptz, tiering.time_unit) IS 'transition of the aggregates that fit a model of purchases, such as fit_bg_nbd()';
COMMENT ON FUNCTION tiering.lifetime_add(tiering.purchase_summary, tiering.rfm, date, tiering.time_unit) IS 'transition of the aggregates that fit a model of purchases, such as fit_bg_nbd()';
COMMENT ON FUNCTION tiering.spend_add(tiering.spend_summary, bigint, double precision) IS 'transition of the aggregates that fit a model of spend, such as fit_gamma_gamma()';
COMMENT ON FUNCTION tiering.spend_add(tiering.spend_summary, bigint, numeric) IS 'transition of the aggregates that fit a model of spend, such as fit_gamma_gamma()';
COMMENT ON FUNCTION tiering.spend_add(tiering.spend_summary, tiering.rfm) IS 'transition of the aggregates that fit a model of spend, such as fit_gamma_gamma()';
COMMENT ON FUNCTION tiering.spend_add(tiering.spend_summary, tiering.rfm, timestamptz) IS 'transition of the aggregates that fit a model of spend, such as fit_gamma_gamma()';
COMMENT ON FUNCTION tiering.spend_add(tiering.spend_summary, tiering.rfm, date) IS 'transition of the aggregates that fit a model of spend, such as fit_gamma_gamma()';

-- The models: one row a model, from which its aggregates, their final function (in src/lifetime/fit.rs) and the
-- comments follow. `about` is the sentence that tells it apart from the others.

DO $models$
DECLARE
    purchases CONSTANT text :=
        'frequency: purchases after the first; recency: days from the first to the last purchase; age: days from the first purchase to '
        'now. Merge orders of one day into one purchase before, or take an rfm value, which does. Customers with a NULL are '
        'left out and counted in the model. Memory grows with how many customers differ, not with how many there are. NULL '
        'without customers (with a NOTICE if all were left out); a fit that does not converge is a model that says so, with a '
        'WARNING. ERROR 22023 negative or not finite figures, recency beyond age, recency zero with repeat purchases or not '
        'zero without; 22003 out of range';
    spend CONSTANT text :=
        'frequency: purchases after the first, mean_spend: their mean amount. Customers without repeat purchases, or with a NULL, '
        'are left out and counted in the model; otherwise as fit_bg_nbd(). WARNING about a model whose q is not above 1, which has no '
        'expected spend for customers without repeat purchases. ERROR 22023 negative frequency, mean spend that is not positive';
    model record;
    form record;
BEGIN
    FOR model IN
        SELECT * FROM (VALUES
            ('bg_nbd', 'lifetime', 'BG/NBD', 'the BG/NBD model (Fader, Hardie and Lee 2005) that suits these customers best: they buy at '
                'rates of their own until they drop out, which may happen after each repeat purchase, so that a one-time buyer counts as alive.'),
            ('mbg_nbd', 'lifetime', 'MBG/NBD', 'the MBG/NBD model (Batislam, Denizel and Filiztekin 2007) that suits these customers best: '
                'as BG/NBD, but the first purchase may have been the last as well.'),
            ('pareto_nbd', 'lifetime', 'Pareto/NBD', 'the Pareto/NBD model (Schmittlein, Morrison and Colombo 1987) that suits these customers '
                'best: they buy at rates of their own until they drop out, which may happen at any time.'),
            ('gamma_gamma', 'spend', 'Gamma-Gamma', 'the Gamma-Gamma model (Fader and Hardie 2013) that suits the spend of these customers best.')
        ) AS m (name, gathered, title, about),
            LATERAL (SELECT CASE m.gathered WHEN 'spend' THEN 'spend_summary' ELSE 'purchase_summary' END) AS s (state)
    LOOP
        EXECUTE pg_catalog.format(
            'CREATE FUNCTION tiering.%1$I(tiering.%2$I) RETURNS tiering.lifetime_model '
            'LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS ''MODULE_PATHNAME'', %1$L',
            model.name || '_final', model.state);
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.%I(tiering.%I) IS %L',
            model.name || '_final', model.state, 'final function of aggregate fit_' || model.name || ': the ' || model.title || ' model of the customers gathered');
        FOR form IN
            SELECT * FROM (VALUES
                ('lifetime', 'frequency bigint, recency double precision, age double precision', model.about || ' ' || purchases),
                ('lifetime', 'frequency bigint, recency double precision, age double precision, unit tiering.time_unit',
                    'the same; recency and age in a unit: ''day'', ''week'', ''month'', ''quarter'' or ''year''. ERROR 22023 unknown or '
                    'changing unit'),
                ('lifetime', 'rfm tiering.rfm, as_of timestamptz, unit tiering.time_unit',
                    'the same; from rfm values as of a moment: purchases until the end of its day in the zone of the value, later ones do '
                    'not count; x = repeat days. Who bought nothing, or nothing until then, is left out and counted in the model'),
                ('lifetime', 'rfm tiering.rfm, as_of date, unit tiering.time_unit', 'the same as of the end of a day'),
                ('spend', 'frequency bigint, mean_spend double precision', model.about || ' ' || spend),
                ('spend', 'frequency bigint, mean_spend numeric', 'the same for numeric amounts'),
                ('spend', 'rfm tiering.rfm',
                    'the same from rfm values: x = repeat days, mean = sum of what came after the first day, refunds deducted, by x. Who '
                    'bought nothing, or whose repeat purchases come to no positive sum, is left out and counted in the model'),
                ('spend', 'rfm tiering.rfm, as_of timestamptz',
                    'the same as of a moment. ERROR 22023 if something was bought later: an rfm value holds no amount of each day, so leave '
                    'later orders out with FILTER when aggregating them; who first bought later is left out and counted'),
                ('spend', 'rfm tiering.rfm, as_of date', 'the same as of the end of a day')
            ) AS f (gathered, arguments, comment)
            WHERE f.gathered = model.gathered
        LOOP
            EXECUTE pg_catalog.format(
                'CREATE AGGREGATE tiering.%1$I (%2$s) (SFUNC = tiering.%3$I, STYPE = tiering.%4$I, SSPACE = 32768, FINALFUNC = tiering.%5$I, '
                'COMBINEFUNC = tiering.%6$I, PARALLEL = SAFE)',
                'fit_' || model.name, form.arguments, model.gathered || '_add', model.state, model.name || '_final', model.state || '_combine');
            EXECUTE pg_catalog.format('COMMENT ON AGGREGATE tiering.%I (%s) IS %L', 'fit_' || model.name, form.arguments, form.comment);
        END LOOP;
    END LOOP;
END
$models$;

-- Predictions. Times are in the unit of the model.

CREATE FUNCTION tiering.p_alive(model tiering.lifetime_model, frequency bigint, recency double precision, age double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'p_alive';
CREATE FUNCTION tiering.p_alive(model tiering.lifetime_model, rfm tiering.rfm, as_of timestamptz) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'p_alive_rfm';
CREATE FUNCTION tiering.p_alive(model tiering.lifetime_model, rfm tiering.rfm, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'p_alive_rfm_date';
CREATE FUNCTION tiering.expected_purchases(model tiering.lifetime_model, horizon double precision, frequency bigint, recency double precision, age double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'expected_purchases';
CREATE FUNCTION tiering.expected_purchases(model tiering.lifetime_model, horizon double precision, rfm tiering.rfm, as_of timestamptz) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'expected_purchases_rfm';
CREATE FUNCTION tiering.expected_purchases(model tiering.lifetime_model, horizon double precision, rfm tiering.rfm, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'expected_purchases_rfm_date';
CREATE FUNCTION tiering.expected_purchases_new(model tiering.lifetime_model, horizon double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'expected_purchases_new';
CREATE FUNCTION tiering.expected_spend(model tiering.lifetime_model, frequency bigint, mean_spend double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'expected_spend';
CREATE FUNCTION tiering.expected_spend(model tiering.lifetime_model, rfm tiering.rfm) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'expected_spend_rfm';
CREATE FUNCTION tiering.customer_lifetime_value(model tiering.lifetime_model, gamma_gamma tiering.lifetime_model, frequency bigint, recency double precision, age double precision, mean_spend double precision, horizon double precision, discount_rate double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_value';
CREATE FUNCTION tiering.customer_lifetime_value(model tiering.lifetime_model, gamma_gamma tiering.lifetime_model, rfm tiering.rfm, as_of timestamptz, horizon double precision, discount_rate double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_value_rfm';
CREATE FUNCTION tiering.customer_lifetime_value(model tiering.lifetime_model, gamma_gamma tiering.lifetime_model, rfm tiering.rfm, as_of date, horizon double precision, discount_rate double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lifetime_value_rfm_date';
COMMENT ON FUNCTION tiering.p_alive(tiering.lifetime_model, bigint, double precision, double precision) IS 
    'the probability that a customer has not dropped out by now. frequency: purchases after the first, recency: time from '
    'the first to the last, age: time from the first to now. ERROR 22023 figures that cannot be, as for fit_bg_nbd(), or a '
    'gamma_gamma model; 22003 out of range';
COMMENT ON FUNCTION tiering.p_alive(tiering.lifetime_model, tiering.rfm, timestamptz) IS 
    'the same of an rfm value, as of the end of the day of a moment, in the zone of the value: purchases of later days do '
    'not count. NULL if nothing was bought until then';
COMMENT ON FUNCTION tiering.p_alive(tiering.lifetime_model, tiering.rfm, date) IS 
    'the same as of the end of a day';
COMMENT ON FUNCTION tiering.expected_purchases(tiering.lifetime_model, double precision, bigint, double precision, double precision) IS 
    'how many purchases to expect of a customer within a horizon from now; ERRORs as p_alive(), and 22023 for a horizon '
    'that is negative or not finite';
COMMENT ON FUNCTION tiering.expected_purchases(tiering.lifetime_model, double precision, tiering.rfm, timestamptz) IS 
    'the same of an rfm value, as of the end of the day of a moment, in the zone of the value: purchases of later days do '
    'not count. NULL if nothing was bought until then';
COMMENT ON FUNCTION tiering.expected_purchases(tiering.lifetime_model, double precision, tiering.rfm, date) IS 
    'the same as of the end of a day';
COMMENT ON FUNCTION tiering.expected_purchases_new(tiering.lifetime_model, double precision) IS 
    'how many repeat purchases to expect within a horizon from the first purchase of somebody of whom nothing else is '
    'known; ERRORs as expected_purchases()';
COMMENT ON FUNCTION tiering.expected_spend(tiering.lifetime_model, bigint, double precision) IS 
    'what to expect a further purchase of a customer to be worth, by a gamma_gamma model: between the mean of the customer '
    'and that of all. Without repeat purchases (frequency 0, mean_spend 0) that of all. ERROR 22023 mean spend that is not '
    'positive, or another model. NULL where the mean of all is infinite (p × frequency + q not above 1): there is no expectation';
COMMENT ON FUNCTION tiering.expected_spend(tiering.lifetime_model, tiering.rfm) IS 
    'the same of an rfm value: mean = sum of what came after the first day by repeat days. NULL if nothing was bought, or '
    'if the repeat purchases come to no positive sum';
COMMENT ON FUNCTION tiering.customer_lifetime_value(tiering.lifetime_model, tiering.lifetime_model, bigint, double precision, double precision, double precision, double precision, double precision) IS 
    'the discounted value of what a customer will buy within a horizon: the sum over units of time of expected purchases '
    'times expected spend, by (1 + discount_rate)^k for the k-th (one that is cut short counts at the horizon), to 12 '
    'digits; no costs taken off. NULL where expected_spend() is. ERRORs as expected_purchases() and expected_spend(); 22023 for a discount rate that is '
    'negative or not finite, or more than 10000 units';
COMMENT ON FUNCTION tiering.customer_lifetime_value(tiering.lifetime_model, tiering.lifetime_model, tiering.rfm, timestamptz, double precision, double precision) IS 
    'the same of an rfm value as of the end of the day of a moment. NULL if nothing was bought until then, or if the '
    'repeat purchases come to no positive sum. ERROR 22023 if something was bought later, since the amounts of later days cannot be told apart';
COMMENT ON FUNCTION tiering.customer_lifetime_value(tiering.lifetime_model, tiering.lifetime_model, tiering.rfm, date, double precision, double precision) IS 
    'the same as of the end of a day';

-- Judging a model: what it expects of customers against what they did later.

CREATE FUNCTION tiering.purchase_days(rfm tiering.rfm) RETURNS date[]
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_purchase_days';
COMMENT ON FUNCTION tiering.purchase_days(tiering.rfm) IS 'the days with an order, ascending, in the zone of the value';

CREATE FUNCTION tiering.split_figures(rfm tiering.rfm, at date, until date) RETURNS bigint[]
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_split';
COMMENT ON FUNCTION tiering.split_figures(tiering.rfm, date, date) IS 'the figures of split_at() as an array';

CREATE TYPE tiering.calibration AS (
    frequency bigint,
    recency integer,
    age integer,
    holdout_purchases bigint,
    holdout_days integer
);
COMMENT ON TYPE tiering.calibration IS 'a customer before and after a day, to fit a model to the first part and judge it by the second';
COMMENT ON COLUMN tiering.calibration.frequency IS 'days with an order after the first, up to the day of the split';
COMMENT ON COLUMN tiering.calibration.recency IS 'days from the first to the last of these';
COMMENT ON COLUMN tiering.calibration.age IS 'days from the first order to the day of the split';
COMMENT ON COLUMN tiering.calibration.holdout_purchases IS 'days with an order after the day of the split';
COMMENT ON COLUMN tiering.calibration.holdout_days IS 'how many days these could be; NULL without an end';

CREATE FUNCTION tiering.split_at(rfm tiering.rfm, at date, until date DEFAULT NULL) RETURNS tiering.calibration
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT ROW(f.f[1], f.f[2], f.f[3], f.f[4], $3 - $2)::tiering.calibration
        FROM tiering.split_figures($1, $2, $3) AS f (f) WHERE f.f IS NOT NULL);
COMMENT ON FUNCTION tiering.split_at(tiering.rfm, date, date) IS
    'a customer at the end of a day, and the days with an order after it up to the end of another one; exact, since an rfm '
    'value holds its days. NULL if the first order was later. ERROR 22023 if until is before at';

CREATE FUNCTION tiering.require_rfm_column(source regclass, rfm_column name) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_type regtype := tiering.require_column(require_rfm_column.source, rfm_column, 'Name the column with the purchases: rfm_column => ''…''.');
BEGIN
    IF found_type <> 'tiering.rfm'::regtype THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch', MESSAGE = format('column "%s" of %s is of type %s, not rfm', rfm_column, require_rfm_column.source, found_type),
            HINT = 'Sum up the orders of each customer: SELECT customer, tiering.rfm(ordered_at, amount) FROM … GROUP BY customer.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_rfm_column(regclass, name) IS 'ERROR 42703 or 42804 unless a table or view has a column of type rfm so named';

CREATE FUNCTION tiering.lifetime_holdout(source regclass, at date, until date, rfm_column name DEFAULT 'rfm')
    RETURNS TABLE (frequency bigint, recency integer, age integer, holdout_purchases bigint, customers bigint)
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.require_rfm_column(lifetime_holdout.source, lifetime_holdout.rfm_column);
    RETURN QUERY EXECUTE format(
        'SELECT (c.c).frequency, (c.c).recency, (c.c).age, (c.c).holdout_purchases, count(*) '
        'FROM (SELECT tiering.split_at(s.%I, $1, $2) AS c FROM %s s OFFSET 0) c WHERE (c.c).frequency IS NOT NULL GROUP BY 1, 2, 3, 4',
        lifetime_holdout.rfm_column, lifetime_holdout.source) USING lifetime_holdout.at, lifetime_holdout.until;
END
$$;
COMMENT ON FUNCTION tiering.lifetime_holdout(regclass, date, date, name) IS
    'the customers of a table or view with a column of type rfm, split at the end of a day; equal ones in one row with their '
    'number. ERROR 42703 no such column, 42804 not of type rfm; 22023 if until is before at';

CREATE FUNCTION tiering.lifetime_tracking(model tiering.lifetime_model, source regclass, until date, rfm_column name DEFAULT 'rfm')
    RETURNS TABLE (period integer, ends_on date, actual bigint, expected double precision, actual_total bigint, expected_total double precision)
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unit double precision := tiering.unit_days(lifetime_tracking.model);
BEGIN
    IF NOT isfinite(lifetime_tracking.until) THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('until is %s', lifetime_tracking.until), HINT = 'Give the last day to look at.';
    END IF;
    PERFORM tiering.require_rfm_column(lifetime_tracking.source, lifetime_tracking.rfm_column);
    RETURN QUERY EXECUTE format(
        'WITH days AS MATERIALIZED ('
        '    SELECT d.day, d.n = 1 AS is_first, count(*) AS customers '
        '    FROM %s s, unnest(tiering.purchase_days(s.%I)) WITH ORDINALITY AS d (day, n) WHERE d.day <= $2 GROUP BY 1, 2'
        '), periods AS ('
        '    SELECT p.p AS period, least(f.start + floor(p.p * $3)::integer, $2) AS ends_on '
        '    FROM (SELECT min(day) AS start FROM days) f, generate_series(1, ceil(($2 - f.start) / $3)::integer) AS p (p)'
        '), totals AS ('
        '    SELECT p.period, p.ends_on, '
        '        (SELECT coalesce(sum(d.customers), 0) FROM days d WHERE NOT d.is_first AND d.day <= p.ends_on)::bigint AS actual, '
        '        (SELECT coalesce(sum(d.customers * tiering.expected_purchases_new($1, (p.ends_on - d.day) / $3) ORDER BY d.day), 0) '
        '            FROM days d WHERE d.is_first AND d.day < p.ends_on) AS expected '
        '    FROM periods p'
        ') SELECT t.period, t.ends_on, t.actual - lag(t.actual, 1, 0::bigint) OVER w, t.expected - lag(t.expected, 1, 0::float8) OVER w, '
        '    t.actual, t.expected FROM totals t WINDOW w AS (ORDER BY t.period) ORDER BY t.period',
        lifetime_tracking.source, lifetime_tracking.rfm_column) USING lifetime_tracking.model, lifetime_tracking.until, unit;
END
$$;
COMMENT ON FUNCTION tiering.lifetime_tracking(tiering.lifetime_model, regclass, date, name) IS
    'repeat purchases of all customers of a table or view with a column of type rfm, in each unit of time since the first order '
    'and in total, against what the model expects of them from the day of their first order alone: the tracking plots of Fader, '
    'Hardie and Lee (2005). The last period ends with until. ERROR 22023 for a gamma_gamma model; 42703 no such column, '
    '42804 not of type rfm; 22008 until is infinite';

CREATE FUNCTION tiering.lifetime_by_frequency(model tiering.lifetime_model, source regclass, at date, until date,
        rfm_column name DEFAULT 'rfm', last_bucket integer DEFAULT 7)
    RETURNS TABLE (frequency bigint, and_more boolean, customers bigint, actual double precision, expected double precision,
        error double precision, absolute_error double precision)
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF last_bucket < 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('last_bucket is %s', last_bucket),
            HINT = 'Give a number of repeat purchases, 0 or more, from which on customers are taken together.';
    END IF;
    -- Before the query too, which would stand in the CONTEXT.
    PERFORM tiering.require_rfm_column(lifetime_by_frequency.source, rfm_column);
    RETURN QUERY
    SELECT least(h.frequency, last_bucket), least(h.frequency, last_bucket) = last_bucket, sum(h.customers)::bigint,
        sum(h.customers * h.holdout_purchases)::double precision / sum(h.customers)::double precision,
        sum(h.customers * e.e) / sum(h.customers)::double precision,
        sum(h.customers * (e.e - h.holdout_purchases)) / sum(h.customers)::double precision,
        sum(h.customers * abs(e.e - h.holdout_purchases)) / sum(h.customers)::double precision
    FROM (SELECT * FROM tiering.lifetime_holdout(lifetime_by_frequency.source, lifetime_by_frequency.at, lifetime_by_frequency.until, rfm_column) ORDER BY 1, 2, 3, 4) h,
        LATERAL (SELECT tiering.expected_purchases(model, (lifetime_by_frequency.until - lifetime_by_frequency.at) / tiering.unit_days(model), h.frequency,
            h.recency / tiering.unit_days(model), h.age / tiering.unit_days(model))) e (e)
    GROUP BY 1, 2
    ORDER BY 1;
END
$$;
COMMENT ON FUNCTION tiering.lifetime_by_frequency(tiering.lifetime_model, regclass, date, date, name, integer) IS
    'purchases between two days, mean per customer, actual and as the model expected at the first of them, by the number of '
    'repeat purchases until then (the last bucket and more together); mean error (expected - actual) and mean absolute error. '
    'Fit the model as of the same day: fit_bg_nbd(rfm, at, unit). ERRORs as lifetime_tracking(); 22023 if until is before at '
    'or last_bucket negative';

CREATE FUNCTION tiering.lifetime_lift(model tiering.lifetime_model, source regclass, at date, until date,
        rfm_column name DEFAULT 'rfm', parts integer DEFAULT 10)
    RETURNS TABLE (part integer, customers double precision, actual double precision, expected double precision,
        share double precision, lift double precision)
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF parts < 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('parts is %s', parts),
            HINT = 'Give the number of equal parts, such as 10 for deciles.';
    END IF;
    -- Before the query too, which would stand in the CONTEXT.
    PERFORM tiering.require_rfm_column(lifetime_lift.source, rfm_column);
    RETURN QUERY
    WITH expected AS (
        SELECT e.e, sum(h.customers) AS customers, sum(h.customers * h.holdout_purchases) AS bought
        FROM tiering.lifetime_holdout(lifetime_lift.source, lifetime_lift.at, lifetime_lift.until, rfm_column) h,
            LATERAL (SELECT tiering.expected_purchases(model, (lifetime_lift.until - lifetime_lift.at) / tiering.unit_days(model), h.frequency,
                h.recency / tiering.unit_days(model), h.age / tiering.unit_days(model))) e (e)
        GROUP BY 1
    ), ranked AS (
        SELECT x.e, x.bought / x.customers AS bought_each, sum(x.customers) OVER w - x.customers AS from_rank, sum(x.customers) OVER w AS to_rank,
            sum(x.customers) OVER () AS n, sum(x.bought) OVER () AS bought_by_all
        FROM expected x WINDOW w AS (ORDER BY x.e DESC)
    ), parts AS (
        -- Customers of whom the model expects the same may fall on both sides of a bound, in proportion.
        SELECT p.p, r.e, r.bought_each, r.n, r.bought_by_all,
            least(r.to_rank, r.n * p.p / parts) - greatest(r.from_rank, r.n * (p.p - 1) / parts) AS customers
        FROM ranked r, generate_series(floor(r.from_rank * parts / r.n)::integer + 1, ceil(r.to_rank * parts / r.n)::integer) AS p (p)
        WHERE r.to_rank > r.n * (p.p - 1) / parts AND r.from_rank < r.n * p.p / parts
    )
    SELECT p.p, sum(p.customers)::double precision, (sum(p.customers * p.bought_each) / sum(p.customers))::double precision,
        sum(p.customers::double precision * p.e ORDER BY p.e) / sum(p.customers)::double precision,
        (sum(p.customers * p.bought_each) / nullif(min(p.bought_by_all), 0))::double precision,
        (sum(p.customers * p.bought_each) / nullif(min(p.bought_by_all), 0) * min(p.n) / sum(p.customers))::double precision
    FROM parts p
    GROUP BY p.p
    ORDER BY p.p;
END
$$;
COMMENT ON FUNCTION tiering.lifetime_lift(tiering.lifetime_model, regclass, date, date, name, integer) IS
    'the customers ranked by what the model expected of them at the end of a day, in equal parts, the best first (ten: deciles): '
    'purchases until another day, mean per customer, actual and expected; the share of all purchases; lift: how many times the '
    'mean of all. Customers of equal expectation are divided in proportion. ERRORs as lifetime_by_frequency(); 22023 if '
    'parts is not positive';
