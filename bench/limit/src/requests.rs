//! One call: its keys in groups, a request for each group, as many at a time as the window has.

use std::error::Error;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::task::JoinSet;

use crate::arguments::{Arguments, Verb};
use crate::groups::{self, Caps, Group};
use crate::table::Table;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Values of the keys at these positions.
type Found = Vec<(usize, Bytes)>;

/// All that the requests of a run need.
pub(crate) struct Run {
    pub(crate) table: Table,
    pub(crate) verb: Verb,
    pub(crate) window: usize,
    pub(crate) keys: Vec<String>,
    pub(crate) value: Vec<u8>,
    caps: Caps,
}

impl Run {
    pub(crate) fn new(
        table: Table,
        arguments: &Arguments,
        keys: Vec<String>,
        value: Vec<u8>,
    ) -> Self {
        let caps = match arguments.verb {
            Verb::Mset => Caps {
                keys: groups::BATCH_ROWS,
                bytes: groups::BATCH_BYTES,
            },
            Verb::Mget => Caps {
                keys: groups::READ_KEYS,
                bytes: groups::ANSWER_BYTES,
            },
            Verb::Mdelete | Verb::Keys => Caps {
                keys: groups::READ_KEYS,
                bytes: usize::MAX,
            },
        };
        Self {
            table,
            verb: arguments.verb,
            window: arguments.window,
            keys,
            value,
            caps,
        }
    }

    /// The values of the keys in `range` if the verb reads, by position in it.
    pub(crate) async fn call(self: &Arc<Self>, range: Range<usize>) -> Result<Vec<Option<Bytes>>> {
        let mut values = match self.verb {
            Verb::Mget => vec![None; range.len()],
            _ => Vec::new(),
        };
        let begin = range.start;
        for (position, value) in self.send(self.groups(range)).await? {
            values[position - begin] = Some(value);
        }
        Ok(values)
    }

    fn groups(&self, range: Range<usize>) -> Vec<Group> {
        let row_bytes = match self.verb {
            Verb::Mset => self.value.len() + groups::ROW_BYTES,
            _ => self.value.len(),
        };
        let keys = range.map(|position| {
            let key = &self.keys[position];
            (position, self.table.set_of(key), key.len() + row_bytes)
        });
        groups::group(keys, self.table.set_count(), self.caps)
    }

    async fn send(self: &Arc<Self>, groups: Vec<Group>) -> Result<Found> {
        if let [group] = groups.as_slice() {
            return self.request(group).await;
        }
        let lanes = self.window.min(groups.len());
        let shared = Arc::new((groups, AtomicUsize::new(0)));
        let mut running = JoinSet::new();
        for _ in 0..lanes {
            let (run, shared) = (Arc::clone(self), Arc::clone(&shared));
            running.spawn(async move {
                let (groups, next) = &*shared;
                let mut found = Found::new();
                while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                    found.append(&mut run.request(group).await?);
                }
                Result::Ok(found)
            });
        }
        let mut found = Found::new();
        while let Some(lane) = running.join_next().await {
            found.append(&mut lane??);
        }
        Ok(found)
    }

    async fn request(&self, group: &Group) -> Result<Found> {
        match self.verb {
            Verb::Mset => self.insert(group).await,
            Verb::Mget => self.select(group).await,
            Verb::Mdelete | Verb::Keys => self.delete(group).await,
        }
    }

    async fn insert(&self, group: &Group) -> Result<Found> {
        let statements = self.table.statements(group.set);
        let session = &self.table.session;
        if let [position] = group.positions[..] {
            let row = (self.keys[position].as_str(), self.value.as_slice());
            session.execute_unpaged(&statements.insert, row).await?;
        } else {
            let batch = &statements.insert_groups[group.positions.len() - 1];
            let rows = group.positions.iter();
            let rows = rows.map(|&position| (self.keys[position].as_str(), self.value.as_slice()));
            session.batch(batch, rows.collect::<Vec<_>>()).await?;
        }
        Ok(Found::new())
    }

    async fn select(&self, group: &Group) -> Result<Found> {
        let statements = self.table.statements(group.set);
        let session = &self.table.session;
        if let [position] = group.positions[..] {
            let key = (self.keys[position].as_str(),);
            let result = session.execute_unpaged(&statements.select, key).await?;
            let row = result.into_rows_result()?.maybe_first_row::<(Bytes,)>()?;
            return Ok(row.map(|(value,)| (position, value)).into_iter().collect());
        }
        let keys = self.keys_of(group);
        let limit = i32::try_from(keys.len())?;
        let answer = session.execute_unpaged(&statements.select_group, (&keys, limit));
        let result = answer.await?.into_rows_result()?;
        let mut found = Found::with_capacity(keys.len());
        for row in result.rows::<(&str, Bytes)>()? {
            let (key, value) = row?;
            let index = keys.iter().position(|asked| *asked == key);
            found.push((
                group.positions[index.ok_or("a key that was not asked for")?],
                value,
            ));
        }
        Ok(found)
    }

    async fn delete(&self, group: &Group) -> Result<Found> {
        let statement = &self.table.statements(group.set).delete_group;
        let keys = self.keys_of(group);
        self.table
            .session
            .execute_unpaged(statement, (keys,))
            .await?;
        Ok(Found::new())
    }

    fn keys_of(&self, group: &Group) -> Vec<&str> {
        let keys = group.positions.iter();
        keys.map(|&position| self.keys[position].as_str()).collect()
    }
}
