//! Who drives a runtime that one thread at a time can drive: its keeper, or a caller that waits.
//!
//! The keeper drives unless calls come one after another. Then it lends the seat, and each call
//! drives while it waits. Between two calls the seat is free, for a short time: what arrives then
//! waits for the keeper, which looks after it at the latest after `PATIENCE`. A request that does
//! not come from the thread that drives calls the keeper at once, so that nobody depends on the
//! thread of somebody else.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Condvar, LockResult, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a free seat stays free. Requests do not wait for it, only what the driver does besides:
/// answering a server that asks whether a connection is alive, for instance.
const PATIENCE: Duration = Duration::from_millis(20);

/// The calls that have to come one after another before the seat is lent.
const CALLS_ALONE: u32 = 8;

/// The longest time from the beginning of one of them to that of the next. Slower calls gain nothing.
const QUICK: Duration = Duration::from_millis(20);

const KEEPER: u8 = 0;
const CALLER: u8 = 1;
const NOBODY: u8 = 2;

/// The keeper has it first.
///
/// `holder` is written under the lock; it is read without it as `requests` is. Both in one order for
/// all threads: whoever gives the seat up looks at the requests afterwards, and whoever makes a
/// request looks at the holder afterwards, so that one of them sees the other.
pub(crate) struct Seat {
    holder: AtomicU8,
    /// Under way.
    requests: AtomicUsize,
    /// Whether the keeper is to lend it once no request is under way.
    is_asked_for: AtomicBool,
    is_lent: AtomicBool,
    /// Whether the keeper has to have it, or the end has come.
    is_wanted: AtomicBool,
    turns: Mutex<Turns>,
    changed: Condvar,
}

struct Turns {
    /// The quick calls in a row that were alone.
    alone: u32,
    last_call: Option<Instant>,
    /// Callers that have left the seat.
    left: u64,
    has_ended: bool,
}

impl Seat {
    pub(crate) fn new() -> Self {
        Self {
            holder: AtomicU8::new(KEEPER),
            requests: AtomicUsize::new(0),
            is_asked_for: AtomicBool::new(false),
            is_lent: AtomicBool::new(false),
            is_wanted: AtomicBool::new(false),
            turns: Mutex::new(Turns {
                alone: 0,
                last_call: None,
                left: 0,
                has_ended: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// A request begins, and is counted before anybody can run it.
    pub(crate) fn begun(&self) {
        self.requests.fetch_add(1, Ordering::SeqCst);
    }

    /// It was given to the runtime by a thread that does not drive it. Returns whether the one that
    /// does has to look at the seat.
    pub(crate) fn requested(&self) -> bool {
        match self.holder.load(Ordering::SeqCst) {
            KEEPER => false,
            _ => self.call_keeper(),
        }
    }

    fn call_keeper(&self) -> bool {
        let mut turns = self.lock();
        turns.alone = 0;
        let holder = self.holder.load(Ordering::SeqCst);
        if holder == KEEPER {
            return false;
        }
        self.is_wanted.store(true, Ordering::SeqCst);
        if holder == NOBODY {
            self.changed.notify_one();
        }
        holder == CALLER
    }

    /// A request has ended. Returns whether the one that drives has to look at the seat.
    pub(crate) fn ended(&self) -> bool {
        let is_last = self.requests.fetch_sub(1, Ordering::SeqCst) == 1;
        let lend = is_last
            && self.is_asked_for.load(Ordering::Relaxed)
            && self.is_asked_for.swap(false, Ordering::SeqCst);
        if lend {
            self.is_lent.store(true, Ordering::SeqCst);
        }
        lend
    }

    /// Of a caller, before it makes its requests: whether it drives from now on, until `leave`.
    pub(crate) fn take(&self) -> bool {
        let mut turns = self.lock();
        if self.requests.load(Ordering::SeqCst) > 0 {
            turns.alone = 0;
            return false;
        }
        let now = Instant::now();
        let last = turns.last_call.replace(now);
        let is_quick = last.is_some_and(|last| now.duration_since(last) < QUICK);
        turns.alone = if is_quick {
            turns.alone.saturating_add(1)
        } else {
            0
        };
        match self.holder.load(Ordering::SeqCst) {
            NOBODY if !self.is_wanted() => {
                self.holder.store(CALLER, Ordering::SeqCst);
                true
            }
            KEEPER if turns.alone >= CALLS_ALONE => {
                self.is_asked_for.store(true, Ordering::SeqCst);
                false
            }
            _ => false,
        }
    }

    /// Whether the caller that drives has to leave.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::SeqCst)
    }

    pub(crate) fn leave(&self) {
        let mut turns = self.lock();
        turns.left = turns.left.wrapping_add(1);
        self.holder.store(NOBODY, Ordering::SeqCst);
        if self.is_wanted() || self.requests.load(Ordering::SeqCst) > 0 {
            self.changed.notify_one();
        }
    }

    /// Whether the keeper has to give it up.
    pub(crate) fn is_lent(&self) -> bool {
        self.is_lent.load(Ordering::SeqCst)
    }

    /// Of the keeper: gives the seat up, and waits until it has it again. False once it has to end
    /// the runtime, which nobody drives then.
    pub(crate) fn wait_for_turn(&self) -> bool {
        let mut turns = self.lock();
        self.is_lent.store(false, Ordering::SeqCst);
        self.holder.store(NOBODY, Ordering::SeqCst);
        let mut is_due = false;
        loop {
            if self.holder.load(Ordering::SeqCst) == NOBODY {
                if turns.has_ended {
                    return false;
                }
                if is_due || self.is_wanted() || self.requests.load(Ordering::SeqCst) > 0 {
                    break;
                }
            }
            let left = turns.left;
            let wait;
            (turns, wait) = unpoisoned(self.changed.wait_timeout(turns, PATIENCE));
            is_due = wait.timed_out() && turns.left == left;
        }
        self.holder.store(KEEPER, Ordering::SeqCst);
        self.is_wanted.store(false, Ordering::SeqCst);
        true
    }

    pub(crate) fn wait_for_end(&self) {
        let turns = self.lock();
        drop(self.changed.wait_while(turns, |turns| !turns.has_ended));
    }

    /// Whoever drives has to look at the seat then.
    pub(crate) fn end(&self) {
        self.lock().has_ended = true;
        self.is_lent.store(true, Ordering::SeqCst);
        self.is_wanted.store(true, Ordering::SeqCst);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Turns> {
        unpoisoned(self.turns.lock())
    }
}

/// The turns are whole between any two statements.
fn unpoisoned<T>(lock: LockResult<T>) -> T {
    lock.unwrap_or_else(PoisonError::into_inner)
}
