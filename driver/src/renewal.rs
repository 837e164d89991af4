//! When new connections are tried: one set of them at a time, and with pauses.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// The least time between two times that they are tried.
const PAUSE: Duration = Duration::from_secs(1);

/// The most. Where the new connections die as the old ones did, this is how long nothing may work
/// although others would.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long somebody may wait for them.
const WAIT: Duration = Duration::from_secs(1);

/// New connections that bring no answer do not help: the servers have too much to do, and connecting
/// is work for them. So the pauses double until a request is answered. Where no server is reached
/// they do not: nobody has work by it, and what is in between may be gone soon. Thread safe.
#[derive(Default)]
pub(crate) struct Renewal {
    last: Mutex<Last>,
    /// Wakes those who wait for connections that are tried.
    ended: Notify,
    /// How often a server was reached since a request was last answered.
    in_vain: AtomicU32,
}

/// When connections were last tried.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Last {
    #[default]
    Never,
    Now,
    EndedAt(Instant),
}

impl Renewal {
    /// A server has answered a request.
    pub(crate) fn answered(&self) {
        if self.in_vain.load(Ordering::Relaxed) != 0 {
            self.in_vain.store(0, Ordering::Relaxed);
        }
    }

    /// Has `open` try, unless that is under way or was just now; it tells whether a server was
    /// reached. Returns when it has ended, or will not soon.
    pub(crate) async fn soon<F>(self: &Arc<Self>, open: impl FnOnce() -> F)
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let ended = self.ended.notified();
        if self.begins() {
            tokio::spawn(Arc::clone(self).run(open()));
        }
        if *self.last() == Last::Now {
            let _ = timeout(WAIT, ended).await;
        }
    }

    /// Whether the pause is over. Then they are tried from now on.
    fn begins(&self) -> bool {
        let mut last = self.last();
        let is_due = match *last {
            Last::Never => true,
            Last::Now => false,
            Last::EndedAt(time) => Instant::now() >= time + self.pause(),
        };
        if is_due {
            *last = Last::Now;
        }
        is_due
    }

    fn pause(&self) -> Duration {
        let doublings = self.in_vain.load(Ordering::Relaxed).saturating_sub(1);
        let factor = 2_u32.saturating_pow(doublings);
        PAUSE.saturating_mul(factor).min(LONGEST_PAUSE)
    }

    async fn run(self: Arc<Self>, opened: impl Future<Output = bool>) {
        if opened.await {
            self.in_vain.fetch_add(1, Ordering::Relaxed);
        }
        *self.last() = Last::EndedAt(Instant::now());
        self.ended.notify_waiters();
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paused_clock;
    use std::future::pending;
    use tokio::time::sleep;

    /// Somebody who asks for new connections again and again, for so many seconds, and notes when
    /// they are tried.
    #[derive(Default)]
    struct Client {
        renewal: Arc<Renewal>,
        tried: Arc<Mutex<Vec<Instant>>>,
    }

    impl Client {
        async fn ask(&self, reaches_a_server: bool) {
            let tried = Arc::clone(&self.tried);
            let open = || async move {
                tried.lock().unwrap().push(Instant::now());
                reaches_a_server
            };
            self.renewal.soon(open).await;
        }

        async fn insist(&self, seconds: u64, reaches_a_server: bool) {
            let end = Instant::now() + Duration::from_secs(seconds);
            while Instant::now() < end {
                self.ask(reaches_a_server).await;
                sleep(Duration::from_millis(10)).await;
            }
        }

        /// Seconds between two times.
        fn pauses(&self) -> Vec<u64> {
            let tried = self.tried.lock().unwrap();
            let pairs = tried.windows(2);
            pairs.map(|pair| (pair[1] - pair[0]).as_secs()).collect()
        }
    }

    #[test]
    fn the_pauses_grow_while_nothing_is_answered() {
        let client = Client::default();
        paused_clock::run(client.insist(155, true));
        assert_eq!(client.pauses(), [1, 2, 4, 8, 16, 30, 30, 30, 30]);
    }

    #[test]
    fn an_answer_ends_that() {
        let client = Client::default();
        paused_clock::run(async {
            client.insist(20, true).await;
            client.renewal.answered(); // in the pause of 16 seconds
            client.insist(5, true).await;
        });
        assert_eq!(client.pauses(), [1, 2, 4, 8, 5, 1, 2]);
    }

    #[test]
    fn they_do_not_grow_while_no_server_is_reached() {
        let client = Client::default();
        paused_clock::run(client.insist(60, false));
        assert!(client.pauses().len() > 50);
        assert!(client.pauses().iter().all(|pause| *pause == 1));
    }

    #[test]
    fn one_set_at_a_time_and_nobody_waits_for_long() {
        let client = Client::default();
        paused_clock::run(async {
            let begun = Instant::now();
            let never = client.renewal.soon(pending);
            let waited = timeout(Duration::from_secs(10), never).await;
            assert!(waited.is_ok());
            client.insist(100, true).await;
            assert!(Instant::now() - begun < Duration::from_secs(103));
        });
        assert!(client.tried.lock().unwrap().is_empty());
    }

    #[test]
    fn whoever_asks_waits_for_those_under_way() {
        let client = Client::default();
        paused_clock::run(async {
            let begun = Instant::now();
            let slow = || async {
                sleep(Duration::from_millis(300)).await;
                true
            };
            client.renewal.soon(slow).await;
            assert_eq!(Instant::now() - begun, Duration::from_millis(300));
        });
    }
}
