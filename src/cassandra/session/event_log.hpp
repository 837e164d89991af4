#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "bytestore/cassandra_session.hpp"
#include "core/timers.hpp"

namespace bytestore::cassandra {

/// What a session tells its log of. `count_` is how many there are.
enum class Event {
  clock,           ///< a node's clock and this machine's are apart
  server_warning,  ///< a server added a warning to its answer
  retry,           ///< an attempt failed, and another one follows
  key_limit,       ///< requests to a table have fewer keys from now on
  node_hangs,      ///< a node does not answer, and others do
  replication,     ///< a keyspace whose replicas may be in another datacenter
  connections,     ///< nodes cannot be reached
  estimate,        ///< nodes that did not answer are left out of an estimate
  timestamps,      ///< stores of the process give writes to a table timestamps of two kinds
  credentials,     ///< they, or certificates, could not be renewed, or others can read them
  count_,
};

/// Counts the events of a session, and tells its log of them: of each kind once a second at most,
/// so that a failing cluster does not flood it. Thread safe; the log is called on a thread of the
/// library, never on that which calls `report`. Whatever the log throws ends there.
class EventLog {
 public:
  using Deliver = std::function<void(std::function<void()>)>;

  /// `deliver` runs what it is given on another thread.
  EventLog(LogCallback callback, Deliver deliver);

  /// `describe` is called, at once, only if the log is told.
  void report(Event event, core::Timer::Clock::time_point now,
              const std::function<std::string()>& describe) noexcept;

  [[nodiscard]] std::uint64_t count(Event event) const noexcept {
    return counts_.at(static_cast<std::size_t>(event)).load(std::memory_order_relaxed);
  }

 private:
  class Listener;

  using Clock = core::Timer::Clock;

  struct Told {
    std::optional<Clock::time_point> last{};
    std::uint64_t left_out = 0;
  };

  static constexpr std::chrono::seconds kInterval{1};
  static constexpr auto kEvents = static_cast<std::size_t>(Event::count_);

  std::shared_ptr<Listener> listener_;  // null: nobody listens
  Deliver deliver_;
  std::array<std::atomic<std::uint64_t>, kEvents> counts_{};
  std::mutex mutex_;
  std::array<Told, kEvents> told_;
};

/// One that tells `callback` on the thread of the library on which user code runs.
[[nodiscard]] std::unique_ptr<EventLog> make_event_log(LogCallback callback);

}  // namespace bytestore::cassandra
