//! For tests: time passes only when everything waits for it.

use std::future::Future;

pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    // A test has no C++ that could wait.
    #[allow(clippy::disallowed_methods)]
    runtime.block_on(work)
}
