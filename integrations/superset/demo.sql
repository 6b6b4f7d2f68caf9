-- What the dashboards call the customers of `make demo`. A program of your own: one more SELECT. Who does not stand here is shown by key.
CREATE SCHEMA IF NOT EXISTS dashboards;
CREATE OR REPLACE VIEW dashboards.customer_names AS
SELECT 'pipeline' AS program, d.opportunity_id::text AS customer, d.company AS name FROM crm.deals d
UNION ALL SELECT 'accounts', a.account::text, a.company FROM crm.accounts a;
COMMENT ON VIEW dashboards.customer_names IS 'what the dashboards call a customer of a program';
