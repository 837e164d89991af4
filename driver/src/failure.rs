//! The driver's errors as codes, messages and what the server said.

use std::error::Error;
use std::fmt::Display;
use std::io;

use scylla::errors::{
    BadQuery, ConnectionError, ConnectionPoolError, ConnectionSetupRequestErrorKind as SetupError,
    ExecutionError, MetadataError, MetadataFetchErrorKind, NewSessionError, NextPageError,
    NextRowError, PrepareError, RequestAttemptError, RequestError, SchemaAgreementError,
    UseKeyspaceError,
};

use crate::bridge::ffi::{Code, Failure};
use answer::of_server;
use connection::{broken, io_failure};

/// A failure of a request that no server has seen.
pub(crate) fn of_request(code: Code, message: impl Display) -> Failure {
    Failure {
        code,
        message: message.to_string(),
        maybe_sent: false,
        received: 0,
        required: 0,
    }
}

fn sent(code: Code, message: impl Display) -> Failure {
    Failure {
        maybe_sent: true,
        ..of_request(code, message)
    }
}

/// Whether a server said it.
pub(crate) fn is_of_server(code: Code) -> bool {
    code.repr <= Code::Protocol.repr
}

/// A response that arrived and cannot be read.
pub(crate) fn of_response(error: impl Display) -> Failure {
    sent(
        Code::Protocol,
        format!("cannot read the server's response: {error}"),
    )
}

impl From<ExecutionError> for Failure {
    fn from(error: ExecutionError) -> Self {
        match error {
            ExecutionError::BadQuery(error) => bad_query(&error),
            ExecutionError::EmptyPlan => no_node(),
            ExecutionError::PrepareError(error) => error.into(),
            ExecutionError::ConnectionPoolError(error) => pool(&error),
            ExecutionError::LastAttemptError(error) => attempt(&error),
            ExecutionError::RequestTimeout(timeout) => attempt_timeout(timeout),
            ExecutionError::UseKeyspaceError(error) => use_keyspace(&error),
            ExecutionError::SchemaAgreementError(error) => schema_agreement(&error),
            ExecutionError::MetadataError(error) => Failure {
                maybe_sent: true,
                ..metadata(&error)
            },
            other => sent(Code::Internal, other),
        }
    }
}

impl From<PrepareError> for Failure {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::ConnectionPoolError(error) => pool(&error),
            PrepareError::AllAttemptsFailed { first_attempt } => attempt(&first_attempt),
            PrepareError::PreparedStatementIdsMismatch => other_id(),
            other => sent(Code::Internal, other),
        }
    }
}

impl From<NewSessionError> for Failure {
    fn from(error: NewSessionError) -> Self {
        match error {
            NewSessionError::MetadataError(error) => metadata(&error),
            NewSessionError::UseKeyspaceError(error) => use_keyspace(&error),
            NewSessionError::IllegalConfig(why) => of_request(Code::BadArgument, why),
            other => of_request(Code::NoConnection, other),
        }
    }
}

/// Why there is no session. A server that does not accept a client's certificate says so when the
/// client's half of the handshake is over, and its words may be lost as it hangs up.
pub(crate) fn of_connecting(error: NewSessionError, tls: bool) -> Failure {
    let hung_up = tls && hung_up(&error);
    let told = Failure::from(error);
    if !hung_up || told.code != Code::NoConnection {
        return told;
    }
    let message = format!("{HUNG_UP}: {}", told.message);
    of_request(Code::Tls, message)
}

/// With this begins the message of a failure with TLS that says no more.
pub(crate) const HUNG_UP: &str = "the server closed the connection, perhaps because of the client \
                                  certificate or the lack of one";

