//! The PostgreSQL face of `customer_tiering`.
use pgrx::prelude::*;
pgrx::pg_module_magic!(name = c"customer_tiering", version = c"0.1.0");
extension_sql_file!("../sql/00_bootstrap.sql", name = "bootstrap", bootstrap);
