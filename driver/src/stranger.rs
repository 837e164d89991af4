//! What answers at a contact point and is no server that this client can talk to.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use scylla_cql::frame::SerializedRequest;
use scylla_cql::frame::request::{Startup, options};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::access::TlsClient;
use crate::bridge::ffi::{Code, Failure};
use crate::failure;

/// After how long a contact point that says nothing is asked what it is. Others than servers of
/// Cassandra may wait for the end of a line, which the driver never sends.
const SILENCE: Duration = Duration::from_secs(1);

/// How long it may take to answer, and then to go on.
const LIMIT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(100);

/// How much of what it says is looked at.
const LOOKED_AT: usize = 64;

/// How `connecting` to `contact` has ended; but where what answers there is something else, that it
/// is, and soon.
pub(crate) async fn unless_stranger<T>(
    connecting: impl Future<Output = Result<T, Failure>>,
    contact: SocketAddr,
    tls: &TlsClient,
) -> Result<T, Failure> {
    let mut connecting = pin!(connecting);
    if let Ok(ended) = timeout(SILENCE, &mut connecting).await {
        return explained(ended, contact, tls).await;
    }
    let ended = tokio::select! {
        ended = &mut connecting => ended,
        heard = look(contact, tls) => match stranger(heard, tls.is_some(), false) {
            Some(stranger) => return Err(stranger),
            None => connecting.await,
        },
    };
    explained(ended, contact, tls).await
}

async fn explained<T>(
    ended: Result<T, Failure>,
    contact: SocketAddr,
    tls: &TlsClient,
) -> Result<T, Failure> {
    let failure = match ended {
        Err(failure) if is_vague(&failure) => failure,
        ended => return ended,
    };
    let heard = look(contact, tls).await;
    if heard == Heard::End {
        return Err(failure::of_request(Code::NoConnection, ENDS_AT_ONCE));
    }
    let is_no_tls = is_no_tls(&failure);
    Err(stranger(heard, tls.is_some(), is_no_tls).unwrap_or(failure))
}

const ENDS_AT_ONCE: &str = "connections are accepted there and ended at once, as by a forwarder \
                            whose server does not run, or by a server that has too many";

/// Whether it can be the failure to understand a stranger.
fn is_vague(failure: &Failure) -> bool {
    matches!(failure.code, Code::NoConnection | Code::Protocol)
        || is_no_tls(failure)
        || failure.message.starts_with(failure::HUNG_UP)
}

/// Whether the answer to the beginning of a TLS connection was none of TLS.
fn is_no_tls(failure: &Failure) -> bool {
    failure.code == Code::Tls && failure.message.contains("InvalidContentType")
}

/// What somebody speaks.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Nothing,
    /// The end of the connection, and nothing before.
    End,
    Cassandra,
    Tls,
    /// With what it is, as far as that can be told.
    Other(String),
}

/// Why nobody connects to what speaks so. `is_no_tls`: it did not answer as TLS begins.
fn stranger(heard: Heard, uses_tls: bool, is_no_tls: bool) -> Option<Failure> {
    match heard {
        Heard::Other(who) => Some(failure::of_request(
            Code::NoConnection,
            format!("what answers there is not Cassandra but {who}"),
        )),
        Heard::Tls if !uses_tls => Some(failure::of_request(
            Code::Tls,
            "the server asks for TLS, and this session does not use it; name the certificates to \
             trust by tls_ca (TlsOptions::ca_file)",
        )),
        Heard::Cassandra if is_no_tls => Some(failure::of_request(
            Code::Tls,
            "the server does not use TLS, and this session asks for it; leave tls_ca away \
             (TlsOptions), or set client_encryption_options in the server's cassandra.yaml",
        )),
        _ => None,
    }
}

/// On connections of its own; nobody logs in.
async fn look(contact: SocketAddr, tls: &TlsClient) -> Heard {
    let plain = async { Some(listen(TcpStream::connect(contact).await.ok()?).await) };
    let heard = timeout(LIMIT + PAUSE, plain).await;
    match (heard.ok().flatten().unwrap_or(Heard::Nothing), tls) {
        (Heard::Tls, Some(config)) => {
            let connector = TlsConnector::from(Arc::clone(config));
            let name = ServerName::IpAddress(contact.ip().into());
            let inside = async {
                let stream = TcpStream::connect(contact).await.ok()?;
                Some(listen(connector.connect(name, stream).await.ok()?).await)
            };
            let heard = timeout(LIMIT + PAUSE, inside).await;
            heard.ok().flatten().unwrap_or(Heard::Nothing)
        }
        // Some servers that want TLS end what is none without a word.
        (Heard::End, _) if matches!(timeout(LIMIT, shows_certificate(contact)).await, Ok(true)) => {
            Heard::Tls
        }
        (heard, _) => heard,
    }
}

