//! What crosses to C++, and nothing else.
//!
//! The rules on both sides: arguments are borrowed for the call only; a completion fires at most
//! once, on a thread that drives the runtime, outside locks; one that is dropped tells C++ that its
//! request was cut off; nothing throws or unwinds across.
#![allow(
    unsafe_code,
    unreachable_pub,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

use crate::connect::{Connecting, connect};
use crate::rows::Rows;
use crate::runtime::Waker;
use crate::session::Session;
use crate::statement::{Statement, unprepared};
use crate::topology::{Topology, random_token, token};

#[cxx::bridge(namespace = "bytestore::cassandra::bridge")]
pub(crate) mod ffi {
    /// Where and how to connect. Durations are in milliseconds.
    #[derive(Clone)]
    struct Config {
        contact_points: Vec<String>,
        default_port: u16,
        /// Empty: inferred if that is unambiguous.
        local_datacenter: String,
        /// Empty: no authentication.
        username: String,
        password: String,
        /// Whether the host has the credentials, and not this.
        asks_for_credentials: bool,
        tls: Tls,
        connect_timeout: u32,
        attempt_timeout: u32,
        compression: Compression,
        worker_threads: u16,
        /// Empty: none.
        application_name: String,
        /// Where nodes are reached that cannot be reached at what they announce.
        address_map: Vec<Mapping>,
        /// What is asked for nodes that are not in it; null: nothing.
        address_function: SharedPtr<AddressFunction>,
    }

    /// An address that a node announces, with or without its port, and where that node is reached.
    #[derive(Clone)]
    struct Mapping {
        announced: String,
        reachable: String,
    }

    /// What a host says: an empty `problem` is none.
    #[derive(Default)]
    struct Credentials {
        username: String,
        password: String,
        problem: String,
    }

    /// What a host is told of.
    enum ReportKind {
        /// They, or certificates, could not be renewed.
        Credentials,
        /// Nodes cannot be reached.
        Connections,
    }

    enum Compression {
        None,
        Lz4,
        Snappy,
    }

    #[derive(Clone)]
    struct Tls {
        enabled: bool,
        /// PEM files. Certificate and key come together or not at all.
        ca_file: String,
        certificate_file: String,
        key_file: String,
        verify: TlsVerify,
        /// For `TlsVerify::Name`.
        name: String,
    }

    enum TlsVerify {
        Ip,
        Name,
        Chain,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    struct NodeId {
        high: u64,
        low: u64,
    }

    struct RequestOptions<'a> {
        /// The protocol's number.
        consistency: u16,
        has_timestamp: bool,
        /// Microseconds since the epoch.
        timestamp: i64,
        /// Milliseconds; 0: the session's.
        timeout: u32,
        /// Tried in order, until one has a connection.
        replicas: &'a [NodeId],
        /// Whether nobody but `replicas` may be tried.
        replicas_only: bool,
        /// Rows; 0: unpaged.
        page_size: i32,
        /// Empty: the first page.
        paging_state: &'a [u8],
    }

    enum ValueKind {
        Bytes,
        Texts,
        Int,
        BigInt,
    }

