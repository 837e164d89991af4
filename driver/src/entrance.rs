//! How a cluster is entered: by one contact point, and no matter what becomes of the others.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scylla::client::session::Session as Client;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::access::Access;
use crate::address_map::AddressMap;
use crate::addresses::Addresses;
use crate::admission::Admission;
use crate::bridge::ffi::{Code, Config, Failure};
use crate::client::builder;
use crate::datacenter::{self, Place};
use crate::routes::{NodeAt, Routes};
use crate::stranger::unless_stranger;
use crate::{failure, race};

/// How long other contact points have to succeed once a server has refused this client.
const GRACE_AFTER_REFUSAL: Duration = Duration::from_secs(1);

/// After how long a server that could not let anybody in is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// A client that knows the cluster by one contact point, and has no connection for requests yet.
pub(crate) struct Entrance {
    pub(crate) client: Arc<Client>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) contact: SocketAddr,
}

/// By whichever contact point answers first.
pub(crate) async fn enter(
    config: &Arc<Config>,
    access: &Access,
    addresses: &mut Addresses,
    deadline: Instant,
) -> Result<Entrance, Failure> {
    let unable = Arc::new(Unable::default());
    let at = |contact| {
        let (config, access, seen) = (Arc::clone(config), access.clone(), Arc::clone(&unable));
        async move {
            let once = || enter_at(&config, &access, contact);
            once_it_can(once, deadline, &seen).await
        }
    };
    let entered =
        race::first_success(addresses, at, deadline, is_refusal, GRACE_AFTER_REFUSAL).await;
    entered.map_err(|failures| why_not_entered(config, failures, addresses, &unable))
}

/// The last failure of a server that could not let anybody in.
type Unable = Mutex<Option<Failure>>;

/// Has `work` tried until the server can do it, or would not before `deadline`; but what it has said
/// is told rather than that it then fell silent.
pub(crate) async fn patiently<T, F: Future<Output = Result<T, Failure>>>(
    work: impl Fn() -> F,
    deadline: Instant,
    silent: impl FnOnce() -> Failure,
) -> Result<T, Failure> {
    let seen = Unable::default();
    let done = timeout_at(deadline, once_it_can(work, deadline, &seen)).await;
    let said = || seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    done.unwrap_or_else(|_| Err(said().unwrap_or_else(silent)))
}

/// Has `enter` try until the server can let somebody in, or would not before `deadline`.
async fn once_it_can<T, F: Future<Output = Result<T, Failure>>>(
    enter: impl Fn() -> F,
    deadline: Instant,
    seen: &Unable,
) -> Result<T, Failure> {
    loop {
        let ended = enter().await;
        let again = Instant::now() + PAUSE;
        match ended {
            Err(failure) if may_pass(&failure) && again < deadline => {
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            }
            ended => return ended,
        }
        sleep_until(again).await;
    }
}

async fn enter_at(
    config: &Arc<Config>,
    access: &Access,
    contact: SocketAddr,
) -> Result<Entrance, Failure> {
    let admission = Arc::new(Admission::default());
    let routes = Arc::new(Routes::new(AddressMap::new(config)?));
    let builder = builder(config, access)
        .known_node_addr(contact)
        .address_translator(Arc::clone(&routes) as Arc<_>)
        .host_filter(Arc::clone(&admission) as Arc<_>);
    let connecting = async {
        let connected = builder.build().await;
        connected.map_err(|error| failure::of_connecting(error, config.tls.enabled))
    };
    let client = Arc::new(unless_stranger(connecting, contact, &access.tls).await?);
    if !datacenter::is_seen(&config.local_datacenter, &places(&client)) {
        // The driver makes nodes up when its first look at the cluster fails.
        client.refresh_metadata().await.map_err(failure::of_look)?;
        let seen = places(&client);
        if !datacenter::is_seen(&config.local_datacenter, &seen) && datacenter::is_partial(&seen) {
            let message = "the servers do not tell yet in which datacenter their nodes are";
            return Err(failure::of_request(Code::IsBootstrapping, message));
        }
    }
    Ok(Entrance {
        client,
        admission,
        routes,
        contact,
    })
}

/// Whether no server has said anything.
pub(crate) fn is_unreachable(failure: &Failure) -> bool {
    matches!(
        failure.code,
        Code::NoConnection | Code::ConnectTimeout | Code::DatacenterDown
    )
}

/// Whether a server cannot let anybody in for now: it has too much to do or has only begun, or it
/// cannot look up who may do what. Of the latter it says so, or only passes on how its request to
/// other nodes has ended.
fn may_pass(failure: &Failure) -> bool {
    matches!(
        failure.code,
        Code::RolesUnavailable
            | Code::Unavailable
            | Code::ReadTimeout
            | Code::ReadFailure
            | Code::Overloaded
            | Code::ReplicaOverloaded
            | Code::IsBootstrapping
    )
}

