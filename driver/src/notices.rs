//! What an operator should know, on its way to the log.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cxx::SharedPtr;

use crate::bridge::ffi::NoticeSink;

/// Kept until there is somebody to tell. Thread safe.
#[derive(Default)]
pub(crate) struct Notices(Mutex<State>);

struct State {
    sink: SharedPtr<NoticeSink>,
    waiting: Vec<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            sink: SharedPtr::null(),
            waiting: Vec::new(),
        }
    }
}

impl Notices {
    pub(crate) fn tell(&self, notice: String) {
        let mut state = self.lock();
        match state.sink.as_ref() {
            Some(sink) => sink.tell(&notice),
            None => state.waiting.push(notice),
        }
    }

    pub(crate) fn go_to(&self, sink: SharedPtr<NoticeSink>) {
        let mut state = self.lock();
        state.sink = sink;
        for notice in std::mem::take(&mut state.waiting) {
            if let Some(sink) = state.sink.as_ref() {
                sink.tell(&notice);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
