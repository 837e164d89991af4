#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <bytestore_driver/error_code.hpp>

#include "bytestore/bytes.hpp"
#include "bytestore/cassandra_session.hpp"

/// What the driver's answers and questions are made of: errors, nodes and the ring, values, rows.
/// Plain values, so that what decides can be tested without a driver.
namespace bytestore::cassandra {

/// Whether a server said it.
constexpr bool is_of_server(DriverErrorCode code) noexcept {
  return code <= DriverErrorCode::protocol;
}

/// Why a request did not succeed.
struct DriverError {
  DriverErrorCode code = DriverErrorCode::internal;
  std::string message{};    ///< the server's or the driver's words; never a password
  bool maybe_sent = false;  ///< whether the request may have reached a server; false is certain

  // As far as the code has them.
  int received = 0;  ///< replicas that answered; for `unavailable`, those alive
  int required = 0;  ///< replicas that the consistency level asks for
};

template <typename T>
using Result = std::variant<T, DriverError>;

/// A node of the cluster, for as long as it is in it.
struct NodeId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

struct Node {
  NodeId id{};
  std::string address{};  ///< numeric
  std::uint16_t port = 0;
  std::string reached_at{};  ///< with its port, if it is another one; else empty
  std::string datacenter{};
  bool connected = false;  ///< whether the session has a connection to it now
};

/// One token of the ring and the node that owns the range which ends there.
struct RingToken {
  std::int64_t token = 0;
  NodeId owner{};
};

/// How many replicas each row of a keyspace has, and where.
struct Replication {
  enum class Strategy {
    by_datacenter,  ///< the NetworkTopologyStrategy: so many in each datacenter
    simple,         ///< the SimpleStrategy: so many, in whichever datacenters they come to be
    other,
  };

  Strategy strategy = Strategy::other;
  /// By datacenter; of the SimpleStrategy all under "".
  std::map<std::string, std::size_t, std::less<>> replicas{};
};

/// The token of a partition key with one column, by Murmur3.
std::int64_t token_of(std::span<const std::byte> key) noexcept;
/// The same by the RandomPartitioner: a number from 0 to 2^127, big endian.
std::array<std::uint8_t, 16> random_token_of(std::span<const std::byte> key) noexcept;

/// What the driver knew about the cluster at one moment, for one table.
class Topology {
 public:
  virtual ~Topology() = default;

  /// Two topologies of a session and table with equal versions have the same nodes, places, ring
  /// and replication.
  [[nodiscard]] virtual std::uint64_t version() const noexcept = 0;
  [[nodiscard]] virtual std::vector<Node> nodes() const = 0;
  /// In ascending order.
  [[nodiscard]] virtual std::vector<RingToken> ring() const = 0;
  /// Replaces `out` by the replicas of `token`. Empty for a keyspace or a tablet that the driver
  /// does not know yet.
  virtual void replicas(std::int64_t token, std::vector<NodeId>& out) const = 0;
  /// Of the table's keyspace; none if the driver does not know it yet. A change of it may take the
  /// driver a minute to learn.
  [[nodiscard]] virtual std::optional<Replication> replication() const = 0;
};

/// A bound value: text, blob, list of texts, int or bigint.
using Value = std::variant<std::string_view, std::span<const std::byte>,
                           std::span<const std::string_view>, std::int32_t, std::int64_t>;

struct RequestOptions {
  Consistency consistency = Consistency::local_quorum;
  std::optional<std::int64_t> timestamp{};  ///< microseconds since the epoch; none: the server's
  std::chrono::milliseconds timeout{0};     ///< of this attempt; 0: the session's
  /// To be tried in this order: the first to which there is a connection gets the request, alone.
  std::span<const NodeId> replicas{};
  /// Whether, with no connection to any of `replicas`, other nodes may get it: the token's replicas
  /// and then any other in the local datacenter.
  bool others_may_serve = true;
  std::int32_t page_size = 0;       ///< rows; 0: unpaged, and then an answer in pages is an error
  std::string_view paging_state{};  ///< of the page before; empty: the first page
};

/// The rows of one answer, left in the frame in which they arrived. Cheap to copy; outlives its
/// session.
class Rows {
 public:
  /// Part of the frame; a negative length is a null.
  struct Cell {
    std::uint32_t offset;
    std::int32_t length;
  };

  struct Parts {
    std::shared_ptr<const void> owner{};  ///< of `frame`
    std::span<const std::byte> frame{};
    std::vector<Cell> cells{};  ///< row by row
    std::size_t columns = 0;
    std::string paging_state{};
    std::vector<std::string> warnings{};
  };

  /// None: the answer to a write.
  Rows() noexcept : parts_(std::shared_ptr<const void>{}, &nothing()) {}
  explicit Rows(Parts parts) : parts_(std::make_shared<const Parts>(std::move(parts))) {}

  [[nodiscard]] std::size_t size() const noexcept {
    return parts_->columns == 0 ? 0 : parts_->cells.size() / parts_->columns;
  }
  [[nodiscard]] std::size_t columns() const noexcept { return parts_->columns; }
  /// Of the frame, all told.
  [[nodiscard]] std::size_t bytes() const noexcept { return parts_->frame.size(); }

  /// The bytes of a value, none for a null; valid while a copy of these rows lives.
  [[nodiscard]] std::optional<std::span<const std::byte>> cell(std::size_t row,
                                                               std::size_t column) const noexcept {
    const Cell& cell = parts_->cells[row * parts_->columns + column];
    if (cell.length < 0) return std::nullopt;
    return parts_->frame.subspan(cell.offset, static_cast<std::size_t>(cell.length));
  }

  /// The same as text; empty for a null.
  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const noexcept {
    const auto bytes = cell(row, column).value_or(std::span<const std::byte>{});
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  /// The same, sharing the frame; none for a null.
  [[nodiscard]] std::optional<Bytes> value(std::size_t row, std::size_t column) const {
    const auto bytes = cell(row, column);
    if (!bytes) return std::nullopt;
    return Bytes::share(parts_->owner, *bytes, parts_->frame.size());
  }

  /// What to ask the next page with; empty after the last one.
  [[nodiscard]] const std::string& paging_state() const noexcept { return parts_->paging_state; }
  /// What the server wants the client to know about the request.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept {
    return parts_->warnings;
  }

 private:
  static const Parts& nothing() noexcept {
    static const Parts parts;
    return parts;
  }

  std::shared_ptr<const Parts> parts_;
};

}  // namespace bytestore::cassandra

template <>
struct std::hash<bytestore::cassandra::NodeId> {
  std::size_t operator()(const bytestore::cassandra::NodeId& id) const noexcept {
    return static_cast<std::size_t>(id.high * 0x9e3779b97f4a7c15U ^ id.low);
  }
};
