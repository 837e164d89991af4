//! Where nodes are reached that cannot be reached at what they announce, as the program says.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::bridge::ffi::{Code, Config, Failure, Mapping};
use crate::contact_points;
use crate::failure;

/// A port is compared only where it is known which one the node announces.
struct Entry {
    address: IpAddr,
    port: Option<u16>,
    host: String,
    /// None: the one that the node announces.
    reachable_port: Option<u16>,
}

/// What a node announces: Cassandra 3.11 tells no port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) address: IpAddr,
    pub(crate) port: Option<u16>,
    /// What the driver takes the port for: that of the contact point.
    pub(crate) port_of_contact: u16,
}

impl Announced {
    pub(crate) fn socket(&self) -> SocketAddr {
        (self.address, self.port.unwrap_or(self.port_of_contact)).into()
    }
}

/// `connect`'s `address_map`.
pub(crate) struct AddressMap {
    entries: Vec<Entry>,
    config: Arc<Config>,
}

impl AddressMap {
    pub(crate) fn new(config: &Arc<Config>) -> Result<Self, Failure> {
        let numbered = (1..).zip(&config.address_map);
        let entries = numbered.map(|(number, mapping)| entry(number, mapping));
        let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
        refuse_repetition(&entries)?;
        Ok(Self {
            entries,
            config: Arc::clone(config),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.config.address_function.is_null()
    }

    /// Host and port; none: nothing is said of the node.
    pub(crate) fn find(&self, node: &Announced) -> Result<Option<(String, u16)>, String> {
        let of_node = |entry: &&Entry| {
            let is_port = match (entry.port, node.port) {
                (Some(wanted), Some(port)) => wanted == port,
                _ => true,
            };
            entry.address == node.address && is_port
        };
        // One with a port says more than one without.
        let entries = self.entries.iter().filter(of_node);
        if let Some(entry) = entries.max_by_key(|entry| entry.port.is_some()) {
            let port = entry.reachable_port.unwrap_or(node.socket().port());
            return Ok(Some((entry.host.clone(), port)));
        }
        self.ask_function(node)
    }

    fn ask_function(&self, node: &Announced) -> Result<Option<(String, u16)>, String> {
        let Some(function) = self.config.address_function.as_ref() else {
            return Ok(None);
        };
        let announced = node.socket();
        let answer = function
            .reachable(&announced.to_string())
            .map_err(|error| format!("the function of address_map failed: {}", error.what()))?;
        if answer.is_empty() {
            return Ok(None);
        }
        contact_points::split(&answer)
            .map(|(host, port)| Some((host, port.unwrap_or(announced.port()))))
            .map_err(|why| {
                format!("the function of address_map returned \"{answer}\", which {why}")
            })
    }
}

fn entry(number: usize, mapping: &Mapping) -> Result<Entry, Failure> {
    let refuse = |which: &str, text: &str, why: &str| {
        let message = format!(
            "entry {number} of address_map: the {which} address \"{text}\" {why}; write HOST:PORT, \
             where an IPv6 address with a port is in brackets"
        );
        failure::of_request(Code::BadArgument, message)
    };
    let announced = &mapping.announced;
    let (address, port) =
        contact_points::split(announced).map_err(|why| refuse("announced", announced, &why))?;
    let address = address.parse().map_err(|_| {
        let why = "is a name, and nodes announce numeric addresses";
        refuse("announced", announced, why)
    })?;
    let reachable = &mapping.reachable;
    let (host, reachable_port) =
        contact_points::split(reachable).map_err(|why| refuse("reachable", reachable, &why))?;
    Ok(Entry {
        address,
        port,
        host,
        reachable_port,
    })
}

fn refuse_repetition(entries: &[Entry]) -> Result<(), Failure> {
    let said = |entry: &Entry| (entry.address, entry.port);
    let repeated = (0..entries.len()).find_map(|later| {
        let earlier = entries[..later].iter();
        let found = earlier
            .map(said)
            .position(|one| one == said(&entries[later]));
        found.map(|first| (first, later))
    });
    let Some((first, later)) = repeated else {
        return Ok(());
    };
    let message = format!(
        "entry {} of address_map: entry {} is about the same announced address, {}; leave one out",
        later + 1,
        first + 1,
        entries[later].address
    );
    Err(failure::of_request(Code::BadArgument, message))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::client::tests::config;

    pub(crate) fn map(entries: &[(&str, &str)]) -> Result<AddressMap, Failure> {
        let mut config = config();
        config.address_map = entries
            .iter()
            .map(|(announced, reachable)| Mapping {
                announced: (*announced).to_owned(),
                reachable: (*reachable).to_owned(),
            })
            .collect();
        AddressMap::new(&Arc::new(config))
    }

    fn found(map: &AddressMap, address: &str, port: Option<u16>) -> Option<(String, u16)> {
        let announced = Announced {
            address: address.parse().unwrap(),
            port,
            port_of_contact: 19042,
        };
        map.find(&announced).unwrap()
    }

    fn at(host: &str, port: u16) -> Option<(String, u16)> {
        Some((host.to_owned(), port))
    }

    #[test]
    fn an_address_leads_to_host_and_port() {
        let map = map(&[
            ("172.17.0.3", "localhost:19043"),
            ("172.17.0.4:9042", "[::1]:19044"),
            ("fd00::5", "192.0.2.5"),
        ])
        .unwrap();
        let found = |address, port| found(&map, address, port);
        assert_eq!(found("172.17.0.3", Some(9042)), at("localhost", 19043));
        assert_eq!(found("172.17.0.4", Some(9042)), at("::1", 19044));
        assert_eq!(found("172.17.0.4", Some(9043)), None);
        assert_eq!(found("172.17.0.4", None), at("::1", 19044), "3.11");
        assert_eq!(found("fd00::5", Some(9042)), at("192.0.2.5", 9042));
        assert_eq!(found("fd00::5", None), at("192.0.2.5", 19042));
        assert_eq!(found("172.17.0.9", Some(9042)), None);
    }

    #[test]
    fn one_with_the_port_counts_more() {
        let map = map(&[
            ("10.0.0.1:9043", "b:2"),
            ("10.0.0.1", "a:1"),
            ("10.0.0.1:9044", "c:3"),
        ])
        .unwrap();
        assert_eq!(found(&map, "10.0.0.1", Some(9042)), at("a", 1));
        assert_eq!(found(&map, "10.0.0.1", Some(9043)), at("b", 2));
        assert_eq!(found(&map, "10.0.0.1", Some(9044)), at("c", 3));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_position() {
        let good = ("10.0.0.1", "a:1");
        for (announced, reachable, why) in [
            ("db.example", "a:1", "is a name"),
            ("", "a:1", "is not a host"),
            ("10.0.0.2:x", "a:1", "has a port"),
            ("10.0.0.2", "", "is not a host"),
            ("10.0.0.2", "a:0", "has a port"),
            ("10.0.0.2", "http://a", "has a port"),
            ("[10.0.0.2", "a:1", "lacks"),
            ("10.0.0.1", "b:2", "entry 1 is about the same"),
        ] {
            let failure = map(&[good, (announced, reachable)]).err().unwrap();
            assert_eq!(failure.code, Code::BadArgument);
            let message = &failure.message;
            assert!(message.starts_with("entry 2 of address_map"), "{message}");
            assert!(message.contains(why), "{message}");
        }
    }
}
