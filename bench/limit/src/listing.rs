//! All keys, by ranges of tokens, some of them at a time.

use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use scylla::response::PagingState;
use tokio::task::JoinSet;

use crate::requests::Run;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const RANGES: usize = 32;

/// How many keys begin with `prefix`, each of them made a `String` as for a user.
pub(crate) async fn count(run: &Arc<Run>, prefix: &str) -> Result<usize> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    for _ in 0..run.window.min(RANGES) {
        let (run, next, prefix) = (Arc::clone(run), Arc::clone(&next), prefix.to_owned());
        running.spawn(async move {
            let mut listed = 0;
            loop {
                let range = next.fetch_add(1, Ordering::Relaxed);
                if range >= RANGES {
                    return Result::Ok(listed);
                }
                listed += count_range(&run, bounds(range), &prefix).await?;
            }
        });
    }
    let mut listed = 0;
    while let Some(lane) = running.join_next().await {
        listed += lane??;
    }
    Ok(listed)
}

/// Tokens after the first, up to and with the second.
fn bounds(range: usize) -> (i64, i64) {
    let length = u64::MAX / RANGES as u64;
    let end = |number: usize| i64::MIN.wrapping_add_unsigned(number as u64 * length);
    let last = if range + 1 == RANGES {
        i64::MAX
    } else {
        end(range + 1)
    };
    (end(range), last)
}

async fn count_range(run: &Run, bounds: (i64, i64), prefix: &str) -> Result<usize> {
    let (session, list) = (&run.table.session, &run.table.list);
    let mut listed = 0;
    let mut page = PagingState::start();
    loop {
        let (result, next) = session.execute_single_page(list, bounds, page).await?;
        for row in result.into_rows_result()?.rows::<(&str,)>()? {
            let (key,) = row?;
            if key.starts_with(prefix) {
                std::hint::black_box(key.to_owned());
                listed += 1;
            }
        }
        match next.into_paging_control_flow() {
            ControlFlow::Break(()) => return Ok(listed),
            ControlFlow::Continue(state) => page = state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RANGES, bounds};

    #[test]
    fn ranges_follow_each_other_over_the_whole_ring() {
        assert_eq!(bounds(0).0, i64::MIN);
        assert_eq!(bounds(RANGES - 1).1, i64::MAX);
        for range in 1..RANGES {
            assert_eq!(bounds(range - 1).1, bounds(range).0);
        }
    }
}
