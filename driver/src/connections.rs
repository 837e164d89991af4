//! The connections of a session, and new ones where the old have died without a word.
//!
//! A connection whose peer, or an address translator on the way, has forgotten it looks like one to a
//! slow server. New connections tell the two apart: where a server answers on them, and nobody has
//! answered on the old ones for a while, the old ones are given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use scylla::client::session::Session as Client;
use scylla::policies::load_balancing::LoadBalancingPolicy;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::admission::address_of;
use crate::bridge::ffi::{Code, Config, Failure};
use crate::cluster::{self, Cluster};
use crate::failure;
use crate::silence::Silence;

/// Nobody answering for this long is suspicious once an attempt has timed out.
const SUSPICIOUS: Duration = Duration::from_secs(5);

/// The least time between two times that new connections are tried.
const PAUSE: Duration = Duration::from_secs(1);

/// How long the end of an attempt may wait for them, so that the next one goes to the new ones.
const WAIT: Duration = Duration::from_secs(1);

/// Thread safe.
pub(crate) struct Connections {
    cluster: ArcSwap<Cluster>,
    config: Arc<Config>,
    silence: Silence,
    /// Whether new connections are tried, or have been just now.
    renewing: AtomicBool,
    opening: AtomicBool,
    renewed: Notify,
}

impl Connections {
    pub(crate) fn new(config: &Config, cluster: Cluster) -> Self {
        let config = Config {
            local_datacenter: cluster.local_datacenter.clone(),
            ..config.clone()
        };
        Self {
            cluster: ArcSwap::from_pointee(cluster),
            config: Arc::new(config),
            silence: Silence::new(),
            renewing: AtomicBool::new(false),
            opening: AtomicBool::new(false),
            renewed: Notify::new(),
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
            _ => self.silence.answered(),
        }
    }

    /// Tries new connections, and returns when they are there, or will not be there soon. Also for
    /// statements that could not be prepared in time: the driver prepares on all nodes that it has a
    /// connection to, so that one which has fallen silent is enough.
    pub(crate) async fn renew_soon(self: &Arc<Self>) {
        let renewed = self.renewed.notified();
        self.renew();
        if self.opening.load(Ordering::Acquire) {
            let _ = timeout(WAIT, renewed).await;
        }
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
    /// stay where they are.
    fn renew(self: &Arc<Self>) {
        if self.renewing.swap(true, Ordering::AcqRel) {
            return;
        }
        self.opening.store(true, Ordering::Release);
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let nodes = {
                let state = this.client().get_cluster_state();
                let nodes = state.get_nodes_info().iter();
                nodes
                    .filter(|node| node.is_enabled())
                    .map(|node| address_of(node))
                    .collect()
            };
            let opened = cluster::open(&this.config, nodes).await;
            if let Ok(cluster) = opened {
                this.cluster.store(Arc::new(cluster));
                this.silence.answered();
            } // else it is not the connections: the requests' own errors tell what is wrong
            this.opening.store(false, Ordering::Release);
            this.renewed.notify_waiters();
            tokio::time::sleep(PAUSE).await;
            this.renewing.store(false, Ordering::Release);
        });
    }
}
