//! A fitted model as a document: which one, its parameters, and how far the fit may be trusted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document;
use crate::error::{Error, Result};

/// What errors call the document.
const WHAT: &str = "lifetime model";

/// The four models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Purchases; a customer may drop out after each repeat purchase.
    BgNbd,
    /// Purchases; a customer may drop out after each purchase, the first included.
    MbgNbd,
    /// Purchases; a customer may drop out at any time.
    ParetoNbd,
    /// The spend of a purchase.
    GammaGamma,
}

impl Kind {
    /// The name that documents use.
    pub fn name(self) -> &'static str {
        match self {
            Kind::BgNbd => "bg_nbd",
            Kind::MbgNbd => "mbg_nbd",
            Kind::ParetoNbd => "pareto_nbd",
            Kind::GammaGamma => "gamma_gamma",
        }
    }
}

/// The unit in which recency, age and horizons of a model are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A twelfth of a year of 365.25 days.
    Month,
    /// A quarter of a year of 365.25 days.
    Quarter,
    /// 365.25 days.
    Year,
}

impl TimeUnit {
    /// The name that documents use.
    pub fn name(self) -> &'static str {
        match self {
            TimeUnit::Day => "day",
            TimeUnit::Week => "week",
            TimeUnit::Month => "month",
            TimeUnit::Quarter => "quarter",
            TimeUnit::Year => "year",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other.
    pub fn parse(name: &str) -> Result<TimeUnit> {
        const ALL: [TimeUnit; 5] =
            [TimeUnit::Day, TimeUnit::Week, TimeUnit::Month, TimeUnit::Quarter, TimeUnit::Year];
        let known = || ALL.iter().map(|unit| unit.name());
        ALL.iter().find(|unit| unit.name() == name).copied().ok_or_else(|| {
            let error = Error::invalid(format!("unknown unit of time {}", document::quoted(name)));
            let error = error.detail(format!("Known are {}.", known().collect::<Vec<_>>().join(", ")));
            match document::nearest(name, known()) {
                Some(near) => error.hint(format!("Perhaps you meant {}.", document::quoted(near))),
                None => error.hint("Write one of these."),
            }
        })
    }

    /// How many days it has, a month and its multiples on average.
    pub fn days(self) -> f64 {
        match self {
            TimeUnit::Day => 1.0,
            TimeUnit::Week => 7.0,
            TimeUnit::Month => 365.25 / 12.0,
            TimeUnit::Quarter => 365.25 / 4.0,
            TimeUnit::Year => 365.25,
        }
    }
}

/// The parameters of a model, named as in its paper; times are in the model's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Parameters {
    /// Fader, Hardie & Lee (2005).
    BgNbd {
        /// Shape of the distribution of purchase rates.
        r: f64,
        /// Its rate, a time.
        alpha: f64,
        /// First shape of the distribution of the chance to drop out.
        a: f64,
        /// Second shape.
        b: f64,
    },
    /// Batislam et al. (2007), Hoppe & Wagner (2007).
    MbgNbd {
        /// Shape of the distribution of purchase rates.
        r: f64,
        /// Its rate, a time.
        alpha: f64,
        /// First shape of the distribution of the chance to drop out.
        a: f64,
        /// Second shape.
        b: f64,
    },
    /// Schmittlein, Morrison & Colombo (1987).
    ParetoNbd {
        /// Shape of the distribution of purchase rates.
        r: f64,
        /// Its rate, a time.
        alpha: f64,
        /// Shape of the distribution of drop-out rates.
        s: f64,
        /// Its rate, a time.
        beta: f64,
    },
    /// Fader & Hardie (2013).
    GammaGamma {
        /// Shape of a customer's distribution of spends.
        p: f64,
        /// Shape of the distribution of their rates.
        q: f64,
        /// Its rate, an amount.
        v: f64,
    },
}

impl Parameters {
    /// Of which model they are.
    pub fn kind(&self) -> Kind {
        match self {
            Parameters::BgNbd { .. } => Kind::BgNbd,
            Parameters::MbgNbd { .. } => Kind::MbgNbd,
            Parameters::ParetoNbd { .. } => Kind::ParetoNbd,
            Parameters::GammaGamma { .. } => Kind::GammaGamma,
        }
    }

