//! Nodes, ring and replicas, as the driver knew them at one moment.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use md5::{Digest, Md5};
use scylla::cluster::metadata::Strategy;
use scylla::cluster::{ClusterState, Node};
use scylla::frame::response::result::TableSpec;
use scylla::routing::Token;
use scylla::routing::partitioner::{Murmur3Partitioner, Partitioner};

use crate::bridge::ffi::{
    NodeId, NodeInfo, ReplicaCount, Replication, RingEntry, Strategy as Kind,
};
use crate::plan::id_of;
use crate::routes::{NodeAt, Routes};

pub(crate) fn token(key: &[u8]) -> i64 {
    Murmur3Partitioner.hash_one(key).value()
}

/// As the RandomPartitioner has it: from 0 to 2^127, big endian.
pub(crate) fn random_token(key: &[u8]) -> [u8; 16] {
    let digest = i128::from_be_bytes(Md5::digest(key).into());
    digest.unsigned_abs().to_be_bytes()
}

/// A snapshot for one table.
pub(crate) struct Topology {
    state: Arc<ClusterState>,
    routes: Arc<Routes>,
    table: TableSpec<'static>,
    datacenter: Option<String>,
    version: u64,
}

impl Topology {
    pub(crate) fn new(
        state: Arc<ClusterState>,
        routes: Arc<Routes>,
        table: TableSpec<'static>,
        datacenter: &str,
        version: u64,
    ) -> Self {
        let datacenter = (!datacenter.is_empty()).then(|| datacenter.to_owned());
        Self {
            state,
            routes,
            table,
            datacenter,
            version,
        }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn nodes(&self) -> Vec<NodeInfo> {
        let nodes = self.state.get_nodes_info().iter();
        nodes.map(|node| self.info(node)).collect()
    }

    fn info(&self, node: &Node) -> NodeInfo {
        let known = NodeAt::from(node);
        let shown = self.routes.shown(known);
        let reached = self
            .routes
            .reached(known)
            .filter(|reached| *reached != shown);
        NodeInfo {
            id: id_of(node.host_id),
            address: shown.ip().to_string(),
            port: shown.port(),
            reached_at: reached.map_or_else(String::new, |reached| reached.to_string()),
            datacenter: node.datacenter.clone().unwrap_or_default(),
            connected: node.is_connected(),
        }
    }

    pub(crate) fn ring(&self) -> Vec<RingEntry> {
        let ring = self.state.replica_locator().ring().iter();
        ring.map(|(token, node)| RingEntry {
            token: token.value(),
            owner: id_of(node.host_id),
        })
        .collect()
    }

    /// Empty for a keyspace or, with tablets, a tablet that the driver does not know yet.
    pub(crate) fn replicas(&self, token: i64, out: &mut [NodeId]) -> usize {
        let Some(keyspace) = self.state.get_keyspace(self.table.ks_name()) else {
            return 0;
        };
        let replicas = self.state.replica_locator().replicas_for_token(
            Token::new(token),
            &keyspace.strategy,
            self.datacenter.as_deref(),
            &self.table,
        );
        let mut count = 0;
        for (node, _) in replicas {
            if let Some(slot) = out.get_mut(count) {
                *slot = id_of(node.host_id);
            }
            count += 1;
        }
        count
    }

    pub(crate) fn replication(&self) -> Replication {
        let keyspace = self.state.get_keyspace(self.table.ks_name());
        keyspace.map_or(of_kind(Kind::Unknown), |known| replication(&known.strategy))
    }
}

fn of_kind(strategy: Kind) -> Replication {
    Replication {
        strategy,
        counts: Vec::new(),
    }
}

fn replication(strategy: &Strategy) -> Replication {
    let count = |datacenter: &str, replicas: usize| ReplicaCount {
        datacenter: datacenter.to_owned(),
        replicas,
    };
    match strategy {
        Strategy::SimpleStrategy { replication_factor } => Replication {
            strategy: Kind::Simple,
            counts: vec![count("", *replication_factor)],
        },
        Strategy::NetworkTopologyStrategy {
            datacenter_repfactors,
        } => Replication {
            strategy: Kind::ByDatacenter,
            counts: datacenter_repfactors
                .iter()
                .map(|(datacenter, replicas)| count(datacenter, *replicas))
                .collect(),
        },
        _ => of_kind(Kind::Other),
    }
}

/// The versions of what a session has seen: two snapshots of a keyspace with the same one have the
/// same nodes, places, tokens and replication.
#[derive(Default)]
pub(crate) struct Versions(Mutex<Latest>);

#[derive(Default)]
struct Latest {
    state: Weak<ClusterState>,
    fingerprint: u64,
    /// Of clusters: those with the same one have the same nodes, places and tokens.
    number: u64,
    /// Of the keyspaces of the state that were asked for.
    versions: HashMap<String, u64>,
}

impl Versions {
    pub(crate) fn of(&self, state: &Arc<ClusterState>, keyspace: &str) -> u64 {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::ptr::eq(latest.state.as_ptr(), Arc::as_ptr(state)) {
            latest.replace(state);
        }
        if let Some(version) = latest.versions.get(keyspace) {
            return *version;
        }
        let version = latest.version(state, keyspace);
        latest.versions.insert(keyspace.to_owned(), version);
        version
    }
}

impl Latest {
    fn replace(&mut self, state: &Arc<ClusterState>) {
        let fingerprint = fingerprint(state);
        if self.number == 0 || self.fingerprint != fingerprint {
            self.number += 1;
            self.fingerprint = fingerprint;
        }
        self.state = Arc::downgrade(state);
        self.versions.clear();
    }

    fn version(&self, state: &ClusterState, keyspace: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.number.hash(&mut hasher);
        if let Some(keyspace) = state.get_keyspace(keyspace) {
            hash_replication(&keyspace.strategy, &mut hasher);
        }
        hasher.finish()
    }
}

fn fingerprint(state: &ClusterState) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (token, node) in state.replica_locator().ring().iter() {
        (token.value(), node.host_id).hash(&mut hasher);
    }
    for node in state.get_nodes_info() {
        (node.host_id, &node.datacenter, &node.rack).hash(&mut hasher);
    }
    hasher.finish()
}

fn hash_replication(strategy: &Strategy, hasher: &mut DefaultHasher) {
    match strategy {
        Strategy::SimpleStrategy { replication_factor } => {
            ("simple", replication_factor).hash(hasher)
        }
        Strategy::NetworkTopologyStrategy {
            datacenter_repfactors,
        } => sorted(datacenter_repfactors).hash(hasher),
        Strategy::Other { name, data } => (name, sorted(data)).hash(hasher),
        _ => "local".hash(hasher),
    }
}

fn sorted<K: Ord, V>(map: &HashMap<K, V>) -> BTreeMap<&K, &V> {
    map.iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{random_token, token};

    #[test]
    fn tokens_are_those_of_the_server() {
        // From `SELECT token(row_id)` on Cassandra 5.0.
        assert_eq!(token(b"a"), -8839064797231613815);
        assert_eq!(token(b"hello"), -3758069500696749310);
    }

    #[test]
    fn random_tokens_are_those_of_the_server() {
        // From the same on one whose partitioner is the RandomPartitioner.
        let number = |key| u128::from_be_bytes(random_token(key));
        assert_eq!(number(b"a"), 16955237001963240173058271559858726497);
        assert_eq!(number(b"\0"), 143927757573010354572009627285182898319);
    }
}
