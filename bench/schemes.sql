-- Three schemes, and the same written by hand in the ways that offer themselves.

-- --- a rule table of five rules ---

SELECT tiering.create_scheme($${
  "scheme": "bench_rules",
  "title": {"en": "Five rules", "zh": "五条规则"},
  "inputs": [
    {"name": "annual_spend", "type": "number", "missing": "null"},
    {"name": "orders_12m", "type": "integer", "missing": "null"},
    {"name": "segment", "type": "text", "missing": "null"},
    {"name": "expected_close", "type": "date", "missing": "null"}
  ],
  "decision": {
    "method": "rules",
    "rules": [
      {"when": {"all": [{"input": "annual_spend", "gte": 50000}, {"input": "segment", "in": ["enterprise", "public"]},
                        {"input": "expected_close", "within": "P1M"}]}, "tier": "A"},
      {"when": {"input": "annual_spend", "gte": 100000}, "tier": "A"},
      {"when": {"all": [{"input": "expected_close", "within": "P3M"}, {"input": "orders_12m", "gte": 6}]}, "tier": "B"},
      {"when": {"all": [{"input": "annual_spend", "gte": 10000}, {"input": "segment", "in": ["enterprise", "public"]}]}, "tier": "B"},
      {"when": {"all": [{"input": "orders_12m", "gte": 2}, {"input": "annual_spend", "gte": 500}]}, "tier": "C"}
    ],
    "otherwise": "D"
  },
  "tiers": [
    {"code": "A", "title": {"en": "A", "zh": "A"}}, {"code": "B", "title": {"en": "B", "zh": "B"}},
    {"code": "C", "title": {"en": "C", "zh": "C"}}, {"code": "D", "title": {"en": "D", "zh": "D"}}
  ]
}$$), tiering.approve_scheme('bench_rules') \g /dev/null

CREATE FUNCTION bench.rules_sql(annual_spend numeric, orders_12m integer, segment text, expected_close date, today date) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN annual_spend >= 50000 AND segment IN ('enterprise', 'public') AND expected_close <= (today + interval '1 month')::date THEN 'A'
        WHEN annual_spend >= 100000 THEN 'A'
        WHEN expected_close <= (today + interval '3 months')::date AND orders_12m >= 6 THEN 'B'
        WHEN annual_spend >= 10000 AND segment IN ('enterprise', 'public') THEN 'B'
        WHEN orders_12m >= 2 AND annual_spend >= 500 THEN 'C'
        ELSE 'D'
    END;

CREATE FUNCTION bench.rules_plpgsql(annual_spend numeric, orders_12m integer, segment text, expected_close date, today date) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF annual_spend >= 50000 AND segment IN ('enterprise', 'public') AND expected_close <= (today + interval '1 month')::date THEN
        RETURN 'A';
    ELSIF annual_spend >= 100000 THEN
        RETURN 'A';
    ELSIF expected_close <= (today + interval '3 months')::date AND orders_12m >= 6 THEN
        RETURN 'B';
    ELSIF annual_spend >= 10000 AND segment IN ('enterprise', 'public') THEN
        RETURN 'B';
    ELSIF orders_12m >= 2 AND annual_spend >= 500 THEN
        RETURN 'C';
    END IF;
    RETURN 'D';
END
$$;

-- The rules as rows; NULL is no condition.
CREATE TABLE bench.rules (place integer PRIMARY KEY, tier text, spend_from numeric, orders_from integer, segments text[], close_to date);
INSERT INTO bench.rules VALUES
    (1, 'A', 50000, NULL, '{enterprise,public}', current_date + interval '1 month'),
    (2, 'A', 100000, NULL, NULL, NULL),
    (3, 'B', NULL, 6, NULL, current_date + interval '3 months'),
    (4, 'B', 10000, NULL, '{enterprise,public}', NULL),
    (5, 'C', 500, 2, NULL, NULL),
    (6, 'D', NULL, NULL, NULL, NULL);
VACUUM ANALYZE bench.rules;

CREATE FUNCTION bench.rules_table(annual_spend numeric, orders_12m integer, segment text, expected_close date) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.tier FROM bench.rules r
    WHERE (r.spend_from IS NULL OR $1 >= r.spend_from) AND (r.orders_from IS NULL OR $2 >= r.orders_from)
        AND (r.segments IS NULL OR $3 = ANY (r.segments)) AND (r.close_to IS NULL OR $4 <= r.close_to)
    ORDER BY r.place LIMIT 1;
END;

-- --- a score of six characteristics with five bins each ---

