//! The steps of a new connection up to where it takes requests, without the driver: it waits for a
//! server that falls silent in one of them for as long as the connection stays open.

use std::collections::HashMap;
use std::io;

use bytes::Bytes;
use scylla_cql::frame::request::{AuthResponse, SerializableRequest, Startup, options};
use scylla_cql::frame::response::ResponseOpcode;
use scylla_cql::frame::{SerializedRequest, read_response_frame};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::login::Login;

/// Returns when a server has answered each step. What it says to the last one does not matter: also
/// one that refuses does not keep anybody waiting.
pub(crate) async fn shake_hands(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    login: &Login,
) -> io::Result<()> {
    let version = (
        options::CQL_VERSION.into(),
        options::DEFAULT_CQL_PROTOCOL_VERSION.into(),
    );
    let startup = Startup {
        options: HashMap::from([version]),
    };
    let (answer, _) = ask(&mut stream, &startup).await?;
    if answer != ResponseOpcode::Authenticate {
        return Ok(());
    }
    if let Some(token) = login.token().await.map_err(io::Error::other)? {
        let response = Some(token.to_vec());
        ask(&mut stream, &AuthResponse { response }).await?;
    }
    Ok(())
}

/// The kind of the answer, and its body.
pub(crate) async fn ask(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &impl SerializableRequest,
) -> io::Result<(ResponseOpcode, Bytes)> {
    let frame = SerializedRequest::make(request, None, false).map_err(io::Error::other)?;
    stream.write_all(frame.get_data()).await?;
    stream.flush().await?;
    let answer = read_response_frame(stream).await;
    let (_, opcode, body) = answer.map_err(io::Error::other)?;
    Ok((opcode, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paused_clock;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, DuplexStream};
    use tokio::time::timeout;

    const STARTUP: u8 = 1;
    const AUTH_RESPONSE: u8 = 15;
    const ERROR: u8 = 0;
    const READY: u8 = 2;
    const AUTHENTICATE: u8 = 3;
    const AUTH_SUCCESS: u8 = 16;

    /// Answers each request with the next of `opcodes`, and an empty body, and then says nothing
    /// more. Returns the requests: opcode and body.
    async fn serve(mut stream: DuplexStream, opcodes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut requests = Vec::new();
        let mut opcodes = opcodes.iter();
        let mut header = [0; 9];
        while stream.read_exact(&mut header).await.is_ok() {
            let length = u32::from_be_bytes(header[5..].try_into().unwrap());
            let mut body = vec![0; usize::try_from(length).unwrap()];
            stream.read_exact(&mut body).await.unwrap();
            requests.push((header[4], body));
            if let Some(&opcode) = opcodes.next() {
                let answer = [0x84, 0, 0, 0, opcode, 0, 0, 0, 0];
                stream.write_all(&answer).await.unwrap();
            }
        }
        requests
    }

    /// Whether the client is content, and what it has asked.
    fn meet(login: &Login, opcodes: &[u8]) -> (bool, Vec<(u8, Vec<u8>)>) {
        paused_clock::run(async {
            let (client, server) = tokio::io::duplex(1024);
            let hour = Duration::from_secs(3600);
            let client = timeout(hour, shake_hands(client, login));
            let (ended, requests) = tokio::join!(client, serve(server, opcodes));
            (matches!(ended, Ok(Ok(()))), requests)
        })
    }

    fn asked(requests: &[(u8, Vec<u8>)]) -> Vec<u8> {
        requests.iter().map(|(opcode, _)| *opcode).collect()
    }

    #[test]
    fn a_server_that_hangs_in_a_step_has_not_answered() {
        let me = Login::fixed("me", "secret");
        assert!(!meet(&me, &[]).0);
        assert!(!meet(&me, &[AUTHENTICATE]).0);
    }

    #[test]
    fn one_that_asks_for_nothing_is_there_after_one_request() {
        let (content, requests) = meet(&Login::fixed("me", "secret"), &[READY]);
        assert!(content);
        assert_eq!(asked(&requests), [STARTUP]);
        let version = b"\0\x01\0\x0bCQL_VERSION\0\x054.0.0";
        assert_eq!(requests[0].1, version);
    }

    #[test]
    fn one_that_asks_who_is_there_is_told() {
        let (content, requests) =
            meet(&Login::fixed("me", "secret"), &[AUTHENTICATE, AUTH_SUCCESS]);
        assert!(content);
        assert_eq!(asked(&requests), [STARTUP, AUTH_RESPONSE]);
        assert_eq!(requests[1].1, b"\0\0\0\x0a\0me\0secret");
    }

    #[test]
    fn a_refusal_is_an_answer() {
        assert!(meet(&Login::fixed("", ""), &[ERROR]).0);
        assert!(meet(&Login::fixed("", ""), &[AUTHENTICATE]).0);
        assert!(meet(&Login::fixed("me", "secret"), &[AUTHENTICATE, ERROR]).0);
    }
}
