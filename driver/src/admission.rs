//! Which nodes the driver may connect to.
//!
//! The driver shows a cluster's nodes only when the pool of each was tried, whatever that takes: one
//! machine that is switched off would hold up connecting, and each later look at the cluster. So it
//! gets to know a node only once the node has answered, and no node of another datacenter at all.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use scylla::client::session::Session as Client;
use scylla::cluster::metadata::Peer;
use scylla::policies::host_filter::HostFilter;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::access::Access;
use crate::addresses::Addresses;
use crate::bridge::ffi::{Config, ReportKind};
use crate::probe::{self, Answers};
use crate::routes::{NodeAt, REMEDY, Routes};
use crate::{contact_points, entrance, routes};

/// How often nodes that have not answered yet are asked again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How often the servers behind contact points are asked at least who they are, while the same nodes
/// are missing. Each question is a login.
const LONGEST_PAUSE: Duration = Duration::from_secs(32);

/// How long such a node has to answer.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// Nobody is admitted at first.
#[derive(Default)]
pub(crate) struct Admission(Mutex<Admitted>);

#[derive(Default)]
struct Admitted {
    datacenter: String,
    nodes: HashSet<NodeAt>,
}

impl HostFilter for Admission {
    fn accept(&self, peer: &Peer) -> bool {
        let admitted = self.lock();
        let node = NodeAt {
            host_id: peer.host_id,
            address: (peer.address.ip(), peer.address.port()).into(),
        };
        peer.datacenter.as_deref() == Some(&admitted.datacenter) && admitted.nodes.contains(&node)
    }
}

impl Admission {
    /// From the next look at the cluster on, these of `datacenter` are admitted too, and no longer
    /// at other addresses.
    pub(crate) fn admit(&self, datacenter: &str, nodes: impl Iterator<Item = NodeAt>) {
        let mut admitted = self.lock();
        datacenter.clone_into(&mut admitted.datacenter);
        for node in nodes {
            admitted.nodes.retain(|other| other.host_id != node.host_id);
            admitted.nodes.insert(node);
        }
    }

