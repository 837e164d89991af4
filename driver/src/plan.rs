//! Which nodes a request may go to.

use std::sync::Arc;

use scylla::cluster::{ClusterState, NodeRef};
use scylla::policies::load_balancing::{FallbackPlan, LoadBalancingPolicy, RoutingInfo};
use scylla::routing::Shard;
use uuid::Uuid;

use crate::bridge::ffi::NodeId;

/// The chosen replicas in their order, then whatever `rest` says. The driver moves on only from a
/// node to which it has no connection, so this never sends a request twice.
#[derive(Debug)]
pub(crate) struct ChosenReplicas {
    pub(crate) replicas: Vec<NodeId>,
    pub(crate) rest: Option<Arc<dyn LoadBalancingPolicy>>,
}

impl LoadBalancingPolicy for ChosenReplicas {
    fn pick<'a>(
        &'a self,
        request: &'a RoutingInfo,
        cluster: &'a ClusterState,
    ) -> Option<(NodeRef<'a>, Option<Shard>)> {
        self.known(request, cluster).next()
    }

    fn fallback<'a>(
        &'a self,
        request: &'a RoutingInfo,
        cluster: &'a ClusterState,
    ) -> FallbackPlan<'a> {
        let others = self.known(request, cluster).skip(1);
        match &self.rest {
            None => Box::new(others),
            Some(rest) => {
                let all = rest.pick(request, cluster).into_iter();
                let all = all.chain(rest.fallback(request, cluster));
                let fresh = all.filter(|(node, _)| !self.replicas.contains(&id_of(node.host_id)));
                Box::new(others.chain(fresh))
            }
        }
    }

    fn name(&self) -> String {
        "chosen replicas".into()
    }
}

impl ChosenReplicas {
    fn known<'a>(
        &'a self,
        request: &'a RoutingInfo,
        cluster: &'a ClusterState,
    ) -> impl Iterator<Item = (NodeRef<'a>, Option<Shard>)> {
        let nodes = self
            .replicas
            .iter()
            .filter_map(|id| cluster.get_node_by_host_id(host_of(*id)));
        nodes.map(|node| {
            let shard = request
                .token
                .and_then(|token| Some(node.sharder()?.shard_of(token)));
            (node, shard)
        })
    }
}

pub(crate) fn id_of(host: Uuid) -> NodeId {
    let (high, low) = host.as_u64_pair();
    NodeId { high, low }
}

fn host_of(id: NodeId) -> Uuid {
    Uuid::from_u64_pair(id.high, id.low)
}
