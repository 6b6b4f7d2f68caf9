-- Does it work? Shares of customers that say so.

CREATE FUNCTION tiering.nps_add(tiering.customer_share, double precision) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'nps_add';
COMMENT ON FUNCTION tiering.nps_add(tiering.customer_share, double precision) IS 'transition of aggregate nps';
CREATE FUNCTION tiering.csat_add(tiering.customer_share, double precision, double precision) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'csat_add';
COMMENT ON FUNCTION tiering.csat_add(tiering.customer_share, double precision, double precision) IS 'transition of aggregate csat';
CREATE FUNCTION tiering.csat_add(tiering.customer_share, boolean) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'csat_add_satisfied';
COMMENT ON FUNCTION tiering.csat_add(tiering.customer_share, boolean) IS 'transition of aggregate csat, where the query says who is satisfied';
CREATE FUNCTION tiering.repeat_rate_add(tiering.customer_share, tiering.rfm) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'repeat_rate_add';
COMMENT ON FUNCTION tiering.repeat_rate_add(tiering.customer_share, tiering.rfm) IS 'transition of aggregate repeat_rate';
CREATE FUNCTION tiering.churn_rate_add(tiering.customer_share, tiering.rfm, timestamptz, interval) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'churn_rate_add';
COMMENT ON FUNCTION tiering.churn_rate_add(tiering.customer_share, tiering.rfm, timestamptz, interval) IS 'transition of aggregate churn_rate';
CREATE FUNCTION tiering.churn_rate_add(tiering.customer_share, boolean) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'churn_rate_add_churned';
COMMENT ON FUNCTION tiering.churn_rate_add(tiering.customer_share, boolean) IS 'transition of aggregate churn_rate, where the query says who has churned';
CREATE FUNCTION tiering.churned(rfm tiering.rfm, as_of timestamptz, inactive_for interval) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'churned';
COMMENT ON FUNCTION tiering.churned(tiering.rfm, timestamptz, interval) IS
    'whether the last order of a buyer lies further back from as_of than inactive_for, as churn_rate() counts it: churned(purchases, now(), ''90 days''). NULL for who had never bought by then. Errors as of churn_rate()';
CREATE FUNCTION tiering.retention_add(tiering.customer_share, tiering.rfm, date, date, date) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'retention_add';
COMMENT ON FUNCTION tiering.retention_add(tiering.customer_share, tiering.rfm, date, date, date) IS 'transition of aggregate retention';
CREATE FUNCTION tiering.retention_add(tiering.customer_share, tiering.rfm, date, date, date, date) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'retention_add';
COMMENT ON FUNCTION tiering.retention_add(tiering.customer_share, tiering.rfm, date, date, date, date) IS 'transition of aggregate retention, with the day until which orders are known';
CREATE FUNCTION tiering.retention_add(tiering.customer_share, boolean) RETURNS tiering.customer_share
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'retention_add_retained';
COMMENT ON FUNCTION tiering.retention_add(tiering.customer_share, boolean) IS 'transition of aggregate retention, where the query says who was retained';
CREATE FUNCTION tiering.retained(rfm tiering.rfm, from_day date, until_day date, again_until_day date) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'retained';
CREATE FUNCTION tiering.retained(rfm tiering.rfm, from_day date, until_day date, again_until_day date, known_until date) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'retained';
COMMENT ON FUNCTION tiering.retained(tiering.rfm, date, date, date) IS
    'whether who bought from from_day to before until_day bought again from until_day to before again_until_day, as retention() counts it. NULL for who bought nothing in the first period. '
    'ERROR 22023 unless the days ascend';
COMMENT ON FUNCTION tiering.retained(tiering.rfm, date, date, date, date) IS
    'the same where orders are known up to before a day: NULL while the second period is not over by then';
CREATE FUNCTION tiering.share_final(tiering.customer_share) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'share_final';
CREATE FUNCTION tiering.nps_final(tiering.customer_share) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'nps_final';
COMMENT ON FUNCTION tiering.share_final(tiering.customer_share) IS 'final function of the measures: the share';
COMMENT ON FUNCTION tiering.nps_final(tiering.customer_share) IS 'final function of aggregate nps: the score';

