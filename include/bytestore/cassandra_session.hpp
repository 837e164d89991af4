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

/// How many replicas have to answer; the values are the protocol's.
enum class Consistency : std::uint16_t {
  any = 0,  ///< of writes only, so no store takes it
  one = 1,
  two = 2,
  three = 3,
  quorum = 4,
  all = 5,
  local_quorum = 6,
  each_quorum = 7,
  local_one = 10,
};

/// How the bytes between the library and the servers are compressed. Stored values are not changed.
enum class ProtocolCompression { none, lz4, snappy };

/// Whom a server's certificate must name; it must chain up to the CA file in any case.
enum class TlsVerify {
  ip,     ///< the address that was connected to
  name,   ///< `TlsOptions::name`
  chain,  ///< anybody
};

struct TlsOptions {
  /// The certificates of the authorities that sign those of the servers, PEM.
  std::string ca_file{};

  /// A certificate and its key to show to servers that ask for one, PEM; both or neither.
  std::string certificate_file{};
  std::string key_file{};

  TlsVerify verify = TlsVerify::ip;

  /// The DNS name that the servers' certificates have, for `TlsVerify::name`.
  std::string name{};
};

/// Gets what somebody who runs the program should know: differences of clocks, warnings of servers,
/// attempts that failed and are made again. Each kind comes once a second at most and says how many
/// were left out. Called on the library's thread for callbacks, also shortly after the session has
/// ended; must not call a blocking verb. Never has a password.
using LogCallback = std::function<void(std::string_view message)>;

struct CassandraSessionOptions {
  /// Where to begin: `host`, `host:port`, an address, or `[IPv6 address]:port`. The other nodes are
  /// found from there.
  std::vector<std::string> contact_points{};

  /// Of contact points without one. The other nodes are reached at the port of the contact points.
  std::uint16_t port = 9042;

  /// Requests go to nodes of this datacenter, and other nodes are not connected to. Empty: the
  /// session takes the only datacenter that there is, or that of the contact points which are
  /// addresses of nodes, or else that of the node which answered. A contact point's name that is
  /// not resolved within a second of that answer does not count.
  std::string local_datacenter{};

  /// Of stores that do not name theirs. Folded like unquoted CQL unless in double quotes.
  std::string keyspace{};

  /// Empty: no authentication.
  std::string username{};
  std::string password{};

  /// None: connections are not encrypted.
  std::optional<TlsOptions> tls{};

  /// For all of connecting. One contact point and one node of the local datacenter that answer are
  /// enough; nodes that do not answer yet are connected to when they do.
  std::chrono::milliseconds connect_timeout{10'000};

  /// For each attempt at a request; or four times what its bytes and those ahead of them take, at
  /// the rate at which bytes were seen to pass, if that is longer.
  std::chrono::milliseconds attempt_timeout{10'000};

  /// When a key, and a part of a listing, is given up. Where no server answers, no call lasts
  /// longer than this: it counts from the last answer of any server to any request of the session,
  /// or from the beginning of the call if that is later, and ends keys in flight, keys that wait
  /// for another attempt, and keys that were never sent (those have certainly `failed`). While
  /// answers come, keys that wait to be sent do not age. What is answered with errors, or whose own
  /// attempts are not answered although others are, is given up this long after its own first
  /// failure. Raise it where one value takes longer than this on the link.
  std::chrono::milliseconds give_up_after{30'000};

  /// Of stores that do not have their own.
  Consistency consistency = Consistency::local_quorum;

  ProtocolCompression compression = ProtocolCompression::none;

  /// Threads of the driver; one serves about 40,000 requests a second.
  std::uint16_t worker_threads = 1;

  /// What servers show in their list of clients; empty: nothing.
  std::string application_name{};

  /// Null: nobody is told. What is left out here is counted in `CassandraByteStore::stats`.
  LogCallback log{};

  /// Connects although a node's clock and this machine's are over 60 s apart. Writes carry this
  /// machine's time, and of two writes the later one counts, whichever came last.
  bool allow_clock_difference = false;

  /// Ends connecting early: it fails with `cancelled`. Of no account once the session is connected.
  std::stop_token stop{};
};

/// Connections to a cluster, to be shared by any number of stores. Thread safe.
///
/// Every store holds on to its session, so handles, stores and calls may be dropped in any order;
/// the connections and threads end soon after the last of them is gone.
class CassandraSession {
 public:
  /// Blocks until the session is connected.
  /// \throws Error `not_configured` without contact points; `invalid_argument` for options that are
  /// wrong, or if the contact points are nodes of different datacenters and none is named;
  /// `unauthorized` for wrong credentials; `unavailable` or `timeout` if no contact point, or no
  /// node of the local datacenter, can be reached; `cancelled`.
  static std::shared_ptr<CassandraSession> connect(const CassandraSessionOptions& options);

  /// Like `connect`. Signature: `void(std::exception_ptr, std::shared_ptr<CassandraSession>)`.
  /// Defined in `cassandra_async.hpp`.
  template <typename Token>
  static auto aconnect(CassandraSessionOptions options, Token&& token);

  CassandraSession(const CassandraSession&) = delete;
  CassandraSession& operator=(const CassandraSession&) = delete;
  ~CassandraSession();

  /// The keyspace of stores that do not name theirs, as the server has it; may be empty.
  [[nodiscard]] const std::string& keyspace() const noexcept;

  /// The one that was asked for or inferred.
  [[nodiscard]] const std::string& local_datacenter() const noexcept;

  /// What somebody should look into, found while connecting: clocks that differ by over 1 s.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept;

  /// For the library, which alone can make what this takes.
  explicit CassandraSession(std::shared_ptr<cassandra::SharedSession> shared) noexcept;

 private:
  friend detail::CassandraAccess;

  std::shared_ptr<cassandra::SharedSession> shared_;
};

/// Connects the session of all stores that are not given one; a session from before is replaced,
/// and lives on in the stores that use it. What `options` leave empty is taken from the
/// environment: CASSANDRA_CONTACT_POINTS (separated by commas), CASSANDRA_KEYSPACE,
/// CASSANDRA_USERNAME and CASSANDRA_PASSWORD. Blocks. The session lives until `shutdown`, and is
/// not ended by the end of the process.
/// \throws Error as `CassandraSession::connect`.
void init(CassandraSessionOptions options = {});

/// Lets go of the session that `init` connected. Stores that use it go on.
void shutdown() noexcept;

}  // namespace bytestore
