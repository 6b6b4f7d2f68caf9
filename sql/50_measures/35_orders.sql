-- The orders of a customer as one value, of which the figures of any period can be told, and the totals of many customers by period: what 40_customer_figures.sql reads
-- the orders of a program as.

CREATE FUNCTION tiering.orders_add(tiering.order_history, timestamptz, numeric, numeric, bigint, timestamptz) RETURNS tiering.order_history
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orders_add';
COMMENT ON FUNCTION tiering.orders_add(tiering.order_history, timestamptz, numeric, numeric, bigint, timestamptz) IS 'transition of aggregate order_history()';
CREATE AGGREGATE tiering.order_history (at timestamptz, amount numeric, profit numeric, item bigint, since timestamptz) (
    SFUNC = tiering.orders_add, STYPE = tiering.order_history, SSPACE = 512, FINALFUNC = tiering.order_history_final,
    COMBINEFUNC = tiering.order_history_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.order_history (timestamptz, numeric, numeric, bigint, timestamptz) IS
    'the orders of one customer, for order_figures(): one by one since a time, of the time before only what later ones are compared with. item: a hash of what was bought, NULL if unknown. '
    'A negative amount is a refund: it lowers the sums, and is no order. ERROR 22008 for a time that is infinite or after the year 9999, 22023 for an amount that is not finite, 22003 for a sum of too many digits';
CREATE AGGREGATE tiering.rollup (orders tiering.order_history) (
    SFUNC = tiering.order_history_combine, STYPE = tiering.order_history, SSPACE = 512, FINALFUNC = tiering.order_history_final,
    COMBINEFUNC = tiering.order_history_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.rollup (tiering.order_history) IS 'orders of one customer from several sources together. ERROR 22003 for a sum of too many digits';

CREATE FUNCTION tiering.order_figures(orders tiering.order_history, begins timestamptz, ends timestamptz, before_begins timestamptz, silent_since timestamptz, zone text,
    OUT orders_made bigint, OUT sales numeric, OUT profit numeric, OUT buying bigint, OUT repeat_buying bigint, OUT bought_before bigint, OUT retained bigint,
    OUT bought_ever bigint, OUT repeated_ever bigint, OUT churned bigint, OUT cross_sold bigint, OUT up_sold bigint, OUT value_to_date numeric, OUT valued bigint, OUT spending numeric)
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'order_figures';
COMMENT ON FUNCTION tiering.order_figures(tiering.order_history, timestamptz, timestamptz, timestamptz, timestamptz, text) IS
    'of a value of order_history(), what was ordered in a period that does not begin before its time: orders, their sum less refunds, profit; as 1 or 0: whether anything was, on several days, in the period before (since '
    'before_begins), then and now; ever until the end, ever on several days, nothing since silent_since; orders of something that the customer, who had bought before, had not, and those that are larger than each one before; '
    'the sum before the period, and whether there is one; the sum of those alone whose refunds do not outweigh it. Orders of one time are compared with earlier ones only. Days are those of the zone. ERROR 22023 unknown zone';

CREATE FUNCTION tiering.order_totals_add(tiering.order_totals, tiering.order_history, timestamptz[], timestamptz[], timestamptz[], text, integer, integer) RETURNS tiering.order_totals
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'order_totals_add';
COMMENT ON FUNCTION tiering.order_totals_add(tiering.order_totals, tiering.order_history, timestamptz[], timestamptz[], timestamptz[], text, integer, integer) IS 'transition of aggregate order_totals()';
CREATE AGGREGATE tiering.order_totals (orders tiering.order_history, bounds timestamptz[], before_begins timestamptz[], silent_since timestamptz[], zone text, first integer, last integer) (
    SFUNC = tiering.order_totals_add, STYPE = tiering.order_totals, FINALFUNC = tiering.order_totals_final,
    COMBINEFUNC = tiering.order_totals_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.order_totals (tiering.order_history, timestamptz[], timestamptz[], timestamptz[], text, integer, integer) IS
    'the figures of order_figures() in each of the periods first to last, added up over customers: bounds are where each period begins and the last one ends, before_begins and silent_since are of each period. '
    'ERROR 22023 arrays that do not fit together, no such periods, other periods than in the rows before, unknown zone; 22003 for a sum of too many digits';
CREATE AGGREGATE tiering.rollup (totals tiering.order_totals) (
    SFUNC = tiering.order_totals_combine, STYPE = tiering.order_totals, FINALFUNC = tiering.order_totals_final,
    COMBINEFUNC = tiering.order_totals_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.rollup (tiering.order_totals) IS 'totals of the same periods, of other customers, together. ERROR 22023 of different periods, 22003 for a sum of too many digits';
CREATE FUNCTION tiering.order_figures(totals tiering.order_totals, period integer,
    OUT orders_made bigint, OUT sales numeric, OUT profit numeric, OUT buying bigint, OUT repeat_buying bigint, OUT bought_before bigint, OUT retained bigint,
    OUT bought_ever bigint, OUT repeated_ever bigint, OUT churned bigint, OUT cross_sold bigint, OUT up_sold bigint, OUT value_to_date numeric, OUT valued bigint, OUT spending numeric)
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'order_totals_figures';
COMMENT ON FUNCTION tiering.order_figures(tiering.order_totals, integer) IS 'of a value of order_totals(), the figures of one of its periods, 1 being the first of them; NULL: it has no such period';

CREATE FUNCTION tiering.order_rfm(orders tiering.order_history, until timestamptz, zone text) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'order_rfm';
COMMENT ON FUNCTION tiering.order_rfm(tiering.order_history, timestamptz, text) IS
    'of a value of order_history() that knows all orders one by one (since -infinity), what was bought before a time, days being those of a zone. ERROR 22023 unknown zone';
