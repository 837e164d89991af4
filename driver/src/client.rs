//! How the driver's clients are configured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session_builder::SessionBuilder;
use scylla::client::{Compression as Codec, SelfIdentity};
use scylla::policies::address_translator::{AddressTranslator, UntranslatedPeer};
use scylla::policies::load_balancing::{DefaultPolicy, LoadBalancingPolicy};
use scylla::policies::retry::FallthroughRetryPolicy;

use crate::access::Access;
use crate::bridge::ffi::{Compression, Config};

/// The limit of one dial: with SYNs sent again after 1 and 3 seconds it survives a lossy link.
const DIAL_LIMIT: Duration = Duration::from_secs(5);

/// When the kernel begins to ask whether an idle peer is still there; after ten questions, a second
/// apart, the connection has ended. This also keeps the entries of address translators alive.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// How often a connection has something to say, so that proxies on the way do not take it for idle:
/// many close a connection on which nothing passes for 10 s, and TCP keepalive does not count there.
const HEARTBEAT: Duration = Duration::from_secs(5);

pub(crate) fn builder(config: &Config, access: &Access) -> SessionBuilder {
    let anywhere = profile(config, DefaultPolicy::builder().build());
    let mut builder = SessionBuilder::new()
        .connection_timeout(connect_timeout(config).min(DIAL_LIMIT))
        .compression(match config.compression {
            Compression::Lz4 => Some(Codec::Lz4),
            Compression::Snappy => Some(Codec::Snappy),
            _ => None,
        })
        .tcp_nodelay(true)
        .tcp_keepalive_interval(KEEPALIVE)
        .keepalive_interval(HEARTBEAT)
        // It would wait for 60 s, outside any limit, where one node hangs: src/cassandra/table.
        .auto_await_schema_agreement(false)
        .fetch_full_schema_metadata(false) // what routing needs, not every column of every table
        .default_execution_profile_handle(anywhere.into_handle())
        .authenticator_provider(Arc::clone(&access.login) as Arc<_>);
    if let Some(tls) = &access.tls {
        builder = builder.tls_context(Some(Arc::clone(tls)));
    }
    if !config.application_name.is_empty() {
        let identity = SelfIdentity::new().with_application_name(config.application_name.clone());
        builder = builder.custom_identity(identity);
    }
    builder
}

pub(crate) fn connect_timeout(config: &Config) -> Duration {
    Duration::from_millis(config.connect_timeout.into())
}

pub(crate) fn attempt_timeout(config: &Config) -> Duration {
    Duration::from_millis(config.attempt_timeout.into())
}

/// One attempt and no more: no retry, no speculative execution.
pub(crate) fn profile(config: &Config, policy: Arc<dyn LoadBalancingPolicy>) -> ExecutionProfile {
    ExecutionProfile::builder()
        .load_balancing_policy(policy)
        .retry_policy(Arc::new(FallthroughRetryPolicy::new()))
        .speculative_execution_policy(None)
        .request_timeout(Some(attempt_timeout(config)))
        .build()
}

/// Looks for every node at one address.
pub(crate) struct AllAt(pub(crate) SocketAddr);

#[async_trait::async_trait]
impl AddressTranslator for AllAt {
    async fn translate_address(
        &self,
        _: &UntranslatedPeer,
    ) -> Result<SocketAddr, scylla::errors::TranslationError> {
        Ok(self.0)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::bridge::ffi::{Tls, TlsVerify};

    /// One that names no contact point.
    pub(crate) fn config() -> Config {
        Config {
            contact_points: Vec::new(),
            default_port: 9042,
            local_datacenter: String::new(),
            username: String::new(),
            password: String::new(),
            asks_for_credentials: false,
            tls: Tls {
                enabled: false,
                ca_file: String::new(),
                certificate_file: String::new(),
                key_file: String::new(),
                verify: TlsVerify::Ip,
                name: String::new(),
            },
            connect_timeout: 10_000,
            attempt_timeout: 10_000,
            compression: Compression::None,
            worker_threads: 1,
            application_name: String::new(),
            address_map: Vec::new(),
            address_function: cxx::SharedPtr::null(),
        }
    }
}
