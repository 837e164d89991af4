use std::sync::Arc;

use scylla::errors::{
    BrokenConnectionError, BrokenConnectionErrorKind, DbError, FrameHeaderParseError,
    OperationType, WriteType,
};
use scylla::statement::Consistency;

use super::*;

fn answered(error: DbError, reason: &str) -> Failure {
    ExecutionError::LastAttemptError(RequestAttemptError::DbError(error, reason.into())).into()
}

#[test]
fn a_write_timeout_keeps_what_the_server_said() {
    // The last one is that of transactional tables.
    for write_type in [WriteType::UnloggedBatch, WriteType::Simple, WriteType::Cas] {
        let failure = answered(
            DbError::WriteTimeout {
                consistency: Consistency::LocalQuorum,
                received: 1,
                required: 2,
                write_type,
            },
            "Operation timed out",
        );
        assert_eq!(failure.code, Code::WriteTimeout);
        assert_eq!((failure.received, failure.required), (1, 2));
        assert!(failure.maybe_sent);
        assert_eq!(failure.message, "Operation timed out");
    }
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
fn limits_of_operators_and_tables_are_told_from_each_other() {
    let told = |words: &str| answered(DbError::Invalid, words).code;
    let guardrail = |name: &str, words: &str| told(&format!("Guardrail {name} violated: {words}"));
    let keys = "number of partition keys 32 exceeds fail threshold of 20.";
    assert_eq!(
        guardrail("partition_keys_in_select", keys),
        Code::TooManyKeys
    );
    assert_eq!(
        guardrail(
            "in_select_cartesian_product",
            "this exceeds fail threshold of 20."
        ),
        Code::TooManyKeys
    );
    assert_eq!(
        told("partition key cartesian product size 105 is greater than maximum 100"),
        Code::TooManyKeys
    );
    for name in ["column_value_size", "column_blob_value_size"] {
        assert_eq!(
            guardrail(
                name,
                "Value of column 'body_blob' has size 2, this exceeds ..."
            ),
            Code::TooLarge
        );
    }
    for (name, words) in [
        (
            "write_consistency_levels",
            "Provided values [ONE] are not allowed",
        ),
        ("user_timestamps", "User provided timestamps is not allowed"),
        ("replica_disk_usage", "disk usage exceeds failure threshold"),
        ("page_size", "page size 1000 exceeds fail threshold of 500."),
        ("tables", "Cannot have more than 2 tables"),
    ] {
        assert_eq!(guardrail(name, words), Code::Guardrail);
    }
    for words in [
        "Rejected an oversized mutation (20971600/16777216) for keyspace: app. Top keys are: kv.k",
        "CQL Message of size 2097217 bytes exceeds allowed maximum of 2097152 bytes",
        "Cannot index value of size 65536 for index i on app.kv(body_blob) (maximum allowed size=65535)",
        "Column value does not satisfy value constraint for column 'body_blob'. It has a length of \
         2000 and it should be should be < 1024",
    ] {
        assert_eq!(told(words), Code::TooLarge, "{words}");
    }
    for words in [
        "Column value does not satisfy value constraint for column 'body_blob'. It has a length of 2 \
         and it should be should be > 10",
        "Column value does not satisfy value constraint for column 'row_id'. It has a length of 12 \
         and it should be should be < 10",
        "Column 'other' has to be specified as part of this query.",
        "Column value does not satisfy value constraint for column 'body_blob' as it is null.",
        "Value for column 'body_blob' violated JSON constraint as it is not a valid JSON.",
        "Invalid byte for ascii: -61",
    ] {
        assert_eq!(told(words), Code::RefusedValue, "{words}");
    }
}

#[test]
fn a_level_that_a_table_does_not_allow_is_told() {
    for words in [
        // Cassandra 6.0's, of transactional tables.
        "ConsistencyLevel LOCAL_QUORUM is unsupported with Accord for write/commit, supported are \
         [ANY, ONE, QUORUM, ALL, SERIAL]",
        // Astra's and Amazon Keyspaces', by their documentation.
        "Provided value LOCAL_ONE is not allowed for Write Consistency Level",
        "Consistency level LOCAL_ONE is not supported for this operation",
    ] {
        let code = answered(DbError::Invalid, words).code;
        assert_eq!(code, Code::RefusedConsistency, "{words}");
    }
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
fn a_server_that_takes_only_a_newer_protocol_is_told_with_the_remedy() {
    let error: BrokenConnectionError = BrokenConnectionErrorKind::FrameHeaderParseError(
        FrameHeaderParseError::VersionNotSupported(5),
    )
    .into();
    let failure = broken(&error, Code::NoConnection);
    assert_eq!(failure.code, Code::NoConnection);
    let remedy = "set native_transport_allow_older_protocols to true";
    assert!(failure.message.contains(remedy), "{}", failure.message);
    assert!(failure.message.contains("version 5"), "{}", failure.message);
}

#[test]
fn a_refused_certificate_is_a_matter_of_tls() {
    let cause = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
    let error = io::Error::new(io::ErrorKind::InvalidData, cause);
    assert_eq!(io_failure(&error, Code::NoConnection).code, Code::Tls);
}
