//! Who drives a runtime that one thread at a time can drive: its keeper, or a caller that waits.
//!
//! The keeper drives unless calls come one after another. Then it lends the seat, and each call
//! drives while it waits. Between two calls nobody drives: what arrives then waits for the next call,
//! or for the keeper, which returns once no call came for `PATIENCE`. A request of a thread that does
//! not drive has the seat given back to the keeper: at once where nobody drives, else as soon as the
//! caller that drives is through with what it is doing.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Condvar, LockResult, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The keeper returns when no call has left the seat for this long, and after twice as long at the
/// latest. Requests do not wait for that, only what the driver does besides, such as noticing that a
/// connection has ended.
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
/// `holder` is written under the lock, but also read without it. It and `requests` are `SeqCst`:
/// whoever gives the seat up reads `requests` afterwards, and whoever makes a request reads `holder`
/// afterwards, so that at least one of them sees what the other wrote.
pub(crate) struct Seat {
    holder: AtomicU8,
    /// How many are under way.
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
    /// How often a caller has left the seat.
    departures: u64,
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
                departures: 0,
                has_ended: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Counts a request, before anybody can run it.
    pub(crate) fn add_request(&self) {
        self.requests.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn remove_request(&self) {
        self.requests.fetch_sub(1, Ordering::SeqCst);
    }

    /// A request was given to the runtime by a thread that does not drive it: the keeper has to have
    /// the seat. Returns whether a caller that drives has to be told.
    pub(crate) fn want_keeper(&self) -> bool {
        self.holder.load(Ordering::SeqCst) != KEEPER && self.call_keeper()
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

    /// Of the thread that drives, when it is through with a request: whether it is the keeper and has
    /// to lend the seat, which a caller has asked for. Not while the request has made another one,
    /// which the caller waits for as well.
    pub(crate) fn lend(&self) -> bool {
        let is_lent = self.is_asked_for.load(Ordering::Relaxed)
            && self.requests.load(Ordering::SeqCst) == 0
            && self.is_asked_for.swap(false, Ordering::SeqCst);
        if is_lent {
            self.is_lent.store(true, Ordering::SeqCst);
        }
        is_lent
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
        turns.departures = turns.departures.wrapping_add(1);
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
            let departures = turns.departures;
            let wait;
            (turns, wait) = unpoisoned(self.changed.wait_timeout(turns, PATIENCE));
            is_due = wait.timed_out() && turns.departures == departures;
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
