//! Whether a server answers, found out without the driver: it waits for a node that says nothing for
//! as long as the connection stays open.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

pub(crate) type TlsClient = Option<Arc<ClientConfig>>;

/// The frame of an OPTIONS request in version 4 of the protocol: version, flags, stream (2 bytes),
/// opcode, length of the body (4 bytes). A server answers it before a client has logged in.
const OPTIONS: [u8; 9] = [4, 0, 0, 0, 5, 0, 0, 0, 0];

/// How long the slower servers have after the first has answered: this, or as long as the first
/// took, whichever is longer. Those that need more are found by the next look.
const GRACE: Duration = Duration::from_millis(100);

/// Those of `addresses` that answer: at least one, unless none does by `deadline`. The errors are
/// of those that are known not to answer.
pub(crate) async fn first_to_answer(
    addresses: &[SocketAddr],
    tls: &TlsClient,
    deadline: Instant,
) -> (Vec<SocketAddr>, Vec<(SocketAddr, io::Error)>) {
    let begun = Instant::now();
    let mut deadline = deadline;
    let mut probes = JoinSet::new();
    for &address in addresses {
        let tls = tls.clone();
        probes.spawn(async move { (address, answer_of(address, tls).await) });
    }
    let (mut answered, mut failed) = (Vec::new(), Vec::new());
    while let Ok(Some(probed)) = timeout_at(deadline, probes.join_next()).await {
        match probed {
            Ok((address, Ok(()))) => {
                if answered.is_empty() {
                    let grace = begun.elapsed().max(GRACE);
                    deadline = deadline.min(Instant::now() + grace);
                }
                answered.push(address);
            }
            Ok((address, Err(error))) => failed.push((address, error)),
            Err(_) => {} // the runtime ends
        }
    }
    (answered, failed)
}

async fn answer_of(address: SocketAddr, tls: TlsClient) -> io::Result<()> {
    let stream = TcpStream::connect(address).await?;
    match tls {
        None => ask(stream).await,
        Some(config) => {
            let name = ServerName::IpAddress(address.ip().into());
            ask(TlsConnector::from(config).connect(name, stream).await?).await
        }
    }
}

/// Whatever the answer says, it is one.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    stream.write_all(&OPTIONS).await?;
    stream.flush().await?;
    stream.read_exact(&mut [0; OPTIONS.len()]).await?;
    Ok(())
}