CREATE AGGREGATE tiering.nps (score double precision) (
    SFUNC = tiering.nps_add, STYPE = tiering.customer_share, FINALFUNC = tiering.nps_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
CREATE AGGREGATE tiering.csat (score double precision, threshold double precision) (
    SFUNC = tiering.csat_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
CREATE AGGREGATE tiering.csat (satisfied boolean) (
    SFUNC = tiering.csat_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
CREATE AGGREGATE tiering.repeat_rate (rfm tiering.rfm) (
    SFUNC = tiering.repeat_rate_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
CREATE AGGREGATE tiering.churn_rate (rfm tiering.rfm, as_of timestamptz, inactive_for interval) (
    SFUNC = tiering.churn_rate_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
CREATE AGGREGATE tiering.churn_rate (churned boolean) (
    SFUNC = tiering.churn_rate_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
CREATE AGGREGATE tiering.retention (rfm tiering.rfm, from_day date, until_day date, again_until_day date) (
    SFUNC = tiering.retention_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
CREATE AGGREGATE tiering.retention (rfm tiering.rfm, from_day date, until_day date, again_until_day date, known_until date) (
    SFUNC = tiering.retention_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
CREATE AGGREGATE tiering.retention (retained boolean) (
    SFUNC = tiering.retention_add, STYPE = tiering.customer_share, FINALFUNC = tiering.share_final, COMBINEFUNC = tiering.customer_share_combine,
    PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.nps (double precision) IS
    'the net promoter score (Reichheld 2003) of answers from 0 to 10: the percentage of promoters (9 and 10) less that of '
    'detractors (0 to 6), from -100 to 100. NULLs are ignored; NULL without answers. ERROR 22023 for other answers';
COMMENT ON AGGREGATE tiering.csat (double precision, double precision) IS
    'customer satisfaction: the share of answers that are at least the threshold, such as 4 of 5. NULLs are ignored; NULL '
    'without answers. ERROR 22023 for NaN';
COMMENT ON AGGREGATE tiering.csat (boolean) IS
    'customer satisfaction: the share of answers that are satisfied, such as csat(score >= 4) or csat(answer IN (''good'', ''very good'')). NULLs are ignored; NULL '
    'without answers. On Citus it is faster than csat(score, threshold), whose two arguments Citus packs into a row for each answer';
COMMENT ON AGGREGATE tiering.repeat_rate (tiering.rfm) IS
    'the share of buyers who came back: with orders on more than one day. Who never bought is ignored; NULL without buyers';
COMMENT ON AGGREGATE tiering.churn_rate (tiering.rfm, timestamptz, interval) IS
    'the share of buyers whose last order lies further back from as_of than inactive_for. Who had never bought by then is '
    'ignored; NULL without buyers. Months and days of the interval are counted in the zone of the value, not in that of the '
    'session. Orders after the as-of day do not count; ERROR 22023 if a value has some, and its last order until then was on the day within which the silence begins, 22008 out of range';
COMMENT ON AGGREGATE tiering.churn_rate (boolean) IS
    'the share of those who have churned, such as churn_rate(churned(r, now(), ''90 days'')). NULLs are ignored; NULL without buyers. On Citus it is faster than churn_rate(r, as_of, inactive_for), '
    'whose arguments Citus packs into a row for each customer';
COMMENT ON AGGREGATE tiering.retention (tiering.rfm, date, date, date) IS
    'of the buyers who bought from from_day to before until_day, the share that bought again from until_day to before '
    'again_until_day. NULL if nobody bought in the first period. ERROR 22023 unless the days ascend';
COMMENT ON AGGREGATE tiering.retention (tiering.rfm, date, date, date, date) IS
    'the same where orders are known up to before a day, such as current_date: NULL, not 0, while the second period is not over by then. '
    'ERROR 22023 unless the first three days ascend';
COMMENT ON AGGREGATE tiering.retention (boolean) IS
    'the share of those who were retained, such as retention(retained(r, ''2026-01-01'', ''2026-02-01'', ''2026-03-01'')). NULLs are ignored; NULL if nobody bought in the first period. On Citus it is '
    'faster than the forms of several arguments';
