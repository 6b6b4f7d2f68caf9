# What schemes become in the formats of others, run as it stands: random schemes and rows of the engine's tests, graded by
# grade() and by the SQL of scheme_to_sql(). COUNT=1000 STATE=7 tests/run interchange: more of them, others.
source tests/lib.sh

cases=$work/interchange.cases
INTERCHANGE_CASES=$cases INTERCHANGE_COUNT=${COUNT:-200} INTERCHANGE_STATE=${STATE:-1} \
    cargo test -q -p customer_tiering_engine --test interchange random_cases_for_a_server >"$work/interchange.log" 2>&1 ||
    cat "$work/interchange.log"

extension_database interchange
psql -X -q -v ON_ERROR_STOP=1 -d interchange <<SQL
CREATE TABLE cases (number serial PRIMARY KEY, body jsonb NOT NULL);
\\copy cases (body) FROM '$cases' WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')

CREATE FUNCTION graded(s tiering.scheme, r record) RETURNS text LANGUAGE plpgsql AS \$\$
BEGIN
    RETURN tiering.grade(s, '2024-02-29 12:00+00', r);
EXCEPTION WHEN invalid_parameter_value OR null_value_not_allowed THEN
    RETURN 'refused!';
END
\$\$;

-- A case graded both ways; numbers as decimals and as double precision, the as-of day worked in and as an expression.
CREATE TABLE results (number integer, way text, row_number bigint, by_grade text, by_sql text);
CREATE FUNCTION run(c cases, number_type text, as_of text) RETURNS void LANGUAGE plpgsql AS \$\$
DECLARE
    s CONSTANT tiering.scheme := (c.body -> 'scheme')::tiering.scheme;
    columns text := (SELECT string_agg(format('%I %s', t.key, CASE WHEN t.value = 'numeric' THEN number_type ELSE t.value END), ', ') FROM jsonb_each_text(c.body -> 'types') AS t);
BEGIN
    EXECUTE format('INSERT INTO results SELECT \$1, \$2, row_number() OVER (), graded(\$3, r), %s FROM jsonb_to_recordset(\$4) AS r (%s)',
        tiering.scheme_to_sql(s, as_of => as_of, refused => '''refused!'''), columns)
    USING c.number, number_type || ' ' || as_of, s, c.body -> 'rows';
EXCEPTION WHEN feature_not_supported THEN
    -- A period such as this_quarter has no portable expression, but two dates as of a day.
    IF as_of = '2024-02-29' OR c.body ->> 'scheme' !~ '"(this|last|next)_[a-z0-9_]+"' THEN
        RAISE;
    END IF;
END
\$\$;
SELECT run(c, t, a) FROM cases c, unnest('{numeric,double precision}'::text[]) AS t, unnest(ARRAY['2024-02-29', 'DATE ''2024-02-29''']) AS a \\g /dev/null
SQL

check "every case was graded" "$(sql interchange "SELECT count(DISTINCT number) FROM results")" "${COUNT:-200}"
check "the SQL of a scheme gives the tiers of grade()" "$(sql interchange "
    SELECT count(*) FROM results WHERE by_grade IS DISTINCT FROM by_sql")" 0
differing=$(sql interchange "SELECT DISTINCT ON (number) number, way, row_number, by_grade, by_sql FROM results WHERE by_grade IS DISTINCT FROM by_sql ORDER BY number LIMIT 5")
[ -z "$differing" ] || fail "they differ" "$differing"
check "graded, ungraded and refused rows were among them" "$(sql interchange "
    SELECT count(*) FILTER (WHERE by_grade LIKE 'T%') > 1000 AND count(*) FILTER (WHERE by_grade IS NULL) > 1000 AND count(*) FILTER (WHERE by_grade = 'refused!') > 100 FROM results")" t
