#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/detail/abi_tag.hpp"

namespace bytestore {

namespace cassandra {
class SharedSession;
}  // namespace cassandra

namespace detail {
struct CassandraAccess;
}  // namespace detail

/// How many replicas must answer a request. The values are those of the protocol.
enum class Consistency : std::uint16_t {
  any = 0,  ///< it is valid for writes only, so stores refuse it
  one = 1,
  two = 2,
  three = 3,
  quorum = 4,
  all = 5,
  local_quorum = 6,
  each_quorum = 7,
  local_one = 10,
};

/// How the data on the connections to the servers is compressed. Stored values are not changed.
enum class ProtocolCompression { none, lz4, snappy };

/// What a server's certificate must name. In every case, an authority in the CA file must have
/// signed it.
enum class TlsVerify {
  ip,     ///< the address that the library connects to
  name,   ///< `TlsOptions::name`
  chain,  ///< nothing in particular
};

/// The files may be renewed while a session lives: each new connection reads those that have
/// changed. If one cannot be used then, what it held before stays in force, and the session logs
/// why.
struct TlsOptions {
  /// A PEM file with the certificates of the authorities that sign the servers' certificates.
  std::string ca_file{};

  /// PEM files with a certificate and its key, for servers that ask the client for one. Set both or
  /// neither. With `MutualTlsAuthenticator` they are all that a server wants to know.
  std::string certificate_file{};
  std::string key_file{};

  TlsVerify verify = TlsVerify::ip;

  /// The DNS name that the servers' certificates must have with `TlsVerify::name`.
  std::string name{};
};

/// A user and the password of that user.
struct Credentials {
  std::string username{};
  std::string password{};

  /// What the operator should know of them, for instance that others can read the file they are
  /// from. The session logs it, and has it among its warnings if it was said while connecting.
  std::string warning{};
};

/// Gives the user and the password, where they may change while the session lives. The session
/// calls it when it logs in to a server: while connecting if the servers ask for credentials, and
/// later before it uses new connections, as after a refused login. At least 2 s lie between the end
/// of one call and the next.
///
/// It is called on a thread of the session, never on two at a time, and may block. No other request
/// waits for it: a login waits for a second, and then uses the last credentials; only while there
/// are none does it wait, at most for the connect timeout. If it throws, or gives no user, the
/// session uses the last credentials and logs why; while there are none, connecting fails with
/// `unauthorized`. Messages contain what it throws, so that should have no secret. It must not call
/// the session's stores. A call may still be under way when the session has ended.
using CredentialsFunction = std::function<Credentials()>;

/// Returns a function that gives this user, and the first line of the file as the password. If the
/// file is replaced, or a link to it is moved, later logins use the new password. The warning is
/// set if users other than the owner can read the file.
/// The function throws Error `invalid_argument` if the file cannot be read.
CredentialsFunction credentials_from_file(std::string username, std::string file);

/// Receives messages for the operator: clock skew, server warnings, retried requests, nodes that
/// hang or cannot be reached, estimates that leave nodes out, keyspaces whose SimpleStrategy
/// spreads over several datacenters, credentials and certificates that could not be renewed. Each
/// kind of message is given at most once a second, and says how many messages were left out. The
/// library calls it on its callback thread, possibly shortly after the session has ended. It must
/// not call a blocking verb. A message never contains a password. If it throws, whatever it throws,
/// no call notices; the message is lost, and the library says so once for each session on the
/// standard error.
using LogCallback = std::function<void(std::string_view message)>;

/// One entry of `CassandraSessionOptions::address_map`.
struct AddressMapping {
  /// The numeric address that a node announces (its `broadcast_rpc_address`), alone or with its
  /// port: `172.17.0.3`, `172.17.0.3:9042` or `[fd00::3]:9042`. With a port, the entry is only for
  /// a node that announces this port. Cassandra 3.11 announces no ports, so they are not compared.
  std::string announced{};

  /// Where the node is reached: `host:port`, an address, or `[IPv6 address]:port`. Without a port,
  /// it is the one that the node announces. A name is looked up for each new connection.
  std::string reachable{};
};

/// Returns where a node is reached that announces `announced`, which is a numeric address with a
/// port: text as in `AddressMapping::reachable`, or an empty text if the node is reached at what it
/// announces. The library calls it on a thread of the driver before it opens a connection to a
/// node, often and possibly on several threads at once. Until it returns, requests of the session
/// may wait, so it must not wait for anything, and must not call a blocking verb or `connect`. If
/// it throws, the node is not reached, and errors and the log say why. It lives as long as the
/// session.
using AddressFunction = std::function<std::string(std::string_view announced)>;

struct CassandraSessionOptions {
  /// The nodes to contact first: `host`, `host:port`, an address, or `[IPv6 address]:port`. The
  /// session learns the other nodes from them.
  std::vector<std::string> contact_points{};

  /// The port of contact points that do not name one. The other nodes are reached at the port of
  /// the contact points; if these are not addresses of nodes, at the ports that nodes announce.
  std::uint16_t port = 9042;

  /// Where nodes are reached that cannot be reached at the addresses they announce, as in
  /// containers with mapped ports, through tunnels or behind address translators. A node that
  /// answers at a contact point and not at what it announces is reached at that contact point, so
  /// name it there or here. With `TlsVerify::ip`, certificates must name the address that the
  /// library connects to.
  std::vector<AddressMapping> address_map{};

  /// Is asked for the nodes that `address_map` does not name. It may be null.
  AddressFunction address_function{};

  /// The datacenter whose nodes get the requests. The session does not connect to nodes of other
  /// datacenters. If it is empty, the session uses the cluster's only datacenter; if there are
  /// several, that of the contact points that are addresses of nodes; if none is, that of the node
  /// that answered. A contact point whose name is not resolved within a second of that answer does
  /// not count.
  std::string local_datacenter{};

