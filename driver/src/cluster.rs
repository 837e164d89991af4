//! The driver's client of a cluster, opened so that nothing which hangs holds it up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use scylla::client::session::Session as Client;
use scylla::policies::load_balancing::{DefaultPolicy, LoadBalancingPolicy};
use tokio::time::{Instant, timeout_at};

use crate::access::Access;
use crate::address_map::AddressMap;
use crate::addresses::Addresses;
use crate::admission::{Watched, Watcher};
use crate::bridge::ffi::{Code, Config, Failure};
use crate::client::{AllAt, builder, connect_timeout, profile};
use crate::datacenter::{self, Local};
use crate::entrance::{Entrance, enter, not_connected, patiently, places};
use crate::probe::{self, Answers};
use crate::routes::{REMEDY, Routes, strangers};
use crate::{contact_points, failure, outage};

/// How long names that are not known yet may keep somebody whose local datacenter depends on them.
/// What is not known then does not count, as a contact point that is no node.
const GRACE_OF_NAMES: Duration = Duration::from_secs(1);

/// A client whose connections are to the local datacenter alone.
pub(crate) struct Cluster {
    pub(crate) client: Arc<Client>,
    pub(crate) local_datacenter: String,
    /// Replicas in the local datacenter, then the others there.
    pub(crate) default_plan: Arc<dyn LoadBalancingPolicy>,
    pub(crate) routes: Arc<Routes>,
    _watcher: Watcher,
}

/// Opens a client by one of the contact points, or of the nodes that are known otherwise, and with
/// connections to as many nodes of the local datacenter as answer at once: at least one. The others
/// are connected to when they answer. All of it takes at most the connect timeout.
pub(crate) async fn open(
    config: &Arc<Config>,
    access: &Access,
    known: Vec<SocketAddr>,
) -> Result<Cluster, Failure> {
    let deadline = Instant::now() + connect_timeout(config);
    AddressMap::new(config)?; // what is wrong with it is told before any I/O
    let points = contact_points::parse_all(&config.contact_points, config.default_port)?;
    let mut addresses = Addresses::look_up(points, known);
    let found = enter(config, access, &mut addresses, deadline).await?;
    let local = match local_datacenter(config, &found, &mut addresses, deadline).await? {
        Local::Is(local) => local,
        Local::OfTheNodeThatAnswered => {
            let told = || datacenter_of(config, access, found.contact);
            patiently(told, deadline, || fell_silent(config)).await?
        }
    };
    meet_nodes(access, &found, &mut addresses, deadline).await;
    connect_to_nodes(config, access, &found, &local, deadline).await?;
    let Entrance {
        client,
        admission,
        routes,
        ..
    } = found;
    let default_plan = DefaultPolicy::builder()
        .prefer_datacenter(local.clone())
        .token_aware(true)
        .permit_dc_failover(false)
        .build();
    client
        .get_default_execution_profile_handle()
        .clone()
        .map_to_another_profile(profile(config, Arc::clone(&default_plan)));
    let watcher = Watcher::start(Watched {
        client: Arc::downgrade(&client),
        admission,
        datacenter: local.clone(),
        access: access.clone(),
        routes: Arc::clone(&routes),
        config: Arc::clone(config),
    });
    Ok(Cluster {
        client,
        local_datacenter: local,
        default_plan,
        routes,
        _watcher: watcher,
    })
}

async fn local_datacenter(
    config: &Config,
    found: &Entrance,
    addresses: &mut Addresses,
    deadline: Instant,
) -> Result<Local, Failure> {
    let asked = &config.local_datacenter;
    let places = places(&found.client);
    let contacts = match datacenter::depends_on_contacts(asked, &places) {
        true => {
            let deadline = deadline.min(Instant::now() + GRACE_OF_NAMES);
            addresses.all(deadline).await
        }
        false => &[],
    };
    datacenter::choose(asked, contacts, &places)
}

fn fell_silent(config: &Config) -> Failure {
    not_connected(config, "a contact point answered, and then fell silent")
}

/// Where the cluster was entered by an address that is no node's own, a node stands behind it, as in
/// a container with a mapped port; and perhaps others behind other contact points. Who tells which
/// one it is tells the ports that nodes announce as well.
async fn meet_nodes(
    access: &Access,
    found: &Entrance,
    addresses: &mut Addresses,
    deadline: Instant,
) {
    let places = places(&found.client);
    let is_stranger = !strangers(&[found.contact], &places).is_empty();
    if !is_stranger {
        found.routes.port_is_theirs();
    }
    if !is_stranger && !found.routes.has_map() {
        return;
    }
    let names = deadline.min(Instant::now() + GRACE_OF_NAMES);
    let mut contacts = strangers(addresses.all(names).await, &places);
    if !is_stranger {
        contacts.push(found.contact);
    }
    probe::meet(
        Some(found.contact),
        &contacts,
        &found.routes,
        access,
        deadline,
    )
    .await;
}

/// Connects to those nodes of the datacenter `local` that answer at once.
async fn connect_to_nodes(
    config: &Config,
    access: &Access,
    found: &Entrance,
    local: &str,
    deadline: Instant,
) -> Result<(), Failure> {
    let nodes = found.admission.missing(local, &found.client);
    let elsewhere = outage::elsewhere(&found.client, local);
    let kept_for_these = match elsewhere.is_empty() {
        true => Duration::ZERO,
        false => outage::LIMIT.min(deadline.saturating_duration_since(Instant::now()) / 4),
    };
    let limit = deadline - kept_for_these;
    let Answers { answered, others } = probe::ask_all(&nodes, &found.routes, access, limit).await;
    if answered.is_empty() {
        let stories: Vec<_> = others.iter().map(|node| node.story.as_str()).collect();
        let look = outage::look(local, &elsewhere, &found.routes, access);
        if let Ok(Some(down)) = timeout_at(deadline, look).await {
            let message = format!("{down} ({}; {REMEDY})", stories.join("; "));
            return Err(failure::of_request(Code::DatacenterDown, message));
        }
        let why = format!(
            "no node of datacenter \"{local}\" can be connected to at the address that it announces \
             ({}); {REMEDY}",
            stories.join("; ")
        );
        return Err(match others.iter().any(|node| node.hangs) {
            true => not_connected(config, &why),
            false => failure::of_request(Code::NoConnection, why),
        });
    }
    found.admission.admit(local, answered.into_keys());
    let look = || async {
        let refreshed = found.client.refresh_metadata().await;
        refreshed.map_err(failure::of_look)
    };
    patiently(look, deadline, || fell_silent(config)).await?;
    let state = found.client.get_cluster_state();
    if state
        .get_nodes_info()
        .iter()
        .any(|node| node.is_connected())
    {
        return Ok(());
    }
    Err(failure::of_request(
        Code::NoConnection,
        format!("no node of datacenter \"{local}\" keeps a connection open"),
    ))
}

/// The datacenter of the node that is behind `contact`, an address which is not a node's own.
async fn datacenter_of(
    config: &Config,
    access: &Access,
    contact: SocketAddr,
) -> Result<String, Failure> {
    let client = builder(config, access)
        .known_node_addr(contact)
        .address_translator(Arc::new(AllAt(contact)))
        .build()
        .await
        .map_err(|error| failure::of_connecting(error, config.tls.enabled))?;
    let told = client
        .query_unpaged(
            "SELECT data_center FROM system.local WHERE key = 'local'",
            (),
        )
        .await?;
    let row = told
        .into_rows_result()
        .map_err(failure::of_response)?
        .single_row::<(String,)>()
        .map_err(failure::of_response)?;
    Ok(row.0)
}
