//! The addresses by which a cluster may be entered, as they become known.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::contact_points::ContactPoint;
use crate::race::Candidates;

/// Names are looked up all at once, for as long as this lives: a slow name service holds up nobody
/// who can be entered by another address, and its answer is not left out either.
pub(crate) struct Addresses {
    lookups: JoinSet<(ContactPoint, io::Result<Vec<SocketAddr>>)>,
    /// What was asked for and not answered.
    asked: Vec<ContactPoint>,
    unknown: Vec<String>,
    known: Vec<SocketAddr>,
    /// Of those, what `next` has not returned.
    waiting: VecDeque<SocketAddr>,
}

impl Addresses {
    /// Those of `points`, and what is `known` otherwise. They begin at a random one, so that the
    /// clients of a cluster spread.
    pub(crate) fn look_up(points: Vec<ContactPoint>, known: Vec<SocketAddr>) -> Self {
        Self::by(points, known, |point| async move {
            let found = tokio::net::lookup_host((point.host.as_str(), point.port)).await?;
            Ok(found.collect())
        })
    }

    fn by<F>(
        mut points: Vec<ContactPoint>,
        known: Vec<SocketAddr>,
        look_up: impl Fn(ContactPoint) -> F,
    ) -> Self
    where
        F: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
    {
        rotate(&mut points);
        let mut this = Self {
            lookups: JoinSet::new(),
            asked: points.clone(),
            unknown: Vec::new(),
            known: Vec::new(),
            waiting: VecDeque::new(),
        };
        this.add(known);
        for point in points {
            let found = look_up(point.clone());
            this.lookups.spawn(async move { (point, found.await) });
        }
        this
    }

    /// All that are known when every name has been looked up, or at `deadline`, in their order.
    pub(crate) async fn all(&mut self, deadline: Instant) -> &[SocketAddr] {
        while let Ok(true) = timeout_at(deadline, self.take_lookup()).await {}
        self.known.sort_unstable();
        &self.known
    }

    /// Why names have no address, as far as that is known.
    pub(crate) fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// The names that the name service has said nothing about.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = &str> {
        self.asked.iter().map(|point| point.host.as_str())
    }

    /// Returns whether there was one. Cancel safe.
    async fn take_lookup(&mut self) -> bool {
        let Some(ended) = self.lookups.join_next().await else {
            return false;
        };
        let Ok((point, found)) = ended else {
            return true; // the runtime ends
        };
        self.asked.retain(|asked| *asked != point);
        match found {
            Ok(addresses) => self.add(addresses),
            Err(error) => self.unknown.push(format!("{}: {error}", point.host)),
        }
        true
    }

    fn add(&mut self, mut addresses: Vec<SocketAddr>) {
        rotate(&mut addresses);
        for address in addresses {
            if !self.known.contains(&address) {
                self.known.push(address);
                self.waiting.push_back(address);
            }
        }
    }
}

impl Candidates for Addresses {
    type Key = SocketAddr;

    async fn next(&mut self) -> Option<SocketAddr> {
        loop {
            if let Some(address) = self.waiting.pop_front() {
                return Some(address);
            }
            if !self.take_lookup().await {
                return None;
            }
        }
    }
}

/// Has them begin at a random one.
fn rotate<T>(items: &mut [T]) {
    let first = random_below(items.len());
    items.rotate_left(first);
}

