//! What a server answered, as a code.

use scylla::errors::DbError;

use super::sent;
use crate::bridge::ffi::{Code, Failure};

/// What a server answered. Its own words are the message.
pub(super) fn of_server(error: &DbError, reason: &str) -> Failure {
    let message = if reason.is_empty() {
        error.to_string()
    } else {
        reason.to_owned()
    };
    let answer = sent(Code::Server, message);
    match error {
        DbError::SyntaxError => Failure {
            code: Code::Syntax,
            ..answer
        },
        DbError::Invalid => Failure {
            code: invalid(reason),
            ..answer
        },
        DbError::AlreadyExists { .. } => Failure {
            code: Code::AlreadyExists,
            ..answer
        },
        DbError::AuthenticationError => Failure {
            code: refusal(reason, Code::BadCredentials),
            ..answer
        },
        DbError::Unauthorized => Failure {
            code: refusal(reason, Code::Unauthorized),
            ..answer
        },
        DbError::ConfigError => Failure {
            code: Code::Config,
            ..answer
        },
        DbError::Overloaded
        | DbError::RateLimitReached {
            rejected_by_coordinator: true,
            ..
        } => Failure {
            code: Code::Overloaded,
            ..answer
        },
        DbError::RateLimitReached { .. } => Failure {
            code: Code::ReplicaOverloaded,
            ..answer
        },
        DbError::IsBootstrapping => Failure {
            code: Code::IsBootstrapping,
            ..answer
        },
        DbError::TruncateError => Failure {
            code: Code::Truncate,
            ..answer
        },
        DbError::Unprepared { .. } => Failure {
            code: Code::Unprepared,
            ..answer
        },
        DbError::ProtocolError => Failure {
            code: protocol(reason),
            ..answer
        },
        DbError::Unavailable {
            required, alive, ..
        } => Failure {
            code: Code::Unavailable,
            required: *required,
            received: *alive,
            ..answer
        },
        DbError::ReadTimeout {
            received, required, ..
        } => Failure {
            code: Code::ReadTimeout,
            received: *received,
            required: *required,
            ..answer
        },
        DbError::ReadFailure {
            received, required, ..
        } => Failure {
            code: Code::ReadFailure,
            received: *received,
            required: *required,
            ..answer
        },
        DbError::WriteTimeout {
            received, required, ..
        } => Failure {
            code: Code::WriteTimeout,
            received: *received,
            required: *required,
            ..answer
        },
        DbError::WriteFailure {
            received, required, ..
        } => Failure {
            code: Code::WriteFailure,
            received: *received,
            required: *required,
            ..answer
        },
        _ => answer,
    }
}

/// How the words begin of a server that has not refused anybody: it could not read what it knows of
/// roles. The first two are Cassandra's, of passwords and of permissions; the others ScyllaDB's, which
/// passes on why its own request has failed.
const LOOKUP_FAILURES: [&str; 5] = [
    "Unable to perform authentication: ",
    "Unable to perform authorization of ",
    "Cannot achieve consistency level",
    "Operation timed out for ",
    "Operation failed for ",
];

/// Servers have no code for roles that they cannot look up: they answer as if they refused.
fn refusal(reason: &str, refused: Code) -> Code {
    match LOOKUP_FAILURES
        .iter()
        .any(|words| reason.starts_with(words))
    {
        true => Code::RolesUnavailable,
        false => refused,
    }
}

/// What is too large: Cassandra's words for requests, batches and keys; for mutations; and for values
/// of a column with an index.
const TOO_LARGE: [&str; 6] = [
    "too large",
    "too big",
    "exceeds",
    "longer than maximum",
    "oversized mutation",
    "Cannot index value of size",
];

/// Servers have no code for most of what they refuse: they say it in the words of an invalid
/// request.
fn invalid(reason: &str) -> Code {
    let says = |words: &[&str]| words.iter().any(|each| reason.contains(each));
    if let Some((name, _)) = violated_guardrail(reason) {
        guardrail(name)
    } else if says(&["cartesian product size"]) {
        Code::TooManyKeys // ScyllaDB's
    } else if let Some(words) = violated_constraint(reason) {
        match words.contains("column 'body_blob'. It has a length of") && words.contains(" be <") {
            true => Code::TooLarge,
            false => Code::RefusedValue,
        }
    } else if reason.starts_with("Invalid byte for ascii") || wants_another_column(reason) {
        Code::RefusedValue
    } else if says(&["onsistency"]) && says(&["unsupported", "not supported", "not allowed"]) {
        Code::RefusedConsistency
    } else if says(&TOO_LARGE) {
        Code::TooLarge
    } else if says(&["does not exist", "unconfigured table"]) {
        Code::UnknownTable
    } else {
        Code::Invalid
    }
}

/// The name of the guardrail that a server of version 4.1 or later says is violated, and how.
fn violated_guardrail(reason: &str) -> Option<(&str, &str)> {
    reason.strip_prefix("Guardrail ")?.split_once(" violated: ")
}

fn guardrail(name: &str) -> Code {
    match name {
        "partition_keys_in_select" | "in_select_cartesian_product" => Code::TooManyKeys,
        // For each type of column since 6.0.
        _ if name.starts_with("column_") && name.ends_with("value_size") => Code::TooLarge,
        _ => Code::Guardrail,
    }
}

/// What a server of version 6.0 or later says of a value that a constraint of its column refuses.
fn violated_constraint(reason: &str) -> Option<&str> {
    const BEGINNING: &str = "Column value does not satisfy value constraint";
    let of_content = reason.starts_with("Value for column '") && reason.contains("' violated ");
    (of_content || reason.starts_with(BEGINNING)).then_some(reason)
}

/// Whether a row is refused since a column that no store writes must not be null.
fn wants_another_column(reason: &str) -> bool {
    reason.starts_with("Column '") && reason.contains("has to be specified")
}

fn protocol(reason: &str) -> Code {
    if reason.contains("too big") {
        Code::TooLarge
    } else {
        Code::Protocol
    }
}
