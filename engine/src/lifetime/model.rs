//! A fitted model as a document: which one, its parameters, and how far the fit may be trusted.

use std::borrow::Cow;
use std::fmt::Formatter;
use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::models::{Fitted, Kind};
use crate::document;
use crate::error::{Error, Result};

/// What errors call the document.
const WHAT: &str = "lifetime model";

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
/// As JSON ([`Model::parse`], [`Model::canonical`]) it reads back to the same bits. One from a paper can be typed:
///
/// ```
/// use customer_tiering_engine::lifetime::{Model, Purchases, Scorer};
///
/// # fn main() -> customer_tiering_engine::Result<()> {
/// let model = Model::parse(
///     r#"{"kind": "bg_nbd", "unit": "week", "parameters": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}}"#,
/// )?;
/// assert_eq!(model.parameter("alpha"), Some(4.414));
/// let alive = Scorer::new(&model)?.p_alive(&Purchases::new(2, 30.43, 38.86)?)?;
/// assert!((0.7..0.75).contains(&alive));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Model {
    pub(super) fitted: Fitted,
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
        self.fitted.kind()
    }

    /// Names and values of its parameters, in the order of its paper; times are in the model's unit.
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        let names = self.kind().parameters().iter().map(|parameter| parameter.name);
        names.zip(self.fitted.parameters()).collect()
    }

    /// One of its parameters; none if it has none of that name.
    pub fn parameter(&self, name: &str) -> Option<f64> {
        self.parameters().into_iter().find_map(|(known, value)| (known == name).then_some(value))
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

/// The parameters as they are written: those of any model, some perhaps null.
#[derive(Debug, Clone, Default)]
struct Named(Vec<(&'static str, Option<f64>)>);

/// The names of the parameters of all models, each once.
fn names() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let mut names = Vec::new();
        for parameter in Kind::ALL.iter().flat_map(|kind| kind.parameters()) {
            if !names.contains(&parameter.name) {
                names.push(parameter.name);
            }
        }
        names
    });
    &NAMES
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))))
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Values;
        impl<'de> Visitor<'de> for Values {
            type Value = Named;
            fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<Named, M::Error> {
                let mut named = Named::default();
                while let Some(Name(name)) = map.next_key()? {
                    named.0.push((name, map.next_value()?));
                }
                Ok(named)
            }
        }
        deserializer.deserialize_map(Values)
    }
}

/// One of [`names`]; by a type of its own, so that the path of an error has the name that is none.
struct Name(&'static str);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Name;
            fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of a parameter")
            }
            fn visit_str<E: serde::de::Error>(self, word: &str) -> std::result::Result<Name, E> {
                let known = names().iter().find(|name| **name == word);
                known.map(|name| Name(name)).ok_or_else(|| E::unknown_field(word, names()))
            }
        }
        deserializer.deserialize_identifier(Word)
    }
}

impl JsonSchema for Named {
    fn schema_name() -> Cow<'static, str> {
        "Named".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<Option<f64>>();
        let properties: serde_json::Map<_, _> =
            names().iter().map(|name| ((*name).to_owned(), value.clone().to_value())).collect();
        json_schema!({
            "description": "The parameters of all models.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false
        })
    }
}

/// The JSON Schema of the document.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

impl Named {
    /// The model whose parameters these are: all of them, and no others.
    fn of(&self, kind: Kind) -> Result<Fitted> {
        let known = || kind.parameters().iter().map(|parameter| parameter.name);
        let which = || {
            let known: Vec<_> = known().collect();
            format!("The parameters of {} are {}.", kind.name(), known.join(", "))
        };
        let mut values = Vec::new();
        for name in names() {
            let value = self.0.iter().find_map(|(typed, value)| (typed == name).then_some(*value)).flatten();
            let path = format!("$.parameters.{name}");
            match (known().any(|known| known == *name), value) {
                (true, Some(value)) if value.is_finite() && value > 0.0 => values.push((name, value)),
                (true, Some(value)) => {
                    return Err(document::fault(
                        WHAT,
                        &path,
                        format!("found {value}, expected a positive finite number."),
                    )
                    .hint("The parameters of these distributions are positive; fit the model, or type what a paper says."));
                }
                (true, None) => {
                    let sentence = format!("the key \"{name}\" is missing.");
                    return Err(document::fault(WHAT, "$.parameters", sentence).hint(which()));
                }
                (false, Some(_)) => {
                    let sentence = format!("{} has no such parameter.", kind.name());
                    return Err(document::fault(WHAT, &path, sentence).hint(which()));
                }
                (false, None) => {}
            }
        }
        let of = |name| values.iter().find_map(|(known, value)| (**known == name).then_some(*value));
        let ordered: Vec<f64> = known().filter_map(of).collect();
        Fitted::at(kind, &ordered)
            .ok_or_else(|| document::fault(WHAT, "$.parameters", "a parameter is missing.").hint(which()))
    }
}

impl TryFrom<Document> for Model {
    type Error = Error;

    fn try_from(document: Document) -> Result<Model> {
        let Document { kind, unit, parameters, log_likelihood, n, excluded, converged, iterations, reason } =
            document;
        let fitted = parameters.of(kind)?;
        if unit.is_none() && kind.is_of_purchases() {
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
        Ok(Model { fitted, unit, log_likelihood, customers: n, excluded, converged, iterations, reason })
    }
}

impl From<Model> for Document {
    fn from(model: Model) -> Document {
        let named = model.parameters().into_iter().map(|(name, value)| (name, Some(value))).collect();
        Document {
            kind: model.kind(),
            unit: model.unit,
            parameters: Named(named),
            log_likelihood: model.log_likelihood,
            n: model.customers,
            excluded: model.excluded,
            converged: model.converged,
            iterations: model.iterations,
            reason: model.reason,
        }
    }
}
