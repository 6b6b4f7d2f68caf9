//! The PostgreSQL face of `customer_tiering`: one file a topic, with the same stem in `sql/` and
//! in `tests/pg_regress/sql/`. The SQL declarations stand in `sql/`; the Rust here only implements
//! the `LANGUAGE c` functions that they name.

mod aggregate;
mod binding;
mod by_name;
mod calendar;
mod call;
mod customer;
mod date;
mod distribution;
mod document_type;
mod error;
mod fit;
mod followup;
mod grading;
mod heap;
mod lifetime;
mod lookup;
mod measure;
mod memory;
mod numeric;
mod reader;
mod rfm;
mod scheme;
mod snapshot;
mod stored;
mod strategy;
mod tally;

use pgrx::prelude::*;

pgrx::pg_module_magic!(name = c"customer_tiering", version = c"0.1.0");

extension_sql_file!("../sql/00_bootstrap.sql", name = "bootstrap", bootstrap);
extension_sql_file!("../sql/10_scheme.sql", name = "scheme", requires = ["bootstrap"]);
extension_sql_file!("../sql/20_schemes.sql", name = "schemes", requires = ["scheme"]);
extension_sql_file!("../sql/30_grading.sql", name = "grading", requires = ["schemes"]);
extension_sql_file!("../sql/40_strategy.sql", name = "strategy", requires = ["grading"]);
extension_sql_file!("../sql/50_calendar.sql", name = "calendar", requires = ["strategy"]);
extension_sql_file!("../sql/60_followup.sql", name = "followup", requires = ["calendar"]);
extension_sql_file!("../sql/70_inputs.sql", name = "inputs", requires = ["followup"]);
extension_sql_file!("../sql/72_rfm.sql", name = "rfm", requires = ["inputs"]);
extension_sql_file!("../sql/73_distribution.sql", name = "distribution", requires = ["rfm"]);
extension_sql_file!("../sql/74_tally.sql", name = "tally", requires = ["distribution"]);
extension_sql_file!("../sql/75_measure.sql", name = "measure", requires = ["tally"]);
extension_sql_file!("../sql/76_fit.sql", name = "fit", requires = ["measure"]);
extension_sql_file!("../sql/78_lifetime.sql", name = "lifetime", requires = ["fit"]);
extension_sql_file!("../sql/80_programs.sql", name = "programs", requires = ["lifetime"]);
extension_sql_file!("../sql/81_assignments.sql", name = "assignments", requires = ["programs"]);
extension_sql_file!("../sql/82_retier.sql", name = "retier", requires = ["assignments"]);
extension_sql_file!("../sql/83_overrides.sql", name = "overrides", requires = ["retier"]);
extension_sql_file!("../sql/84_followups.sql", name = "followups", requires = ["overrides"]);
extension_sql_file!("../sql/85_program_views.sql", name = "program_views", requires = ["followups"]);
extension_sql_file!("../sql/86_automatic.sql", name = "automatic", requires = ["program_views"]);
extension_sql_file!("../sql/87_backfill.sql", name = "backfill", requires = ["automatic"]);
extension_sql_file!("../sql/88_roles.sql", name = "roles", requires = ["backfill"]);
extension_sql_file!("../sql/90_presets.sql", name = "presets", requires = ["roles"], finalize);