/// Random enough to spread clients.
fn random_below(limit: usize) -> usize {
    use std::hash::{BuildHasher, Hasher};
    let seed = std::hash::RandomState::new().build_hasher().finish();
    usize::try_from(seed % limit.max(1) as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{paused_clock, race};
    use std::future::pending;
    use std::time::Duration;
    use tokio::time::sleep;

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, last], 9042))
    }

    fn names(names: &[&str]) -> Vec<ContactPoint> {
        let points = names.iter().map(|name| ContactPoint {
            host: (*name).to_owned(),
            port: 9042,
        });
        points.collect()
    }

    /// The hosts of these tests: `two` has the addresses 1 and 2, `slow` has 3, but the name service
    /// takes three seconds to say so, and the one of `lost` does not answer.
    async fn hosts(point: ContactPoint) -> io::Result<Vec<SocketAddr>> {
        match point.host.as_str() {
            "two" => Ok(vec![address(1), address(2)]),
            "slow" => {
                sleep(Duration::from_secs(3)).await;
                Ok(vec![address(3)])
            }
            "lost" => pending().await,
            _ => Err(io::Error::other("no such host")),
        }
    }

    fn after(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    /// Which address a cluster is entered by, within ten seconds, where that works by `live` alone;
    /// all others hang.
    async fn entered(addresses: &mut Addresses, live: SocketAddr) -> Option<SocketAddr> {
        let enter = move |tried: SocketAddr| async move {
            if tried != live {
                pending::<()>().await;
            }
            Ok::<_, ()>(tried)
        };
        let no_grace = Duration::ZERO;
        race::first_success(addresses, enter, after(10), |()| false, no_grace)
            .await
            .ok()
    }

    #[test]
    fn a_dead_address_among_several_of_a_name_keeps_nobody() {
        for live in [address(1), address(2)] {
            for _ in 0..20 {
                paused_clock::run(async {
                    let begun = Instant::now();
                    let mut addresses = Addresses::by(names(&["two"]), vec![], hosts);
                    assert_eq!(entered(&mut addresses, live).await, Some(live));
                    assert!(Instant::now() - begun < Duration::from_millis(100));
                });
            }
        }
    }

    #[test]
    fn a_slow_name_is_tried_when_it_is_known() {
        paused_clock::run(async {
            let mut addresses = Addresses::by(names(&["slow", "two", "lost"]), vec![], hosts);
            let live = address(3);
            assert_eq!(entered(&mut addresses, live).await, Some(live));
        });
    }

    #[test]
    fn a_name_that_is_not_answered_keeps_nobody() {
        paused_clock::run(async {
            let begun = Instant::now();
            let mut addresses = Addresses::by(names(&["lost"]), vec![address(7)], hosts);
            let live = address(7);
            assert_eq!(entered(&mut addresses, live).await, Some(live));
            assert!(Instant::now() - begun < Duration::from_millis(100));
        });
    }

    #[test]
    fn those_of_all_names_are_waited_for_until_the_deadline() {
        paused_clock::run(async {
            let mut addresses = Addresses::by(names(&["slow", "two", "lost"]), vec![], hosts);
            let known = addresses.all(after(1)).await;
            assert_eq!(known, [address(1), address(2)]);
            let known = addresses.all(after(5)).await;
            assert!(known.contains(&address(3)));
            let unanswered: Vec<_> = addresses.unanswered().collect();
            assert_eq!(unanswered, ["lost"]);
        });
    }

    #[test]
    fn each_is_returned_once_and_what_is_not_known_is_told() {
        paused_clock::run(async {
            let known = vec![address(1), address(9)];
            let mut addresses = Addresses::by(names(&["two", "two", "what"]), known, hosts);
            let mut all = Vec::new();
            while let Some(next) = addresses.next().await {
                all.push(next);
            }
            all.sort_unstable();
            assert_eq!(all, [address(1), address(2), address(9)]);
            assert_eq!(addresses.unknown(), ["what: no such host"]);
            assert_eq!(addresses.unanswered().count(), 0);
        });
    }

    #[test]
    fn clients_begin_at_different_ones() {
        let first = || {
            paused_clock::run(async {
                let mut addresses = Addresses::by(names(&["two"]), vec![], hosts);
                addresses.next().await.unwrap()
            })
        };
        let firsts: std::collections::HashSet<_> = (0..100).map(|_| first()).collect();
        assert_eq!(firsts.len(), 2);
    }
}
