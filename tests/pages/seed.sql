-- What the pages show: a program with movement, owners, orders, targets and a hold-out, names with markup in them, and an empty one.
SET client_min_messages = warning;
SET search_path = tiering, public;
CREATE TABLE customers AS
    SELECT g AS id, (ARRAY['explicit', 'latent', 'none'])[1 + g % 3] AS demand, current_date + (g * 7) % 200 AS expected_close,
        CASE WHEN g % 5 > 0 THEN (ARRAY['Anna', '李娜', '<b>Bert & Co.</b>', 'A name that is so long that no column of any table was made for it'])[g % 5] END AS owner
    FROM generate_series(1, 1000) AS g;
ALTER TABLE customers ADD PRIMARY KEY (id);
SELECT create_program('sales', 'sales_readiness', 'customers', 'id', owner_column => 'owner'), create_program('empty', 'sales_readiness', 'customers', 'id');
CALL retier('sales', now() - interval '40 days');
SELECT hold_out('sales', 0.2, 7, now() - interval '35 days');
UPDATE customers SET demand = 'none' WHERE id % 10 = 0;
UPDATE customers SET expected_close = current_date + 5 WHERE id % 11 = 0;
CALL retier('sales', now() - interval '10 days');
CREATE TABLE orders AS
    SELECT g % 1000 + 1 AS customer, now() - (g % 60) * interval '1 day' - interval '1 hour' AS at, 10.0 + g % 90 AS amount FROM generate_series(1, 6000) AS g;
SELECT register_events('sales', 'order', 'orders', 'customer', 'at', 'amount');
SELECT set_target('sales', 'all', 'sales', 100000), set_target('sales', 'A', 'churned', 0.1);
SELECT log_followup('sales', '7', 'phone', 'reached', 'asked for <script>document.title = "no"</script> & "a present"', promise => 'send it', promised_at => now() + interval '2 days');
SELECT override_tier('sales', '7', 'A', 'knows the board');
ANALYZE;