/// Whether a server said what others would say too.
fn is_refusal(failure: &Failure) -> bool {
    !is_unreachable(failure) && !may_pass(failure)
}

/// What a server said, if one did, a refusal before all; else what became of each contact point.
fn why_not_entered(
    config: &Config,
    failures: race::Failures<SocketAddr, Failure>,
    addresses: &Addresses,
    seen: &Unable,
) -> Failure {
    let mut ends = addresses.unknown().to_vec();
    let mut hung = false;
    for name in addresses.unanswered() {
        hung = true;
        ends.push(format!("{name}: no answer from the name service"));
    }
    if failures.is_empty() {
        let message = format!("no contact point has an address ({})", ends.join("; "));
        return failure::of_request(Code::NoConnection, message);
    }
    let mut unable = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    for (contact, end) in failures {
        match end {
            Some(failure) if is_refusal(&failure) => return failure,
            Some(failure) if !is_unreachable(&failure) => unable = Some(failure),
            Some(failure) if failure.code == Code::NoConnection => {
                ends.push(format!("{contact}: {}", failure.message))
            }
            _ => {
                hung = true;
                ends.push(format!("{contact}: no answer"));
            }
        }
    }
    if let Some(failure) = unable {
        return failure;
    }
    let ends = ends.join("; ");
    if hung {
        return not_connected(config, &ends);
    }
    failure::of_request(
        Code::NoConnection,
        format!("no contact point can be connected to ({ends})"),
    )
}

pub(crate) fn not_connected(config: &Config, why: &str) -> Failure {
    let message = format!("not connected within {} ms ({why})", config.connect_timeout);
    failure::of_request(Code::ConnectTimeout, message)
}

pub(crate) fn places(client: &Client) -> Vec<Place> {
    let state = client.get_cluster_state();
    let nodes = state.get_nodes_info().iter();
    nodes
        .map(|node| Place {
            address: NodeAt::from(&**node).address,
            datacenter: node.datacenter.clone().unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paused_clock;
    use std::cell::Cell;
    use tokio::time::sleep;

    fn failed(code: Code) -> Result<(), Failure> {
        Err(failure::of_request(code, "words"))
    }

    /// What becomes of a server that says `at_first` in its first `tries`, which takes it so many
    /// seconds, and then `at_last`; within ten seconds. With how often it was asked.
    fn entered(
        at_first: Code,
        tries: u32,
        seconds: u64,
        at_last: Code,
    ) -> (Code, u32, Option<Code>) {
        let asked = Cell::new(0);
        let seen = Unable::default();
        let once = || async {
            asked.set(asked.get() + 1);
            sleep(Duration::from_secs(seconds)).await;
            failed(match asked.get() > tries {
                true => at_last,
                false => at_first,
            })
        };
        let ended = paused_clock::run(async {
            let deadline = Instant::now() + Duration::from_secs(10);
            once_it_can(once, deadline, &seen).await
        });
        let noted = seen.into_inner().unwrap().map(|failure| failure.code);
        (ended.unwrap_err().code, asked.get(), noted)
    }

    #[test]
    fn a_server_that_cannot_look_roles_up_is_asked_until_it_can() {
        for passes in [
            Code::RolesUnavailable,
            Code::Unavailable,
            Code::ReadTimeout,
            Code::ReadFailure,
            Code::Overloaded,
            Code::IsBootstrapping,
        ] {
            let (code, asked, _) = entered(passes, 3, 1, Code::Protocol);
            assert_eq!((code, asked), (Code::Protocol, 4));
        }
    }

    #[test]
    fn it_is_not_asked_past_the_deadline() {
        let (code, asked, noted) = entered(Code::RolesUnavailable, 1000, 1, Code::Protocol);
        assert_eq!((code, asked), (Code::RolesUnavailable, 7));
        assert_eq!(noted, Some(Code::RolesUnavailable));
    }

    #[test]
    fn what_it_said_is_told_when_it_falls_silent() {
        let asked = Cell::new(0);
        let work = || async {
            asked.set(asked.get() + 1);
            if asked.get() > 2 {
                std::future::pending::<()>().await;
            }
            failed(Code::Overloaded)
        };
        let silent = || failure::of_request(Code::ConnectTimeout, "silent");
        let ended = paused_clock::run(async {
            let deadline = Instant::now() + Duration::from_secs(10);
            patiently(work, deadline, silent).await
        });
        assert_eq!(
            (ended.unwrap_err().code, asked.get()),
            (Code::Overloaded, 3)
        );
    }

    #[test]
    fn a_refusal_is_final() {
        for refusal in [Code::BadCredentials, Code::Unauthorized, Code::Tls] {
            let ended = entered(Code::RolesUnavailable, 0, 1, refusal);
            assert_eq!(ended, (refusal, 1, None));
        }
    }
}
