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

/// Servers have no code for what is too large, nor for a table or keyspace that they do not know:
/// they say it in the words of an invalid request.
fn invalid(reason: &str) -> Code {
    let says = |words: &[&str]| words.iter().any(|each| reason.contains(each));
    if says(&["too large", "too big", "exceeds", "longer than maximum"]) {
        Code::TooLarge
    } else if says(&["does not exist", "unconfigured table"]) {
        Code::UnknownTable
    } else {
        Code::Invalid
    }
}

fn protocol(reason: &str) -> Code {
    if reason.contains("too big") {
        Code::TooLarge
    } else {
        Code::Protocol
    }
}
