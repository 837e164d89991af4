//! What can be told while no node of the local datacenter answers: which others do. They are asked
//! for nothing but whether they are there, and get no request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scylla::client::session::Session as Client;
use tokio::time::Instant;

use crate::access::Access;
use crate::bridge::ffi::{Code, Failure};
use crate::datacenter;
use crate::probe;
use crate::routes::{NodeAt, Routes};

/// How long the nodes of other datacenters may take to answer.
pub(crate) const LIMIT: Duration = Duration::from_secs(1);

/// How many nodes of each are asked.
const ASKED: usize = 3;

/// The nodes of other datacenters than `local` that are to be asked, with their datacenters, as far
/// as `client` knows them.
pub(crate) fn elsewhere(client: &Client, local: &str) -> Vec<(NodeAt, String)> {
    let state = client.get_cluster_state();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut nodes = Vec::new();
    for node in state.get_nodes_info() {
        let Some(datacenter) = node.datacenter.as_deref().filter(|name| *name != local) else {
            continue;
        };
        let count = counts.entry(datacenter).or_default();
        *count += 1;
        if *count <= ASKED {
            nodes.push((NodeAt::from(&**node), datacenter.to_owned()));
        }
    }
    nodes
}

/// That the local datacenter is down, if nodes of others answer. Nobody logs in there.
pub(crate) async fn look(
    local: &str,
    elsewhere: &[(NodeAt, String)],
    routes: &Arc<Routes>,
    access: &Access,
) -> Option<String> {
    let nodes: Vec<_> = elsewhere.iter().map(|(node, _)| *node).collect();
    let limit = Instant::now() + LIMIT;
    let answers = probe::ask_all(&nodes, routes, &access.without_login(), limit).await;
    let others: BTreeSet<_> = elsewhere
        .iter()
        .filter(|(node, _)| answers.answered.contains_key(node))
        .map(|(_, datacenter)| datacenter.clone())
        .collect();
    (!others.is_empty()).then(|| datacenter::down(local, &others))
}

/// What was found when connections were last tried, until a server answers. Thread safe.
#[derive(Default)]
pub(crate) struct Outage {
    is_known: AtomicBool,
    words: Mutex<String>,
}

impl Outage {
    pub(crate) fn note(&self, words: Option<String>) {
        let is_known = words.is_some();
        *self.words.lock().unwrap_or_else(PoisonError::into_inner) = words.unwrap_or_default();
        self.is_known.store(is_known, Ordering::Release);
    }

    pub(crate) fn is_over(&self) {
        if self.is_known.load(Ordering::Relaxed) {
            self.is_known.store(false, Ordering::Relaxed);
        }
    }

    /// The failure of a request, with what is known of why.
    pub(crate) fn explain(&self, failure: Failure) -> Failure {
        if !self.is_known.load(Ordering::Acquire) {
            return failure;
        }
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if words.is_empty() {
            return failure; // it was over meanwhile
        }
        match failure.code {
            Code::NoConnection => Failure {
                code: Code::DatacenterDown,
                message: words.clone(),
                ..failure
            },
            Code::AttemptTimeout => Failure {
                message: format!("{}; {words}", failure.message),
                ..failure
            },
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Host;
    use crate::bridge::ffi::ReportKind;
    use crate::login::Login;
    use crate::{address_map, failure};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::time::timeout;
    use uuid::Uuid;

    const STARTUP: u8 = 1;
    const AUTHENTICATE: u8 = 3;

    struct Nobody;

    impl Host for Nobody {
        fn credentials(&self) -> Result<(String, String), String> {
            Err("nobody asks".into())
        }

        fn report(&self, _: ReportKind, message: &str) {
            panic!("{message}");
        }
    }

    /// Asks each client who it is, and keeps what they say: the opcodes of all requests.
    async fn serve(listener: TcpListener, opcodes: Arc<Mutex<Vec<u8>>>) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut header = [0; 9];
            while stream.read_exact(&mut header).await.is_ok() {
                let length = u32::from_be_bytes(header[5..].try_into().unwrap());
                let mut body = vec![0; usize::try_from(length).unwrap()];
                stream.read_exact(&mut body).await.unwrap();
                opcodes.lock().unwrap().push(header[4]);
                let answer = [0x84, 0, 0, 0, AUTHENTICATE, 0, 0, 0, 0];
                stream.write_all(&answer).await.unwrap();
            }
        }
    }

    fn failed(code: Code) -> Failure {
        failure::of_request(code, "words of the driver")
    }

    #[test]
    fn failures_are_explained_until_a_server_answers() {
        let outage = Outage::default();
        let none = outage.explain(failed(Code::NoConnection));
        assert_eq!(none.code, Code::NoConnection);
        outage.note(Some("west does".into()));
        let none = outage.explain(failed(Code::NoConnection));
        assert_eq!(
            (none.code, &*none.message),
            (Code::DatacenterDown, "west does")
        );
        let late = outage.explain(failed(Code::AttemptTimeout));
        assert_eq!(late.code, Code::AttemptTimeout, "it may have been done");
        assert_eq!(late.message, "words of the driver; west does");
        let told = outage.explain(failed(Code::Unavailable));
        assert_eq!(told.message, "words of the driver");
        outage.is_over();
        let none = outage.explain(failed(Code::NoConnection));
        assert_eq!(none.code, Code::NoConnection);
    }

    #[test]
    fn nodes_elsewhere_are_asked_where_they_are_reached_and_nobody_logs_in() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        #[allow(clippy::disallowed_methods)]
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let reachable = listener.local_addr().unwrap().to_string();
            let opcodes = Arc::default();
            let serving = tokio::spawn(serve(listener, Arc::clone(&opcodes)));
            let map = address_map::tests::map(&[("192.0.2.1", &reachable)]).unwrap();
            let routes = Arc::new(Routes::new(map));
            let west = NodeAt {
                host_id: Uuid::from_u128(1),
                address: ([192, 0, 2, 1], 9042).into(),
            };
            let access = Access {
                tls: None,
                login: Arc::new(Login::fixed("me", "secret")),
                host: Arc::new(Nobody),
            };
            let elsewhere = [(west, "west".to_owned())];
            let found = async {
                loop {
                    if let Some(words) = look("east", &elsewhere, &routes, &access).await {
                        break words; // the first time, unless the machine has no second for it
                    }
                }
            };
            let words = timeout(Duration::from_secs(60), found).await.unwrap();
            let west = BTreeSet::from(["west".to_owned()]);
            assert_eq!(words, datacenter::down("east", &west));
            serving.abort();
            assert!(
                opcodes
                    .lock()
                    .unwrap()
                    .iter()
                    .all(|opcode| *opcode == STARTUP)
            );
        });
    }
}
