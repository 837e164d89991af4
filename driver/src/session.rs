//! One attempt at a request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scylla::client::session::Session as Client;
use scylla::frame::response::result::TableSpec;
use scylla::response::PagingState;
use scylla::serialize::row::SerializeRow;
use scylla::statement::Statement as Unprepared;
use scylla::statement::bound::BoundStatement;

use crate::access::Access;
use crate::bridge::ffi::{
    self, Code, Config, Failure, PrepareCompletion, RequestOptions, RowsCompletion, Task, Value,
};
use crate::client::attempt_timeout;
use crate::cluster::Cluster;
use crate::completions::Deliver;
use crate::connections::Connections;
use crate::failure;
use crate::rows::Rows;
use crate::runtime::{OwnedRuntime, Waker};
use crate::statement::Statement;
use crate::target::Target;
use crate::topology::{Topology, Versions};
use crate::values::OneRow;

/// What requests in flight need. They keep it alive, but not the runtime they run on.
pub(crate) struct Shared {
    connections: Arc<Connections>,
    local_datacenter: String,
    attempt_timeout: Duration,
    versions: Versions,
    /// Set before the runtime ends: errors are then but its consequence.
    ending: AtomicBool,
}

impl Shared {
    pub(crate) fn new(config: &Config, access: Access, cluster: Cluster) -> Self {
        Self {
            local_datacenter: cluster.local_datacenter.clone(),
            attempt_timeout: attempt_timeout(config),
            connections: Arc::new(Connections::new(config, access, cluster)),
            versions: Versions::default(),
            ending: AtomicBool::new(false),
        }
    }

    fn client(&self) -> Arc<Client> {
        self.connections.client()
    }
}

/// A session. Dropping it, on any thread, ends its runtime and with it every request in flight:
/// their completions are dropped.
pub(crate) struct Session {
    shared: Arc<Shared>,
    runtime: OwnedRuntime,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Release);
    }
}

type Rowed = Result<Rows, Failure>;

impl Session {
    pub(crate) fn new(shared: Shared, runtime: OwnedRuntime) -> Self {
        Self {
            shared: Arc::new(shared),
            runtime,
        }
    }

    pub(crate) fn local_datacenter(&self) -> &str {
        &self.shared.local_datacenter
    }

    pub(crate) fn prepare(&self, cql: &str, done: cxx::UniquePtr<PrepareCompletion>) {
        let statement = Unprepared::new(cql);
        self.spawn(done, move |shared| async move {
            // The driver sets no limit of its own here.
            let client = shared.client();
            let prepared = client.prepare(statement);
            match tokio::time::timeout(shared.attempt_timeout, prepared).await {
                Ok(prepared) => Ok(Statement::Prepared(prepared?)),
                Err(_) => {
                    shared.connections.renew_soon().await;
                    Err(failure::attempt_timeout(shared.attempt_timeout))
                }
            }
        });
    }

    pub(crate) fn execute(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        options: &RequestOptions<'_>,
        done: cxx::UniquePtr<RowsCompletion>,
    ) {
        let target = match self.target(options) {
            Ok(target) => target,
            Err(failure) => return self.refuse(done, failure),
        };
        match statement {
            Statement::Prepared(prepared) => match target.bind(prepared, values) {
                Ok(bound) => self.spawn(done, move |shared| execute(shared, bound, target.page)),
                Err(failure) => self.refuse(done, failure),
            },
            Statement::Text { cql, markers } => match OneRow::copy(values, *markers) {
                Ok(values) => self.run(cql, values, target, done),
                Err(error) => self.refuse(done, failure::of_request(Code::BadArgument, error)),
            },
        }
    }

    pub(crate) fn execute_batch(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        options: &RequestOptions<'_>,
        done: cxx::UniquePtr<RowsCompletion>,
    ) {
        let batch = self.target(options);
        match batch.and_then(|target| target.batch(statement, values)) {
            Ok((batch, rows)) => self.spawn(done, move |shared| async move {
                Rows::new(shared.client().batch(&batch, rows).await?, None)
            }),
            Err(failure) => self.refuse(done, failure),
        }
    }

