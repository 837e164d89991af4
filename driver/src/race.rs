//! The first success of several tries, of which any may hang.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// When the next try begins while those before it are under way. A hung contact point costs this
/// much; a healthy one has mostly answered before.
const STAGGER: Duration = Duration::from_millis(20);

/// How the tries that did not succeed ended; `None`: they were under way at the deadline.
pub(crate) type Failures<K, E> = Vec<(K, Option<E>)>;

/// Begins `tries` one after the other, until one has succeeded or all have failed, or `deadline`
/// passes. After a failure that is `telling`, the others have `grace` more. Those that are under way
/// are then dropped.
pub(crate) async fn first_success<K, F, T, E>(
    tries: Vec<(K, F)>,
    deadline: Instant,
    telling: impl Fn(&E) -> bool,
    grace: Duration,
) -> Result<T, Failures<K, E>>
where
    K: Clone + Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let keys: Vec<K> = tries.iter().map(|(key, _)| key.clone()).collect();
    let mut failed: Vec<Option<E>> = keys.iter().map(|_| None).collect();
    let mut waiting = tries.into_iter().enumerate();
    let mut begun = JoinSet::new();
    let mut deadline = deadline;
    let mut next_start = Instant::now();
    let mut all_begun = false;
    loop {
        tokio::select! {
            ended = begun.join_next(), if !begun.is_empty() => match ended {
                Some(Ok((_, Ok(value)))) => return Ok(value),
                Some(Ok((number, Err(error)))) => {
                    if telling(&error) {
                        deadline = deadline.min(Instant::now() + grace);
                    }
                    let slot: &mut Option<E> = &mut failed[number];
                    *slot = Some(error);
                    next_start = Instant::now();
                }
                _ => {} // the runtime ends
            },
            () = sleep_until(next_start), if !all_begun => match waiting.next() {
                Some((number, (_, work))) => {
                    begun.spawn(async move { (number, work.await) });
                    next_start = Instant::now() + STAGGER;
                }
                None => all_begun = true,
            },
            () = sleep_until(deadline) => break,
            else => break,
        }
        if all_begun && begun.is_empty() {
            break;
        }
    }
    Err(keys.into_iter().zip(failed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paused_clock;
    use std::future::{pending, ready};
    use std::pin::Pin;

    type Try = Pin<Box<dyn Future<Output = Result<i32, &'static str>> + Send>>;

    fn run(
        tries: Vec<Try>,
        telling: &str,
        limit: u64,
    ) -> Result<i32, Failures<usize, &'static str>> {
        let tries = tries.into_iter().enumerate().collect();
        let deadline = Duration::from_millis(limit);
        let grace = Duration::from_millis(50);
        paused_clock::run(async {
            let telling = |error: &&str| *error == telling;
            first_success(tries, Instant::now() + deadline, telling, grace).await
        })
    }

    fn fails(error: &'static str) -> Try {
        Box::pin(ready(Err(error)))
    }

    fn succeeds(value: i32) -> Try {
        Box::pin(ready(Ok(value)))
    }

    fn hangs() -> Try {
        Box::pin(pending())
    }

    #[test]
    fn what_hangs_or_fails_does_not_keep_the_others() {
        assert_eq!(
            run(vec![hangs(), fails("a"), hangs(), succeeds(4)], "", 1000),
            Ok(4)
        );
    }

    #[test]
    fn the_first_success_is_the_answer() {
        assert_eq!(run(vec![succeeds(1), succeeds(2)], "", 1000), Ok(1));
    }

    #[test]
    fn all_failures_are_told_in_the_order_of_the_tries() {
        assert_eq!(
            run(vec![fails("a"), fails("b")], "", 1000),
            Err(vec![(0, Some("a")), (1, Some("b"))])
        );
    }

    #[test]
    fn at_the_deadline_those_under_way_have_no_error() {
        assert_eq!(
            run(vec![fails("a"), hangs()], "", 1000),
            Err(vec![(0, Some("a")), (1, None)])
        );
    }

    #[test]
    fn after_a_telling_failure_the_others_have_little_time() {
        let late: Try = Box::pin(async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok(1)
        });
        assert!(run(vec![fails("telling"), late], "telling", 1000).is_err());
    }

    #[test]
    fn nothing_to_try_ends_at_once() {
        assert_eq!(run(vec![], "", 1000), Err(vec![]));
    }
}
