//! Time that a thread has had a processor: what a test may bound, whatever else the machine does.

use std::time::{Duration, Instant};

/// A stopwatch that stands still while the thread waits.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    spent: Option<Duration>,
    begun: Instant,
}

impl Stopwatch {
    /// Starts one.
    pub fn start() -> Self {
        Stopwatch { spent: spent(), begun: Instant::now() }
    }

    /// What the thread has used since; the time that has passed, where the system does not tell.
    pub fn used(&self) -> Duration {
        match (self.spent, spent()) {
            (Some(before), Some(after)) => after - before,
            _ => self.begun.elapsed(),
        }
    }
}

fn spent() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(stat.split(' ').next()?.parse().ok()?))
}
