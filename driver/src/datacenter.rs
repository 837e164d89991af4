//! The local datacenter.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::bridge::ffi::{Code, Failure};
use crate::failure;

/// A node as far as this matters.
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    pub(crate) datacenter: String,
}

/// What was asked for, if there is such a datacenter; else the only one that there is, or the one
/// in which all contact points are.
pub(crate) fn choose(
    asked: &str,
    contacts: &[SocketAddr],
    nodes: &[Place],
) -> Result<String, Failure> {
    let all: BTreeSet<&str> = nodes.iter().map(|node| node.datacenter.as_str()).collect();
    let refuse = |why: String| failure::of_request(Code::Datacenter, why);
    if !asked.is_empty() {
        if all.contains(asked) {
            return Ok(asked.to_owned());
        }
        return Err(refuse(format!(
            "no datacenter is called \"{asked}\"; there are {}",
            list(&all)
        )));
    }
    if let (Some(only), 1) = (all.first(), all.len()) {
        return Ok((*only).to_owned());
    }
    let of_contacts: Vec<Option<&str>> = contacts
        .iter()
        .map(|contact| nodes.iter().find(|node| node.address == *contact))
        .map(|node| node.map(|node| node.datacenter.as_str()))
        .collect();
    match of_contacts.first() {
        Some(Some(first)) if of_contacts.iter().all(|dc| *dc == Some(first)) => {
            Ok((*first).to_owned())
        }
        _ => Err(refuse(format!(
            "the contact points do not agree on one datacenter, so the local one must be named; \
             there are {}",
            list(&all)
        ))),
    }
}

fn list(datacenters: &BTreeSet<&str>) -> String {
    let quoted: Vec<_> = datacenters
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, last], 9042))
    }

    fn nodes(datacenters: &[&str]) -> Vec<Place> {
        let numbered = (1..).zip(datacenters);
        numbered
            .map(|(last, dc)| Place {
                address: address(last),
                datacenter: (*dc).into(),
            })
            .collect()
    }

    #[test]
    fn the_one_asked_for_must_exist() {
        let nodes = nodes(&["east", "west"]);
        assert_eq!(choose("west", &[address(1)], &nodes).unwrap(), "west");
        let failure = choose("north", &[address(1)], &nodes).unwrap_err();
        assert_eq!(failure.code, Code::Datacenter);
        assert!(
            failure.message.contains("\"east\", \"west\""),
            "{}",
            failure.message
        );
    }

    #[test]
    fn it_is_inferred_only_if_there_is_one_answer() {
        assert_eq!(
            choose("", &[address(9)], &nodes(&["one", "one"])).unwrap(),
            "one"
        );
        let two = nodes(&["east", "east", "west"]);
        assert_eq!(choose("", &[address(1), address(2)], &two).unwrap(), "east");
        assert!(
            choose("", &[address(1), address(3)], &two).is_err(),
            "they disagree"
        );
        assert!(
            choose("", &[address(1), address(9)], &two).is_err(),
            "one is unknown"
        );
        assert!(choose("", &[], &two).is_err());
    }
}