    /// The nodes in `datacenter` that are not admitted.
    pub(crate) fn missing(&self, datacenter: &str, client: &Client) -> Vec<NodeAt> {
        let admitted = self.lock();
        let state = client.get_cluster_state();
        let local = state
            .get_nodes_info()
            .iter()
            .filter(|node| node.datacenter.as_deref() == Some(datacenter));
        local
            .map(|node| NodeAt::from(&**node))
            .filter(|node| !admitted.nodes.contains(node))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Admitted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Admits nodes of the local datacenter as they answer, for as long as it lives.
pub(crate) struct Watcher(AbortHandle);

/// What it watches, and by what means.
pub(crate) struct Watched {
    pub(crate) client: Weak<Client>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) datacenter: String,
    pub(crate) access: Access,
    pub(crate) routes: Arc<Routes>,
    pub(crate) config: Arc<Config>,
}

impl Watcher {
    pub(crate) fn start(watched: Watched) -> Self {
        Self(tokio::spawn(watched.watch()).abort_handle())
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// When the servers behind contact points are asked who they are: at growing intervals, and at once
/// if other nodes are missing than before.
#[derive(Default)]
struct Meetings {
    missing: HashSet<NodeAt>,
    pause: Duration,
    next: Option<Instant>,
}

impl Meetings {
    fn are_due(&mut self, missing: Vec<NodeAt>) -> bool {
        let now = Instant::now();
        let missing = missing.into_iter().collect();
        if self.missing != missing {
            (self.missing, self.pause, self.next) = (missing, LOOK_AGAIN, None);
        }
        if self.next.is_some_and(|next| now < next) {
            return false;
        }
        self.next = Some(now + self.pause);
        self.pause = LONGEST_PAUSE.min(2 * self.pause);
        true
    }
}

impl Watched {
    async fn watch(self) {
        let mut told = HashSet::new();
        let mut meetings = Meetings::default();
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            let Some(missing) = self
                .client
                .upgrade()
                .map(|client| self.admission.missing(&self.datacenter, &client))
            else {
                return;
            };
            told.retain(|node| missing.contains(node));
            if missing.is_empty() {
                continue;
            }
            let limit = Instant::now() + PROBE_LIMIT;
            let answers = probe::ask_all(&missing, &self.routes, &self.access, limit).await;
            self.tell(&answers, &mut told);
            if answers.answered.is_empty() {
                if meetings.are_due(missing) {
                    self.meet_contacts().await;
                }
                continue;
            }
            let answered = answers.answered.into_keys();
            self.admission.admit(&self.datacenter, answered);
            let Some(client) = self.client.upgrade() else {
                return;
            };
            // Where it fails, the driver looks again by itself.
            let _ = client.refresh_metadata().await;
        }
    }

    /// Tells of each node once that it cannot be reached, until it has answered.
    fn tell(&self, answers: &Answers, told: &mut HashSet<NodeAt>) {
        let ran_out = answers.answered.is_empty();
        let silent = answers.others.iter();
        let silent = silent.filter(|silent| ran_out || !silent.hangs);
        let stories: Vec<_> = silent
            .filter(|silent| told.insert(silent.node))
            .map(|silent| silent.story.as_str())
            .collect();
        if !stories.is_empty() {
            let message = format!(
                "nodes of datacenter \"{}\" that cannot be reached: {}; {REMEDY}",
                self.datacenter,
                stories.join("; ")
            );
            self.access.host.report(ReportKind::Connections, &message);
        }
    }

    /// The nodes that are missing may stand behind contact points.
    async fn meet_contacts(&self) {
        let config = &self.config;
        let Ok(points) = contact_points::parse_all(&config.contact_points, config.default_port)
        else {
            return; // which are refused when connecting
        };
        let limit = Instant::now() + PROBE_LIMIT;
        let mut addresses = Addresses::look_up(points, Vec::new());
        let contacts = addresses.all(limit).await;
        let Some(places) = self
            .client
            .upgrade()
            .map(|client| entrance::places(&client))
        else {
            return;
        };
        let strangers = routes::strangers(contacts, &places);
        probe::meet(None, &strangers, &self.routes, &self.access, limit).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Host;
    use crate::address_map;
    use crate::client::tests::config;
    use crate::login::Login;
    use crate::paused_clock;
    use crate::probe::Silent;
    use uuid::Uuid;

    /// Keeps what it is told.
    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);

    impl Host for Told {
        fn credentials(&self) -> Result<(String, String), String> {
            Err("nobody asks".into())
        }

        fn report(&self, kind: ReportKind, message: &str) {
            assert!(kind == ReportKind::Connections);
            self.0.lock().unwrap().push(message.into());
        }
    }

    fn node(number: u8) -> NodeAt {
        NodeAt {
            host_id: Uuid::from_u128(number.into()),
            address: ([10, 0, 0, number], 9042).into(),
        }
    }

    fn silent(number: u8, hangs: bool) -> Silent {
        Silent {
            node: node(number),
            story: format!("story {number}"),
            hangs,
        }
    }

    #[test]
    fn contacts_are_met_at_growing_intervals_while_the_same_nodes_are_missing() {
        paused_clock::run(meet_while_nodes_are_missing());
    }

    async fn meet_while_nodes_are_missing() {
        let mut meetings = Meetings::default();
        let mut met = Vec::new();
        for second in 0..100 {
            if meetings.are_due(vec![node(2)]) {
                met.push(second);
            }
            tokio::time::advance(LOOK_AGAIN).await;
        }
        assert_eq!(met, [0, 1, 3, 7, 15, 31, 63, 95]);
        assert!(meetings.are_due(vec![node(3)]), "another one is missing");
    }

    #[test]
    fn a_node_that_cannot_be_reached_is_told_of_once() {
        let host = Arc::new(Told::default());
        let watched = Watched {
            client: Weak::new(),
            admission: Arc::default(),
            datacenter: "east".into(),
            access: Access {
                tls: None,
                login: Arc::new(Login::fixed("", "")),
                host: Arc::clone(&host) as Arc<_>,
            },
            routes: Arc::new(Routes::new(address_map::tests::map(&[]).unwrap())),
            config: Arc::new(config()),
        };
        let mut known = HashSet::new();
        let mut told = |answered: &[u8], others: Vec<Silent>| {
            let answers = Answers {
                answered: answered
                    .iter()
                    .map(|number| (node(*number), node(*number).address))
                    .collect(),
                others,
            };
            watched.tell(&answers, &mut known);
            std::mem::take(&mut *host.0.lock().unwrap())
        };
        let first = told(&[1], vec![silent(2, false), silent(3, true)]);
        assert_eq!(first.len(), 1);
        let wanted = "nodes of datacenter \"east\" that cannot be reached: story 2; if they run";
        assert!(first[0].starts_with(wanted), "{first:?}");
        let second = told(&[], vec![silent(2, false), silent(3, true)]);
        assert_eq!(second.len(), 1, "there was time for it to answer");
        assert!(second[0].contains("reached: story 3; "), "{second:?}");
        assert!(told(&[], vec![silent(2, false), silent(3, true)]).is_empty());
    }
}