    /// Runs a statement without preparing it.
    pub(crate) fn query(
        &self,
        cql: &str,
        options: &RequestOptions<'_>,
        done: cxx::UniquePtr<RowsCompletion>,
    ) {
        match self.target(options) {
            Ok(target) => self.run(cql, (), target, done),
            Err(failure) => self.refuse(done, failure),
        }
    }

    /// Runs a statement that is not prepared; if it has values, the driver has the node prepare it.
    fn run(
        &self,
        cql: &str,
        values: impl SerializeRow + Send + Sync + 'static,
        target: Target,
        done: cxx::UniquePtr<RowsCompletion>,
    ) {
        let statement = target.unprepared(cql);
        self.spawn(done, move |shared| {
            query(shared, statement, values, target.page)
        });
    }

    pub(crate) fn post(&self, mut task: cxx::UniquePtr<Task>) {
        self.runtime
            .spawn_request(async move { move || task.pin_mut().run() });
    }

    pub(crate) fn waker(&self) -> Box<Waker> {
        Box::new(self.runtime.waker())
    }

    pub(crate) fn drive(&self, mut call: Pin<&mut ffi::BlockingCall>) {
        self.runtime.drive(&mut call);
    }

    /// Has the topology looked up anew, for changes of the schema: soon, or not at all.
    pub(crate) fn refresh_topology(&self) {
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn_request(async move {
            let client = shared.client();
            let refreshed = client.refresh_metadata();
            // If it fails, the driver looks again within a minute.
            let _ = tokio::time::timeout(shared.attempt_timeout, refreshed).await;
            || {}
        });
    }

    pub(crate) fn topology_version(&self, keyspace: &str) -> u64 {
        let state = self.shared.client().get_cluster_state();
        self.shared.versions.of(&state, keyspace)
    }

    pub(crate) fn topology(&self, keyspace: &str, table: &str, datacenter: &str) -> Box<Topology> {
        let state = self.shared.client().get_cluster_state();
        let version = self.shared.versions.of(&state, keyspace);
        let table = TableSpec::owned(keyspace.to_owned(), table.to_owned());
        let routes = self.shared.connections.routes();
        Box::new(Topology::new(state, routes, table, datacenter, version))
    }

    /// Runs the request that `start` makes and delivers its outcome. If the session ends first, or
    /// the task panics, `done` is dropped. (The driver's futures take kilobytes: made in the task, in
    /// a box of their own, they are moved neither there nor when the task ends.)
    fn spawn<T, D, R>(&self, done: D, start: impl FnOnce(Arc<Shared>) -> R + Send + 'static)
    where
        T: Send + 'static,
        D: Deliver<T>,
        R: Future<Output = Result<T, Failure>> + Send,
    {
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn_request(async move {
            shared.connections.sent();
            let outcome = Box::pin(start(Arc::clone(&shared))).await;
            shared.connections.ended(outcome.as_ref().err()).await;
            let outcome = outcome.map_err(|failure| shared.connections.explained(failure));
            move || {
                if outcome.is_ok() || !shared.ending.load(Ordering::Acquire) {
                    done.deliver(outcome);
                }
            }
        });
    }

    fn target(&self, options: &RequestOptions<'_>) -> Result<Target, Failure> {
        let Shared {
            attempt_timeout,
            connections,
            ..
        } = &*self.shared;
        Target::new(options, *attempt_timeout, connections)
    }

    /// On a thread of the driver, as every outcome.
    fn refuse(&self, done: cxx::UniquePtr<RowsCompletion>, failure: Failure) {
        self.spawn(done, move |_| async move { Rowed::Err(failure) });
    }
}

async fn execute(shared: Arc<Shared>, bound: BoundStatement, page: Option<PagingState>) -> Rowed {
    match page {
        None => Rows::new(shared.client().execute_bound_unpaged(&bound).await?, None),
        Some(page) => {
            let (result, next) = shared
                .client()
                .execute_bound_single_page(&bound, page)
                .await?;
            Rows::new(result, Some(next))
        }
    }
}

async fn query(
    shared: Arc<Shared>,
    statement: Unprepared,
    values: impl SerializeRow,
    page: Option<PagingState>,
) -> Rowed {
    let client = shared.client();
    match page {
        None => Rows::new(client.query_unpaged(statement, values).await?, None),
        Some(page) => {
            let (result, next) = client.query_single_page(statement, values, page).await?;
            Rows::new(result, Some(next))
        }
    }
}
