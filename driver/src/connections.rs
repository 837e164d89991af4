//! The connections of a session, and new ones where the old have died without a word.
//!
//! A connection whose peer, or an address translator on the way, has forgotten it looks like one to a
//! slow server. New connections tell the two apart: where a server answers on them, and nobody has
//! answered on the old ones for a while, the old ones are given up.

use std::sync::Arc;
use std::time::Duration;

use crate::access::Access;
use crate::admission::address_of;
use crate::bridge::ffi::{Code, Config, Failure};
use crate::cluster::{self, Cluster};
use crate::outage::Outage;
use crate::renewal::Renewal;
use crate::silence::Silence;
use crate::{entrance, failure, outage};
use arc_swap::ArcSwap;
use scylla::client::session::Session as Client;
use scylla::policies::load_balancing::LoadBalancingPolicy;

/// Nobody answering for this long is suspicious once an attempt has timed out.
const SUSPICIOUS: Duration = Duration::from_secs(5);

/// Thread safe.
pub(crate) struct Connections {
    cluster: ArcSwap<Cluster>,
    config: Arc<Config>,
    access: Access,
    silence: Silence,
    renewal: Arc<Renewal>,
    outage: Outage,
}

impl Connections {
    pub(crate) fn new(config: &Config, access: Access, cluster: Cluster) -> Self {
        let config = Config {
            local_datacenter: cluster.local_datacenter.clone(),
            ..config.clone()
        };
        Self {
            cluster: ArcSwap::from_pointee(cluster),
            config: Arc::new(config),
            access,
            silence: Silence::new(),
            renewal: Arc::default(),
            outage: Outage::default(),
        }
    }

    pub(crate) fn client(&self) -> Arc<Client> {
        Arc::clone(&self.cluster.load().client)
    }

    pub(crate) fn default_plan(&self) -> Arc<dyn LoadBalancingPolicy> {
        Arc::clone(&self.cluster.load().default_plan)
    }

    /// A request is sent.
    pub(crate) fn sent(&self) {
        self.silence.sent();
    }

    /// A request has ended, with `failure` unless it succeeded. Where this leads to new connections,
    /// it returns when they are there, or will not be there soon.
    pub(crate) async fn ended(self: &Arc<Self>, failure: Option<&Failure>) {
        match failure {
            Some(failure) if !failure::is_of_server(failure.code) => {
                if self.is_suspicious(failure.code) {
                    self.renew_soon().await;
                }
            }
            _ => {
                self.silence.answered();
                self.renewal.answered();
                self.outage.is_over();
            }
        }
    }

    /// The failure of a request that has ended, with what the last try of new connections has found.
    pub(crate) fn explain(&self, failure: Failure) -> Failure {
        self.outage.explain(failure)
    }

    /// Tries new connections, and returns when they are there, or will not be there soon. Also for
    /// statements that could not be prepared in time: the driver prepares on all nodes that it has a
    /// connection to, so that one which has fallen silent is enough.
    pub(crate) async fn renew_soon(self: &Arc<Self>) {
        self.renewal.soon(|| Arc::clone(self).renew()).await;
    }

    fn is_suspicious(&self, code: Code) -> bool {
        match code {
            Code::AttemptTimeout => self.silence.length() >= SUSPICIOUS,
            Code::NoConnection => {
                let state = self.client().get_cluster_state();
                !state
                    .get_nodes_info()
                    .iter()
                    .any(|node| node.is_connected())
            }
            _ => false,
        }
    }

    /// Tries new connections, by the contact points and the nodes that are known. Requests in flight
    /// stay where they are. Returns whether a server was reached.
    async fn renew(self: Arc<Self>) -> bool {
        let nodes = {
            let state = self.client().get_cluster_state();
            let nodes = state.get_nodes_info().iter();
            nodes
                .filter(|node| node.is_enabled())
                .map(|node| address_of(node))
                .collect()
        };
        match cluster::open(&self.config, &self.access, nodes).await {
            Ok(cluster) => {
                self.cluster.store(Arc::new(cluster));
                self.silence.answered();
                self.outage.is_over();
                true
            }
            // It is not the connections: the requests' own errors tell what is wrong.
            Err(failure) if !entrance::is_unreachable(&failure) => true,
            Err(_) => {
                self.outage.note(self.look_elsewhere().await);
                false
            }
        }
    }

    /// Also the contact points may be of the local datacenter alone.
    async fn look_elsewhere(&self) -> Option<String> {
        let cluster = self.cluster.load_full();
        let elsewhere = outage::elsewhere(&cluster.client, &cluster.local_datacenter);
        outage::look(&cluster.local_datacenter, &elsewhere, cluster.tls.clone()).await
    }
}