    /// Names and values, in the order of the papers.
    pub fn named(&self) -> Vec<(&'static str, f64)> {
        match *self {
            Parameters::BgNbd { r, alpha, a, b } | Parameters::MbgNbd { r, alpha, a, b } => {
                vec![("r", r), ("alpha", alpha), ("a", a), ("b", b)]
            }
            Parameters::ParetoNbd { r, alpha, s, beta } => {
                vec![("r", r), ("alpha", alpha), ("s", s), ("beta", beta)]
            }
            Parameters::GammaGamma { p, q, v } => vec![("p", p), ("q", q), ("v", v)],
        }
    }
}

/// Customers who were left out of a fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Why.
    pub reason: String,
    /// How many.
    pub customers: u64,
}

/// The reason for which Gamma-Gamma leaves out who has no repeat purchase.
pub(super) const NO_REPEAT: &str = "no repeat purchase";

/// A fitted model: parameters that are finite and positive, and how they came about.
///
/// As JSON ([`Model::parse`], [`Model::canonical`]) it reads back to the same bits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Model {
    pub(super) parameters: Parameters,
    pub(super) unit: Option<TimeUnit>,
    pub(super) log_likelihood: Option<f64>,
    pub(super) customers: u64,
    pub(super) excluded: Vec<Exclusion>,
    pub(super) converged: bool,
    pub(super) iterations: u32,
    pub(super) reason: Option<String>,
}

impl Model {
    /// Reads the JSON document.
    ///
    /// # Errors
    ///
    /// Those of [`document::parse`]; `InvalidValue` with the path for parameters that are not positive,
    /// missing or not of this model, and for purchases without a unit of time.
    pub fn parse(text: &str) -> Result<Model> {
        document::parse::<Document>(WHAT, text)?.try_into()
    }

    /// The JSON document, compact, keys in a fixed order.
    pub fn canonical(&self) -> String {
        document::canonical(self)
    }

    /// Which model.
    pub fn kind(&self) -> Kind {
        self.parameters.kind()
    }

    /// Its parameters.
    pub fn parameters(&self) -> Parameters {
        self.parameters
    }

    /// The unit of its times; Gamma-Gamma needs none.
    pub fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// The logarithm of the likelihood at these parameters; none if they were typed.
    pub fn log_likelihood(&self) -> Option<f64> {
        self.log_likelihood
    }

    /// How many customers the fit rests on.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Who was left out of the fit.
    pub fn excluded(&self) -> &[Exclusion] {
        &self.excluded
    }

    /// Notes customers that a caller left out before the fit.
    pub fn exclude(&mut self, reason: impl Into<String>, customers: u64) {
        if customers > 0 {
            self.excluded.push(Exclusion { reason: reason.into(), customers });
        }
    }

    /// Whether the parameters are where the likelihood is greatest. If not, [`Model::reason`] says why,
    /// and they are the best that were found.
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// Evaluations of the likelihood that the fit took.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Why the fit did not converge.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// The model as it is written. Only kind, unit and parameters must be there, so that published ones can
/// be typed in.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Lifetime model")]
struct Document {
    /// Which model.
    kind: Kind,
    /// The unit of recency, age and horizon; needed by all but gamma_gamma.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<TimeUnit>,
    /// The parameters, exactly those of the model, all positive.
    parameters: Named,
    /// The logarithm of the likelihood at these parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_likelihood: Option<f64>,
    /// Customers that the fit rests on.
    #[serde(default)]
    n: u64,
    /// Customers that were left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    excluded: Vec<Exclusion>,
    /// Whether the likelihood is greatest at these parameters. Typed ones are taken at their word.
    #[serde(default = "yes")]
    converged: bool,
    /// Evaluations of the likelihood.
    #[serde(default)]
    iterations: u32,
    /// Why the fit did not converge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

fn yes() -> bool {
    true
}

/// The parameters of all models.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alpha: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beta: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<f64>,
}

/// The JSON Schema of the document.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

impl Named {
    /// The values of `names`, which are all there may be.
    fn exactly<const N: usize>(&self, kind: Kind, names: [&str; N]) -> Result<[f64; N]> {
        let Named { r, alpha, a, b, s, beta, p, q, v } = *self;
        let all = [
            ("r", r),
            ("alpha", alpha),
            ("a", a),
            ("b", b),
            ("s", s),
            ("beta", beta),
            ("p", p),
            ("q", q),
            ("v", v),
        ];
        let mut values = [0.0; N];
        for (name, value) in all {
            let path = format!("$.parameters.{name}");
            match (names.iter().position(|n| *n == name), value) {
                (Some(place), Some(value)) if value.is_finite() && value > 0.0 => values[place] = value,
                (Some(_), Some(value)) => {
                    return Err(document::fault(
                        WHAT,
                        &path,
                        format!("found {value}, expected a positive finite number."),
                    )
                    .hint("The parameters of these distributions are positive; fit the model, or type what a paper says."));
                }
                (Some(_), None) => {
                    return Err(document::fault(
                        WHAT,
                        "$.parameters",
                        format!("the key \"{name}\" is missing."),
                    )
                    .hint(format!(
                        "The parameters of {} are {}.",
                        kind.name(),
                        names.join(", ")
                    )));
                }
                (None, Some(_)) => {
                    return Err(document::fault(
                        WHAT,
                        &path,
                        format!("{} has no such parameter.", kind.name()),
                    )
                    .hint(format!(
                        "The parameters of {} are {}.",
                        kind.name(),
                        names.join(", ")
                    )));
                }
                (None, None) => {}
            }
        }
        Ok(values)
    }
}

impl TryFrom<Document> for Model {
    type Error = Error;

