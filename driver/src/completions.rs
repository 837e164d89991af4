//! What C++ gave to the crate, as the rest of the crate calls it.

use std::pin::Pin;

use crate::access;
use crate::bridge::ffi::{
    BlockingCall as Call, ConnectCompletion, Failure, Host, PrepareCompletion, ReportKind,
    RowsCompletion,
};
use crate::rows::Rows;
use crate::runtime::BlockingCall;
use crate::session::Session;
use crate::statement::Statement;

impl BlockingCall for Pin<&mut Call> {
    fn begin(&mut self, drives: bool) {
        self.as_mut().begin(drives);
    }

    fn is_done(&mut self) -> bool {
        self.as_mut().is_done()
    }
}

impl access::Host for cxx::UniquePtr<Host> {
    fn credentials(&self) -> Result<(String, String), String> {
        let told = self.as_ref().map(Host::credentials).unwrap_or_default();
        match told.problem.is_empty() {
            true => Ok((told.username, told.password)),
            false => Err(told.problem),
        }
    }

    fn report(&self, kind: ReportKind, message: &str) {
        if let Some(host) = self.as_ref() {
            host.report(kind, message);
        }
    }
}

/// The outcome of one request, on its way to C++.
pub(crate) trait Deliver<T>: Send + 'static {
    fn deliver(self, outcome: Result<T, Failure>);
}

macro_rules! deliver {
    ($completion:ty, $value:ty) => {
        impl Deliver<$value> for cxx::UniquePtr<$completion> {
            fn deliver(mut self, outcome: Result<$value, Failure>) {
                match outcome {
                    Ok(value) => self.pin_mut().succeed(Box::new(value)),
                    Err(failure) => self.pin_mut().fail(failure),
                }
            }
        }
    };
}

deliver!(ConnectCompletion, Session);
deliver!(PrepareCompletion, Statement);
deliver!(RowsCompletion, Rows);
