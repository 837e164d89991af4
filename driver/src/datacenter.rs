//! The local datacenter.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::bridge::ffi::{Code, Failure};
use crate::failure;

/// A node as far as this matters.
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    /// Empty: it is not known.
    pub(crate) datacenter: String,
}

/// What is known about the local datacenter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Local {
    Is(String),
    /// No contact point is the address of a node, so it is that of the node that answered.
    OfTheNodeThatAnswered,
}

/// Whether `choose` looks at the contact points.
pub(crate) fn depends_on_contacts(asked: &str, nodes: &[Place]) -> bool {
    asked.is_empty() && all(nodes).len() > 1
}

/// Whether enough is known of the nodes to say where they are: in what datacenter one of them is and,
/// if one was asked for, which are in that.
pub(crate) fn is_seen(asked: &str, nodes: &[Place]) -> bool {
    let all = all(nodes);
    match asked.is_empty() {
        true => !all.is_empty(),
        false => all.contains(asked),
    }
}

/// Whether it is not known of all nodes where they are.
pub(crate) fn is_partial(nodes: &[Place]) -> bool {
    nodes.iter().any(|node| node.datacenter.is_empty())
}

/// What was asked for, if there is such a datacenter; else the only one that there is, or the one in
/// which all contact points are that are nodes.
pub(crate) fn choose(
    asked: &str,
    contacts: &[SocketAddr],
    nodes: &[Place],
) -> Result<Local, Failure> {
    let all = all(nodes);
    let refuse = |why: String| failure::of_request(Code::Datacenter, why);
    if !asked.is_empty() {
        if all.contains(asked) {
            return Ok(Local::Is(asked.to_owned()));
        }
        return Err(refuse(format!(
            "no datacenter is called \"{asked}\"; there are {}",
            list(&all)
        )));
    }
    if let (Some(only), 1) = (all.first(), all.len()) {
        return Ok(Local::Is((*only).to_owned()));
    }
    let of_contacts: Vec<&Place> = contacts
        .iter()
        .filter_map(|contact| nodes.iter().find(|node| node.address == *contact))
        .filter(|node| !node.datacenter.is_empty())
        .collect();
    let Some(first) = of_contacts.first() else {
        return Ok(Local::OfTheNodeThatAnswered);
    };
    if of_contacts
        .iter()
        .all(|place| place.datacenter == first.datacenter)
    {
        return Ok(Local::Is(first.datacenter.clone()));
    }
    let places: Vec<_> = of_contacts
        .iter()
        .map(|place| format!("{} in \"{}\"", place.address, place.datacenter))
        .collect();
    Err(refuse(format!(
        "the contact points are in different datacenters ({}), so the local one must be named",
        places.join(", ")
    )))
}

/// That no node of the datacenter `local` answers, while those of `others` do.
pub(crate) fn down(local: &str, others: &BTreeSet<String>) -> String {
    let names: Vec<_> = others.iter().map(String::as_str).collect();
    let remedies: Vec<_> = names
        .iter()
        .map(|name| format!("local_datacenter={name}"))
        .collect();
    format!(
        "no node of datacenter {local} answers; {} {}: connect with {}, if the keyspace has replicas \
         there",
        names.join(" and "),
        match names.len() {
            1 => "does",
            _ => "do",
        },
        remedies.join(" or ")
    )
}

fn all(nodes: &[Place]) -> BTreeSet<&str> {
    let named = nodes.iter().map(|node| node.datacenter.as_str());
    named.filter(|name| !name.is_empty()).collect()
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

    fn is(datacenter: &str) -> Local {
        Local::Is(datacenter.into())
    }

    #[test]
    fn the_one_asked_for_must_exist() {
        let nodes = nodes(&["east", "west"]);
        assert_eq!(choose("west", &[address(1)], &nodes).unwrap(), is("west"));
        let failure = choose("north", &[address(1)], &nodes).unwrap_err();
        assert_eq!(failure.code, Code::Datacenter);
        assert!(
            failure.message.contains("\"east\", \"west\""),
            "{}",
            failure.message
        );
    }

    #[test]
    fn the_only_one_needs_no_contact_point() {
        let nodes = nodes(&["one", "one"]);
        assert_eq!(choose("", &[address(9)], &nodes).unwrap(), is("one"));
    }

    #[test]
    fn contact_points_matter_only_where_nothing_else_decides() {
        let two = nodes(&["east", "west"]);
        assert!(depends_on_contacts("", &two));
        assert!(!depends_on_contacts("west", &two));
        assert!(!depends_on_contacts("", &nodes(&["one", "one"])));
    }

    #[test]
    fn it_is_that_of_the_contact_points_that_are_nodes() {
        let two = nodes(&["east", "east", "west"]);
        let choose = |contacts: &[SocketAddr]| choose("", contacts, &two);
        assert_eq!(choose(&[address(1), address(2)]).unwrap(), is("east"));
        assert_eq!(choose(&[address(9), address(3)]).unwrap(), is("west"));
        assert_eq!(
            choose(&[address(8), address(9)]).unwrap(),
            Local::OfTheNodeThatAnswered
        );
    }

    #[test]
    fn a_node_whose_place_is_not_known_does_not_count() {
        let some = nodes(&["", "east"]);
        assert!(is_partial(&some));
        assert!(is_seen("", &some) && is_seen("east", &some) && !is_seen("west", &some));
        assert_eq!(choose("", &[address(1)], &some).unwrap(), is("east"));
        let none = nodes(&["", ""]);
        assert!(!is_seen("", &none));
        let two = nodes(&["", "east", "west"]);
        assert_eq!(
            choose("", &[address(1)], &two).unwrap(),
            Local::OfTheNodeThatAnswered
        );
    }

    #[test]
    fn one_that_is_down_is_told_with_those_that_are_not() {
        let others = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            down("east", &others(&["west"])),
            "no node of datacenter east answers; west does: connect with local_datacenter=west, if \
             the keyspace has replicas there"
        );
        assert_eq!(
            down("east", &others(&["west", "north"])),
            "no node of datacenter east answers; north and west do: connect with \
             local_datacenter=north or local_datacenter=west, if the keyspace has replicas there"
        );
    }

    #[test]
    fn a_disagreement_says_which_contact_point_is_where() {
        let two = nodes(&["east", "east", "west"]);
        let failure = choose("", &[address(1), address(9), address(3)], &two).unwrap_err();
        assert_eq!(failure.code, Code::Datacenter);
        for part in ["192.0.2.1:9042 in \"east\"", "192.0.2.3:9042 in \"west\""] {
            assert!(failure.message.contains(part), "{}", failure.message);
        }
    }
}
