use std::sync::Arc;

use scylla::errors::{DbError, OperationType, WriteType};
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

/// What Cassandra 3.11 to 6.0 say where replicas of system_auth are missing, and ScyllaDB where it
/// asks them.
const WITHOUT_ROLES: [(DbError, &str); 7] = [
    (
        DbError::AuthenticationError,
        "Unable to perform authentication: Cannot achieve consistency level LOCAL_QUORUM",
    ),
    (
        DbError::AuthenticationError,
        "Unable to perform authentication: Unable to perform authorization of login permission: \
         Cannot achieve consistency level LOCAL_ONE",
    ),
    (
        DbError::Unauthorized,
        "Unable to perform authorization of permissions: Unable to perform authorization of \
         super-user permission: Operation timed out - received only 0 responses.",
    ),
    (
        DbError::Unauthorized,
        "Unable to perform authorization of super-user permission: Cannot achieve consistency \
         level ONE",
    ),
    (
        DbError::AuthenticationError,
        "Cannot achieve consistency level for cl ONE. Requires 1, alive 0",
    ),
    (
        DbError::AuthenticationError,
        "Operation timed out for system_auth.roles - received only 0 responses from 1 CL=ONE.",
    ),
    (
        DbError::AuthenticationError,
        "Operation failed for system_auth.roles - received 0 responses and 1 failures",
    ),
];

/// What they say of a wrong password, and of a permission that is missing.
const REFUSALS: [(DbError, &str, Code); 6] = [
    (
        DbError::AuthenticationError,
        "Provided username me and/or password are incorrect",
        Code::BadCredentials,
    ),
    (
        DbError::AuthenticationError,
        "Provided username Unable to perform authentication: and/or password are incorrect",
        Code::BadCredentials,
    ),
    (
        DbError::AuthenticationError,
        "Username and/or password are incorrect",
        Code::BadCredentials,
    ),
    (
        DbError::AuthenticationError,
        "me is not permitted to log in",
        Code::BadCredentials,
    ),
    (
        DbError::Unauthorized,
        "User me has no MODIFY permission on <table a.b> or any of its parents",
        Code::Unauthorized,
    ),
    (
        DbError::Unauthorized,
        "You do not have access to this datacenter (east)",
        Code::Unauthorized,
    ),
];

#[test]
fn who_cannot_look_roles_up_has_not_refused() {
    for (error, reason) in WITHOUT_ROLES {
        assert_eq!(answered(error, reason).code, Code::RolesUnavailable);
    }
    for (error, reason, code) in REFUSALS {
        assert_eq!(answered(error, reason).code, code);
    }
}

#[test]
fn nor_has_who_says_so_of_a_connection() {
    let (error, reason) = WITHOUT_ROLES[0].clone();
    let failure = setup(&SetupError::DbError(error, reason.into()));
    assert_eq!(failure.code, Code::RolesUnavailable);
    assert!(!failure.maybe_sent);
}

#[test]
fn other_ids_of_a_statement_are_not_a_lack_of_memory() {
    let prepared: Failure = PrepareError::PreparedStatementIdsMismatch.into();
    let run = |error| Failure::from(ExecutionError::LastAttemptError(error));
    let changed = RequestAttemptError::RepreparedIdChanged {
        statement: "SELECT".into(),
        expected_id: vec![1],
        reprepared_id: vec![2],
    };
    for failure in [
        prepared,
        run(changed),
        run(RequestAttemptError::RepreparedIdMissingInBatch),
    ] {
        assert_eq!(failure.code, Code::OtherId);
        assert!(!failure.maybe_sent);
    }
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
