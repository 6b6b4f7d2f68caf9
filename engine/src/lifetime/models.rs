//! The laws: how often customers buy, and how much they spend. One file a law.
//!
//! A new law is a file here, whose type is a [`PurchaseLaw`] or a [`SpendLaw`], and its entry in [`laws!`] below.
//! All else in the engine goes by that table. (For SQL there is one line more in `src/lifetime/fit.rs` and one
//! in `sql/30_aggregates/60_lifetime.sql`; `tests/house.rs` says if they are missing.)

pub(super) mod bg_nbd;
pub(super) mod gamma_gamma;
pub(super) mod law;
pub(super) mod pareto_nbd;
mod search;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::data::{Cohort, Purchases, Spend, Watch};
use super::past::Past;
use crate::error::Result;

use law::{Law, Parameter, PurchaseLaw, SpendLaw};
pub(super) use search::{Found, Scaled};

macro_rules! laws {
    ($(#[$about:meta])*
    purchases { $($(#[$p_about:meta])* $purchases:ident = $p_name:literal: $p_law:ty,)* }
    spend { $($(#[$s_about:meta])* $spend:ident = $s_name:literal: $s_law:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Kind {
            $($(#[$p_about])* #[serde(rename = $p_name)] $purchases,)*
            $($(#[$s_about])* #[serde(rename = $s_name)] $spend,)*
        }

        impl Kind {
            /// All models, those of purchases first.
            pub const ALL: &[Kind] = &[$(Kind::$purchases,)* $(Kind::$spend,)*];

            /// The name that documents use.
            pub fn name(self) -> &'static str {
                match self {
                    $(Kind::$purchases => $p_name,)*
                    $(Kind::$spend => $s_name,)*
                }
            }

            /// Whether it is a model of purchases; if not, of spend.
            pub fn is_of_purchases(self) -> bool {
                match self {
                    $(Kind::$purchases => true,)*
                    $(Kind::$spend => false,)*
                }
            }

            pub(super) fn parameters(self) -> &'static [Parameter] {
                match self {
                    $(Kind::$purchases => &<$p_law>::PARAMETERS,)*
                    $(Kind::$spend => &<$s_law>::PARAMETERS,)*
                }
            }
        }

        /// A model of purchases with its parameters.
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[allow(clippy::enum_variant_names, reason = "most models of purchases are some NBD")]
        pub(super) enum PurchaseModel {
            $($purchases($p_law),)*
        }

        impl PurchaseModel {
            pub fn kind(&self) -> Kind {
                match self {
                    $(PurchaseModel::$purchases(_) => Kind::$purchases,)*
                }
            }

            pub fn parameters(&self) -> Vec<f64> {
                match self {
                    $(PurchaseModel::$purchases(law) => law.parameters().to_vec(),)*
                }
            }

            /// The model that makes the customers most likely; none if `kind` is one of spend. `rate` is about
            /// how often they buy, per mean age.
            pub fn fit(
                kind: Kind,
                customers: &Scaled<'_, Purchases>,
                rate: f64,
                watch: &mut Watch<'_>,
            ) -> Option<Result<Found<PurchaseModel>>> {
                /// Shapes of the distribution of purchase rates to begin with.
                const SHAPES: [f64; 2] = [0.5, 1.5];
                match kind {
                    $(Kind::$purchases => {
                        let starts = SHAPES.map(|shape| <$p_law>::start(shape, rate));
                        let found = search::search(customers, &starts, watch);
                        Some(found.map(|found| found.map(PurchaseModel::$purchases)))
                    })*
                    $(Kind::$spend => None,)*
                }
            }

            pub fn log_likelihood(&self, population: &Cohort<Purchases>, watch: &mut Watch<'_>) -> Result<f64> {
                Ok(match self {
                    $(PurchaseModel::$purchases(law) => law.expansion(population, watch)?.value,)*
                })
            }

            /// See [`PurchaseLaw::p_alive`].
            pub fn p_alive(&self, customer: &Purchases) -> f64 {
                match self {
                    $(PurchaseModel::$purchases(law) => law.p_alive(customer),)*
                }
            }

            /// See [`PurchaseLaw::expected_purchases`].
            pub fn expected_purchases(&self, customer: &Purchases, times: &[f64], expected: &mut [f64]) {
                match self {
                    $(PurchaseModel::$purchases(law) => law.expected_purchases(customer, times, expected),)*
                }
            }

            /// See [`PurchaseLaw::expected_purchases_new`].
            pub fn expected_purchases_new(&self, time: f64) -> f64 {
                match self {
                    $(PurchaseModel::$purchases(law) => law.expected_purchases_new(time),)*
                }
            }

            /// See [`PurchaseLaw::past`].
            pub fn past(&self, customer: &Purchases) -> Past {
                match self {
                    $(PurchaseModel::$purchases(law) => law.past(customer),)*
                }
            }
        }

        /// A model of spend with its parameters.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub(super) enum SpendModel {
            $($spend($s_law),)*
        }

        impl SpendModel {
            pub fn kind(&self) -> Kind {
                match self {
                    $(SpendModel::$spend(_) => Kind::$spend,)*
                }
            }

            pub fn parameters(&self) -> Vec<f64> {
                match self {
                    $(SpendModel::$spend(law) => law.parameters().to_vec(),)*
                }
            }

            /// The model that makes the customers most likely; none if `kind` is one of purchases.
            pub fn fit(
                kind: Kind,
                customers: &Scaled<'_, Spend>,
                watch: &mut Watch<'_>,
            ) -> Option<Result<Found<SpendModel>>> {
                match kind {
                    $(Kind::$purchases => None,)*
                    $(Kind::$spend => {
                        let found = search::search(customers, &<$s_law>::STARTS, watch);
                        Some(found.map(|found| found.map(SpendModel::$spend)))
                    })*
                }
            }

            pub fn log_likelihood(&self, population: &Cohort<Spend>, watch: &mut Watch<'_>) -> Result<f64> {
                Ok(match self {
                    $(SpendModel::$spend(law) => law.expansion(population, watch)?.value,)*
                })
            }

            /// See [`SpendLaw::has_expectation`].
            pub fn has_expectation(&self, customer: &Spend) -> bool {
                match self {
                    $(SpendModel::$spend(law) => law.has_expectation(customer),)*
                }
            }

            /// See [`SpendLaw::expected_spend`].
            pub fn expected_spend(&self, customer: &Spend) -> Result<f64> {
                match self {
                    $(SpendModel::$spend(law) => law.expected_spend(customer),)*
                }
            }
        }

        /// A model with its parameters.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub(super) enum Fitted {
            Purchases(PurchaseModel),
            Spend(SpendModel),
        }

        impl Fitted {
            pub fn kind(&self) -> Kind {
                match self {
                    Fitted::Purchases(model) => model.kind(),
                    Fitted::Spend(model) => model.kind(),
                }
            }

            /// The parameters, as many and in the order of [`Kind::parameters`].
            pub fn parameters(&self) -> Vec<f64> {
                match self {
                    Fitted::Purchases(model) => model.parameters(),
                    Fitted::Spend(model) => model.parameters(),
                }
            }

            /// The model of these parameters; none if they are not as many.
            pub fn at(kind: Kind, parameters: &[f64]) -> Option<Fitted> {
                Some(match kind {
                    $(Kind::$purchases => {
                        Fitted::Purchases(PurchaseModel::$purchases(<$p_law>::at(parameters.try_into().ok()?)))
                    })*
                    $(Kind::$spend => Fitted::Spend(SpendModel::$spend(<$s_law>::at(parameters.try_into().ok()?))),)*
                })
            }
        }
    };
}

laws! {
    /// The four models.
    purchases {
        /// Purchases; a customer may drop out after each repeat purchase.
        BgNbd = "bg_nbd": bg_nbd::BgNbd,
        /// Purchases; a customer may drop out after each purchase, the first included.
        MbgNbd = "mbg_nbd": bg_nbd::MbgNbd,
        /// Purchases; a customer may drop out at any time.
        ParetoNbd = "pareto_nbd": pareto_nbd::ParetoNbd,
    }
    spend {
        /// The spend of a purchase.
        GammaGamma = "gamma_gamma": gamma_gamma::GammaGamma,
    }
}
