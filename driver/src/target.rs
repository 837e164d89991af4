//! How one attempt is to be made.

use std::sync::Arc;
use std::time::Duration;

use scylla::policies::load_balancing::LoadBalancingPolicy;
use scylla::response::PagingState;
use scylla::statement::Consistency;

use crate::bridge::ffi::{Code, Failure, RequestOptions};
use crate::connections::Connections;
use crate::failure;
use crate::plan::ChosenReplicas;

pub(crate) struct Target {
    pub(crate) consistency: Consistency,
    pub(crate) timestamp: Option<i64>,
    pub(crate) timeout: Duration,
    /// None: the one of the session.
    pub(crate) plan: Option<Arc<dyn LoadBalancingPolicy>>,
    pub(crate) page: Option<PagingState>,
}

impl Target {
    /// `attempt_timeout` is the one of the session.
    pub(crate) fn new(
        options: &RequestOptions<'_>,
        attempt_timeout: Duration,
        connections: &Connections,
    ) -> Result<Self, Failure> {
        let refuse = |what: &str| failure::of_request(Code::BadArgument, what);
        let consistency = Consistency::try_from(options.consistency)
            .map_err(|_| refuse("there is no such consistency level"))?;
        let page = match options.page_size {
            ..0 => return Err(refuse("a page cannot have a negative size")),
            0 => None,
            _ if options.paging_state.is_empty() => Some(PagingState::start()),
            _ => Some(PagingState::new_from_raw_bytes(options.paging_state)),
        };
        let timeout = match options.timeout {
            0 => attempt_timeout,
            limit => Duration::from_millis(limit.into()),
        };
        Ok(Self {
            consistency,
            timestamp: options.has_timestamp.then_some(options.timestamp),
            timeout,
            plan: plan(options, connections),
            page,
        })
    }
}

fn plan(
    options: &RequestOptions<'_>,
    connections: &Connections,
) -> Option<Arc<dyn LoadBalancingPolicy>> {
    if options.replicas.is_empty() && !options.replicas_only {
        return None;
    }
    let rest = (!options.replicas_only).then(|| connections.default_plan());
    Some(Arc::new(ChosenReplicas {
        replicas: options.replicas.to_vec(),
        rest,
    }))
}
