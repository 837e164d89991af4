//! Contact points: `host`, `host:port`, `192.0.2.1:9042`, `2001:db8::1` or `[2001:db8::1]:9042`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::bridge::ffi::{Code, Failure};
use crate::failure;

/// Splits a contact point into host and port.
fn parse(text: &str, default_port: u16) -> Result<(String, u16), Failure> {
    let refuse = |why: &str| {
        failure::of_request(Code::BadArgument, format!("contact point \"{text}\" {why}"))
    };
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok((address.to_string(), default_port));
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest
                .split_once(']')
                .ok_or_else(|| refuse("lacks a \"]\""))?;
            host.parse::<Ipv6Addr>()
                .map_err(|_| refuse("has no IPv6 address in its brackets"))?;
            match after.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if after.is_empty() => (host, None),
                None => return Err(refuse("has something other than a port after \"]\"")),
            }
        }
        // With more colons than one the port is no number.
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() || host.contains(['/', '@', ' ']) {
        return Err(refuse("is not a host with an optional port"));
    }
    let port = match port.map(str::parse::<u16>) {
        None => default_port,
        Some(Ok(port)) if port != 0 => port,
        Some(_) => return Err(refuse("has a port that is not a number from 1 to 65535")),
    };
    Ok((host.to_owned(), port))
}

/// How long the slower names have after the first has an address.
const GRACE: Duration = Duration::from_secs(1);

/// The addresses of all contact points; those whose name is not known, or not soon enough, are left
/// out unless all are.
pub(crate) async fn resolve(
    texts: &[String],
    default_port: u16,
    deadline: Instant,
) -> Result<Vec<SocketAddr>, Failure> {
    if texts.is_empty() {
        return Err(failure::of_request(
            Code::BadArgument,
            "no contact point is given",
        ));
    }
    let points: Vec<_> = texts
        .iter()
        .map(|text| parse(text, default_port))
        .collect::<Result<_, _>>()?;
    let mut lookups = JoinSet::new();
    for (host, port) in points {
        lookups.spawn(async move {
            let found = tokio::net::lookup_host((host.as_str(), port)).await;
            let found = found.map(|addresses| addresses.collect::<Vec<_>>());
            found.map_err(|error| format!("{host}: {error}"))
        });
    }
    let mut deadline = deadline;
    let mut addresses = Vec::new();
    let mut unknown = Vec::new();
    while let Ok(Some(looked_up)) = timeout_at(deadline, lookups.join_next()).await {
        match looked_up {
            Ok(Ok(found)) => {
                addresses.extend(found);
                deadline = deadline.min(Instant::now() + GRACE);
            }
            Ok(Err(error)) => unknown.push(error),
            Err(_) => {} // the runtime ends
        }
    }
    if addresses.is_empty() {
        if !lookups.is_empty() {
            unknown.push("no answer from the name service".to_owned());
        }
        let message = format!("no contact point has an address ({})", unknown.join("; "));
        return Err(failure::of_request(Code::NoConnection, message));
    }
    addresses.sort_unstable();
    addresses.dedup();
    Ok(addresses)
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
