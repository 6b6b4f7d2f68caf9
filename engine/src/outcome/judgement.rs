//! How well a score tells an outcome: over all its values (AUC, Gini, Kolmogorov-Smirnov), as a probability (log
//! loss, Brier), and what to plot of it.

use serde::Serialize;

use super::evidence::Split;
use super::regression::softplus;
use crate::grade::odds::{Odds, probability};

/// So many points of a receiver operating characteristic are kept, about; more cannot be told apart in a plot.
const POINTS: f64 = 1000.0;

/// A value of the score, and what came of the customers who have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The score.
    pub score: f64,
    /// The customers.
    pub split: Split,
}

/// How well a score tells an outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// Customers, by weight.
    pub n: f64,
    /// Those with the outcome.
    pub events: f64,
    /// Their share.
    pub rate: f64,
    /// What the score lets one expect of that.
    pub expected_rate: Option<f64>,
    /// The area under the receiver operating characteristic: how often one with the outcome scores above one without,
    /// ties by half (J. A. Hanley and B. J. McNeil, Radiology 143, 1982). `None` if all had, or nobody.
    pub auc: Option<f64>,
    /// 2 AUC - 1, Somers' D of the score.
    pub gini: Option<f64>,
    /// The largest distance of the two cumulative distributions (Kolmogorov-Smirnov).
    pub ks: Option<f64>,
    /// The score from which on it is counted, at that distance.
    pub ks_score: Option<f64>,
    /// Minus the mean log-likelihood of the outcome, by the probability of the score.
    pub log_loss: Option<f64>,
    /// The mean squared distance of the probability from the outcome (G. W. Brier, Monthly Weather Review 78, 1950).
    pub brier: Option<f64>,
    /// The receiver operating characteristic, from the highest score on.
    pub roc: Vec<RocPoint>,
    /// Parts of equally many customers, the highest scores first.
    pub parts: Vec<Part>,
}

/// Who scores at least this.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RocPoint {
    /// The score.
    pub score: f64,
    /// The share of those without the outcome.
    pub false_positive_rate: f64,
    /// The share of those with it.
    pub true_positive_rate: f64,
}

/// One of equal parts of the customers, in the order of their scores. Those with equal scores may stand on both sides of
/// a bound, in proportion.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Part {
    /// Which, from 1 on.
    pub part: usize,
    /// The customers, by weight.
    pub n: f64,
    /// Those with the outcome.
    pub events: f64,
    /// The lowest score.
    pub least: f64,
    /// The highest score.
    pub most: f64,
    /// The share of those with the outcome.
    pub rate: f64,
    /// What the score lets one expect of that.
    pub expected: Option<f64>,
    /// How many of all with the outcome are in this part and those before it.
    pub cumulative_share: Option<f64>,
    /// How many times the rate of all that of this part and those before it is.
    pub cumulative_lift: Option<f64>,
}

/// Judges scores, in ascending order and each once, by what came of the customers, in so many `parts`.
pub fn judge(scored: &[Scored], odds: Option<Odds>, parts: usize) -> Judgement {
    let whole = scored.iter().fold(Split::default(), |sum, at| sum + at.split);
    let ranked = whole.has_both().then(|| rank(scored, whole));
    let mean = |of: &dyn Fn(f64, Split) -> f64| {
        let odds = odds.filter(|_| whole.all() > 0.0)?;
        let sum: f64 = scored.iter().map(|at| of(odds.log_odds(at.score), at.split)).sum();
        Some(sum / whole.all())
    };
    Judgement {
        n: whole.all(),
        events: whole.events,
        rate: if whole.all() > 0.0 { whole.rate() } else { 0.0 },
        expected_rate: mean(&|log_odds, split| split.all() * probability(log_odds)),
        auc: ranked.as_ref().map(|ranked| ranked.auc),
        gini: ranked.as_ref().map(|ranked| 2.0 * ranked.auc - 1.0),
        ks: ranked.as_ref().map(|ranked| ranked.ks.0),
        ks_score: ranked.as_ref().map(|ranked| ranked.ks.1),
        log_loss: mean(&|log_odds, split| {
            split.events * softplus(-log_odds) + split.others * softplus(log_odds)
        }),
        brier: mean(&|log_odds, split| {
            let (yes, no) = (probability(log_odds), probability(-log_odds));
            split.events * no * no + split.others * yes * yes
        }),
        roc: ranked.map_or_else(Vec::new, |ranked| ranked.roc),
        parts: divide(scored, whole, odds, parts),
    }
}