fn hung_up(error: &NewSessionError) -> bool {
    let NewSessionError::MetadataError(MetadataError::ConnectionPoolError(
        ConnectionPoolError::Broken {
            last_connection_error,
        },
    )) = error
    else {
        return false;
    };
    match last_connection_error {
        ConnectionError::BrokenConnection(_) => true,
        ConnectionError::ConnectionSetupRequestError(error) => {
            matches!(error.error, SetupError::BrokenConnection(_))
        }
        ConnectionError::IoError(error) => error.kind() != io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}

pub(crate) fn attempt_timeout(timeout: std::time::Duration) -> Failure {
    sent(
        Code::AttemptTimeout,
        format!("no answer within {} ms", timeout.as_millis()),
    )
}

fn no_node() -> Failure {
    of_request(
        Code::NoConnection,
        "none of the chosen nodes is in the cluster",
    )
}

fn bad_query(error: &BadQuery) -> Failure {
    match error {
        BadQuery::SerializationError(error) => {
            let mut cause: &dyn Error = error;
            while let Some(source) = cause.source() {
                cause = source;
            }
            of_request(Code::BadArgument, cause)
        }
        BadQuery::ValuesTooLongForKey(..) | BadQuery::TooManyQueriesInBatchStatement(..) => {
            of_request(Code::TooLarge, error)
        }
        _ => of_request(Code::BadArgument, error),
    }
}

fn use_keyspace(error: &UseKeyspaceError) -> Failure {
    match error {
        UseKeyspaceError::RequestError(error) => attempt(error),
        UseKeyspaceError::RequestTimeout(timeout) => attempt_timeout(*timeout),
        _ => of_request(Code::BadArgument, error),
    }
}

fn schema_agreement(error: &SchemaAgreementError) -> Failure {
    match error {
        SchemaAgreementError::RequestError(error) => attempt(error),
        _ => sent(Code::SchemaAgreement, error),
    }
}

fn metadata(error: &MetadataError) -> Failure {
    match error {
        MetadataError::ConnectionPoolError(error) => pool(error),
        MetadataError::FetchError(fetch) => match &fetch.error {
            MetadataFetchErrorKind::PrepareError(error) => attempt(error),
            MetadataFetchErrorKind::NextRowError(NextRowError::NextPageError(
                NextPageError::RequestFailure(error),
            )) => request(error),
            _ => of_request(Code::Protocol, error),
        },
        _ => of_request(Code::Protocol, error),
    }
}

/// Why a look at the cluster has failed.
pub(crate) fn of_look(error: MetadataError) -> Failure {
    match metadata(&error) {
        told if is_of_server(told.code) && told.code != Code::Protocol => {
            of_request(told.code, told.message)
        }
        _ => of_request(Code::NoConnection, error),
    }
}

fn request(error: &RequestError) -> Failure {
    match error {
        RequestError::EmptyPlan => no_node(),
        RequestError::ConnectionPoolError(error) => pool(error),
        RequestError::RequestTimeout(timeout) => attempt_timeout(*timeout),
        RequestError::LastAttemptError(error) => attempt(error),
        other => sent(Code::Internal, other),
    }
}

/// No connection of the pool was usable, so nothing was sent; why the last one ended tells the code.
fn pool(error: &ConnectionPoolError) -> Failure {
    match error {
        ConnectionPoolError::Broken {
            last_connection_error,
        } => connection(last_connection_error),
        ConnectionPoolError::NodeDisabledByHostFilter => of_request(
            Code::NoConnection,
            "the node has not answered since it was last asked whether it is there",
        ),
        _ => of_request(Code::NoConnection, error),
    }
}

fn connection(error: &ConnectionError) -> Failure {
    match error {
        ConnectionError::ConnectTimeout => of_request(
            Code::ConnectTimeout,
            "the server did not accept a connection in time",
        ),
        ConnectionError::IoError(error) => io_failure(error, Code::NoConnection),
        ConnectionError::BrokenConnection(error) => Failure {
            maybe_sent: false,
            ..broken(error, Code::NoConnection)
        },
        ConnectionError::ConnectionSetupRequestError(error) => setup(&error.error),
        ConnectionError::UseKeyspaceError(error) => use_keyspace(error),
        _ => of_request(Code::NoConnection, error),
    }
}

fn setup(error: &SetupError) -> Failure {
    match error {
        SetupError::DbError(error, reason) => Failure {
            maybe_sent: false,
            ..of_server(error, reason)
        },
        SetupError::BrokenConnection(error) => Failure {
            maybe_sent: false,
            ..broken(error, Code::NoConnection)
        },
        SetupError::MissingAuthentication => of_request(
            Code::BadCredentials,
            "the server asks for a user and a password",
        ),
        SetupError::StartAuthSessionError(why) => of_request(Code::BadCredentials, why),
        SetupError::AuthChallengeEvaluationError(_) | SetupError::AuthFinishError(_) => {
            of_request(Code::BadCredentials, error)
        }
        _ => of_request(Code::NoConnection, error),
    }
}

fn attempt(error: &RequestAttemptError) -> Failure {
    match error {
        RequestAttemptError::DbError(error, reason) => of_server(error, reason),
        RequestAttemptError::SerializationError(_) => of_request(Code::BadArgument, error),
        RequestAttemptError::CqlRequestSerialization(_) => of_request(Code::TooLarge, error),
        RequestAttemptError::UnableToAllocStreamId => of_request(
            Code::Overloaded,
            "too many requests are in flight on the connection to this node",
        ),
        RequestAttemptError::BrokenConnectionError(error) => broken(error, Code::ConnectionBroken),
        RequestAttemptError::RepreparedIdChanged { .. }
        | RequestAttemptError::RepreparedIdMissingInBatch => other_id(),
        _ => of_response(error),
    }
}

/// A server knows the statement by another id than others do, and so has not run it.
fn other_id() -> Failure {
    of_request(
        Code::OtherId,
        "nodes give one prepared statement different ids",
    )
}

mod answer;
mod connection;
#[cfg(test)]
mod tests;
