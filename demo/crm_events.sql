-- What happened with the customers that the sales team has won: sales, answers, tickets and costs of 2025. All of it is made up, by a hash of who and when, so that it
-- is the same every time. The truth behind it is known: from July on, customers who are looked after spend a fifth more.

-- between 0 and 1, the same for the same words
CREATE FUNCTION crm.chance(VARIADIC words text[]) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN ('x' || left(md5(array_to_string(words, ' ')), 8))::bit(32)::bigint / 4294967296.0;

CREATE TABLE crm.accounts AS
SELECT g AS account, o.company || ' ' || (g - 1) / 110 + 1 AS company, o.owner,
    round(15000 + 185000 * power(crm.chance('value', g::text), 2)) AS annual_value
FROM generate_series(1, 600) g JOIN crm.opportunities o ON o.opportunity_id = (g - 1) % 110 + 1;
ALTER TABLE crm.accounts ADD PRIMARY KEY (account);

-- an order a month or so, around a twelfth of the yearly value; the hand that looks after customers comes in when the hold-out is known
CREATE TABLE crm.sales AS
SELECT a.account, d.day, d.product,
    round(a.annual_value / 10 * (0.6 + 0.8 * crm.chance('amount', a.account::text, m::text)), 2) AS amount
FROM crm.accounts a, generate_series(1, 9) m, LATERAL (SELECT
    make_date(2025, m, 1 + floor(28 * crm.chance('day', a.account::text, m::text))::integer) AS day,
    (ARRAY['machines', 'parts', 'service', 'training'])[1 + floor(4 * crm.chance('product', a.account::text, m::text))::integer] AS product) d
WHERE crm.chance('buys', a.account::text, m::text) < 0.8;
ALTER TABLE crm.sales ADD profit numeric;
UPDATE crm.sales SET profit = round(0.35 * amount, 2);

CREATE TABLE crm.answers AS
SELECT a.account, k.kind, timestamptz '2025-01-01 09:00+00' + 270 * crm.chance('answered', a.account::text, k.kind, g::text)::float8 * interval '1 day' AS answered_at,
    k.lowest + floor((k.highest - k.lowest + 1) * sqrt(crm.chance('score', a.account::text, k.kind, g::text)))::integer AS score
FROM crm.accounts a, generate_series(1, 3) g, (VALUES ('satisfaction', 1, 5), ('recommendation', 0, 10)) AS k (kind, lowest, highest);

CREATE TABLE crm.tickets AS
SELECT a.account, o.opened_at, crm.chance('complaint', a.account::text, g::text) < 0.2 AS complaint,
    CASE WHEN crm.chance('open', a.account::text, g::text) < 0.95
        THEN o.opened_at + 6 * crm.chance('takes', a.account::text, g::text)::float8 * crm.chance('long', a.account::text, g::text)::float8 * interval '1 day' END AS resolved_at
FROM crm.accounts a, generate_series(1, 4) g, LATERAL (SELECT
    timestamptz '2025-01-01 08:00+00' + 270 * crm.chance('opened', a.account::text, g::text)::float8 * interval '1 day' AS opened_at) o;

CREATE TABLE crm.costs AS
SELECT a.account, 'keeping' AS kind, timestamptz '2025-02-15 00:00+00' + g * interval '3 months' AS spent_at,
    round(50 + 400 * crm.chance('cost', a.account::text, g::text), 2) AS amount
FROM crm.accounts a, generate_series(0, 2) g
UNION ALL SELECT NULL, 'tiering', timestamptz '2025-07-01 00:00+00', 40000; -- of nobody in particular
