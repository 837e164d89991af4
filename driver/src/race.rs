//! The first success of several tries, of which any may hang.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// When the next try begins while those before it are under way. A hung contact point costs this
/// much; a healthy one has mostly answered before.
const STAGGER: Duration = Duration::from_millis(20);

/// How the tries that were begun ended; `None`: they were under way at the deadline.
pub(crate) type Failures<K, E> = Vec<(K, Option<E>)>;

/// What there is to try, as it becomes known.
pub(crate) trait Candidates {
    type Key: Clone;

    /// The next one; none after the last. Cancel safe.
    fn next(&mut self) -> impl Future<Output = Option<Self::Key>> + Send;
}

/// Has `begin` try one candidate after the other, until one has succeeded or all have failed, or
/// `deadline` passes. After a failure that is `telling`, the others have `grace` more. Those that
/// are under way are then dropped.
pub(crate) async fn first_success<C, F, T, E>(
    candidates: &mut C,
    begin: impl Fn(C::Key) -> F,
    deadline: Instant,
    telling: impl Fn(&E) -> bool,
    grace: Duration,
) -> Result<T, Failures<C::Key, E>>
where
    C: Candidates,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let mut tried: Failures<C::Key, E> = Vec::new();
    let mut begun: JoinSet<(usize, Result<T, E>)> = JoinSet::new();
    let mut deadline = deadline;
    let mut next_start = Instant::now();
    let mut all_begun = false;
    loop {
        let next = async {
            sleep_until(next_start).await;
            candidates.next().await
        };
        tokio::select! {
            ended = begun.join_next(), if !begun.is_empty() => match ended {
                Some(Ok((_, Ok(value)))) => return Ok(value),
                Some(Ok((number, Err(error)))) => {
                    if telling(&error) {
                        deadline = deadline.min(Instant::now() + grace);
                    }
                    tried[number].1 = Some(error);
                    next_start = Instant::now();
                }
                _ => {} // the runtime ends
            },
            candidate = next, if !all_begun => match candidate {
                Some(key) => {
                    let number = tried.len();
                    let work = begin(key.clone());
                    tried.push((key, None));
                    begun.spawn(async move { (number, work.await) });
                    next_start = Instant::now() + STAGGER;
                }
                None => all_begun = true,
            },
            () = sleep_until(deadline) => break,
        }
        if all_begun && begun.is_empty() {
            break;
        }
    }
    Err(tried)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paused_clock;
    use std::future::{pending, ready};
    use std::ops::Range;
    use std::pin::Pin;
    use std::sync::Mutex;

    struct Numbers(Range<usize>);

    impl Candidates for Numbers {
        type Key = usize;

        async fn next(&mut self) -> Option<usize> {
            self.0.next()
        }
    }

    type Try = Pin<Box<dyn Future<Output = Result<i32, &'static str>> + Send>>;

    fn run(
        tries: Vec<Try>,
        telling: &str,
        limit: u64,
    ) -> Result<i32, Failures<usize, &'static str>> {
        let mut numbers = Numbers(0..tries.len());
        let tries: Vec<_> = tries
            .into_iter()
            .map(|work| Mutex::new(Some(work)))
            .collect();
        let begin = |number: usize| tries[number].lock().unwrap().take().unwrap();
        let deadline = Duration::from_millis(limit);
        let grace = Duration::from_millis(50);
        paused_clock::run(async {
            let telling = |error: &&str| *error == telling;
            let deadline = Instant::now() + deadline;
            first_success(&mut numbers, begin, deadline, telling, grace).await
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
