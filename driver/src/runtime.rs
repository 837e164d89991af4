//! The runtime of a session: how it is driven, and how it ends.
//!
//! A runtime has a thread of its own, the keeper, which also ends it: a runtime that is dropped on
//! one of its own threads aborts the process, and the last reference to a session may well be
//! released in a completion.
//!
//! A runtime with one worker thread is driven by its keeper or, while its requests are the only ones,
//! by a caller that waits for them. That saves both changes of threads, which are most of the time of
//! a small request. `seat` decides who drives.

use std::cell::Cell;
use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Notify;

use crate::seat::Seat;

/// How long a caller drives at most: a call that takes longer gains nothing by it.
const LONGEST_TURN: Duration = Duration::from_millis(50);

thread_local! {
    /// The address of the `Driven` that this thread drives; 0: none.
    static DRIVES: Cell<usize> = const { Cell::new(0) };
}

/// A call that is waited for on the thread that begins it.
pub(crate) trait BlockingCall {
    /// Starts its requests. `drives` tells whether this thread drives the runtime from now on.
    fn begin(&mut self, drives: bool);
    /// Whether there is nothing left to wait for.
    fn is_done(&mut self) -> bool;
}

/// Owns a runtime and ends it without ever blocking whoever drops it.
pub(crate) struct OwnedRuntime {
    driven: Arc<Driven>,
}

struct Driven {
    /// Whether callers may drive it: it has one worker thread.
    is_shared: bool,
    handle: Handle,
    /// None once it has ended.
    runtime: RwLock<Option<Runtime>>,
    seat: Seat,
    /// Tells whoever drives that there may be a reason to stop.
    look: Arc<Notify>,
}

/// Tells a caller that drives that its call may be done. Any thread may use it, at any time.
pub(crate) struct Waker(Arc<Notify>);

impl Waker {
    pub(crate) fn wake(&self) {
        self.0.notify_one();
    }
}

impl OwnedRuntime {
    /// With one worker thread a blocked caller may drive it.
    pub(crate) fn new(worker_threads: u16) -> std::io::Result<Self> {
        let is_shared = worker_threads <= 1;
        let mut builder = match worker_threads {
            0 | 1 => Builder::new_current_thread(),
            many => {
                let mut builder = Builder::new_multi_thread();
                builder.worker_threads(many.into());
                builder
            }
        };
        // Names of threads have at most 15 characters.
        let runtime = builder
            .thread_name("bytestore-drv")
            .enable_io()
            .enable_time()
            .build()?;
        let driven = Arc::new(Driven {
            is_shared,
            handle: runtime.handle().clone(),
            runtime: RwLock::new(Some(runtime)),
            seat: Seat::new(),
            look: Arc::default(),
        });
        let kept = Arc::clone(&driven);
        let keeper = if is_shared {
            "bytestore-drv"
        } else {
            "bytestore-keep"
        };
        let keeper = std::thread::Builder::new().name(keeper.into());
        let started = keeper.spawn(move || {
            if kept.is_shared {
                kept.drive_in_turns();
            } else {
                kept.seat.wait_for_end();
            }
            drop(kept.take());
        });
        started.inspect_err(|_| {
            if let Some(runtime) = driven.take() {
                // This may be a thread of another runtime, where nothing may wait for the end of one.
                #[allow(clippy::disallowed_methods)]
                runtime.shutdown_background();
            }
        })?;
        Ok(Self { driven })
    }

    /// For what is not a request.
    pub(crate) fn handle(&self) -> &Handle {
        &self.driven.handle
    }

    /// Runs a request: somebody drives the runtime until it has ended. It returns what tells the
    /// caller, which is called when the request is counted no more, since the caller may make the next
    /// one at once.
    pub(crate) fn spawn_request<T>(&self, request: T)
    where
        T: Future<Output: FnOnce()> + Send + 'static,
    {
        self.driven.spawn_request(request);
    }

    pub(crate) fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.driven.look))
    }

    /// Begins the call, and may then drive the runtime on this thread until the call is done,
    /// somebody else has to drive it, or `LONGEST_TURN` has passed. `waker` tells when the call is
    /// done. This object lives until it returns.
    pub(crate) fn drive(&self, call: &mut dyn BlockingCall) {
        let driven = &self.driven;
        if !driven.is_shared || !may_drive() || !driven.seat.take() {
            return call.begin(false);
        }
        let mut begun = false;
        driven.drive(async {
            begun = true;
            call.begin(true);
            let done = async {
                while !call.is_done() && !driven.seat.is_wanted() {
                    driven.look.notified().await;
                }
            };
            let _ = tokio::time::timeout(LONGEST_TURN, done).await;
        });
        driven.seat.leave();
        if !begun {
            call.begin(false); // the runtime has ended, which the call is told
        }
    }
}

/// Not on a thread of a runtime; and not while the thread ends, after its thread-local objects.
fn may_drive() -> bool {
    Handle::try_current().is_err_and(|error| error.is_missing_context())
}

impl Drop for OwnedRuntime {
    fn drop(&mut self) {
        self.driven.seat.end();
        self.driven.look.notify_one();
    }
}

impl Driven {
    /// What the keeper does until the runtime has to end.
    fn drive_in_turns(&self) {
        loop {
            self.drive(async {
                while !self.seat.is_lent() {
                    self.look.notified().await;
                }
            });
            if !self.seat.wait_for_turn() {
                return;
            }
        }
    }

    /// Until `done`, or not at all once the runtime has ended.
    fn drive(&self, done: impl Future) {
        let runtime = self.runtime.read().unwrap_or_else(PoisonError::into_inner);
        let Some(runtime) = &*runtime else { return };
        let outer = DRIVES.replace(self.address());
        // Whoever waits without driving waits in C++.
        #[allow(clippy::disallowed_methods)]
        runtime.block_on(done);
        DRIVES.set(outer);
    }

    fn spawn_request<T>(self: &Arc<Self>, request: T)
    where
        T: Future<Output: FnOnce()> + Send + 'static,
    {
        let under_way = UnderWay::new(self);
        let driven = Arc::clone(self);
        self.handle.spawn(async move {
            let tell = request.await;
            drop(under_way);
            tell();
            if driven.seat.lend() {
                driven.look.notify_one();
            }
        });
        if !self.is_driven_here() && self.seat.want_keeper() {
            self.look.notify_one();
        }
    }

    fn is_driven_here(&self) -> bool {
        DRIVES.get() == self.address()
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn take(&self) -> Option<Runtime> {
        let mut runtime = self.runtime.write().unwrap_or_else(PoisonError::into_inner);
        runtime.take()
    }
}

/// Counts a request for as long as it lives.
struct UnderWay(Arc<Driven>);

impl UnderWay {
    fn new(driven: &Arc<Driven>) -> Self {
        driven.seat.add_request();
        Self(Arc::clone(driven))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.seat.remove_request();
    }
}

#[cfg(test)]
mod tests;