struct Ranked {
    auc: f64,
    ks: (f64, f64),
    roc: Vec<RocPoint>,
}

/// From the highest score down.
fn rank(scored: &[Scored], whole: Split) -> Ranked {
    let mut above = Split::default();
    let (mut pairs, mut ks) = (0.0, (0.0, 0.0));
    let mut roc: Vec<RocPoint> = Vec::new();
    for at in scored.iter().rev().filter(|at| at.split.all() > 0.0) {
        // Those without the outcome lie below all with it that score higher, and half of those that score the same.
        pairs += at.split.others * (above.events + at.split.events / 2.0);
        above += at.split;
        let point = RocPoint {
            score: at.score,
            false_positive_rate: above.others / whole.others,
            true_positive_rate: above.events / whole.events,
        };
        let distance = (point.true_positive_rate - point.false_positive_rate).abs();
        if distance > ks.0 {
            ks = (distance, at.score);
        }
        let moved = roc.last().is_none_or(|last| {
            point.false_positive_rate - last.false_positive_rate >= 1.0 / POINTS
                || point.true_positive_rate - last.true_positive_rate >= 1.0 / POINTS
        });
        if moved {
            roc.push(point);
        }
    }
    if let Some(last) = roc.last_mut() {
        // The lowest score is always there.
        if last.false_positive_rate < 1.0 || last.true_positive_rate < 1.0 {
            let score = scored.iter().find(|at| at.split.all() > 0.0).map_or(last.score, |at| at.score);
            roc.push(RocPoint { score, false_positive_rate: 1.0, true_positive_rate: 1.0 });
        }
    }
    Ranked { auc: pairs / (whole.events * whole.others), ks, roc }
}

