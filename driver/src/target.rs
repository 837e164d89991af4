//! How one attempt is to be made.

use std::sync::Arc;
use std::time::Duration;

use scylla::errors::ExecutionError;
use scylla::policies::load_balancing::LoadBalancingPolicy;
use scylla::response::PagingState;
use scylla::statement::batch::{Batch, BatchStatement, BatchType};
use scylla::statement::bound::BoundStatement;
use scylla::statement::prepared::PreparedStatement;
use scylla::statement::{Consistency, Statement as Unprepared};

use crate::bridge::ffi::{Code, Failure, RequestOptions, Value};
use crate::connections::Connections;
use crate::failure;
use crate::plan::ChosenReplicas;
use crate::statement::Statement;
use crate::values::{BatchRows, RowValues};

pub(crate) struct Target {
    pub(crate) consistency: Consistency,
    pub(crate) timestamp: Option<i64>,
    pub(crate) timeout: Duration,
    /// None: the one of the session.
    pub(crate) plan: Option<Arc<dyn LoadBalancingPolicy>>,
    pub(crate) page: Option<PagingState>,
    page_size: i32,
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
            page_size: options.page_size,
        })
    }

    pub(crate) fn bind(
        &self,
        prepared: &PreparedStatement,
        values: &[Value<'_>],
    ) -> Result<BoundStatement, Failure> {
        let bound = prepared.clone().bind(&RowValues(values));
        let mut bound = bound.map_err(|error| Failure::from(ExecutionError::from(error)))?;
        bound.set_consistency(self.consistency);
        bound.set_timestamp(self.timestamp);
        bound.set_request_timeout(Some(self.timeout));
        bound.set_load_balancing_policy(self.plan.clone());
        if self.page.is_some() {
            bound.set_page_size(self.page_size);
        }
        Ok(bound)
    }

    pub(crate) fn unprepared(&self, cql: &str) -> Unprepared {
        let mut statement = Unprepared::new(cql);
        statement.set_consistency(self.consistency);
        statement.set_timestamp(self.timestamp);
        statement.set_request_timeout(Some(self.timeout));
        statement.set_load_balancing_policy(self.plan.clone());
        if self.page.is_some() {
            statement.set_page_size(self.page_size);
        }
        statement
    }

    /// `values` are those of all rows, one row after the other.
    pub(crate) fn batch(
        self,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<(Batch, BatchRows), Failure> {
        let rows = BatchRows::copy(values, statement.markers())
            .map_err(|error| failure::of_request(Code::BadArgument, error))?;
        let one = match statement {
            Statement::Prepared(prepared) => BatchStatement::from(prepared.clone()),
            Statement::Text { cql, .. } => BatchStatement::from(Unprepared::new(cql)),
        };
        let mut batch = Batch::new_with_statements(BatchType::Unlogged, vec![one; rows.count()]);
        batch.set_consistency(self.consistency);
        batch.set_timestamp(self.timestamp);
        batch.set_request_timeout(Some(self.timeout));
        batch.set_load_balancing_policy(self.plan);
        Ok((batch, rows))
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