SELECT tiering.create_scheme($${
  "scheme": "bench_score",
  "title": {"en": "Six characteristics", "zh": "六项特征"},
  "inputs": [
    {"name": "annual_spend", "type": "number", "missing": {"default": 0}},
    {"name": "outstanding", "type": "number", "missing": {"default": 1000000}},
    {"name": "orders_12m", "type": "integer", "missing": {"default": 0}},
    {"name": "visits_12m", "type": "integer", "missing": {"default": 0}},
    {"name": "last_order", "type": "date", "missing": {"default": "2000-01-01"}},
    {"name": "satisfaction", "type": "number", "missing": {"default": 0}}
  ],
  "characteristics": [
    {"name": "spend", "input": "annual_spend", "bins": [
      {"code": "5", "gte": 50000, "points": 100}, {"code": "4", "gte": 20000, "lt": 50000, "points": 75},
      {"code": "3", "gte": 5000, "lt": 20000, "points": 50}, {"code": "2", "gte": 1000, "lt": 5000, "points": 25},
      {"code": "1", "lt": 1000, "points": 0}]},
    {"name": "debt", "input": "outstanding", "bins": [
      {"code": "5", "lt": 10, "points": 100}, {"code": "4", "gte": 10, "lt": 100, "points": 75},
      {"code": "3", "gte": 100, "lt": 500, "points": 50}, {"code": "2", "gte": 500, "lt": 2000, "points": 25},
      {"code": "1", "gte": 2000, "points": 0}]},
    {"name": "orders", "input": "orders_12m", "bins": [
      {"code": "5", "gte": 20, "points": 100}, {"code": "4", "gte": 12, "lt": 20, "points": 75},
      {"code": "3", "gte": 6, "lt": 12, "points": 50}, {"code": "2", "gte": 2, "lt": 6, "points": 25},
      {"code": "1", "lt": 2, "points": 0}]},
    {"name": "visits", "input": "visits_12m", "bins": [
      {"code": "5", "gte": 50, "points": 100}, {"code": "4", "gte": 25, "lt": 50, "points": 75},
      {"code": "3", "gte": 10, "lt": 25, "points": 50}, {"code": "2", "gte": 2, "lt": 10, "points": 25},
      {"code": "1", "lt": 2, "points": 0}]},
    {"name": "recency", "input": "last_order", "bins": [
      {"code": "5", "gte": "-P30D", "points": 100}, {"code": "4", "gte": "-P90D", "lt": "-P30D", "points": 75},
      {"code": "3", "gte": "-P180D", "lt": "-P90D", "points": 50}, {"code": "2", "gte": "-P365D", "lt": "-P180D", "points": 25},
      {"code": "1", "lt": "-P365D", "points": 0}]},
    {"name": "opinion", "input": "satisfaction", "bins": [
      {"code": "5", "gte": 4.5, "points": 100}, {"code": "4", "gte": 4, "lt": 4.5, "points": 75},
      {"code": "3", "gte": 3, "lt": 4, "points": 50}, {"code": "2", "gte": 2, "lt": 3, "points": 25},
      {"code": "1", "lt": 2, "points": 0}]}
  ],
  "score": {"weights": {"spend": 30, "debt": 10, "orders": 20, "visits": 10, "recency": 20, "opinion": 10}},
  "decision": {"method": "score", "cuts": [
    {"tier": "A", "gte": 6500}, {"tier": "B", "gte": 5000}, {"tier": "C", "gte": 3500}, {"tier": "D", "gte": 2000}, {"tier": "E"}]},
  "tiers": [
    {"code": "A", "title": {"en": "A", "zh": "A"}}, {"code": "B", "title": {"en": "B", "zh": "B"}},
    {"code": "C", "title": {"en": "C", "zh": "C"}}, {"code": "D", "title": {"en": "D", "zh": "D"}},
    {"code": "E", "title": {"en": "E", "zh": "E"}}
  ]
}$$), tiering.approve_scheme('bench_score') \g /dev/null

-- The weights are multiplied in by hand, so that nothing but integers is added.
CREATE FUNCTION bench.score_sql(
    annual_spend numeric, outstanding numeric, orders_12m integer, visits_12m integer, last_order date, satisfaction float8, today date)
    RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN annual_spend >= 50000 THEN 3000 WHEN annual_spend >= 20000 THEN 2250 WHEN annual_spend >= 5000 THEN 1500
            WHEN annual_spend >= 1000 THEN 750 ELSE 0 END
        + CASE WHEN outstanding < 10 THEN 1000 WHEN outstanding < 100 THEN 750 WHEN outstanding < 500 THEN 500
            WHEN outstanding < 2000 THEN 250 ELSE 0 END
        + CASE WHEN orders_12m >= 20 THEN 2000 WHEN orders_12m >= 12 THEN 1500 WHEN orders_12m >= 6 THEN 1000
            WHEN orders_12m >= 2 THEN 500 ELSE 0 END
        + CASE WHEN visits_12m >= 50 THEN 1000 WHEN visits_12m >= 25 THEN 750 WHEN visits_12m >= 10 THEN 500
            WHEN visits_12m >= 2 THEN 250 ELSE 0 END
        + CASE WHEN last_order >= today - 30 THEN 2000 WHEN last_order >= today - 90 THEN 1500 WHEN last_order >= today - 180 THEN 1000
            WHEN last_order >= today - 365 THEN 500 ELSE 0 END
        + CASE WHEN satisfaction >= 4.5 THEN 1000 WHEN satisfaction >= 4 THEN 750 WHEN satisfaction >= 3 THEN 500
            WHEN satisfaction >= 2 THEN 250 ELSE 0 END;

