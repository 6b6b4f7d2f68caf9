//! Customers drawn anew within each group, and how far their differences spread.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{RngCore, SeedableRng};

use super::{Settings, Unit};
use crate::error::Result;

/// The interval between the quantiles of differences between customers drawn anew.
pub(super) fn bootstrap(
    treated: &[Unit],
    held_out: &[Unit],
    settings: Settings,
    watch: &mut dyn FnMut() -> Result<()>,
) -> Result<Option<(f64, f64)>> {
    let mut random = Pcg64::seed_from_u64(settings.seed);
    let mut differences = Vec::with_capacity(settings.replicates as usize);
    for _ in 0..settings.replicates {
        let one = resampled(treated, &mut random, watch)?;
        let other = resampled(held_out, &mut random, watch)?;
        // A draw without a denominator says nothing.
        differences.extend(one.zip(other).map(|(one, other)| one - other));
    }
    if differences.len() < settings.replicates.div_ceil(2) as usize {
        return Ok(None);
    }
    differences.sort_unstable_by(f64::total_cmp);
    // The k-th of B draws stands for the share k / (B + 1): the ends of an interval lie further out than among the draws.
    let at = |share: f64| {
        let place = (share * (differences.len() + 1) as f64 - 1.0).clamp(0.0, (differences.len() - 1) as f64);
        let (below, part) = (place.floor() as usize, place.fract());
        let above = (below + 1).min(differences.len() - 1);
        differences[below] + part * (differences[above] - differences[below])
    };
    let tail = (1.0 - settings.confidence) / 2.0;
    Ok(Some((at(tail), at(1.0 - tail))))
}

/// Customers between two calls of `watch`.
const STRIDE: usize = 1 << 16;

fn resampled(
    units: &[Unit],
    random: &mut Pcg64,
    watch: &mut dyn FnMut() -> Result<()>,
) -> Result<Option<f64>> {
    let (mut value, mut per) = (0.0, 0.0);
    for drawn in 0..units.len() {
        if drawn % STRIDE == 0 {
            watch()?;
        }
        // The high half of the product is a number below the length, each as likely as the other to 2^-40 or better.
        let index = ((u128::from(random.next_u64()) * units.len() as u128) >> 64) as usize;
        value += units[index].value;
        per += units[index].per;
    }
    Ok((per > 0.0).then_some(value / per))
}
