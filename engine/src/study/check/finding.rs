//! What a check may find: how bad it is, the word by which users filter, and the sentence in either language.

use serde_json::Value as Json;

use crate::document::text::Lang;
use crate::limits::CHECK_SUMS;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Grading will fail for some customers.
    Error,
    /// Hardly what the author meant.
    Warning,
    /// Worth knowing.
    Notice,
}

impl Severity {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        }
    }
}

/// What may be doubtful, with what the sentence about it says.
#[derive(Debug, Clone, PartialEq)]
pub enum FindingKind {
    /// No rule matches.
    Gap {
        /// In how many combinations.
        count: usize,
        /// Of how many.
        trials: usize,
    },
    /// Two rules match that may not both.
    Overlap {
        /// The places of the two.
        rules: (usize, usize),
        /// In how many combinations.
        count: usize,
        /// Of how many.
        trials: usize,
    },
    /// A rule never decides.
    UnreachableRule {
        /// Its place.
        rule: usize,
    },
    /// Nobody can be in a cell of the matrix.
    UnreachableCell {
        /// The codes of its bins.
        codes: Vec<String>,
    },
    /// Nobody can get a tier.
    TierNeverGiven {
        /// Its code.
        tier: String,
    },
    /// Bins stand in no order.
    BinsOutOfOrder,
    /// Cut points wait to be fitted.
    Unfitted,
    /// There are too many combinations of inputs to try them all.
    TooManyCombinations {
        /// How many inputs.
        inputs: usize,
    },
    /// There are too many different scores to follow them all.
    TooManyScores,
}

impl FindingKind {
    /// The words for them, by which users filter.
    pub const CODES: [&str; 8] = [
        "gap",
        "overlap",
        "unreachable_rule",
        "unreachable_cell",
        "tier_never_given",
        "bins_out_of_order",
        "unfitted",
        "not_checked",
    ];

    /// The word for it, one of [`FindingKind::CODES`].
    pub fn code(&self) -> &'static str {
        let place = match self {
            FindingKind::Gap { .. } => 0,
            FindingKind::Overlap { .. } => 1,
            FindingKind::UnreachableRule { .. } => 2,
            FindingKind::UnreachableCell { .. } => 3,
            FindingKind::TierNeverGiven { .. } => 4,
            FindingKind::BinsOutOfOrder => 5,
            FindingKind::Unfitted => 6,
            FindingKind::TooManyCombinations { .. } | FindingKind::TooManyScores => 7,
        };
        FindingKind::CODES[place]
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            FindingKind::Overlap { .. } => Severity::Error,
            FindingKind::Gap { .. }
            | FindingKind::UnreachableRule { .. }
            | FindingKind::UnreachableCell { .. }
            | FindingKind::TierNeverGiven { .. } => Severity::Warning,
            FindingKind::BinsOutOfOrder
            | FindingKind::Unfitted
            | FindingKind::TooManyCombinations { .. }
            | FindingKind::TooManyScores => Severity::Notice,
        }
    }

    /// A sentence.
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.in_english(),
            Lang::Zh => self.in_chinese(),
        }
    }

    fn in_english(&self) -> String {
        match self {
            FindingKind::Gap { count, trials } => {
                format!("No rule matches in {count} of {trials} combinations; those customers stay ungraded.")
            }
            FindingKind::Overlap { rules: (one, two), count, trials } => format!(
                "Rules {} and {} both match in {count} of {trials} combinations, which the hit policy forbids.",
                one + 1,
                two + 1
            ),
            FindingKind::UnreachableRule { rule } => {
                format!("Rule {} never decides: nothing matches it, or other rules take it all.", rule + 1)
            }
            FindingKind::UnreachableCell { codes } => {
                format!("No customer can be in cell {}.", codes.join(" × "))
            }
            FindingKind::TierNeverGiven { tier } => format!("No customer can get tier {tier:?}."),
            FindingKind::BinsOutOfOrder => {
                "The bins stand neither in ascending nor in descending order.".to_owned()
            }
            FindingKind::Unfitted => {
                "The cut points are still to be fitted to a population; nothing else was checked.".to_owned()
            }
            FindingKind::TooManyCombinations { inputs } => {
                format!("The table has too many combinations of {inputs} inputs to try them all.")
            }
            FindingKind::TooManyScores => {
                format!("More than {CHECK_SUMS} different scores may be possible; not all were followed.")
            }
        }
    }

    fn in_chinese(&self) -> String {
        match self {
            FindingKind::Gap { count, trials } => {
                format!("{trials}种组合中有{count}种不符合任何规则，这些客户无法定级。")
            }
            FindingKind::Overlap { rules: (one, two), count, trials } => format!(
                "{trials}种组合中有{count}种同时符合第{}条和第{}条规则，而命中策略不允许。",
                one + 1,
                two + 1
            ),
            FindingKind::UnreachableRule { rule } => {
                format!("第{}条规则永远不起作用：没有情况符合，或者都已由其他规则判定。", rule + 1)
            }
            FindingKind::UnreachableCell { codes } => {
                format!("没有客户会落入单元格{}。", codes.join(" × "))
            }
            FindingKind::TierNeverGiven { tier } => format!("没有客户会得到等级“{tier}”。"),
            FindingKind::BinsOutOfOrder => "分档既非由低到高，也非由高到低。".to_owned(),
            FindingKind::Unfitted => "分界值尚待按客户总体拟合，其余未检查。".to_owned(),
            FindingKind::TooManyCombinations { inputs } => {
                format!("{inputs}个输入的组合太多，未能逐一检查。")
            }
            FindingKind::TooManyScores => format!("可能的得分超过{CHECK_SUMS}种，未能逐一检查。"),
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The JSON path.
    pub path: String,
    /// Input values that show it.
    pub example: Json,
}

impl Finding {
    /// Without an example.
    pub(super) fn at(path: impl Into<String>, kind: FindingKind) -> Finding {
        Finding { kind, path: path.into(), example: Json::Null }
    }
}
