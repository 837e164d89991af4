//! The end of a runtime.
//!
//! A runtime that is dropped on one of its own threads aborts the process, and the last reference
//! to a session may well be released in a completion. So each runtime ends on a thread made for it,
//! which waits for the runtime's threads and then ends itself.

use tokio::runtime::Runtime;

/// Owns a runtime and ends it without ever blocking whoever drops it.
pub(crate) struct OwnedRuntime(Option<Runtime>);

impl OwnedRuntime {
    pub(crate) fn new(worker_threads: u16) -> std::io::Result<Self> {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(usize::from(worker_threads.max(1)))
            .thread_name("bytestore-drv") // at most 15 characters
            .enable_io()
            .enable_time()
            .build()
            .map(|runtime| Self(Some(runtime)))
    }

    pub(crate) fn handle(&self) -> &tokio::runtime::Handle {
        self.0.as_ref().expect("there until dropped").handle()
    }
}

impl Drop for OwnedRuntime {
    fn drop(&mut self) {
        let Some(runtime) = self.0.take() else { return };
        // Where no thread can be made, the closure is dropped here: it must not own the runtime.
        let parcel = std::sync::Arc::new(std::sync::Mutex::new(Some(runtime)));
        let delivery = std::sync::Arc::clone(&parcel);
        let spawned = std::thread::Builder::new()
            .name("bytestore-reap".into())
            .spawn(move || {
                let runtime = delivery.lock().map(|mut parcel| parcel.take());
                drop(runtime);
            });
        if spawned.is_err()
            && let Ok(mut parcel) = parcel.lock()
            && let Some(runtime) = parcel.take()
        {
            // Does not wait, so it is allowed here: the threads end by themselves.
            #[allow(clippy::disallowed_methods)]
            runtime.shutdown_background();
        }
    }
}
