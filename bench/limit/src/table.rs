//! The table, and the statements for each node that holds some of it.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::frame::response::result::TableSpec;
use scylla::policies::load_balancing::{NodeIdentifier, SingleTargetLoadBalancingPolicy};
use scylla::routing::partitioner::{Murmur3Partitioner, Partitioner};
use scylla::statement::batch::{Batch, BatchStatement, BatchType};
use scylla::statement::prepared::PreparedStatement;

use crate::groups::BATCH_ROWS;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const LIST_PAGE_ROWS: i32 = 1_000;

/// Made once for each node, so that a request costs nothing to make.
pub(crate) struct Statements {
    pub(crate) select: PreparedStatement,
    pub(crate) select_group: PreparedStatement,
    pub(crate) insert: PreparedStatement,
    /// By the number of rows less one.
    pub(crate) insert_groups: Vec<Batch>,
    pub(crate) delete_group: PreparedStatement,
}

/// Nodes that hold the same keys. They take turns.
struct ReplicaSet {
    nodes: Vec<Arc<Statements>>,
    turn: AtomicUsize,
}

pub(crate) struct Table {
    pub(crate) session: Session,
    pub(crate) list: PreparedStatement,
    sets: Vec<ReplicaSet>,
    /// The last token of each range, in order, and the number of its replica set.
    ranges: Vec<(i64, usize)>,
}

impl Table {
    /// From CASSANDRA_CONTACT_POINTS and CASSANDRA_KEYSPACE.
    pub(crate) async fn connect(table: &str) -> Result<Self> {
        let keyspace = std::env::var("CASSANDRA_KEYSPACE")?;
        let contact_points = std::env::var("CASSANDRA_CONTACT_POINTS")?;
        let session = SessionBuilder::new()
            .known_nodes(contact_points.split(','))
            .use_keyspace(&keyspace, true)
            .build()
            .await?;
        let statements = Statements::prepare(&session, table).await?;
        let list = "SELECT DISTINCT row_id FROM {} WHERE token(row_id) > ? AND token(row_id) <= ?";
        let mut list = session.prepare(list.replace("{}", table)).await?;
        list.set_page_size(LIST_PAGE_ROWS);
        let mut made = Self {
            session,
            list,
            sets: Vec::new(),
            ranges: Vec::new(),
        };
        made.place(&TableSpec::owned(keyspace, table.to_owned()), &statements)?;
        Ok(made)
    }

    fn place(&mut self, table: &TableSpec<'_>, statements: &Statements) -> Result<()> {
        let state = self.session.get_cluster_state();
        let locator = state.replica_locator();
        let keyspace = state.get_keyspace(table.ks_name());
        let strategy = &keyspace.ok_or("the keyspace is not there")?.strategy;
        let mut nodes = HashMap::new();
        let mut known = HashMap::new();
        for (end, _) in locator.ring().iter() {
            let replicas = locator.replicas_for_token(*end, strategy, None, table);
            let mut hosts: Vec<_> = replicas.into_iter().map(|(node, _)| node.host_id).collect();
            hosts.sort();
            let set = *known.entry(hosts).or_insert_with_key(|hosts| {
                let nodes = hosts.iter().map(|host| {
                    let on_node = || {
                        let only = NodeIdentifier::HostId(*host);
                        Arc::new(statements.on(&only))
                    };
                    Arc::clone(nodes.entry(*host).or_insert_with(on_node))
                });
                self.sets.push(ReplicaSet {
                    nodes: nodes.collect(),
                    turn: AtomicUsize::new(0),
                });
                self.sets.len() - 1
            });
            self.ranges.push((end.value(), set));
        }
        Ok(())
    }

    pub(crate) fn set_count(&self) -> usize {
        self.sets.len()
    }

    /// The number of the nodes that hold `key`.
    pub(crate) fn set_of(&self, key: &str) -> usize {
        let token = Murmur3Partitioner.hash_one(key.as_bytes()).value();
        let range = self.ranges.partition_point(|(last, _)| *last < token);
        self.ranges[range % self.ranges.len()].1
    }

    /// For the next node of a set.
    pub(crate) fn statements(&self, set: usize) -> &Statements {
        let set = &self.sets[set];
        let turn = set.turn.fetch_add(1, Ordering::Relaxed);
        &set.nodes[turn % set.nodes.len()]
    }
}

impl Statements {
    async fn prepare(session: &Session, table: &str) -> Result<Self> {
        let prepare = async |cql: &str| session.prepare(cql.replace("{}", table)).await;
        let select = prepare("SELECT body_blob FROM {} WHERE row_id = ?").await?;
        let select_group =
            prepare("SELECT row_id, body_blob FROM {} WHERE row_id IN ? LIMIT ?").await?;
        let insert = prepare("INSERT INTO {} (row_id, body_blob) VALUES (?, ?)").await?;
        let delete_group = prepare("DELETE FROM {} WHERE row_id IN ?").await?;
        Ok(Self {
            select,
            select_group,
            insert,
            insert_groups: Vec::new(),
            delete_group,
        })
    }

    /// The same, sent to one node.
    fn on(&self, node: &NodeIdentifier) -> Self {
        let policy = SingleTargetLoadBalancingPolicy::new(node.clone(), None);
        let send_there = |statement: &PreparedStatement| {
            let mut statement = statement.clone();
            statement.set_load_balancing_policy(Some(Arc::clone(&policy)));
            statement
        };
        let batch_of = |rows: usize| {
            let statements = vec![BatchStatement::from(self.insert.clone()); rows];
            let mut batch = Batch::new_with_statements(BatchType::Unlogged, statements);
            batch.set_load_balancing_policy(Some(Arc::clone(&policy)));
            batch
        };
        Self {
            select: send_there(&self.select),
            select_group: send_there(&self.select_group),
            insert: send_there(&self.insert),
            insert_groups: (1..=BATCH_ROWS).map(batch_of).collect(),
            delete_group: send_there(&self.delete_group),
        }
    }
}
