//! Fuzzing that stays: documents, texts, typed values and stored bytes, mutated without end. Nothing may panic; what is
//! accepted must say the same when it is written and read again; grades must be those of the naive reading.
//!
//! `cargo test` replays the seeds of `fuzz/seeds` and runs each target a fixed number of times, the same on every
//! machine. `make fuzz` runs as long as `FUZZ_SECONDS` says, from a random state (`FUZZ_STATE` repeats one), and prints
//! how many executions that was. Whatever ends in a panic is left in `target/fuzz`: put it among the seeds.

#[path = "../tests/common/mod.rs"]
mod common;
mod mutate;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use common::processor::Stopwatch;
use mutate::{Corpus, Random};
use targets::{TARGETS, Target};

/// Executions of each target that `cargo test` makes beyond the seeds.
const SHORT: u64 = 500;

struct Tally {
    executions: u64,
    accepted: u64,
    slowest: (Duration, Vec<u8>),
}

fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = target
        .seeds
        .iter()
        .map(|directory| root.join(directory))
        .chain([root.join("fuzz/seeds").join(target.name)])
        .filter_map(|directory| std::fs::read_dir(directory).ok())
        .flat_map(|entries| entries.map(|entry| entry.unwrap().path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort(); // the same corpus whatever the file system
    files.iter().map(|path| std::fs::read(path).unwrap()).chain((target.made)()).collect()
}

/// Runs one input; a panic is written down and ends the run.
fn execute(target: &Target, input: &[u8], tally: &mut Tally) -> bool {
    let begun = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let took = begun.elapsed();
    tally.executions += 1;
    if took > tally.slowest.0 {
        tally.slowest = (took, input.to_vec());
    }
    match outcome {
        Ok(accepted) => {
            tally.accepted += u64::from(accepted);
            accepted
        }
        Err(_) => {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fuzz");
            std::fs::create_dir_all(&directory).unwrap();
            let path = directory.join(format!("{}-{}", target.name, tally.executions));
            std::fs::write(&path, input).unwrap();
            println!("test fuzz::{} ... FAILED", target.name);
            println!("the input stands in {}", path.canonicalize().unwrap().display());
            std::process::exit(101);
        }
    }
}

fn fuzz(target: &Target, random: &mut Random, until: Option<Instant>) -> Tally {
    let mut tally = Tally { executions: 0, accepted: 0, slowest: (Duration::ZERO, Vec::new()) };
    let seeds = seeds(target);
    assert!(!seeds.is_empty(), "no seeds for {}", target.name);
    for seed in &seeds {
        execute(target, seed, &mut tally);
    }
    let mut corpus = Corpus::new(seeds, target.form);
    let mut input = Vec::new();
    loop {
        match until {
            Some(until) if tally.executions.is_multiple_of(64) && Instant::now() > until => break,
            None if tally.executions >= SHORT => break,
            _ => {}
        }
        corpus.mutant(random, &mut input);
        if execute(target, &input, &mut tally) {
            corpus.keep(random, &input);
        }
    }
    tally
}

fn main() {
    let setting = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = setting("FUZZ_SECONDS");
    let filters: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let chosen: Vec<&Target> = TARGETS
        .iter()
        .filter(|target| {
            filters.is_empty()
                || filters.iter().any(|filter| format!("fuzz::{}", target.name).contains(filter.as_str()))
        })
        .collect();
    let state = setting("FUZZ_STATE").unwrap_or_else(|| match seconds {
        Some(_) => SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64,
        None => 1,
    });
    if seconds.is_some() {
        println!("FUZZ_STATE={state}");
    }
    let watch = Stopwatch::start();
    let mut executions = 0;
    for target in &chosen {
        let until =
            seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds) / chosen.len() as u32);
        let tally = fuzz(target, &mut Random::new(state), until);
        executions += tally.executions;
        println!("test fuzz::{} ... ok", target.name);
        if seconds.is_some() {
            println!(
                "    {} executions, {} accepted; the slowest took {:?}: {}",
                tally.executions,
                tally.accepted,
                tally.slowest.0,
                String::from_utf8_lossy(&tally.slowest.1).escape_debug().take(100).collect::<String>()
            );
        }
        assert!(tally.accepted > 10, "fuzz::{}: hardly anything is accepted", target.name);
    }
    if seconds.is_some() {
        let took = watch.used();
        let hourly = executions as f64 / took.as_secs_f64() * 3600.0;
        println!(
            "{executions} executions in {:.0} s of one processor, {hourly:.2e} an hour",
            took.as_secs_f64()
        );
    }
}
