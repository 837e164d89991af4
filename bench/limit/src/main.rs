//! The verbs of a byte store as a loop written by hand on the scylla driver, with nothing that a
//! library must have besides: what no layer above the driver can beat. One measured run of one verb;
//! the arguments and the line that is printed are those of the other contenders (bench/measured_run.hpp).
//!
//! Keys share requests under the caps that the library has by default, and the number of requests in
//! flight is fixed: bench/side_by_side finds the best one before it compares.

mod arguments;
mod groups;
mod listing;
mod measure;
mod requests;
mod table;
mod usage;

use std::error::Error;

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use crate::arguments::Arguments;

fn runtime(threads: usize) -> std::io::Result<Runtime> {
    match threads {
        1 => Builder::new_current_thread().enable_all().build(),
        _ => Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build(),
    }
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments = Arguments::parse();
    let runtime = runtime(arguments.threads)?;
    runtime.block_on(async { tokio::spawn(measure::measure(arguments)).await? })
}
