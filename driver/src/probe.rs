//! Which servers answer, up to where they would take requests.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use crate::access::Access;
use crate::handshake::shake_hands;

/// How long the slower servers have after the first has answered: this, or as long as the first
/// took, whichever is longer. Those that need more are found by the next look.
const GRACE: Duration = Duration::from_millis(100);

/// Those of `addresses` that answer: at least one, unless none does by `deadline`. The errors are
/// of those that are known not to answer.
pub(crate) async fn first_to_answer(
    addresses: &[SocketAddr],
    access: &Access,
    deadline: Instant,
) -> (Vec<SocketAddr>, Vec<(SocketAddr, io::Error)>) {
    let begun = Instant::now();
    let mut deadline = deadline;
    let mut probes = JoinSet::new();
    for &address in addresses {
        let access = access.clone();
        probes.spawn(async move { (address, answer_of(address, access).await) });
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

async fn answer_of(address: SocketAddr, access: Access) -> io::Result<()> {
    let stream = TcpStream::connect(address).await?;
    match access.tls {
        None => shake_hands(stream, &access.login).await,
        Some(config) => {
            let name = ServerName::IpAddress(address.ip().into());
            let stream = TlsConnector::from(config).connect(name, stream).await?;
            shake_hands(stream, &access.login).await
        }
    }
}
