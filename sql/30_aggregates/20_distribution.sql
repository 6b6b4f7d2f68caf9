-- How a number is distributed over many customers: quantiles, shares of the value, inequality.

CREATE FUNCTION tiering.distribution_add(tiering.distribution, double precision) RETURNS tiering.distribution
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_add_float8';
CREATE FUNCTION tiering.distribution_add(tiering.distribution, numeric) RETURNS tiering.distribution
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_add_numeric';
CREATE FUNCTION tiering.distribution_add(tiering.distribution, double precision, double precision) RETURNS tiering.distribution
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_add_float8_error';
CREATE FUNCTION tiering.distribution_add(tiering.distribution, numeric, double precision) RETURNS tiering.distribution
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_add_numeric_error';
CREATE FUNCTION tiering.exact_distribution_add(tiering.distribution, double precision) RETURNS tiering.distribution
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_add_float8_exact';
CREATE FUNCTION tiering.exact_distribution_add(tiering.distribution, numeric) RETURNS tiering.distribution
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_add_numeric_exact';
COMMENT ON FUNCTION tiering.distribution_add(tiering.distribution, double precision) IS 'transition of aggregate distribution';
COMMENT ON FUNCTION tiering.distribution_add(tiering.distribution, numeric) IS 'transition of aggregate distribution';
COMMENT ON FUNCTION tiering.distribution_add(tiering.distribution, double precision, double precision) IS 'transition of aggregate distribution';
COMMENT ON FUNCTION tiering.distribution_add(tiering.distribution, numeric, double precision) IS 'transition of aggregate distribution';
COMMENT ON FUNCTION tiering.exact_distribution_add(tiering.distribution, double precision) IS 'transition of aggregate exact_distribution';
COMMENT ON FUNCTION tiering.exact_distribution_add(tiering.distribution, numeric) IS 'transition of aggregate exact_distribution';

