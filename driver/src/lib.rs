//! Sessions of the `scylla` driver for the C++ library: connect, prepare, one attempt at a request,
//! pages, token and replica look-up. No store logic and no retry.
//!
//! What crosses to C++ is in `bridge`, the only module that may hold unsafe code.

mod bridge;

#[forbid(unsafe_code)]
mod access;
#[forbid(unsafe_code)]
mod address_map;
#[forbid(unsafe_code)]
mod addresses;
#[forbid(unsafe_code)]
mod admission;
#[forbid(unsafe_code)]
mod client;
#[forbid(unsafe_code)]
mod cluster;
#[forbid(unsafe_code)]
mod completions;
#[forbid(unsafe_code)]
mod connect;
#[forbid(unsafe_code)]
mod connections;
#[forbid(unsafe_code)]
mod contact_points;
#[forbid(unsafe_code)]
mod datacenter;
#[forbid(unsafe_code)]
mod entrance;
#[forbid(unsafe_code)]
mod failure;
#[forbid(unsafe_code)]
mod handshake;
#[forbid(unsafe_code)]
mod introduction;
#[forbid(unsafe_code)]
mod login;
#[forbid(unsafe_code)]
mod outage;
#[cfg(test)]
#[forbid(unsafe_code)]
mod paused_clock;
#[forbid(unsafe_code)]
mod plan;
#[forbid(unsafe_code)]
mod probe;
#[forbid(unsafe_code)]
mod race;
#[forbid(unsafe_code)]
mod renewal;
#[forbid(unsafe_code)]
mod routes;
#[forbid(unsafe_code)]
mod rows;
#[forbid(unsafe_code)]
mod runtime;
#[forbid(unsafe_code)]
mod seat;
#[forbid(unsafe_code)]
mod session;
#[forbid(unsafe_code)]
mod silence;
#[forbid(unsafe_code)]
mod statement;
#[forbid(unsafe_code)]
mod stranger;
#[forbid(unsafe_code)]
mod target;
#[forbid(unsafe_code)]
mod tls;
#[forbid(unsafe_code)]
mod topology;
#[forbid(unsafe_code)]
mod values;
