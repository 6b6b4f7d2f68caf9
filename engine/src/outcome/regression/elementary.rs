//! e^x of what is not above zero, and ln(1 + x) of what is between zero and one, of many numbers at a time: those of `libm`, bit for bit,
//! written without branches so that the processor takes several numbers in one step.
//!
//! Origin: FreeBSD, lib/msun/src/e_exp.c and s_log1p.c, with this notice:
//!
//! Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems, Inc. business.
//! Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.

const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
const INVERSE_LN2: f64 = f64::from_bits(0x3ff7_1547_652b_82fe);
const P: [f64; 5] = [
    f64::from_bits(0x3fc5_5555_5555_553e),
    f64::from_bits(0xbf66_c16c_16be_bd93),
    f64::from_bits(0x3f11_566a_af25_de2c),
    f64::from_bits(0xbebb_bd41_c5d2_6bf1),
    f64::from_bits(0x3e66_3769_72be_a4d0),
];
const LG: [f64; 7] = [
    f64::from_bits(0x3fe5_5555_5555_5593),
    f64::from_bits(0x3fd9_9999_9997_fa04),
    f64::from_bits(0x3fd2_4924_9422_9359),
    f64::from_bits(0x3fcc_71c5_1d8e_78af),
    f64::from_bits(0x3fc7_4664_96cb_03de),
    f64::from_bits(0x3fc3_9a09_d078_c69f),
    f64::from_bits(0x3fc2_f112_df3e_5244),
];

/// Above it in magnitude, a power of two is taken out: half of ln 2, as far as the first 32 bits tell.
const REDUCED: f64 = f64::from_bits(0x3fd6_2e43_0000_0000);
/// Up to it in magnitude, e^x is 1 + x.
const NEXT_TO_ONE: f64 = f64::from_bits(0x3e30_0001_0000_0000);
/// From it on, 1 + x is halved: the root of 2 less 1.
const HALVED: f64 = f64::from_bits(0x3fda_827a_0000_0000);
/// Below it, ln(1 + x) is x: 2^-53.
const ITSELF: f64 = f64::from_bits(0x3ca0_0000_0000_0000);

/// What is farther below zero is left to `libm`: powers of e that are hardly numbers any more.
const LEAST: f64 = -700.0;

/// Adding it rounds a small number to a whole one, which then stands in the last bits.
const ROUNDS: f64 = 6_755_399_441_055_744.0;

/// The powers of e of numbers that are not above zero.
pub(super) fn powers<const N: usize>(of: &[f64; N], powers: &mut [f64; N]) {
    for (power, x) in powers.iter_mut().zip(of) {
        *power = power_of(*x);
    }
    for (power, x) in powers.iter_mut().zip(of) {
        if *x < LEAST {
            *power = libm::exp(*x);
        }
    }
}

#[inline(always)]
fn power_of(x: f64) -> f64 {
    let part = INVERSE_LN2 * x - 0.5;
    let nearest = (part + ROUNDS) - ROUNDS;
    // Towards zero.
    let whole = if nearest < part { nearest + 1.0 } else { nearest };
    let two = if x > -REDUCED { 0.0 } else { whole };
    let (high, low) = (x - two * LN2_HIGH, two * LN2_LOW);
    let rest = high - low;
    let square = rest * rest;
    let c = rest - square * (P[0] + square * (P[1] + square * (P[2] + square * (P[3] + square * P[4]))));
    let power = 1.0 + (rest * c / (2.0 - c) - low + high);
    // 2^two, whose exponent comes into the last bits first.
    let scale = f64::from_bits((two + (ROUNDS + 1023.0)).to_bits() << 52);
    if x > -NEXT_TO_ONE { 1.0 + x } else { power * scale }
}

/// ln(1 + x) of numbers from zero to one.
pub(super) fn logarithms<const N: usize>(of: &[f64; N], logarithms: &mut [f64; N]) {
    for (logarithm, x) in logarithms.iter_mut().zip(of) {
        *logarithm = logarithm_of(*x);
    }
}

#[inline(always)]
fn logarithm_of(x: f64) -> f64 {
    let sum = 1.0 + x;
    let halved = x >= HALVED;
    let rounded_off = (x - (sum - 1.0)) / sum;
    let (f, c) = (if halved { sum * 0.5 - 1.0 } else { x }, if halved { rounded_off } else { 0.0 });
    let two = if halved { 1.0 } else { 0.0 };
    let half = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = w * (LG[1] + w * (LG[3] + w * LG[5]));
    let even = z * (LG[0] + w * (LG[2] + w * (LG[4] + w * LG[6])));
    let r = even + odd;
    let logarithm = s * (half + r) + (two * LN2_LOW + c) - half + f + two * LN2_HIGH;
    if x < ITSELF { x } else { logarithm }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_that_of_libm(x: f64) {
        let mut found = [0.0];
        powers(&[x], &mut found);
        assert_eq!(found[0].to_bits(), libm::exp(x).to_bits(), "e^{x:e}");
        let power = found[0];
        for x in [power, -x, 1.0 / (1.0 - x)] {
            if x <= 1.0 {
                logarithms(&[x], &mut found);
                assert_eq!(found[0].to_bits(), libm::log1p(x).to_bits(), "ln(1 + {x:e})");
            }
        }
    }

    #[test]
    fn at_the_limits() {
        let half_ln2 = core::f64::consts::LN_2 / 2.0;
        let limits =
            [REDUCED, NEXT_TO_ONE, HALVED, ITSELF, -LEAST, half_ln2, 3.0 * half_ln2, 708.4, 745.2, 1e9];
        for limit in limits {
            let bits: u64 = limit.to_bits();
            for step in 0..300 {
                is_that_of_libm(-f64::from_bits(bits + step));
                is_that_of_libm(-f64::from_bits(bits - step));
            }
        }
        for x in [0.0, -0.0, -1.0, -f64::MIN_POSITIVE, -f64::MIN_POSITIVE / 8.0] {
            is_that_of_libm(x);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn anywhere(x in prop_oneof![0.0..1.5_f64, 0.0..40.0_f64, 0.0..800.0_f64, 1e-12..1e-6_f64]) {
            is_that_of_libm(-x);
        }
    }
}