    #[derive(Clone, Copy)]
    struct Text<'a> {
        bytes: &'a [u8],
    }

    /// One bound value; `kind` says which of the others counts.
    struct Value<'a> {
        kind: ValueKind,
        bytes: &'a [u8],
        texts: &'a [Text<'a>],
        number: i64,
    }

    /// Bytes of a response's frame; a negative length is a null.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Cell {
        offset: u32,
        length: i32,
    }

    struct NodeInfo {
        id: NodeId,
        address: String,
        port: u16,
        /// With its port, if it is another one; else empty.
        reached_at: String,
        datacenter: String,
        connected: bool,
    }

    struct RingEntry {
        token: i64,
        owner: NodeId,
    }

    enum Strategy {
        Unknown,
        ByDatacenter,
        Simple,
        Other,
    }

    struct ReplicaCount {
        datacenter: String,
        replicas: usize,
    }

    /// Where the replicas of a keyspace are. Of a `Simple` one they have no datacenter.
    struct Replication {
        strategy: Strategy,
        counts: Vec<ReplicaCount>,
    }

    /// Those of C++, which tells what they mean. Up to `Protocol` they are what a server said.
    #[namespace = "bytestore::cassandra"]
    #[cxx_name = "DriverErrorCode"]
    #[repr(i32)]
    #[derive(Debug, PartialEq, Eq)]
    enum Code {
        #[cxx_name = "syntax"]
        Syntax,
        #[cxx_name = "invalid"]
        Invalid,
        #[cxx_name = "unknown_table"]
        UnknownTable,
        #[cxx_name = "already_exists"]
        AlreadyExists,
        #[cxx_name = "unauthorized"]
        Unauthorized,
        #[cxx_name = "bad_credentials"]
        BadCredentials,
        #[cxx_name = "roles_unavailable"]
        RolesUnavailable,
        #[cxx_name = "config"]
        Config,
        #[cxx_name = "unavailable"]
        Unavailable,
        #[cxx_name = "read_timeout"]
        ReadTimeout,
        #[cxx_name = "write_timeout"]
        WriteTimeout,
        #[cxx_name = "read_failure"]
        ReadFailure,
        #[cxx_name = "write_failure"]
        WriteFailure,
        #[cxx_name = "overloaded"]
        Overloaded,
        #[cxx_name = "replica_overloaded"]
        ReplicaOverloaded,
        #[cxx_name = "is_bootstrapping"]
        IsBootstrapping,
        #[cxx_name = "truncate"]
        Truncate,
        #[cxx_name = "unprepared"]
        Unprepared,
        #[cxx_name = "other_id"]
        OtherId,
        #[cxx_name = "too_large"]
        TooLarge,
        #[cxx_name = "too_many_keys"]
        TooManyKeys,
        #[cxx_name = "refused_value"]
        RefusedValue,
        #[cxx_name = "refused_consistency"]
        RefusedConsistency,
        #[cxx_name = "guardrail"]
        Guardrail,
        #[cxx_name = "server"]
        Server,
        #[cxx_name = "protocol"]
        Protocol,
        #[cxx_name = "bad_argument"]
        BadArgument,
        #[cxx_name = "attempt_timeout"]
        AttemptTimeout,
        #[cxx_name = "connect_timeout"]
        ConnectTimeout,
        #[cxx_name = "no_connection"]
        NoConnection,
        #[cxx_name = "connection_broken"]
        ConnectionBroken,
        #[cxx_name = "tls"]
        Tls,
        #[cxx_name = "datacenter"]
        Datacenter,
        #[cxx_name = "datacenter_down"]
        DatacenterDown,
        #[cxx_name = "schema_agreement"]
        SchemaAgreement,
        #[cxx_name = "internal"]
        Internal,
    }

    /// Why a request did not succeed. What the server did not say is 0.
    #[derive(Debug)]
    struct Failure {
        code: Code,
        message: String,
        /// Whether the request may have reached a server.
        maybe_sent: bool,
        received: i32,
        required: i32,
    }

    extern "Rust" {
        type Connecting;
        type Session;
        type Statement;
        type Rows;
        type Topology;
        type Waker;

        /// `host` outlives the session.
        fn connect(
            config: Config,
            host: UniquePtr<Host>,
            done: UniquePtr<ConnectCompletion>,
        ) -> Box<Connecting>;
        fn abort(self: &Connecting);
        /// The token of a partition key with one column, by Murmur3.
        fn token(key: &[u8]) -> i64;
        /// The same by the RandomPartitioner, big endian.
        fn random_token(key: &[u8]) -> [u8; 16];

        fn local_datacenter(self: &Session) -> &str;
        fn prepare(self: &Session, cql: &str, done: UniquePtr<PrepareCompletion>);
        /// A statement that takes so many values, and that each node prepares when it gets it.
        fn unprepared(cql: &str, markers: usize) -> Box<Statement>;
        fn execute(
            self: &Session,
            statement: &Statement,
            values: &[Value],
            options: &RequestOptions,
            done: UniquePtr<RowsCompletion>,
        );
        /// `values` are those of all rows, one row after the other.
        fn execute_batch(
            self: &Session,
            statement: &Statement,
            values: &[Value],
            options: &RequestOptions,
            done: UniquePtr<RowsCompletion>,
        );
        fn query(
            self: &Session,
            cql: &str,
            options: &RequestOptions,
            done: UniquePtr<RowsCompletion>,
        );
        /// Runs `task` on a thread of the driver.
        fn post(self: &Session, task: UniquePtr<Task>);
        /// Begins `call` on this thread, and may run the driver's tasks on it until it is done.
        fn drive(self: &Session, call: Pin<&mut BlockingCall>);
        fn waker(self: &Session) -> Box<Waker>;
        /// Tells a thread in `drive` that its call is done.
        fn wake(self: &Waker);
        /// Does not wait for it.
        fn refresh_topology(self: &Session);
        /// That of a topology of the keyspace that is taken now.
        fn topology_version(self: &Session, keyspace: &str) -> u64;
        fn topology(self: &Session, keyspace: &str, table: &str, datacenter: &str)
        -> Box<Topology>;

        fn frame(self: &Rows) -> &[u8];
        fn cells(self: &Rows) -> &[Cell];
        fn columns(self: &Rows) -> usize;
        fn paging_state(self: &Rows) -> &[u8];
        fn warnings(self: &Rows) -> &[String];

        fn version(self: &Topology) -> u64;
        fn nodes(self: &Topology) -> Vec<NodeInfo>;
        fn ring(self: &Topology) -> Vec<RingEntry>;
        /// Writes as many replicas of `token` as fit, and says how many there are.
        fn replicas(self: &Topology, token: i64, out: &mut [NodeId]) -> usize;
        fn replication(self: &Topology) -> Replication;
    }

    unsafe extern "C++" {
        include!("bytestore_driver/addresses.hpp");
        include!("bytestore_driver/completion.hpp");
        include!("bytestore_driver/error_code.hpp");

        #[namespace = "bytestore::cassandra"]
        #[cxx_name = "DriverErrorCode"]
        type Code;

        type Host;
        fn credentials(self: &Host) -> Credentials;
        fn report(self: &Host, kind: ReportKind, message: &str);
        type AddressFunction;
        fn reachable(self: &AddressFunction, announced: &str) -> Result<String>;

        type Task;
        fn run(self: Pin<&mut Task>);
        type BlockingCall;
        fn begin(self: Pin<&mut BlockingCall>, drives: bool);
        fn is_done(self: Pin<&mut BlockingCall>) -> bool;
        type ConnectCompletion;
        fn succeed(self: Pin<&mut ConnectCompletion>, value: Box<Session>);
        fn fail(self: Pin<&mut ConnectCompletion>, failure: Failure);
        type PrepareCompletion;
        fn succeed(self: Pin<&mut PrepareCompletion>, value: Box<Statement>);
        fn fail(self: Pin<&mut PrepareCompletion>, failure: Failure);
        type RowsCompletion;
        fn succeed(self: Pin<&mut RowsCompletion>, value: Box<Rows>);
        fn fail(self: Pin<&mut RowsCompletion>, failure: Failure);
    }
}

// SAFETY, of all: it is used by one thread at a time, and C++ expects it on any thread.
unsafe impl Send for ffi::ConnectCompletion {}
unsafe impl Send for ffi::PrepareCompletion {}
unsafe impl Send for ffi::RowsCompletion {}
unsafe impl Send for ffi::Task {}
// SAFETY, of both: C++ expects it on any thread, and on several at once.
unsafe impl Send for ffi::Host {}
unsafe impl Sync for ffi::Host {}
unsafe impl Send for ffi::AddressFunction {}
unsafe impl Sync for ffi::AddressFunction {}
