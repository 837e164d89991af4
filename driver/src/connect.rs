//! From a configuration to a session.

use std::sync::Arc;
use std::time::Duration;

use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session as Client;
use scylla::client::session_builder::SessionBuilder;
use scylla::client::{Compression as Codec, SelfIdentity};
use scylla::policies::load_balancing::{DefaultPolicy, LoadBalancingPolicy};
use scylla::policies::retry::FallthroughRetryPolicy;
use tokio::task::AbortHandle;

use crate::bridge::Deliver;
use crate::bridge::ffi::{Code, Compression, Config, ConnectCompletion, Failure};
use crate::datacenter::{self, Place};
use crate::reaper::OwnedRuntime;
use crate::session::{Session, Shared};
use crate::{contact_points, failure, tls};

/// Connecting that is under way, or has ended.
pub(crate) struct Connecting(Option<AbortHandle>);

impl Connecting {
    /// Ends it, unless it has ended: `done` is dropped.
    pub(crate) fn abort(&self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Connects on a new runtime. The runtime belongs to this task until the session has it.
pub(crate) fn connect(config: Config, done: cxx::UniquePtr<ConnectCompletion>) -> Box<Connecting> {
    let runtime = match OwnedRuntime::new(config.worker_threads) {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("cannot start the threads of the driver: {error}");
            done.deliver(Err(failure::of_request(Code::Internal, message)));
            return Box::new(Connecting(None));
        }
    };
    let handle = runtime.handle().clone();
    let task = handle.spawn(async move {
        let limit = Duration::from_millis(config.connect_timeout.into());
        let outcome = match tokio::time::timeout(limit, establish(&config)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let message = format!("not connected within {} ms", limit.as_millis());
                Err(failure::of_request(Code::ConnectTimeout, message))
            }
        };
        done.deliver(outcome.map(|shared| Session::new(shared, runtime)));
    });
    Box::new(Connecting(Some(task.abort_handle())))
}

async fn establish(config: &Config) -> Result<Shared, Failure> {
    let contacts = contact_points::resolve(&config.contact_points, config.default_port).await?;
    let first = profile(config, DefaultPolicy::builder().build()); // any datacenter
    let mut builder = SessionBuilder::new()
        .known_nodes_addr(&contacts)
        .connection_timeout(Duration::from_millis(config.connect_timeout.into()))
        .compression(match config.compression {
            Compression::Lz4 => Some(Codec::Lz4),
            Compression::Snappy => Some(Codec::Snappy),
            _ => None,
        })
        .tcp_nodelay(true)
        .fetch_full_schema_metadata(false) // what routing needs, not every column of every table
        .default_execution_profile_handle(first.into_handle());
    if !config.username.is_empty() {
        builder = builder.user(&config.username, &config.password);
    }
    if config.tls.enabled {
        builder = builder.tls_context(Some(tls::client_config(&config.tls)?));
    }
    if !config.application_name.is_empty() {
        let identity = SelfIdentity::new().with_application_name(config.application_name.clone());
        builder = builder.custom_identity(identity);
    }
    let client = match builder.build().await {
        Ok(client) => client,
        Err(error) => return Err(failure::of_connecting(error, config.tls.enabled)),
    };
    let places: Vec<_> = client
        .get_cluster_state()
        .get_nodes_info()
        .iter()
        .map(|node| Place {
            address: (node.address.ip(), node.address.port()).into(),
            datacenter: node.datacenter.clone().unwrap_or_default(),
        })
        .collect();
    let local = datacenter::choose(&config.local_datacenter, &contacts, &places)?;
    Ok(share(config, client, local))
}

/// From here on the default plan is: replicas in the local datacenter, then the others there.
fn share(config: &Config, client: Client, local: String) -> Shared {
    let policy = DefaultPolicy::builder()
        .prefer_datacenter(local.clone())
        .token_aware(true)
        .permit_dc_failover(false)
        .build();
    let profile = profile(config, Arc::clone(&policy));
    client
        .get_default_execution_profile_handle()
        .clone()
        .map_to_another_profile(profile);
    Shared::new(client, local, policy, attempt_timeout(config))
}

fn attempt_timeout(config: &Config) -> Duration {
    Duration::from_millis(config.attempt_timeout.into())
}

/// One attempt and no more: no retry, no speculative execution.
fn profile(config: &Config, policy: Arc<dyn LoadBalancingPolicy>) -> ExecutionProfile {
    ExecutionProfile::builder()
        .load_balancing_policy(policy)
        .retry_policy(Arc::new(FallthroughRetryPolicy::new()))
        .speculative_execution_policy(None)
        .request_timeout(Some(attempt_timeout(config)))
        .build()
}