/// Whether the beginning of a TLS connection is answered: nobody is trusted, and that is the end.
async fn shows_certificate(contact: SocketAddr) -> bool {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let Ok(builder) =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
    else {
        return false;
    };
    let config = builder
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let Ok(stream) = TcpStream::connect(contact).await else {
        return false;
    };
    let name = ServerName::IpAddress(contact.ip().into());
    let ended = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    let Err(error) = ended else { return true };
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    matches!(cause, Some(rustls::Error::InvalidCertificate(_)))
}

/// Says what a server of Cassandra understands, and others take for lines.
async fn listen(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Heard {
    let version = (
        options::CQL_VERSION.into(),
        options::DEFAULT_CQL_PROTOCOL_VERSION.into(),
    );
    let lines = ("LINES".into(), "\r\n\r\n".into());
    let startup = Startup {
        options: HashMap::from([version, lines]),
    };
    let Ok(frame) = SerializedRequest::make(&startup, None, false) else {
        return Heard::Nothing;
    };
    // Who speaks first may have hung up.
    let _ = stream.write_all(frame.get_data()).await;
    let _ = stream.flush().await;
    let mut heard = [0; LOOKED_AT];
    let mut length = 0;
    let mut limit = LIMIT;
    while length < LOOKED_AT {
        match timeout(limit, stream.read(&mut heard[length..])).await {
            Ok(Ok(more)) if more > 0 => length += more,
            Ok(_) if length == 0 => return Heard::End,
            _ => break,
        }
        limit = PAUSE;
    }
    language(&heard[..length])
}

fn language(heard: &[u8]) -> Heard {
    match heard {
        [] => Heard::Nothing,
        // A response of versions 1 to 5.
        [0x81..=0x85, ..] => Heard::Cassandra,
        // A record of TLS: it begins with its type, 20 to 23, and the version.
        [20..=23, 3, ..] => Heard::Tls,
        other => Heard::Other(in_words(other)),
    }
}

fn in_words(heard: &[u8]) -> String {
    let text = String::from_utf8_lossy(heard);
    let line = text.lines().next().unwrap_or_default();
    let shown = line.escape_debug();
    let who = match text.to_ascii_lowercase() {
        text if text.starts_with("http/") || text.starts_with("<!doctype") => "an HTTP server",
        text if text.starts_with("ssh-") => "an SSH server",
        _ => "something else",
    };
    format!("{who}, which says \"{shown}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_cassandra_are_told_from_others() {
        assert_eq!(language(b""), Heard::Nothing);
        assert_eq!(language(b"\x84\0\0\0\x02\0\0\0\0"), Heard::Cassandra);
        assert_eq!(language(b"\x15\x03\x03\0\x02\x02\x50"), Heard::Tls);
        for (said, told) in [
            (
                &b"HTTP/1.1 400 Bad Request\r\nServer: x"[..],
                "an HTTP server, which says \"HTTP/1.1 400 Bad Request\"",
            ),
            (
                b"<!DOCTYPE HTML>\n<html",
                "an HTTP server, which says \"<!DOCTYPE HTML>\"",
            ),
            (
                b"SSH-2.0-OpenSSH_9.2\r\n",
                "an SSH server, which says \"SSH-2.0-OpenSSH_9.2\"",
            ),
            (
                b"-ERR unknown command",
                "something else, which says \"-ERR unknown command\"",
            ),
            (b"\x01\x02", "something else, which says \"\\u{1}\\u{2}\""),
        ] {
            assert_eq!(language(said), Heard::Other(told.into()));
        }
    }

    #[test]
    fn sides_that_disagree_about_tls_are_told() {
        let code = |heard, uses_tls, is_no_tls| {
            stranger(heard, uses_tls, is_no_tls).map(|failure| failure.code)
        };
        assert_eq!(code(Heard::Tls, false, false), Some(Code::Tls));
        assert_eq!(code(Heard::Tls, true, false), None);
        assert_eq!(code(Heard::Cassandra, true, true), Some(Code::Tls));
        assert_eq!(code(Heard::Cassandra, true, false), None);
        assert_eq!(code(Heard::Cassandra, false, false), None);
        assert_eq!(code(Heard::Nothing, false, false), None);
        assert_eq!(code(Heard::End, false, false), None);
    }
}