CREATE AGGREGATE tiering.distribution (value double precision) (
    SFUNC = tiering.distribution_add, STYPE = tiering.distribution, SSPACE = 16384, FINALFUNC = tiering.distribution_final,
    COMBINEFUNC = tiering.distribution_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.distribution (value numeric) (
    SFUNC = tiering.distribution_add, STYPE = tiering.distribution, SSPACE = 16384, FINALFUNC = tiering.distribution_final,
    COMBINEFUNC = tiering.distribution_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.distribution (value double precision, relative_error double precision) (
    SFUNC = tiering.distribution_add, STYPE = tiering.distribution, SSPACE = 16384, FINALFUNC = tiering.distribution_final,
    COMBINEFUNC = tiering.distribution_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.distribution (value numeric, relative_error double precision) (
    SFUNC = tiering.distribution_add, STYPE = tiering.distribution, SSPACE = 16384, FINALFUNC = tiering.distribution_final,
    COMBINEFUNC = tiering.distribution_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.exact_distribution (value double precision) (
    SFUNC = tiering.exact_distribution_add, STYPE = tiering.distribution, SSPACE = 65536, FINALFUNC = tiering.distribution_final,
    COMBINEFUNC = tiering.distribution_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.exact_distribution (value numeric) (
    SFUNC = tiering.exact_distribution_add, STYPE = tiering.distribution, SSPACE = 65536, FINALFUNC = tiering.distribution_final,
    COMBINEFUNC = tiering.distribution_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rollup (distribution tiering.distribution) (
    SFUNC = tiering.distribution_combine, STYPE = tiering.distribution, SSPACE = 16384, FINALFUNC = tiering.distribution_final,
    COMBINEFUNC = tiering.distribution_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.distribution (double precision) IS
    'how a number is distributed, in bounded memory (8192 buckets at most): quantiles are at most 1/129 (0.78 %) off the '
    'true value, counts and sums are exact. Zeros and negative numbers have their places; infinities and NaN are counted, '
    'NaN as the greatest as everywhere in PostgreSQL. Numbers that spread over more than 10^38 are told apart less exactly: '
    'see relative_error(). NULLs are ignored; NULL without values. Parts merged by rollup() give what the whole gives';
COMMENT ON AGGREGATE tiering.distribution (numeric) IS 'the same for numeric values, as the nearest double precision numbers';
COMMENT ON AGGREGATE tiering.distribution (double precision, double precision) IS
    'the same with a relative error of your own, from 0.0001 to 0.1; ERROR 22023 for others, or if it changes';
COMMENT ON AGGREGATE tiering.distribution (numeric, double precision) IS
    'the same with a relative error of your own, from 0.0001 to 0.1; ERROR 22023 for others, or if it changes';
COMMENT ON AGGREGATE tiering.exact_distribution (double precision) IS
    'the exact twin of distribution(): keeps every different value, up to 1048576 of them; ERROR 54000 '
    'beyond. Magnitudes below 2.3e-308 count as zero in both';
COMMENT ON AGGREGATE tiering.exact_distribution (numeric) IS 'the same for numeric values, as the nearest double precision numbers';
COMMENT ON AGGREGATE tiering.rollup (tiering.distribution) IS
    'several distributions as one, with the precision of the least precise';

-- Accessors.

CREATE FUNCTION tiering.count(distribution tiering.distribution) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_count';
CREATE FUNCTION tiering.sum(distribution tiering.distribution) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_sum';
CREATE FUNCTION tiering.mean(distribution tiering.distribution) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_mean';
CREATE FUNCTION tiering.min(distribution tiering.distribution) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_min';
CREATE FUNCTION tiering.max(distribution tiering.distribution) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_max';
CREATE FUNCTION tiering.relative_error(distribution tiering.distribution) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_relative_error';
CREATE FUNCTION tiering.quantile(distribution tiering.distribution, q double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_quantile';
CREATE FUNCTION tiering.quantiles(distribution tiering.distribution, q double precision[]) RETURNS double precision[]
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_quantiles';
CREATE FUNCTION tiering.rank(distribution tiering.distribution, value double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_rank';
CREATE FUNCTION tiering.value_share_cut(distribution tiering.distribution, share double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_value_share_cut';
CREATE FUNCTION tiering.share_above(distribution tiering.distribution, value double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_share_above';
CREATE FUNCTION tiering.gini(distribution tiering.distribution) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_gini';
CREATE FUNCTION tiering.lorenz_points(distribution tiering.distribution, steps integer) RETURNS double precision[]
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'distribution_lorenz';
CREATE FUNCTION tiering.lorenz(distribution tiering.distribution, steps integer DEFAULT 20)
    RETURNS TABLE (population_share double precision, value_share double precision)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 21
BEGIN ATOMIC
    SELECT (p.n - 1) / $2::double precision, p.share
    FROM unnest(tiering.lorenz_points($1, $2)) WITH ORDINALITY AS p (share, n)
    ORDER BY p.n;
END;
COMMENT ON FUNCTION tiering.count(tiering.distribution) IS
    'how many values, infinities and NaN included';
COMMENT ON FUNCTION tiering.sum(tiering.distribution) IS
    'the sum of the values. ERROR 22003 if it is larger than any number, of values that are finite';
COMMENT ON FUNCTION tiering.mean(tiering.distribution) IS
    'the mean of the values';
COMMENT ON FUNCTION tiering.min(tiering.distribution) IS
    'the least value, exactly';
COMMENT ON FUNCTION tiering.max(tiering.distribution) IS
    'the greatest value, exactly';
COMMENT ON FUNCTION tiering.relative_error(tiering.distribution) IS
    'how far a quantile is off the true one at most, by the true one; 0: exact';
COMMENT ON FUNCTION tiering.quantile(tiering.distribution, double precision) IS
    'the value at a share of the values, as percentile_disc() gives it, within relative_error(). ERROR 22003 unless 0 '
    '<= q <= 1';
COMMENT ON FUNCTION tiering.quantiles(tiering.distribution, double precision[]) IS
    'the same for several shares at once';
COMMENT ON FUNCTION tiering.rank(tiering.distribution, double precision) IS
    'the share of the values that are at most this one, from 0 to 1; within a bucket it is taken to grow evenly';
COMMENT ON FUNCTION tiering.value_share_cut(tiering.distribution, double precision) IS
    'the value from which on upwards the values make up a share of the sum: 0.8 gives the Pareto cut. NULL where '
    'shares mean nothing: with negative, infinite or NaN values, or only zeros. ERROR 22003 unless 0 <= share <= 1';
COMMENT ON FUNCTION tiering.share_above(tiering.distribution, double precision) IS
    'the share of the sum that the values from this one on upwards make up; NULL where shares mean nothing';
COMMENT ON FUNCTION tiering.gini(tiering.distribution) IS
    'the Gini coefficient (Gini 1912): 0 if all have the same, towards 1 if one of many has everything; NULL where '
    'shares mean nothing';
COMMENT ON FUNCTION tiering.lorenz_points(tiering.distribution, integer) IS 'the value shares of lorenz() as an array';
COMMENT ON FUNCTION tiering.lorenz(tiering.distribution, integer) IS
    'the Lorenz curve (Lorenz 1905), to plot: the share of the sum that the poorest share of the values has, at equal steps '
    'from 0 to 1. No rows where shares mean nothing. ERROR 22023 unless 1 <= steps <= 10000';
