//! Which servers answer, up to where they would take requests.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::access::{Access, TlsClient};
use crate::handshake::shake_hands;
use crate::introduction::{Introduction, introduction};
use crate::routes::{NodeAt, Routes};

/// How long the slower servers have after the first has answered: this, or as long as the first
/// took, whichever is longer. Those that need more are found by the next look.
const GRACE: Duration = Duration::from_millis(100);

/// What became of the nodes that were asked.
#[derive(Default)]
pub(crate) struct Answers {
    /// With the best of their addresses that answered.
    pub(crate) answered: HashMap<NodeAt, SocketAddr>,
    /// The others, in words.
    pub(crate) others: Vec<Silent>,
}

/// A node that has not answered.
pub(crate) struct Silent {
    pub(crate) node: NodeAt,
    /// What it announces, where it was dialled, and how that ended.
    pub(crate) story: String,
    /// Whether it might still answer.
    pub(crate) hangs: bool,
}

/// One way to a node.
struct Way {
    node: usize,
    address: SocketAddr,
    end: Option<io::Result<()>>,
}

/// Asks nodes at all addresses that `routes` has for them: until one has answered and the others
/// have had some time, or until `deadline`.
pub(crate) async fn ask_all(
    nodes: &[NodeAt],
    routes: &Arc<Routes>,
    access: &Access,
    deadline: Instant,
) -> Answers {
    let begun = Instant::now();
    let mut deadline = deadline;
    let mut unknown = vec![None; nodes.len()];
    let mut ways: Vec<Way> = Vec::new();
    let mut found = JoinSet::new();
    for (number, &node) in nodes.iter().enumerate() {
        let routes = Arc::clone(routes);
        found.spawn(async move { (number, routes.to(node).await) });
    }
    let mut asked = JoinSet::new();
    let mut has_answer = false;
    while !found.is_empty() || !asked.is_empty() {
        let next = async {
            tokio::select! {
                Some(found) = found.join_next() => Event::Found(found),
                Some(asked) = asked.join_next() => Event::Asked(asked),
            }
        };
        match timeout_at(deadline, next).await {
            Err(_) => break,
            Ok(Event::Found(Ok((node, Ok(addresses))))) => {
                for address in addresses {
                    let (way, access) = (ways.len(), access.clone());
                    ways.push(Way {
                        node,
                        address,
                        end: None,
                    });
                    asked.spawn(async move { (way, answer_of(address, access).await) });
                }
            }
            Ok(Event::Found(Ok((node, Err(why))))) => unknown[node] = Some(why),
            Ok(Event::Asked(Ok((way, end)))) => {
                if end.is_ok() && !has_answer {
                    has_answer = true;
                    let grace = begun.elapsed().max(GRACE);
                    deadline = deadline.min(Instant::now() + grace);
                }
                ways[way].end = Some(end);
            }
            Ok(Event::Found(Err(_)) | Event::Asked(Err(_))) => {} // the runtime ends
        }
    }
    let numbered = nodes.iter().zip(unknown).enumerate();
    let mut answers = Answers::default();
    for (number, (&node, unknown)) in numbered {
        let of_node = || ways.iter().filter(|way| way.node == number);
        match of_node().find(|way| matches!(way.end, Some(Ok(())))) {
            Some(way) => {
                routes.answered(node, way.address);
                answers.answered.insert(node, way.address);
            }
            None => answers.others.push(Silent {
                node,
                story: story(routes.shown(node), of_node(), unknown),
                hangs: of_node().any(|way| way.end.is_none()),
            }),
        }
    }
    answers
}

enum Event<F, A> {
    Found(F),
    Asked(A),
}

fn story<'a>(
    announced: SocketAddr,
    ways: impl Iterator<Item = &'a Way>,
    unknown: Option<String>,
) -> String {
    let end = |way: &Way| match &way.end {
        Some(Err(error)) => error.to_string(),
        _ => "no answer".to_owned(),
    };
    let mut parts = Vec::from_iter(unknown);
    parts.extend(ways.map(|way| match way.address == announced {
        true => end(way),
        false => format!("dialled at {}: {}", way.address, end(way)),
    }));
    match parts.is_empty() {
        true => format!("{announced}: no answer from the name service"),
        false => format!("{announced}: {}", parts.join(", ")),
    }
}

async fn answer_of(address: SocketAddr, access: Access) -> io::Result<()> {
    let login = &access.login;
    match connect(address, &access.tls).await? {
        Either::Plain(stream) => shake_hands(stream, login).await,
        Either::Tls(stream) => shake_hands(stream, login).await,
    }
}

/// Has the servers at `contacts` tell `routes` who they are: all that do so soon, and in any case
/// `first`, before `deadline`.
pub(crate) async fn meet(
    first: Option<SocketAddr>,
    contacts: &[SocketAddr],
    routes: &Routes,
    access: &Access,
    deadline: Instant,
) {
    let begun = Instant::now();
    let mut deadline = deadline;
    let mut met = JoinSet::new();
    for &contact in contacts {
        let access = access.clone();
        met.spawn(async move { (contact, introduction_of(contact, access).await) });
    }
    let mut first = first;
    while let Ok(Some(ended)) = timeout_at(deadline, met.join_next()).await {
        let Ok((contact, told)) = ended else { continue };
        if let Ok(introduction) = told {
            routes.met(contact, &introduction);
        }
        if first == Some(contact) {
            first = None;
        }
        if first.is_none() {
            deadline = deadline.min(Instant::now() + begun.elapsed().max(GRACE));
        }
    }
}

async fn introduction_of(address: SocketAddr, access: Access) -> io::Result<Introduction> {
    let login = &access.login;
    match connect(address, &access.tls).await? {
        Either::Plain(stream) => introduction(stream, login).await,
        Either::Tls(stream) => introduction(stream, login).await,
    }
}

enum Either {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

async fn connect(address: SocketAddr, tls: &TlsClient) -> io::Result<Either> {
    let stream = TcpStream::connect(address).await?;
    let Some(config) = tls else {
        return Ok(Either::Plain(stream));
    };
    let name = ServerName::IpAddress(address.ip().into());
    let connector = TlsConnector::from(Arc::clone(config));
    Ok(Either::Tls(Box::new(
        connector.connect(name, stream).await?,
    )))
}
