//! Why a connection ended, as a code.

use std::io;

use scylla::errors::{BrokenConnectionError, BrokenConnectionErrorKind, FrameHeaderParseError};

use super::of_request;
use crate::bridge::ffi::{Code, Failure};

pub(super) fn broken(error: &BrokenConnectionError, code: Code) -> Failure {
    use BrokenConnectionErrorKind as Kind;
    let told = match error.downcast_ref() {
        Some(Kind::FrameHeaderParseError(FrameHeaderParseError::HeaderIoError(error)))
        | Some(Kind::WriteError(error)) => io_failure(error, code),
        Some(Kind::FrameHeaderParseError(FrameHeaderParseError::VersionNotSupported(version))) => {
            of_request(code, only_version(*version))
        }
        _ => of_request(code, error),
    };
    Failure {
        maybe_sent: true,
        ..told
    }
}

/// A server that no longer takes what the driver speaks.
fn only_version(version: u8) -> String {
    format!(
        "the server takes version {version} of the protocol and not version 4, which is needed; set \
         native_transport_allow_older_protocols to true in its cassandra.yaml"
    )
}

pub(super) fn io_failure(error: &io::Error, otherwise: Code) -> Failure {
    let cause = error
        .get_ref()
        .and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(cause) => of_request(Code::Tls, cause),
        None => of_request(otherwise, error),
    }
}
