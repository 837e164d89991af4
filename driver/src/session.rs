//! One attempt at a request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scylla::client::session::Session as Client;
use scylla::errors::ExecutionError;
use scylla::frame::response::result::TableSpec;
use scylla::response::PagingState;
use scylla::statement::Statement as Unprepared;
use scylla::statement::batch::{Batch, BatchStatement, BatchType};
use scylla::statement::bound::BoundStatement;
use scylla::statement::prepared::PreparedStatement;

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
use crate::target::Target;
use crate::topology::{Topology, Versions};
use crate::values::{BatchRows, RowValues};

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
    pub(crate) fn new(config: &Config, cluster: Cluster) -> Self {
        Self {
            local_datacenter: cluster.local_datacenter.clone(),
            attempt_timeout: attempt_timeout(config),
            connections: Arc::new(Connections::new(config, cluster)),
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

/// A prepared statement. It outlives its session.
pub(crate) struct Statement(PreparedStatement);

impl Statement {
    pub(crate) fn bind_count(&self) -> usize {
        self.0.get_variable_col_specs().len()
    }
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
                Ok(prepared) => Ok(Statement(prepared?)),
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
        match self.bind(statement, values, options) {
            Ok((bound, page)) => self.spawn(done, move |shared| run(shared, bound, page)),
            Err(failure) => self.refuse(done, failure),
        }
    }

    fn bind(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        options: &RequestOptions<'_>,
    ) -> Result<(BoundStatement, Option<PagingState>), Failure> {
        let target = self.target(options)?;
        let bound = statement.0.clone().bind(&RowValues(values));
        let mut bound = bound.map_err(|error| Failure::from(ExecutionError::from(error)))?;
        bound.set_consistency(target.consistency);
        bound.set_timestamp(target.timestamp);
        bound.set_request_timeout(Some(target.timeout));
        bound.set_load_balancing_policy(target.plan);
        if target.page.is_some() {
            bound.set_page_size(options.page_size);
        }
        Ok((bound, target.page))
    }

    pub(crate) fn execute_batch(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        options: &RequestOptions<'_>,
        done: cxx::UniquePtr<RowsCompletion>,
    ) {
        match self.batch(statement, values, options) {
            Ok((batch, rows)) => self.spawn(done, move |shared| async move {
                Rows::new(shared.client().batch(&batch, rows).await?, None)
            }),
            Err(failure) => self.refuse(done, failure),
        }
    }

    fn batch(
        &self,
        statement: &Statement,
        values: &[Value<'_>],
        options: &RequestOptions<'_>,
    ) -> Result<(Batch, BatchRows), Failure> {
        let target = self.target(options)?;
        let rows = BatchRows::copy(values, statement.bind_count())
            .map_err(|error| failure::of_request(Code::BadArgument, error))?;
        let statements = vec![BatchStatement::from(statement.0.clone()); rows.count()];
        let mut batch = Batch::new_with_statements(BatchType::Unlogged, statements);
        batch.set_consistency(target.consistency);
        batch.set_timestamp(target.timestamp);
        batch.set_request_timeout(Some(target.timeout));
        batch.set_load_balancing_policy(target.plan);
        Ok((batch, rows))
    }

    /// Runs a statement without preparing it. After a change of the schema it waits until the nodes
    /// agree.
    pub(crate) fn query(
        &self,
        cql: &str,
        options: &RequestOptions<'_>,
        done: cxx::UniquePtr<RowsCompletion>,
    ) {
        let target = match self.target(options) {
            Ok(target) => target,
            Err(failure) => return self.refuse(done, failure),
        };
        let mut statement = Unprepared::new(cql);
        statement.set_consistency(target.consistency);
        statement.set_timestamp(target.timestamp);
        statement.set_request_timeout(Some(target.timeout));
        statement.set_load_balancing_policy(target.plan);
        if target.page.is_some() {
            statement.set_page_size(options.page_size);
        }
        self.spawn(done, move |shared| async move {
            match target.page {
                None => Rows::new(shared.client().query_unpaged(statement, ()).await?, None),
                Some(page) => {
                    let (result, next) = shared
                        .client()
                        .query_single_page(statement, (), page)
                        .await?;
                    Rows::new(result, Some(next))
                }
            }
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

    pub(crate) fn topology_version(&self, keyspace: &str) -> u64 {
        let state = self.shared.client().get_cluster_state();
        self.shared.versions.of(&state, keyspace)
    }

    pub(crate) fn topology(&self, keyspace: &str, table: &str, datacenter: &str) -> Box<Topology> {
        let state = self.shared.client().get_cluster_state();
        let version = self.shared.versions.of(&state, keyspace);
        let table = TableSpec::owned(keyspace.to_owned(), table.to_owned());
        Box::new(Topology::new(state, table, datacenter, version))
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

async fn run(shared: Arc<Shared>, bound: BoundStatement, page: Option<PagingState>) -> Rowed {
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
