//! One run: a call for warming up, then all calls, timed.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

use crate::arguments::{Arguments, Verb};
use crate::listing;
use crate::requests::Run;
use crate::table::Table;
use crate::usage;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) async fn measure(arguments: Arguments) -> Result<()> {
    let shape = if arguments.absent {
        "absent-"
    } else {
        "embedding-"
    };
    let keys = (0..arguments.keys).map(|number| format!("{shape}{number}"));
    let table = Table::connect(&arguments.table).await?;
    let value = some_value(arguments.value_bytes);
    let run = Arc::new(Run::new(table, &arguments, keys.collect(), value));
    usage::forget_peak()?;
    let resident = usage::peak_kibibytes()?;
    call(&run, &arguments, 0).await?; // warms up

    let processor = usage::processor_seconds()?;
    let begin = Instant::now();
    let mut times = Vec::new();
    let step = match arguments.verb {
        Verb::Keys => arguments.keys,
        _ => arguments.call_keys,
    };
    for first in (0..arguments.keys).step_by(step) {
        let begin = Instant::now();
        call(&run, &arguments, first).await?;
        times.push(begin.elapsed());
    }
    let elapsed = begin.elapsed().as_secs_f64();
    let used = usage::processor_seconds()? - processor;
    times.sort();
    println!(
        r#"{{"keys": {}, "calls": {}, "seconds": {elapsed:.6}, "cpu_seconds": {used:.6}, "resident_kib": {resident}, "peak_kib": {}, "p50_us": {:.1}, "p99_us": {:.1}}}"#,
        arguments.keys,
        times.len(),
        usage::peak_kibibytes()?,
        percentile(&times, 50),
        percentile(&times, 99)
    );
    Ok(())
}

async fn call(run: &Arc<Run>, arguments: &Arguments, first: usize) -> Result<()> {
    if arguments.verb == Verb::Keys {
        let listed = listing::count(run, &arguments.prefix).await?;
        let wanted = run.keys.iter();
        let wanted = wanted.filter(|key| key.starts_with(&arguments.prefix));
        return match listed == wanted.count() {
            true => Ok(()),
            false => Err(format!("{listed} keys were listed").into()),
        };
    }
    let last = arguments.keys.min(first + arguments.call_keys);
    let right = |value: &Option<bytes::Bytes>| match value {
        None => arguments.absent,
        Some(value) => !arguments.absent && value.len() == arguments.value_bytes,
    };
    match run.call(first..last).await?.iter().all(right) {
        true => Ok(()),
        false => Err("a value is not what was stored".into()),
    }
}

/// Half of it random, as text and vectors are: neither all compressible nor not at all.
fn some_value(size: usize) -> Vec<u8> {
    let mut value = vec![b'v'; size];
    let mut random = StdRng::seed_from_u64(1);
    for byte in value.iter_mut().step_by(2) {
        *byte = random.next_u32() as u8;
    }
    value
}

/// Of sorted times, the least that `percent` of them do not exceed, in microseconds.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    sorted[(sorted.len() * percent).div_ceil(100) - 1].as_secs_f64() * 1e6
}
