//! Which nodes the driver may connect to.
//!
//! The driver shows a cluster's nodes only when the pool of each was tried, whatever that takes: one
//! machine that is switched off would hold up connecting, and each later look at the cluster. So it
//! gets to know a node only once the node has answered, and no node of another datacenter at all.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use scylla::client::session::Session as Client;
use scylla::cluster::Node;
use scylla::cluster::metadata::Peer;
use scylla::policies::host_filter::HostFilter;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::access::Access;
use crate::probe;

/// How often nodes that have not answered yet are asked again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How long such a node has to answer.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// Nobody is admitted at first.
#[derive(Default)]
pub(crate) struct Admission(Mutex<Admitted>);

#[derive(Default)]
struct Admitted {
    datacenter: String,
    addresses: HashSet<SocketAddr>,
}

impl HostFilter for Admission {
    fn accept(&self, peer: &Peer) -> bool {
        let admitted = self.lock();
        peer.datacenter.as_deref() == Some(&admitted.datacenter)
            && admitted
                .addresses
                .contains(&(peer.address.ip(), peer.address.port()).into())
    }
}

impl Admission {
    /// From the next look at the cluster on, the nodes of `datacenter` at `addresses` are admitted
    /// too.
    pub(crate) fn admit(&self, datacenter: &str, addresses: Vec<SocketAddr>) {
        let mut admitted = self.lock();
        datacenter.clone_into(&mut admitted.datacenter);
        admitted.addresses.extend(addresses);
    }

    /// The addresses of the nodes in `datacenter` that are not admitted.
    pub(crate) fn missing(&self, datacenter: &str, client: &Client) -> Vec<SocketAddr> {
        let admitted = self.lock();
        let state = client.get_cluster_state();
        let local = state
            .get_nodes_info()
            .iter()
            .filter(|node| node.datacenter.as_deref() == Some(datacenter));
        local
            .map(|node| address_of(node))
            .filter(|address| !admitted.addresses.contains(address))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Admitted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn address_of(node: &Node) -> SocketAddr {
    (node.address.ip(), node.address.port()).into()
}

/// Admits nodes of the local datacenter as they answer, for as long as it lives.
pub(crate) struct Watcher(AbortHandle);

impl Watcher {
    pub(crate) fn start(
        client: &Arc<Client>,
        admission: Arc<Admission>,
        datacenter: String,
        access: Access,
    ) -> Self {
        let client = Arc::downgrade(client);
        let task = tokio::spawn(watch(client, admission, datacenter, access));
        Self(task.abort_handle())
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn watch(
    client: Weak<Client>,
    admission: Arc<Admission>,
    datacenter: String,
    access: Access,
) {
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        let Some(missing) = client
            .upgrade()
            .map(|client| admission.missing(&datacenter, &client))
        else {
            return;
        };
        if missing.is_empty() {
            continue;
        }
        let limit = Instant::now() + PROBE_LIMIT;
        let (answered, _) = probe::first_to_answer(&missing, &access, limit).await;
        if answered.is_empty() {
            continue;
        }
        admission.admit(&datacenter, answered);
        let Some(client) = client.upgrade() else {
            return;
        };
        // Where it fails, the driver looks again by itself.
        let _ = client.refresh_metadata().await;
    }
}
