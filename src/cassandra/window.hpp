#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "cassandra/window_limit.hpp"

namespace bytestore::cassandra {

/// Bounds how many requests of a session are in flight, and how many bytes, by a limit that follows
/// the servers; and takes turns between those who send.
///
/// A sender that wants to send queues up once; each time it is at the front and there is room, it
/// sends one request, and goes to the end of the queue if it has more. So a call of many keys does
/// not hold up one of few. Thread safe. Sends on the thread that calls `send` or that gives a place
/// back; nobody waits.
class Window {
 public:
  /// How the turn of a sender went.
  struct Turn {
    bool sent;              ///< whether it took the place; `release` gives it back
    bool more;              ///< whether it wants another one
    std::size_t bytes = 0;  ///< of the request and of the answer expected
  };

  /// How a request ended.
  struct Answer {
    enum class Kind {
      good,       ///< in `latency`, which tells of the load of the servers
      congested,  ///< it timed out, or the server refused it for its load
      other,      ///< tells nothing
    };

    Kind kind = Kind::other;
    std::chrono::nanoseconds latency{};
    std::size_t bytes = 0;     ///< those of its turn
    std::size_t workload = 0;  ///< one of `WindowLimit::kKinds`
  };

  class Sender {
   public:
    virtual ~Sender() = default;
    /// Called holding no lock, by one thread or, after another `queue`, by several. The request may
    /// be done, and its place released, before this returns.
    virtual Turn send_one() noexcept = 0;

   private:
    friend class Window;
    bool queued_ = false;
  };

  explicit Window(const WindowBounds& bounds) noexcept
      : limit_(bounds), most_bytes_(static_cast<std::int64_t>(bounds.bytes)) {}

  /// Queues `sender` unless it is queued already. Returns whether there is room: then `send` or
  /// `release` must follow.
  bool queue(std::shared_ptr<Sender> sender);

  /// Has those who wait send what may be sent.
  void send() noexcept;

  /// Gives the place of a request that is done back, and sends what may be sent.
  void release(const Answer& answer) noexcept;
  void release() noexcept;

  struct Load {
    std::size_t in_flight;
    std::size_t limit;  ///< requests that may be in flight now
  };
  [[nodiscard]] Load load() const;

 private:
  // Under the lock.
  [[nodiscard]] bool has_room() const noexcept {
    return in_flight_ < limit_.requests() && (bytes_ < most_bytes_ || in_flight_ == 0);
  }

  mutable std::mutex mutex_;
  WindowLimit limit_;
  std::int64_t most_bytes_;
  std::size_t in_flight_ = 0;
  std::int64_t bytes_ = 0;  // may be below 0 while a request is done before its turn is
  std::deque<std::shared_ptr<Sender>> waiting_;
};

}  // namespace bytestore::cassandra
