//! Customers that behave as the models say, from a fixed seed.

use customer_tiering_engine::lifetime::{Purchases, Spend};

/// SplitMix64 (G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators, 2014).
pub struct Random(pub u64);

impl Random {
    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 12) as f64 / (1_u64 << 52) as f64 + 1e-17
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Gamma with the given shape and rate 1 (G. Marsaglia, W. Tsang, 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.uniform().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let x = self.normal();
            let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return d * v;
            }
        }
    }

    /// Beta with the given shapes.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.gamma(a), self.gamma(b));
        x / (x + y)
    }

    /// A customer of BG/NBD (or MBG/NBD), first seen between `age / 2` and `age` ago.
    pub fn beta_geometric(
        &mut self,
        [r, alpha, a, b]: [f64; 4],
        from_the_first: bool,
        age: f64,
    ) -> Purchases {
        let (rate, chance) = (self.gamma(r) / alpha, self.beta(a, b));
        let age = age * (1.0 - 0.5 * self.uniform());
        let mut alive = !(from_the_first && self.uniform() < chance);
        let (mut now, mut x, mut last) = (0.0, 0, 0.0);
        while alive {
            now += self.exponential() / rate;
            if now > age {
                break;
            }
            (x, last) = (x + 1, now);
            alive = self.uniform() >= chance;
        }
        Purchases::new(x, last, age).unwrap()
    }

    /// A customer of Pareto/NBD.
    pub fn pareto(&mut self, [r, alpha, s, beta]: [f64; 4], age: f64) -> Purchases {
        let (rate, mortality) = (self.gamma(r) / alpha, self.gamma(s) / beta);
        let age = age * (1.0 - 0.5 * self.uniform());
        let end = age.min(self.exponential() / mortality);
        let (mut now, mut x, mut last) = (0.0, 0, 0.0);
        loop {
            now += self.exponential() / rate;
            if now > end {
                return Purchases::new(x, last, age).unwrap();
            }
            (x, last) = (x + 1, now);
        }
    }

    /// The mean spend of `x` purchases under Gamma-Gamma.
    pub fn spend(&mut self, [p, q, v]: [f64; 3], x: u64) -> Spend {
        let rate = self.gamma(q) / v;
        let mean = if x == 0 { 0.0 } else { self.gamma(p * x as f64) / rate / x as f64 };
        Spend::new(x as i64, mean).unwrap()
    }
}
