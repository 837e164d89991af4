//! At which address each node is reached: what the program says of it, what it announces, or the
//! contact point that it stands behind.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use scylla::cluster::{ClusterState, Node};
use scylla::errors::{CustomTranslationError, TranslationError};
use scylla::policies::address_translator::{AddressTranslator, UntranslatedPeer};
use uuid::Uuid;

use crate::address_map::{AddressMap, Announced};
use crate::datacenter::Place;
use crate::introduction::Introduction;

/// What to do where nodes run and cannot be reached.
pub(crate) const REMEDY: &str = "if they run, and are reached at other addresses from here, as in \
                                 containers or behind an address translator, give those by \
                                 address_map";

/// A node, as the driver knows it: it takes the contact point's port for that of every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NodeAt {
    pub(crate) host_id: Uuid,
    pub(crate) address: SocketAddr,
}

impl From<&Node> for NodeAt {
    fn from(node: &Node) -> Self {
        Self {
            host_id: node.host_id,
            address: (node.address.ip(), node.address.port()).into(),
        }
    }
}

/// Those of one client. Thread safe.
pub(crate) struct Routes {
    map: AddressMap,
    learnt: Mutex<Learnt>,
}

#[derive(Default)]
struct Learnt {
    /// Whether the contact point is a node's own address, so that its port is theirs.
    port_is_theirs: bool,
    ports: HashMap<Uuid, u16>,
    behind: HashMap<Uuid, SocketAddr>,
    /// Where a node has answered, by what it announced then.
    answered: HashMap<NodeAt, SocketAddr>,
}

impl Routes {
    pub(crate) fn new(map: AddressMap) -> Self {
        Self {
            map,
            learnt: Mutex::default(),
        }
    }

    pub(crate) fn has_map(&self) -> bool {
        !self.map.is_empty()
    }

    /// The cluster is entered by a node's own address.
    pub(crate) fn port_is_theirs(&self) {
        self.learnt().port_is_theirs = true;
    }

    /// A node has told who it is at the address of a contact point.
    pub(crate) fn met(&self, contact: SocketAddr, introduction: &Introduction) {
        let mut learnt = self.learnt();
        learnt.behind.insert(introduction.host_id, contact);
        learnt.ports.extend(&introduction.ports);
    }

    /// The node has answered there.
    pub(crate) fn answered(&self, node: NodeAt, at: SocketAddr) {
        let mut learnt = self.learnt();
        let moved = |other: &NodeAt| other.host_id == node.host_id && *other != node;
        learnt.answered.retain(|other, _| !moved(other));
        learnt.answered.insert(node, at);
    }

    pub(crate) fn announced(&self, node: NodeAt) -> Announced {
        Announced {
            address: node.address.ip(),
            port: self.learnt().ports.get(&node.host_id).copied(),
            port_of_contact: node.address.port(),
        }
    }

    /// What a node announces, for messages.
    pub(crate) fn shown(&self, node: NodeAt) -> SocketAddr {
        let port_is_theirs = self.learnt().port_is_theirs;
        match port_is_theirs {
            true => node.address,
            false => self.announced(node).socket(),
        }
    }

    /// Where it may be reached, the best first. Else why that is not known.
    pub(crate) async fn to(&self, node: NodeAt) -> Result<Vec<SocketAddr>, String> {
        let announced = self.announced(node);
        if let Some((host, port)) = self.map.find(&announced)? {
            let found = tokio::net::lookup_host((host.as_str(), port)).await;
            let found = found.map_err(|error| format!("{host}, by address_map: {error}"))?;
            return Ok(found.collect());
        }
        let learnt = self.learnt();
        let mut ways = vec![announced.socket(), node.address];
        if learnt.port_is_theirs {
            ways.reverse();
        }
        ways.extend(learnt.behind.get(&node.host_id));
        Ok(without_repetitions(ways))
    }

    /// Where it has answered last, if it is still there.
    pub(crate) fn reached(&self, node: NodeAt) -> Option<SocketAddr> {
        self.learnt().answered.get(&node).copied()
    }

