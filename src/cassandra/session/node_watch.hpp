#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "cassandra/driver/port.hpp"
#include "cassandra/session/session_use.hpp"
#include "core/timers.hpp"

namespace bytestore::cassandra {

/// Finds the nodes that hang with their connections open, as a stopped process does, or one whose
/// packets are dropped. A node that has had a request for a while and has answered none is asked
/// for what costs it nothing. If it does not answer that either, while other nodes answer, it
/// hangs: its requests are given up, so that they are made elsewhere, and it gets no others until
/// it answers, for which it is asked again and again. docs/decisions/048-hung-nodes.md has the
/// figures. Thread safe; looks only while requests are sent, or a node hangs.
class NodeWatch {
 public:
  using Clock = core::Timer::Clock;

  /// Between two looks.
  static constexpr std::chrono::milliseconds kInterval{50};
  /// A node that answers nothing for so long is asked.
  static constexpr std::chrono::milliseconds kSuspicious{200};
  /// How long it has to answer.
  static constexpr std::chrono::milliseconds kPatience{250};

  /// A node that hangs is asked again so long after it was asked last.
  static constexpr std::chrono::milliseconds kAgain{1'000};

  /// A request of `session`, whose watch this is, is sent.
  void watch(const std::shared_ptr<SharedSession>& session) noexcept;

 private:
  /// Other nodes that are asked besides, whose answers tell that this machine is not cut off.
  static constexpr std::size_t kWitnesses = 2;

  struct Question {
    Clock::time_point asked_at;
    bool is_open = true;  ///< not answered, and not given up
  };

  void look(const std::shared_ptr<SharedSession>& session) noexcept;
  void set_timer(const std::shared_ptr<SharedSession>& session);
  void ask_all(const std::shared_ptr<SharedSession>& session, const std::vector<NodeId>& unheard);
  bool ask(const std::shared_ptr<SharedSession>& session, const NodeId& node,
           std::chrono::milliseconds interval);
  void answered(SharedSession& session, const NodeId& node, const Result<Rows>& result) noexcept;
  static void report(const SharedSession& session, const NodeId& id);

  std::atomic<bool> is_watching_{false};
  std::atomic<std::size_t> next_witness_{0};
  std::mutex mutex_;
  std::unique_ptr<core::Timer> timer_;
  boost::unordered_flat_map<NodeId, Question, std::hash<NodeId>> questions_;  // the last of each
};

}  // namespace bytestore::cassandra