/// Equal parts, the highest scores first.
fn divide(scored: &[Scored], whole: Split, odds: Option<Odds>, parts: usize) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    if whole.all() <= 0.0 {
        return found;
    }
    let size = whole.all() / parts as f64;
    let empty = |part| Part {
        part,
        n: 0.0,
        events: 0.0,
        least: 0.0,
        most: 0.0,
        rate: 0.0,
        expected: odds.map(|_| 0.0),
        cumulative_share: None,
        cumulative_lift: None,
    };
    let mut part = empty(1);
    for at in scored.iter().rev().filter(|at| at.split.all() > 0.0) {
        let all = at.split.all();
        let mut left = all;
        while left > 0.0 {
            // The last part takes all that rounding leaves.
            let room = if part.part == parts { f64::INFINITY } else { size - part.n };
            let taken = if left <= room * (1.0 + 1e-12) { left } else { room };
            if taken > 0.0 {
                if part.n == 0.0 {
                    part.most = at.score;
                }
                part.least = at.score;
                part.n += taken;
                part.events += at.split.events * taken / all;
                if let (Some(expected), Some(odds)) = (&mut part.expected, odds) {
                    *expected += taken * probability(odds.log_odds(at.score));
                }
                left -= taken;
            }
            if part.part < parts && part.n >= size * (1.0 - 1e-12) {
                let next = empty(part.part + 1);
                found.push(std::mem::replace(&mut part, next));
            }
        }
    }
    if part.n > 0.0 {
        found.push(part);
    }
    let mut so_far = Split::default();
    for part in &mut found {
        so_far += Split { events: part.events, others: part.n - part.events };
        part.rate = part.events / part.n;
        part.expected = part.expected.map(|sum| sum / part.n);
        if whole.events > 0.0 {
            part.cumulative_share = Some(so_far.events / whole.events);
            part.cumulative_lift = Some(so_far.rate() / whole.rate());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::Scaling;
    use proptest::prelude::*;

    fn scored(of: &[(f64, u32, u32)]) -> Vec<Scored> {
        let split = |events: u32, others: u32| Split { events: f64::from(events), others: f64::from(others) };
        of.iter()
            .map(|(score, events, others)| Scored { score: *score, split: split(*events, *others) })
            .collect()
    }

    fn even() -> Odds {
        let number = |text: &str| text.parse().unwrap();
        Odds::from(&Scaling {
            points_to_double_odds: number("20"),
            base_points: number("500"),
            base_odds: number("1"),
        })
    }

    #[test]
    fn a_score_that_tells_all_and_one_that_tells_nothing() {
        let perfect = judge(&scored(&[(1.0, 0, 3), (2.0, 4, 0)]), None, 10);
        assert_eq!((perfect.auc, perfect.gini, perfect.ks), (Some(1.0), Some(1.0), Some(1.0)));
        assert_eq!(perfect.ks_score, Some(2.0));
        let nothing = judge(&scored(&[(1.0, 4, 6)]), Some(even()), 10);
        assert_eq!((nothing.auc, nothing.ks), (Some(0.5), Some(0.0)));
        assert_eq!(nothing.parts.len(), 10);
        assert!(nothing.parts.iter().all(|part| (part.rate - 0.4).abs() < 1e-12));
        let nobody = judge(&scored(&[(1.0, 0, 6)]), Some(even()), 10);
        assert_eq!((nobody.auc, nobody.ks, nobody.roc.len()), (None, None, 0));
        assert_eq!(judge(&[], Some(even()), 10).parts, []);
    }

    #[test]
    fn probabilities_by_the_scaling() {
        assert_eq!(probability(even().log_odds(500.0)), 0.5);
        assert!((probability(even().log_odds(520.0)) - 2.0 / 3.0).abs() < 1e-15);
        // Two customers at 2 : 1, of whom one has the outcome.
        let judged = judge(&scored(&[(520.0, 1, 1)]), Some(even()), 1);
        let expected = -(f64::ln(2.0 / 3.0) + f64::ln(1.0 / 3.0)) / 2.0;
        assert!((judged.log_loss.unwrap() - expected).abs() < 1e-15);
        assert!((judged.brier.unwrap() - (1.0 / 9.0 + 4.0 / 9.0) / 2.0).abs() < 1e-15);
        assert!((judged.expected_rate.unwrap() - 2.0 / 3.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn the_area_counts_pairs(counts in prop::collection::vec((0_u32..9, 0_u32..9), 1..8), parts in 1_usize..12) {
            let of: Vec<(f64, u32, u32)> =
                counts.iter().enumerate().map(|(score, (events, others))| (score as f64, *events, *others)).collect();
            let judged = judge(&scored(&of), Some(even()), parts);
            let (mut won, mut pairs) = (0.0, 0.0);
            for (high, events, _) in &of {
                for (low, _, others) in &of {
                    let weight = f64::from(*events) * f64::from(*others);
                    pairs += weight;
                    won += weight * if high > low { 1.0 } else if high == low { 0.5 } else { 0.0 };
                }
            }
            match judged.auc {
                Some(auc) => prop_assert!((auc - won / pairs).abs() < 1e-12),
                None => prop_assert_eq!(pairs, 0.0),
            }
            // The curve by its corners has the same area.
            if judged.auc.is_some() {
                let mut last = (0.0, 0.0);
                let area: f64 = judged.roc.iter().map(|point| {
                    let width = point.false_positive_rate - last.0;
                    let height = (point.true_positive_rate + last.1) / 2.0;
                    last = (point.false_positive_rate, point.true_positive_rate);
                    width * height
                }).sum();
                prop_assert!((area - won / pairs).abs() < 1e-12);
                prop_assert!((last.0 - 1.0).abs() + (last.1 - 1.0).abs() < 1e-12);
            }
            let (n, events) = judged.parts.iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.n, sum.1 + part.events));
            prop_assert!((n - judged.n).abs() < 1e-9 && (events - judged.events).abs() < 1e-9);
            prop_assert!(judged.n == 0.0 || judged.parts.len() == parts);
            prop_assert!(judged.parts.iter().all(|part| (part.n - judged.n / parts as f64).abs() < 1e-9));
        }
    }
}