    /// The nodes of a datacenter that there is no connection to, and where they are dialled; none
    /// where there is one to any.
    pub(crate) fn unconnected(&self, state: &ClusterState, datacenter: &str) -> Option<String> {
        let nodes = state.get_nodes_info().iter();
        let local: Vec<_> = nodes
            .filter(|node| node.datacenter.as_deref() == Some(datacenter))
            .collect();
        if local.is_empty() || local.iter().any(|node| node.is_connected()) {
            return None;
        }
        let places = local.iter().map(|node| {
            let node = NodeAt::from(&***node);
            let shown = self.shown(node);
            match self.reached(node) {
                Some(dialled) if dialled != shown => format!("{shown} dialled at {dialled}"),
                _ => shown.to_string(),
            }
        });
        let places: Vec<_> = places.collect();
        // One that has answered there is reached there; it does not run, or the network fails.
        let mut nodes = local.iter().map(|node| NodeAt::from(&***node));
        let remedy = match nodes.any(|node| self.reached(node).is_some()) {
            true => "check whether they run, and the network",
            false => REMEDY,
        };
        Some(format!(
            "no connection to any node of datacenter \"{datacenter}\": {}; {remedy}",
            places.join(", ")
        ))
    }

    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl AddressTranslator for Routes {
    async fn translate_address(
        &self,
        peer: &UntranslatedPeer,
    ) -> Result<SocketAddr, TranslationError> {
        let node = NodeAt {
            host_id: peer.host_id(),
            address: peer.untranslated_address(),
        };
        let ways = self.to(node).await.map_err(refuse)?;
        match self.reached(node) {
            Some(reached) if ways.contains(&reached) => Ok(reached),
            _ => ways
                .first()
                .copied()
                .ok_or_else(|| refuse(format!("no address is known for {}", self.shown(node)))),
        }
    }
}

/// Those of `contacts` that are no node's own address.
pub(crate) fn strangers(contacts: &[SocketAddr], places: &[Place]) -> Vec<SocketAddr> {
    let is_own = |contact: &SocketAddr| places.iter().any(|own| own.address.ip() == contact.ip());
    contacts
        .iter()
        .copied()
        .filter(|contact| !is_own(contact))
        .collect()
}

fn without_repetitions(all: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let mut once = Vec::new();
    for each in all {
        if !once.contains(&each) {
            once.push(each);
        }
    }
    once
}

fn refuse(why: String) -> TranslationError {
    CustomTranslationError::new(std::io::Error::other(why)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address_map;
    use crate::paused_clock;

    const ID: Uuid = Uuid::from_u128(7);

    /// Announced in a container's network; the driver takes 19042, the contact point's, for its port.
    const NODE: NodeAt = NodeAt {
        host_id: ID,
        address: address([172, 17, 0, 2], 19042),
    };
    const CONTACT: SocketAddr = address([127, 0, 0, 1], 19042);

    const fn address(ip: [u8; 4], port: u16) -> SocketAddr {
        let [a, b, c, d] = ip;
        SocketAddr::new(
            std::net::IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d)),
            port,
        )
    }

    fn routes(entries: &[(&str, &str)]) -> Routes {
        Routes::new(address_map::tests::map(entries).unwrap())
    }

    fn met(routes: &Routes) {
        let introduction = Introduction {
            host_id: ID,
            ports: HashMap::from([(ID, 9042)]),
        };
        routes.met(CONTACT, &introduction);
    }

    fn ways(routes: &Routes) -> Vec<SocketAddr> {
        paused_clock::run(routes.to(NODE)).unwrap()
    }

    #[test]
    fn what_a_node_announces_comes_before_the_contact_point_that_it_is_behind() {
        let routes = routes(&[]);
        assert_eq!(ways(&routes), [NODE.address]);
        met(&routes);
        let announced = address([172, 17, 0, 2], 9042);
        assert_eq!(ways(&routes), [announced, NODE.address, CONTACT]);
        assert_eq!(routes.shown(NODE), announced);
    }

    #[test]
    fn the_port_of_a_contact_point_that_is_a_node_is_the_one_of_all() {
        let routes = routes(&[]);
        routes.port_is_theirs();
        met(&routes);
        assert_eq!(ways(&routes)[0], NODE.address);
        assert_eq!(routes.shown(NODE), NODE.address);
    }

    #[test]
    fn what_the_program_says_is_the_only_way() {
        let routes = routes(&[("172.17.0.2:9042", "127.0.0.1:1")]);
        met(&routes);
        assert_eq!(ways(&routes), [address([127, 0, 0, 1], 1)]);
    }

    #[test]
    fn a_node_that_has_moved_has_not_answered_yet() {
        let routes = routes(&[]);
        routes.answered(NODE, CONTACT);
        assert_eq!(routes.reached(NODE), Some(CONTACT));
        let moved = NodeAt {
            address: address([172, 17, 0, 9], 19042),
            ..NODE
        };
        assert_eq!(routes.reached(moved), None);
        routes.answered(moved, CONTACT);
        assert_eq!(routes.reached(NODE), None);
    }
}
