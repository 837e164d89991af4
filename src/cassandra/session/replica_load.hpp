#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "cassandra/driver/port.hpp"
#include "cassandra/session/node_request.hpp"
#include "core/call.hpp"

namespace bytestore::cassandra {

/// Which requests of a session each node has, so that the next one goes to the replica with the
/// fewest: a slow node gathers no more than the others have, and does not hold them up. A node that
/// let a request time out is ejected: it gets one request in a while, until it answers. A node that
/// hangs gets none if there is another one. Thread safe.
class ReplicaLoads {
 public:
  using Clock = core::Call::Clock;

  /// How a request ended, as far as it tells of its node.
  enum class Outcome {
    answered,   ///< by the node, also with an error
    timed_out,  ///< not answered in time
    other,
  };
  [[nodiscard]] static Outcome ending_of(const Result<Rows>& result) noexcept;

  /// As long as an attempt may take by default.
  static constexpr std::chrono::seconds kEjection{10};

  /// Moves the replica with the fewest requests to the front of `replicas`, as
  /// `move_best_to_front` does, and counts a request to it. A node that is ejected, or hangs, is
  /// chosen only if there is no other one.
  void choose(std::span<NodeId> replicas, std::size_t offset, std::optional<NodeId> avoided,
              Clock::time_point now);

  /// The request that was counted is sent now.
  void sent(const NodeId& node, NodeRequest& request);

  /// A request to the node is done: `request`, unless it was not sent.
  void done(const NodeId& node, Outcome ending, Clock::time_point now,
            NodeRequest* request = nullptr) noexcept;

  // Of the watch.

  /// Whether a request is at a node, or was sent since this was asked last.
  [[nodiscard]] bool take_activity() noexcept;

  /// The nodes that have had a request for longer than `time`, have answered nothing since, and are
  /// expected to have; and those that hang.
  [[nodiscard]] std::vector<NodeId> unheard(Clock::time_point now, std::chrono::milliseconds time);

  /// The node has answered a question that is not counted.
  void heard(const NodeId& node, Clock::time_point now);

  /// There is no connection to the node any more: the driver passes it by.
  void lost(const NodeId& node);

  /// The node has not answered what it was asked at `asked_at`. If it has answered nothing else
  /// since then, nor is expected to have, and another node has, it hangs until it is heard. Returns
  /// the requests that are given up, whose `give_up` must follow.
  [[nodiscard]] std::vector<NodeRequest*> hangs(const NodeId& node, Clock::time_point asked_at,
                                                Clock::time_point now);

  [[nodiscard]] bool is_hanging(const NodeId& node);

 private:
  using Requests = boost::intrusive::list<NodeRequest, boost::intrusive::constant_time_size<false>>;

  struct Load {
    std::size_t requests = 0;
    std::optional<Clock::time_point> ejected_until{};  ///< then one request finds out
    bool hangs = false;
    Clock::time_point heard{};  ///< when it last answered
    Requests sent{};            ///< the oldest first
  };

  [[nodiscard]] static bool is_unheard(const Load& load, Clock::time_point since,
                                       Clock::time_point now);

  std::mutex mutex_;
  boost::unordered_flat_map<NodeId, Load, std::hash<NodeId>> loads_;
  bool is_active_ = false;
};

}  // namespace bytestore::cassandra
