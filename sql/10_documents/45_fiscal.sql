-- Years, quarters and months of a fiscal year, for queries of one's own.

CREATE FUNCTION tiering.fiscal_period(day date, unit text, fiscal_year jsonb) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fiscal_period';
COMMENT ON FUNCTION tiering.fiscal_period(date, text, jsonb) IS
    'the fiscal year, quarter or month of a day, as a text that sorts: 2026, 2026-Q3, 2026-M07. unit: year, quarter, month. fiscal_year: as in a scheme, {"begins": "04-01"} or '
    '{"weeks": "4-5-4", "ends": "sat", "nearest": "01-31"}; to_jsonb(current_scheme(name)) -> ''fiscal_year'' is that of a scheme. A year has the number of the calendar year in which it ends, or with '
    '"numbered_by": "first_day" begins. ERROR 22023 unknown unit or invalid fiscal year, 22008 an infinite date';

CREATE FUNCTION tiering.fiscal_period_begins(day date, unit text, fiscal_year jsonb, ahead integer DEFAULT 0) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fiscal_period_begins';
COMMENT ON FUNCTION tiering.fiscal_period_begins(date, text, jsonb, integer) IS
    'the first day of the fiscal year, quarter or month of a day, or of that which is so many ahead (1: the next, -1: the one before); unit and fiscal_year as in fiscal_period(). '
    'ERROR 22023 unknown unit or invalid fiscal year, 22008 an infinite date, or a period beyond the year 9999';
