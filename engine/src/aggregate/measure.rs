//! Shares of customers: net promoter score, satisfaction, repeat purchase, churn, retention.

use allocator_api2::alloc::Allocator;

use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::{MAX_COUNT, Mergeable, Textual, sum_of_counts};
use crate::error::{Error, Result};

const TAG: u8 = b's';

/// So many of so many. What counts against can be deducted, so the first may be negative.
///
/// ```
/// use customer_tiering_engine::aggregate::measure::Share;
///
/// let mut repeat = Share::default();
/// # fn main() -> customer_tiering_engine::Result<()> {
/// [true, false, true].into_iter().try_for_each(|bought_again| repeat.add(bought_again))?;
/// assert_eq!((repeat.counted, repeat.of), (2, 3));
/// # Ok(())
/// # }
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
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if there are too many.
    #[inline]
    pub fn add(&mut self, counts: bool) -> Result<()> {
        self.of = sum_of_counts(self.of, 1)?;
        self.counted += i64::from(counts);
        Ok(())
    }

    /// One more answer to "how likely are you to recommend us?", 0 to 10: from 9 on a promoter, up to 6 a
    /// detractor, who is deducted (Reichheld, Harvard Business Review 81, 2003).
    ///
    /// # Errors
    ///
    /// `InvalidValue` unless the score is from 0 to 10; `NumberOutOfRange` if there are too many.
    pub fn add_recommendation(&mut self, score: f64) -> Result<()> {
        if !(0.0..=10.0).contains(&score) {
            return Err(Error::invalid(format!("score {score} is not between 0 and 10"))
                .detail("The net promoter score is made of answers from 0 to 10.")
                .hint("Leave other answers out with FILTER (WHERE score BETWEEN 0 AND 10), or turn them into NULL."));
        }
        self.of = sum_of_counts(self.of, 1)?;
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
        if share.counted.unsigned_abs() > share.of || share.of > MAX_COUNT {
            return Err(reader.broken("more are counted than there are"));
        }
        reader.finish()?;
        Ok(share)
    }
}

impl Textual for Share {}

#[cfg(test)]
mod tests {
    use allocator_api2::alloc::Global;

    use super::*;

    #[test]
    fn the_text_form_reads_back_or_is_refused() {
        let share = Share { counted: -3, of: 300 };
        let text = share.to_text();
        assert_eq!(Share::from_text(&text).unwrap(), share);
        assert_eq!(Share::from_text(&text.to_uppercase().replace("\\X", "\\x")).unwrap(), share);
        for broken in
            ["", "5", "\\x5", "\\xzz", "\\x01", &text[2..], &format!("{text}00"), &text[..text.len() - 2]]
        {
            assert!(Share::from_text(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn nobody_is_counted_beyond_what_a_count_holds() {
        let mut most = Share { counted: MAX_COUNT as i64, of: MAX_COUNT };
        assert!(most.add(true).is_err() && most.add_recommendation(10.0).is_err());
        assert!(Mergeable::<Global>::merge(&mut most, &Share { counted: 1, of: 1 }).is_err());
        assert_eq!(most, Share { counted: MAX_COUNT as i64, of: MAX_COUNT });
    }

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