    fn try_from(document: Document) -> Result<Model> {
        let Document { kind, unit, parameters, log_likelihood, n, excluded, converged, iterations, reason } =
            document;
        let parameters = match kind {
            Kind::BgNbd => {
                let [r, alpha, a, b] = parameters.exactly(kind, ["r", "alpha", "a", "b"])?;
                Parameters::BgNbd { r, alpha, a, b }
            }
            Kind::MbgNbd => {
                let [r, alpha, a, b] = parameters.exactly(kind, ["r", "alpha", "a", "b"])?;
                Parameters::MbgNbd { r, alpha, a, b }
            }
            Kind::ParetoNbd => {
                let [r, alpha, s, beta] = parameters.exactly(kind, ["r", "alpha", "s", "beta"])?;
                Parameters::ParetoNbd { r, alpha, s, beta }
            }
            Kind::GammaGamma => {
                let [p, q, v] = parameters.exactly(kind, ["p", "q", "v"])?;
                Parameters::GammaGamma { p, q, v }
            }
        };
        if unit.is_none() && kind != Kind::GammaGamma {
            return Err(document::fault(WHAT, "$", "the key \"unit\" is missing.")
                .hint("Say in which unit recency and age were counted: day, week, month, quarter or year."));
        }
        if log_likelihood.is_some_and(|value| !value.is_finite()) {
            return Err(document::fault(WHAT, "$.log_likelihood", "expected a finite number.")
                .hint("Leave it out if it is not known."));
        }
        if converged && reason.is_some() {
            return Err(document::fault(WHAT, "$.reason", "found a reason for a fit that converged.")
                .hint("Leave out the reason, or say \"converged\": false."));
        }
        Ok(Model { parameters, unit, log_likelihood, customers: n, excluded, converged, iterations, reason })
    }
}

impl From<Model> for Document {
    fn from(model: Model) -> Document {
        let mut named = Named::default();
        match model.parameters {
            Parameters::BgNbd { r, alpha, a, b } | Parameters::MbgNbd { r, alpha, a, b } => {
                (named.r, named.alpha, named.a, named.b) = (Some(r), Some(alpha), Some(a), Some(b));
            }
            Parameters::ParetoNbd { r, alpha, s, beta } => {
                (named.r, named.alpha, named.s, named.beta) = (Some(r), Some(alpha), Some(s), Some(beta));
            }
            Parameters::GammaGamma { p, q, v } => {
                (named.p, named.q, named.v) = (Some(p), Some(q), Some(v));
            }
        }
        Document {
            kind: model.kind(),
            unit: model.unit,
            parameters: named,
            log_likelihood: model.log_likelihood,
            n: model.customers,
            excluded: model.excluded,
            converged: model.converged,
            iterations: model.iterations,
            reason: model.reason,
        }
    }
}
