use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{self, ThreadId};
use std::time::Instant;

use tokio::sync::oneshot;

use super::*;

type Request = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A request, or two in a row, and the thread that the last one ended on.
struct Call<'a> {
    runtime: &'a OwnedRuntime,
    request: Option<Request>,
    ended_on: Sender<ThreadId>,
    answer: Receiver<ThreadId>,
    is_done: Arc<AtomicBool>,
    has_second: bool,
}

impl<'a> Call<'a> {
    fn new(runtime: &'a OwnedRuntime, request: impl Future<Output = ()> + Send + 'static) -> Self {
        let (ended_on, answer) = channel();
        Self {
            runtime,
            request: Some(Box::pin(request)),
            ended_on,
            answer,
            is_done: Arc::default(),
            has_second: false,
        }
    }

    /// What tells the first request makes the second one, as for the second page of an answer.
    fn of_two(runtime: &'a OwnedRuntime) -> Self {
        Self {
            has_second: true,
            ..Self::new(runtime, async {
                tokio::time::sleep(Duration::from_millis(1)).await;
            })
        }
    }

    /// The thread that the request ended on; none if it was dropped.
    fn run(mut self) -> Option<ThreadId> {
        self.runtime.drive(&mut self);
        drop(self.ended_on);
        self.answer.recv().ok()
    }
}

impl BlockingCall for Call<'_> {
    fn begin(&mut self, _drives: bool) {
        let request = self.request.take().expect("it begins once");
        let ended_on = self.ended_on.clone();
        let is_done = Arc::clone(&self.is_done);
        let waker = self.runtime.waker();
        let last = async move {
            request.await;
            move || {
                ended_on
                    .send(thread::current().id())
                    .expect("the call waits");
                is_done.store(true, Ordering::Release);
                waker.wake();
            }
        };
        let driven = Arc::clone(&self.runtime.driven);
        if self.has_second {
            self.runtime
                .spawn_request(async move { move || driven.spawn_request(last) });
        } else {
            driven.spawn_request(last);
        }
    }

    fn is_done(&mut self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }
}

fn runtime() -> OwnedRuntime {
    OwnedRuntime::new(1).expect("threads can be made")
}

async fn nothing() {}

/// Makes calls until this thread drives.
fn until_driving(runtime: &OwnedRuntime) {
    let limit = Instant::now() + Duration::from_secs(60);
    while Call::new(runtime, nothing()).run() != Some(thread::current().id()) {
        assert!(Instant::now() < limit, "no caller drives");
    }
}

#[test]
fn calls_that_come_one_after_another_drive() {
    let runtime = runtime();
    let first = Call::new(&runtime, nothing()).run();
    assert_ne!(first, Some(thread::current().id()));
    until_driving(&runtime);
}

#[test]
fn calls_of_two_requests_in_a_row_drive() {
    let runtime = runtime();
    let limit = Instant::now() + Duration::from_secs(60);
    while Call::of_two(&runtime).run() != Some(thread::current().id()) {
        assert!(Instant::now() < limit, "no caller drives");
    }
}

#[test]
fn calls_do_not_drive_a_runtime_with_workers() {
    let runtime = OwnedRuntime::new(2).expect("threads can be made");
    for _ in 0..100 {
        let ended_on = Call::new(&runtime, nothing()).run();
        assert_ne!(ended_on.expect("answered"), thread::current().id());
    }
}

#[test]
fn a_caller_gives_way_to_a_request_of_another_thread() {
    let runtime = runtime();
    until_driving(&runtime);
    let (begun, is_begun) = channel();
    let (release, released) = oneshot::channel::<()>();
    let runtime = &runtime;
    thread::scope(|scope| {
        scope.spawn(move || {
            is_begun.recv().expect("the call begins");
            let (ended_on, answer) = channel();
            runtime.spawn_request(async move {
                // The caller leaves before this is run, or between this and what follows.
                tokio::time::sleep(Duration::from_millis(1)).await;
                move || {
                    ended_on
                        .send(thread::current().name().map(str::to_owned))
                        .unwrap();
                }
            });
            let name = answer.recv().expect("the keeper runs it");
            assert_eq!(name.as_deref(), Some("bytestore-drv"));
            release.send(()).expect("the call waits");
        });
        let call = Call::new(runtime, async move {
            begun.send(()).expect("the other thread waits");
            let _ = released.await;
        });
        let ended_on = call.run().expect("answered");
        assert_ne!(ended_on, thread::current().id());
    });
}

#[test]
fn the_keeper_returns_after_the_last_call() {
    let runtime = runtime();
    until_driving(&runtime);
    let (ran, has_run) = channel();
    runtime.handle().spawn(async move {
        tokio::time::sleep(Duration::from_millis(1)).await;
        ran.send(()).expect("the test waits");
    });
    let has_run = has_run.recv_timeout(Duration::from_secs(60));
    assert_eq!(has_run, Ok(()));
}

#[test]
fn a_request_between_two_calls_is_run_at_once() {
    let runtime = runtime();
    for _ in 0..100 {
        until_driving(&runtime);
        let (ran, has_run) = channel();
        runtime.spawn_request(async move { move || ran.send(()).expect("the test waits") });
        let has_run = has_run.recv_timeout(Duration::from_secs(60));
        assert_eq!(has_run, Ok(()));
    }
}

#[test]
fn the_end_cuts_off_a_call_that_drives() {
    let runtime = runtime();
    until_driving(&runtime);
    let (begun, is_begun) = channel();
    let driven = Arc::clone(&runtime.driven);
    let ending = thread::spawn(move || {
        is_begun.recv().expect("the call begins");
        // As when it is dropped, which cannot be while it is borrowed here.
        driven.seat.end();
        driven.look.notify_one();
    });
    let call = Call::new(&runtime, async move {
        begun.send(()).expect("the other thread waits");
        std::future::pending().await
    });
    assert_eq!(call.run(), None);
    ending.join().expect("it ends");
}

#[test]
fn a_call_after_the_end_is_dropped() {
    let runtime = runtime();
    runtime.driven.seat.end();
    runtime.driven.look.notify_one();
    assert_eq!(Call::new(&runtime, std::future::pending()).run(), None);
}

#[test]
fn callers_and_requests_of_many_threads_all_end() {
    let runtime = runtime();
    let (ended, has_ended) = channel();
    thread::scope(|scope| {
        for caller in 0..4 {
            let (runtime, ended) = (&runtime, ended.clone());
            scope.spawn(move || {
                for call in 0..2_000 {
                    // Now together, now one after another.
                    if caller > 0 && call % 200 == 0 {
                        thread::sleep(Duration::from_millis(caller));
                    }
                    if caller == 3 && call % 3 == 0 {
                        let ended = ended.clone();
                        runtime
                            .spawn_request(async move { move || ended.send(()).expect("counted") });
                    } else {
                        assert!(Call::new(runtime, tokio::task::yield_now()).run().is_some());
                        ended.send(()).expect("counted");
                    }
                }
            });
        }
    });
    drop(ended);
    for _ in 0..8_000 {
        let one = has_ended.recv_timeout(Duration::from_secs(60));
        assert_eq!(one, Ok(()));
    }
    assert_eq!(has_ended.try_recv(), Err(TryRecvError::Disconnected));
}