CREATE FUNCTION bench.score_plpgsql(
    annual_spend numeric, outstanding numeric, orders_12m integer, visits_12m integer, last_order date, satisfaction float8, today date)
    RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    score integer := bench.score_sql($1, $2, $3, $4, $5, $6, $7);
BEGIN
    RETURN CASE WHEN score >= 6500 THEN 'A' WHEN score >= 5000 THEN 'B' WHEN score >= 3500 THEN 'C' WHEN score >= 2000 THEN 'D' ELSE 'E' END;
END
$$;

-- --- a matrix of three by three ---

SELECT tiering.create_scheme($${
  "scheme": "bench_matrix",
  "title": {"en": "Three by three", "zh": "三乘三"},
  "inputs": [
    {"name": "annual_spend", "type": "number", "missing": {"default": 0}},
    {"name": "orders_12m", "type": "integer", "missing": {"default": 0}}
  ],
  "characteristics": [
    {"name": "value", "input": "annual_spend", "bins": [
      {"code": "high", "gte": 20000}, {"code": "middle", "gte": 2000, "lt": 20000}, {"code": "low", "lt": 2000}]},
    {"name": "loyalty", "input": "orders_12m", "bins": [
      {"code": "high", "gte": 12}, {"code": "middle", "gte": 4, "lt": 12}, {"code": "low", "lt": 4}]}
  ],
  "decision": {"method": "matrix", "characteristics": ["value", "loyalty"], "cells": [
    {"at": ["high", "high"], "tier": "A"}, {"at": ["high", "middle"], "tier": "A"}, {"at": ["high", "low"], "tier": "B"},
    {"at": ["middle", "high"], "tier": "A"}, {"at": ["middle", "middle"], "tier": "B"}, {"at": ["middle", "low"], "tier": "C"},
    {"at": ["low", "high"], "tier": "B"}, {"at": ["low", "middle"], "tier": "C"}, {"at": ["low", "low"], "tier": "C"}]},
  "tiers": [
    {"code": "A", "title": {"en": "A", "zh": "A"}}, {"code": "B", "title": {"en": "B", "zh": "B"}},
    {"code": "C", "title": {"en": "C", "zh": "C"}}
  ]
}$$), tiering.approve_scheme('bench_matrix') \g /dev/null

CREATE FUNCTION bench.matrix_sql(annual_spend numeric, orders_12m integer) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN annual_spend >= 20000 THEN CASE WHEN orders_12m >= 12 THEN 'A' WHEN orders_12m >= 4 THEN 'A' ELSE 'B' END
        WHEN annual_spend >= 2000 THEN CASE WHEN orders_12m >= 12 THEN 'A' WHEN orders_12m >= 4 THEN 'B' ELSE 'C' END
        ELSE CASE WHEN orders_12m >= 12 THEN 'B' WHEN orders_12m >= 4 THEN 'C' ELSE 'C' END
    END;

CREATE FUNCTION bench.matrix_plpgsql(annual_spend numeric, orders_12m integer) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    value integer := CASE WHEN annual_spend >= 20000 THEN 3 WHEN annual_spend >= 2000 THEN 2 ELSE 1 END;
    loyalty integer := CASE WHEN orders_12m >= 12 THEN 3 WHEN orders_12m >= 4 THEN 2 ELSE 1 END;
BEGIN
    RETURN (ARRAY[['C', 'C', 'B'], ['C', 'B', 'A'], ['B', 'A', 'A']])[value][loyalty];
END
$$;

CREATE TABLE bench.cells (value integer, loyalty integer, tier text, PRIMARY KEY (value, loyalty));
INSERT INTO bench.cells VALUES (3, 3, 'A'), (3, 2, 'A'), (3, 1, 'B'), (2, 3, 'A'), (2, 2, 'B'), (2, 1, 'C'), (1, 3, 'B'), (1, 2, 'C'), (1, 1, 'C');
VACUUM ANALYZE bench.cells;
