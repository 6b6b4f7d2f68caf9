//! The PostgreSQL face of `customer_tiering`. The SQL declarations stand in `sql/`; the Rust here only
//! implements the `LANGUAGE c` functions that they name.
//!
//! A topic of `sql/` that declares such functions has a Rust file of the same stem here and a test of the same
//! stem in `tests/pg_regress/sql/` (`engine/tests/house.rs` looks). Three have not both: `schemes` keeps the documents
//! of `scheme` in a table, and `presets` fills it with what the engine has compiled in. `stability` is tested where it
//! shows, in `retier`.

mod aggregates;
mod automatic;
mod bootstrap;
mod comparison;
mod documents;
mod error;
mod followup;
mod followups;
mod grading;
mod lifetime;
mod measures;
mod pg;
mod programs;
mod reports;
mod statements;
mod types;

use pgrx::prelude::*;

// The version of Cargo.toml, which is that of the control file, too.
pgrx::pg_module_magic!(name, version);

/// Runs once in every backend that loads the library.
#[pg_guard]
extern "C-unwind" fn _PG_init() {
    error::without_backtraces();
    pg::messages::install();
}

extension_sql_file!("../sql/00_bootstrap.sql", name = "bootstrap", bootstrap);
extension_sql_file!("../sql/10_documents/05_defaults.sql", name = "defaults", requires = ["bootstrap"]);
extension_sql_file!("../sql/10_documents/07_messages.sql", name = "messages", requires = ["bootstrap"]);
extension_sql_file!(
    "../sql/10_documents/10_scheme.sql",
    name = "scheme",
    requires = ["defaults", "messages"]
);
extension_sql_file!("../sql/10_documents/20_schemes.sql", name = "schemes", requires = ["scheme"]);
extension_sql_file!("../sql/10_documents/30_strategy.sql", name = "strategy", requires = ["schemes"]);
extension_sql_file!("../sql/10_documents/40_calendar.sql", name = "calendar", requires = ["schemes"]);
extension_sql_file!("../sql/10_documents/45_fiscal.sql", name = "fiscal", requires = ["bootstrap"]);
extension_sql_file!(
    "../sql/10_documents/50_interchange.sql",
    name = "interchange",
    requires = ["defaults", "scheme"]
);
extension_sql_file!("../sql/20_grading/10_grading.sql", name = "grading", requires = ["schemes"]);
extension_sql_file!("../sql/20_grading/15_texts.sql", name = "texts", requires = ["bootstrap"]);
extension_sql_file!("../sql/20_grading/20_inputs.sql", name = "inputs", requires = ["schemes", "texts"]);
extension_sql_file!("../sql/20_grading/25_reading.sql", name = "reading", requires = ["bootstrap"]);
extension_sql_file!(
    "../sql/20_grading/30_followup.sql",
    name = "followup",
    requires = ["schemes", "calendar"]
);
extension_sql_file!("../sql/30_aggregates/05_aggregate.sql", name = "aggregate", requires = ["bootstrap"]);
extension_sql_file!("../sql/30_aggregates/10_rfm.sql", name = "rfm", requires = ["aggregate"]);
extension_sql_file!("../sql/30_aggregates/20_distribution.sql", name = "distribution", requires = ["rfm"]);
extension_sql_file!("../sql/30_aggregates/30_tally.sql", name = "tally", requires = ["schemes", "rfm"]);
extension_sql_file!("../sql/30_aggregates/40_measure.sql", name = "measure", requires = ["rfm"]);
extension_sql_file!("../sql/30_aggregates/50_fit.sql", name = "fit", requires = ["inputs", "distribution"]);
extension_sql_file!(
    "../sql/30_aggregates/70_outcomes.sql",
    name = "outcomes",
    requires = ["fit", "grading", "strategy", "defaults"]
);
extension_sql_file!("../sql/30_aggregates/60_lifetime.sql", name = "lifetime", requires = ["scheme", "rfm"]);
extension_sql_file!("../sql/35_types/10_types.sql", name = "types", requires = ["calendar", "lifetime"]);
extension_sql_file!(
    "../sql/40_programs/10_programs.sql",
    name = "programs",
    requires = ["inputs", "calendar", "types"]
);
extension_sql_file!(
    "../sql/40_programs/12_program_changes.sql",
    name = "program_changes",
    requires = ["programs", "strategy"]
);
extension_sql_file!("../sql/40_programs/14_tier_views.sql", name = "tier_views", requires = ["programs"]);
extension_sql_file!("../sql/40_programs/15_source.sql", name = "source", requires = ["programs"]);
extension_sql_file!("../sql/40_programs/20_assignments.sql", name = "assignments", requires = ["source"]);
extension_sql_file!("../sql/40_programs/25_hold_outs.sql", name = "hold_outs", requires = ["assignments"]);
extension_sql_file!("../sql/40_programs/26_kept_out.sql", name = "kept_out", requires = ["plan"]);
extension_sql_file!("../sql/40_programs/40_stability.sql", name = "stability", requires = ["scheme"]);
extension_sql_file!("../sql/40_programs/30_plan.sql", name = "plan", requires = ["source", "stability"]);
extension_sql_file!("../sql/40_programs/45_steps.sql", name = "steps", requires = ["followup"]);
extension_sql_file!(
    "../sql/40_programs/50_grading_query.sql",
    name = "grading_query",
    requires = ["assignments", "plan", "grading", "followup"]
);
extension_sql_file!(
    "../sql/40_programs/52_problems.sql",
    name = "problems",
    requires = ["grading_query", "reading"]
);
extension_sql_file!(
    "../sql/40_programs/53_statements.sql",
    name = "statements",
    requires = ["grading_query"]
);
extension_sql_file!("../sql/40_programs/54_comparison.sql", name = "comparison", requires = ["problems"]);
extension_sql_file!(
    "../sql/40_programs/55_grade_customers.sql",
    name = "grade_customers",
    requires = ["problems", "statements", "program_changes"]
);
extension_sql_file!("../sql/40_programs/60_runs.sql", name = "runs", requires = ["programs"]);
extension_sql_file!(
    "../sql/40_programs/68_score_history.sql",
    name = "score_history",
    requires = ["assignments"]
);
extension_sql_file!(
    "../sql/40_programs/70_retier.sql",
    name = "retier",
    requires = ["grade_customers", "runs", "score_history"]
);
extension_sql_file!("../sql/40_programs/74_retier_all.sql", name = "retier_all", requires = ["retier"]);
extension_sql_file!(
    "../sql/40_programs/75_overrides.sql",
    name = "overrides",
    requires = ["grade_customers", "steps"]
);
extension_sql_file!(
    "../sql/40_programs/72_retier_customers.sql",
    name = "retier_customers",
    requires = ["grade_customers"]
);
extension_sql_file!(
    "../sql/40_programs/76_import_overrides.sql",
    name = "import_overrides",
    requires = ["overrides"]
);
extension_sql_file!("../sql/40_programs/78_previews.sql", name = "previews", requires = ["overrides"]);
extension_sql_file!(
    "../sql/40_programs/77_followup_plans.sql",
    name = "followup_plans",
    requires = ["overrides"]
);
extension_sql_file!(
    "../sql/40_programs/79_contact_stops.sql",
    name = "contact_stops",
    requires = ["overrides"]
);
extension_sql_file!(
    "../sql/40_programs/80_followups.sql",
    name = "followups",
    requires = ["followup_plans", "contact_stops", "strategy", "hold_outs"]
);
extension_sql_file!("../sql/40_programs/81_imports.sql", name = "imports", requires = ["followups"]);
extension_sql_file!(
    "../sql/40_programs/82_complaints.sql",
    name = "complaints",
    requires = ["followups", "hold_outs"]
);
extension_sql_file!("../sql/40_programs/83_reviews.sql", name = "reviews", requires = ["overrides"]);
extension_sql_file!(
    "../sql/40_programs/84_hand_overs.sql",
    name = "hand_overs",
    requires = ["complaints", "reviews"]
);
extension_sql_file!(
    "../sql/40_programs/85_program_views.sql",
    name = "program_views",
    requires = ["followups", "tally", "hold_outs"]
);
extension_sql_file!(
    "../sql/40_programs/86_customer_log.sql",
    name = "customer_log",
    requires = ["complaints", "reviews", "hand_overs"]
);
extension_sql_file!(
    "../sql/40_programs/87_automatic.sql",
    name = "automatic",
    requires = ["grade_customers"]
);
extension_sql_file!("../sql/40_programs/88_channels.sql", name = "channels", requires = ["program_views"]);
extension_sql_file!("../sql/40_programs/90_backfill.sql", name = "backfill", requires = ["retier"]);
extension_sql_file!("../sql/40_programs/92_prune.sql", name = "prune", requires = ["hand_overs"]);
extension_sql_file!(
    "../sql/40_programs/92_regrade.sql",
    name = "regrade",
    requires = ["backfill", "hand_overs"]
);
extension_sql_file!(
    "../sql/40_programs/95_roles.sql",
    name = "roles",
    requires = [
        "tier_views",
        "kept_out",
        "retier",
        "retier_customers",
        "import_overrides",
        "previews",
        "imports",
        "program_views",
        "channels",
        "automatic",
        "backfill",
        "regrade",
        "complaints",
        "reviews",
        "hand_overs",
        "customer_log"
    ]
);
extension_sql_file!("../sql/40_programs/97_agent_writes.sql", name = "agent_writes", requires = ["roles"]);
extension_sql_file!(
    "../sql/50_measures/10_event_sources.sql",
    name = "event_sources",
    requires = ["programs", "reading"]
);
extension_sql_file!(
    "../sql/50_measures/20_measures.sql",
    name = "measures",
    requires = ["programs", "lifetime"]
);
extension_sql_file!("../sql/50_measures/30_tier_runs.sql", name = "tier_runs", requires = ["assignments"]);
extension_sql_file!("../sql/50_measures/35_orders.sql", name = "orders", requires = ["rfm"]);
extension_sql_file!(
    "../sql/50_measures/40_customer_figures.sql",
    name = "customer_figures",
    requires = ["event_sources", "hold_outs", "tier_runs", "orders", "complaints"]
);
extension_sql_file!(
    "../sql/50_measures/50_scorecard.sql",
    name = "scorecard",
    requires = ["customer_figures", "measures"]
);
extension_sql_file!(
    "../sql/50_measures/70_program_outcomes.sql",
    name = "program_outcomes",
    requires = ["outcomes", "source", "assignments", "grading_query"]
);
extension_sql_file!("../sql/50_measures/60_effect.sql", name = "effect", requires = ["scorecard"]);
extension_sql_file!("../sql/60_reports/10_plots.sql", name = "plots", requires = ["bootstrap"]);
extension_sql_file!(
    "../sql/60_reports/15_report_figures.sql",
    name = "report_figures",
    requires = ["hold_outs", "scorecard"]
);
extension_sql_file!(
    "../sql/60_reports/20_report.sql",
    name = "report",
    requires = ["report_figures", "effect", "program_views", "customer_log", "grade_customers"]
);
extension_sql_file!("../sql/70_scale/10_shards.sql", name = "shards", requires = ["inputs", "grading_query"]);
extension_sql_file!("../sql/70_scale/20_nodes.sql", name = "nodes", requires = ["strategy", "calendar"]);
extension_sql_file!(
    "../sql/50_measures/90_aggregate_rights.sql",
    name = "aggregate_rights",
    requires = ["effect", "tally", "measure", "fit", "lifetime", "outcomes"]
);
extension_sql_file!(
    "../sql/10_documents/90_presets.sql",
    name = "presets",
    requires = ["schemes", "strategy", "calendar"],
    finalize
);
