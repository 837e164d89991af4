use std::sync::Arc;

use scylla::errors::{OperationType, WriteType};
use scylla::statement::Consistency;

use super::*;

fn answered(error: DbError, reason: &str) -> Failure {
    ExecutionError::LastAttemptError(RequestAttemptError::DbError(error, reason.into())).into()
}

#[test]
fn a_write_timeout_keeps_what_the_server_said() {
    let failure = answered(
        DbError::WriteTimeout {
            consistency: Consistency::LocalQuorum,
            received: 1,
            required: 2,
            write_type: WriteType::UnloggedBatch,
        },
        "Operation timed out",
    );
    assert_eq!(failure.code, Code::WriteTimeout);
    assert_eq!((failure.received, failure.required), (1, 2));
    assert!(failure.maybe_sent);
    assert_eq!(failure.message, "Operation timed out");
}

#[test]
fn what_a_replica_refuses_may_be_applied_by_others() {
    let limited = |rejected_by_coordinator| {
        let op_type = OperationType::Write;
        answered(
            DbError::RateLimitReached {
                op_type,
                rejected_by_coordinator,
            },
            "",
        )
    };
    assert_eq!(limited(true).code, Code::Overloaded);
    assert_eq!(limited(false).code, Code::ReplicaOverloaded);
}

#[test]
fn an_error_without_words_gets_some() {
    assert!(!answered(DbError::Overloaded, "").message.is_empty());
}

#[test]
fn what_servers_say_in_words_is_told_from_other_invalid_requests() {
    assert_eq!(
        answered(DbError::Invalid, "Batch too large").code,
        Code::TooLarge
    );
    for missing in ["unconfigured table t", "table t does not exist"] {
        assert_eq!(answered(DbError::Invalid, missing).code, Code::UnknownTable);
    }
    assert_eq!(
        answered(DbError::Invalid, "Undefined column name x").code,
        Code::Invalid
    );
}

#[test]
fn a_node_without_a_connection_was_sent_nothing() {
    let failure: Failure = ExecutionError::ConnectionPoolError(ConnectionPoolError::Broken {
        last_connection_error: ConnectionError::IoError(Arc::new(
            io::ErrorKind::ConnectionRefused.into(),
        )),
    })
    .into();
    assert_eq!(failure.code, Code::NoConnection);
    assert!(!failure.maybe_sent);
}

#[test]
fn a_connection_that_breaks_may_have_carried_the_request() {
    let error: BrokenConnectionError =
        BrokenConnectionErrorKind::WriteError(io::ErrorKind::BrokenPipe.into()).into();
    let failure: Failure = ExecutionError::LastAttemptError(error.into()).into();
    assert_eq!(failure.code, Code::ConnectionBroken);
    assert!(failure.maybe_sent);
}

#[test]
fn a_refused_certificate_is_a_matter_of_tls() {
    let cause = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
    let error = io::Error::new(io::ErrorKind::InvalidData, cause);
    assert_eq!(io_failure(&error, Code::NoConnection).code, Code::Tls);
}