  /// The keyspace of stores that do not name one. Case is folded as in CQL, unless the name is in
  /// double quotes.
  std::string keyspace{};

  /// The credentials. If `username` is empty, the session does not authenticate, unless
  /// `credentials` is set.
  std::string username{};
  std::string password{};

  /// Gives the credentials in place of `username` and `password`, which must then be empty. The
  /// session asks it again, so that it goes on with renewed ones. It may be null.
  CredentialsFunction credentials{};

  /// The options of encrypted connections. If it is unset, connections are not encrypted.
  std::optional<TlsOptions> tls{};

  /// How long connecting may take in all. The session is connected when one contact point and one
  /// node of the local datacenter have answered; it connects to the other nodes when they answer.
  /// Servers that cannot look up passwords or permissions for now are asked again until then.
  std::chrono::milliseconds connect_timeout{10'000};

  /// How long the library waits for the answer to a request. After that, the request counts as
  /// timed out and may be retried. On a slow link the limit may be longer: four times the time that
  /// the request's bytes, and those in flight before them, take at the measured rate.
  std::chrono::milliseconds attempt_timeout{10'000};

  /// When the library gives up a key, or a part of a listing.
  ///
  /// If no server answers, no call lasts longer than this. The time counts from the last answer of
  /// any server to any request of the session, or from the start of the call if that is later. When
  /// it has passed, the keys in flight, the keys that wait for a retry and the keys that were never
  /// sent are given up; keys that were never sent are certainly `failed`. While servers answer,
  /// keys that wait to be sent are not given up.
  ///
  /// If servers answer, but a key's own requests fail or are not answered, the key is given up this
  /// long after its own first failure. Choose a longer time if one value takes longer than this on
  /// the link.
  std::chrono::milliseconds give_up_after{30'000};

  /// The consistency of stores that do not set one.
  Consistency consistency = Consistency::local_quorum;

  ProtocolCompression compression = ProtocolCompression::none;

  /// How many threads the driver has. One thread serves about 40,000 requests per second. If there
  /// is one, blocking calls that come one after another do its work themselves while they wait,
  /// which saves most of their time; the calling thread then needs a stack of 512 KiB. Calls on
  /// threads and fibers with smaller stacks need 2 here, or the asynchronous verbs.
  std::uint16_t worker_threads = 1;

  /// The name that servers show in their list of clients. If it is empty, they show none.
  std::string application_name{};

  /// Receives the session's messages. It may be null. `CassandraByteStore::stats` counts server
  /// warnings and retries in any case.
  LogCallback log{};

  /// If true, stores with `Timestamps::client` can be opened even if the clocks of a node and of
  /// this machine differ by more than 60 s. Their writes have timestamps of this machine's clock,
  /// and of two writes of a key, the one with the later timestamp wins, whichever arrived last. The
  /// session compares the clocks while it connects. It connects in any case, and stores with
  /// `Timestamps::server` can be opened in any case.
  bool allow_clock_difference = false;

  /// Cancels the connection attempt, which then fails with `cancelled`. It has no effect once the
  /// session is connected.
  std::stop_token stop{};
};

/// The connections to a cluster. Any number of stores may share them. All members are thread safe.
///
/// Every store keeps its session alive, so sessions, stores and calls may be destroyed in any
/// order. The connections and threads end soon after the last of them is destroyed.
class CassandraSession {
 public:
  /// Blocks until the session is connected, and returns it.
  /// \throws Error `not_configured` if there are no contact points; `invalid_argument` if an option
  /// is not valid (of `address_map`, the message has the position of the entry), or if the contact
  /// points are nodes of different datacenters and `local_datacenter` is empty; `unauthorized` if
  /// the credentials are wrong; `unavailable` or `timeout` if no contact point, or no node of the
  /// local datacenter, can be reached; `cancelled` if `stop` was requested.
  static std::shared_ptr<CassandraSession> connect(const CassandraSessionOptions& options);

  /// Like `connect`. Signature: `void(std::exception_ptr, std::shared_ptr<CassandraSession>)`.
  /// Defined in `cassandra_async.hpp`.
  template <typename Token>
  static auto aconnect(CassandraSessionOptions options, Token&& token);

  CassandraSession(const CassandraSession&) = delete;
  CassandraSession& operator=(const CassandraSession&) = delete;
  ~CassandraSession();

  /// Returns the keyspace of stores that do not name one, as the server spells it. It may be empty.
  [[nodiscard]] const std::string& keyspace() const noexcept;

  /// Returns the local datacenter that the options named, or that was inferred.
  [[nodiscard]] const std::string& local_datacenter() const noexcept;

  /// Returns the problems that were found while connecting: clocks that differ by more than 1 s,
  /// a keyspace with the SimpleStrategy in a cluster of several datacenters, and what
  /// `Credentials::warning` says.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept;

  /// This is for the library only.
  explicit CassandraSession(std::shared_ptr<cassandra::SharedSession> shared) noexcept;

 private:
  friend detail::CassandraAccess;

  std::shared_ptr<cassandra::SharedSession> shared_;
};

/// Connects the default session, which stores use that are not given one. It blocks. An earlier
/// default session is replaced; stores that use it keep it. Options that are empty are taken from
/// the environment: CASSANDRA_CONTACT_POINTS (separated by commas), CASSANDRA_KEYSPACE,
/// CASSANDRA_USERNAME and CASSANDRA_PASSWORD. The session lives until `shutdown`; the end of the
/// process does not close it.
/// \throws Error in the same cases as `CassandraSession::connect`.
void init(CassandraSessionOptions options = {});

/// Releases the session that `init` connected. Stores that use it keep it.
void shutdown() noexcept;

}  // namespace bytestore
