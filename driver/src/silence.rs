//! For how long nobody has answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Requests this many milliseconds apart are not of one stretch: nobody was asked in between.
const APART: u64 = 20_000;

/// A stretch of time in which requests were sent and none was answered. Thread safe.
pub(crate) struct Silence {
    epoch: Instant,
    /// Milliseconds from `epoch` to the first request after the last answer; 0: there is none.
    since: AtomicU64,
    /// The same to the last request.
    last: AtomicU64,
}

impl Silence {
    pub(crate) fn new() -> Self {
        Self {
            epoch: Instant::now(),
            since: AtomicU64::new(0),
            last: AtomicU64::new(0),
        }
    }

    pub(crate) fn sent(&self) {
        let now = self.now();
        let last = self.last.swap(now, Ordering::Relaxed);
        let since = self.since.load(Ordering::Relaxed);
        if since == 0 || now.saturating_sub(last) > APART {
            let _ = self
                .since
                .compare_exchange(since, now, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    pub(crate) fn answered(&self) {
        if self.since.load(Ordering::Relaxed) != 0 {
            self.since.store(0, Ordering::Relaxed);
        }
    }

    pub(crate) fn length(&self) -> Duration {
        match self.since.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            since => Duration::from_millis(self.now().saturating_sub(since)),
        }
    }

    fn now(&self) -> u64 {
        let elapsed = self.epoch.elapsed().as_millis();
        u64::try_from(elapsed).unwrap_or(u64::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paused_clock;

    #[test]
    fn it_runs_from_the_first_request_that_was_not_answered() {
        paused_clock::run(async {
            let silence = Silence::new();
            let pass = |seconds| tokio::time::advance(Duration::from_secs(seconds));
            pass(100).await;
            assert_eq!(silence.length(), Duration::ZERO, "nothing was asked");
            silence.sent();
            pass(2).await;
            silence.sent();
            pass(3).await;
            assert_eq!(silence.length(), Duration::from_secs(5));
            silence.answered();
            pass(7).await;
            assert_eq!(silence.length(), Duration::ZERO);
            silence.sent();
            pass(100).await;
            silence.sent();
            assert_eq!(
                silence.length(),
                Duration::ZERO,
                "nobody was asked meanwhile"
            );
        });
    }
}
