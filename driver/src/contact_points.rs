//! Contact points: `host`, `host:port`, `192.0.2.1:9042`, `2001:db8::1` or `[2001:db8::1]:9042`.

use std::net::{IpAddr, Ipv6Addr};

use crate::bridge::ffi::{Code, Failure};
use crate::failure;

/// Where a server may be asked for its cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContactPoint {
    /// A name or an address.
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// Splits `host`, `host:port` and so on. Else why it is none of these.
pub(crate) fn split(text: &str) -> Result<(String, Option<u16>), String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok((address.to_string(), None));
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or("lacks a \"]\"")?;
            host.parse::<Ipv6Addr>()
                .map_err(|_| "has no IPv6 address in its brackets")?;
            match after.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if after.is_empty() => (host, None),
                None => return Err("has something other than a port after \"]\"".to_owned()),
            }
        }
        // With more colons than one the port is no number.
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() || host.contains(['/', '@', ' ']) {
        return Err("is not a host with an optional port".to_owned());
    }
    let port = match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port != 0 => Some(port),
        Some(_) => return Err("has a port that is not a number from 1 to 65535".to_owned()),
    };
    Ok((host.to_owned(), port))
}

fn parse(text: &str, default_port: u16) -> Result<(String, u16), Failure> {
    split(text)
        .map(|(host, port)| (host, port.unwrap_or(default_port)))
        .map_err(|why| {
            failure::of_request(Code::BadArgument, format!("contact point \"{text}\" {why}"))
        })
}

/// All of them, of which there must be one.
pub(crate) fn parse_all(texts: &[String], default_port: u16) -> Result<Vec<ContactPoint>, Failure> {
    if texts.is_empty() {
        return Err(failure::of_request(
            Code::BadArgument,
            "no contact point is given",
        ));
    }
    texts
        .iter()
        .map(|text| parse(text, default_port).map(|(host, port)| ContactPoint { host, port }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn forms_that_are_understood() {
        for (text, host, port) in [
            ("db.example", "db.example", 9042),
            ("db.example:19042", "db.example", 19042),
            ("192.0.2.1", "192.0.2.1", 9042),
            ("192.0.2.1:1", "192.0.2.1", 1),
            ("2001:db8::1", "2001:db8::1", 9042),
            ("[2001:db8::1]", "2001:db8::1", 9042),
            ("[2001:db8::1]:65535", "2001:db8::1", 65535),
        ] {
            assert_eq!(
                parse(text, 9042).unwrap(),
                (host.to_owned(), port),
                "{text}"
            );
        }
    }

    #[test]
    fn forms_that_are_refused() {
        for text in [
            "",
            ":9042",
            "db:",
            "db:0",
            "db:65536",
            "db:x",
            "[::1",
            "[db]:1",
            "[::1]9042",
            "a:1:2",
            "http://db",
            "user@db",
            "[]:1",
        ] {
            let failure = parse(text, 9042).unwrap_err();
            assert!(failure.message.contains(text), "{}", failure.message);
        }
    }
}
