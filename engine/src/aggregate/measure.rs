//! Shares of customers: net promoter score, satisfaction, repeat purchase, churn, retention.

use allocator_api2::alloc::Allocator;

use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::{Mergeable, sum_of_counts};
use crate::error::{Error, Result};

const TAG: u8 = b's';

/// So many of so many. What counts against can be deducted, so the first may be negative.
///
/// ```
/// use customer_tiering_engine::aggregate::measure::Share;
///
/// let mut repeat = Share::default();
/// [true, false, true].into_iter().for_each(|bought_again| repeat.add(bought_again));
/// assert_eq!((repeat.counted, repeat.of), (2, 3));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// How many count, less those that count against.
    pub counted: i64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// One more, who counts, or does not.
    #[inline]
    pub fn add(&mut self, counts: bool) {
        self.of += 1;
        self.counted += i64::from(counts);
    }

    /// One more answer to "how likely are you to recommend us?", 0 to 10: from 9 on a promoter, up to 6 a
    /// detractor, who is deducted (Reichheld, Harvard Business Review 81, 2003).
    ///
    /// # Errors
    ///
    /// `InvalidValue` unless the score is from 0 to 10.
    pub fn add_recommendation(&mut self, score: f64) -> Result<()> {
        if !(0.0..=10.0).contains(&score) {
            return Err(Error::invalid(format!("score {score} is not between 0 and 10"))
                .detail("The net promoter score is made of answers from 0 to 10.")
                .hint("Leave other answers out with FILTER (WHERE score BETWEEN 0 AND 10), or turn them into NULL."));
        }
        self.of += 1;
        self.counted += i64::from(score >= 9.0) - i64::from(score < 7.0);
        Ok(())
    }
}

impl<A: Allocator + Clone> Mergeable<A> for Share {
    const WHAT: &'static str = "share";

    fn copy(&self, _: A) -> Self {
        *self
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.of = sum_of_counts(self.of, other.of)?;
        self.counted += other.counted;
        Ok(())
    }

    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new(TAG);
        writer.signed(i128::from(self.counted));
        writer.unsigned(u128::from(self.of));
        writer.finish()
    }

    fn decode(bytes: &[u8], _: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, "share")?;
        let share = Share { counted: reader.signed_fits()?, of: reader.fits()? };
        if share.counted.unsigned_abs() > share.of || share.of > i64::MAX as u64 {
            return Err(reader.broken("more are counted than there are"));
        }
        reader.finish()?;
        Ok(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promoters_less_detractors() {
        let mut share = Share::default();
        for score in [10.0, 9.0, 8.0, 7.0, 6.0, 0.0, 9.5, 6.5] {
            share.add_recommendation(score).unwrap();
        }
        assert_eq!(share, Share { counted: 0, of: 8 });
        assert!(share.add_recommendation(11.0).is_err() && share.add_recommendation(f64::NAN).is_err());
    }
}
