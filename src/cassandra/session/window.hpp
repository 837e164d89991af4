#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "cassandra/flow/byte_budget.hpp"
#include "cassandra/flow/concurrency_limit.hpp"

namespace bytestore::cassandra {

/// Bounds how many requests of a session are in flight, and how many bytes, by limits that follow
/// the servers and the links; and takes turns between those who send.
///
/// A sender that wants to send queues up once; each time it is at the front and there is room, it
/// sends one request, and goes to the end of the queue if it has more. So a call of many keys does
/// not hold up one of few. Thread safe. Sends on the thread that calls `send` or that gives a place
/// back; nobody waits.
class Window {
 public:
  using Clock = core::Call::Clock;

  /// How the result of a sender went.
  struct SendResult {
    bool sent;  ///< whether it took the place; `release` gives it back
    bool more;  ///< whether it wants another one
  };

  /// Bytes of a request and of the answer that is expected.
  struct Bytes {
    std::size_t request = 0;
    std::size_t answer = 0;
  };

  /// Of a request whose bytes are in flight.
  struct Ticket {
    Bytes bytes{};
    ByteBudget::Stamp request{};
    ByteBudget::Stamp answer{};
    /// How long the bytes may take, those ahead of them included. An attempt has as much time.
    std::chrono::milliseconds patience{0};
    /// How long they are expected to take.
    std::chrono::milliseconds expected{0};
  };

  /// How a request ended.
  struct Completion {
    enum class Kind {
      good,       ///< in `latency`, which tells of the load of the servers
      congested,  ///< a server refused it for its load, or could not do it in time
      timed_out,  ///< it was not answered in time
      other,      ///< tells nothing
    };

    Kind kind = Kind::other;
    std::chrono::nanoseconds latency{};
    std::size_t workload = 0;  ///< one of `ConcurrencyLimit::kKinds`
    Ticket ticket{};
    std::size_t answer_bytes = 0;  ///< that came
    bool arrived = false;          ///< whether a server answered, whatever it said
    Clock::time_point now{};
  };

  class Sender {
   public:
    virtual ~Sender() = default;
    /// Called holding no lock, by one thread or, after another `queue`, by several. The request may
    /// be done, and its place released, before this returns.
    virtual SendResult send_one() noexcept = 0;

    /// It waits while no server has answered the session for long. Called holding no lock. Ends
    /// what has waited for too long; returns when to look again, `max()` if it need not.
    virtual Clock::time_point end_if_silent(Clock::time_point /*now*/) noexcept {
      return Clock::time_point::max();
    }

   private:
    friend class Window;
    bool queued_ = false;
    std::shared_ptr<Sender> next_;  // of those who wait
  };

  explicit Window(const WindowBounds& bounds) noexcept
      : limit_(bounds), request_bytes_(bounds.bytes), answer_bytes_(bounds.bytes) {}

  /// `watch` is called when somebody has to wait and nobody looks after those who do: from then on
  /// its owner does, until `waiting` has told it that there is nobody. On the thread that queues or
  /// sends, holding no lock. Before the first `queue`.
  void watch_by(std::function<void()> watch) { watch_ = std::move(watch); }

  /// Those who wait.
  [[nodiscard]] std::vector<std::shared_ptr<Sender>> waiting();

  /// Queues `sender` unless it is queued already. Returns whether there is room: then `send` or
  /// `release` must follow.
  bool queue(std::shared_ptr<Sender> sender) noexcept;

  /// Has those who wait send what may be sent.
  void send() noexcept;

  /// Of a sender in its result: the bytes of its request are in flight from now on.
  [[nodiscard]] Ticket charge(const Bytes& bytes, Clock::time_point now);

  /// Gives the place of a request that is done back, and sends what may be sent.
  void release(const Completion& answer) noexcept;

  struct Load {
    std::size_t in_flight;
    std::size_t limit;  ///< requests that may be in flight now
  };
  [[nodiscard]] Load load() const;

 private:
  /// Those who wait, in their order. Each has the place of the next one, so that queueing up needs
  /// no memory, and cannot fail.
  class Queue {
   public:
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    void push(std::shared_ptr<Sender> sender) noexcept;
    std::shared_ptr<Sender> pop() noexcept;
    [[nodiscard]] std::vector<std::shared_ptr<Sender>> all() const;

   private:
    std::shared_ptr<Sender> first_;
    Sender* last_ = nullptr;
  };

  // Under the lock.
  [[nodiscard]] bool has_room() const noexcept {
    return in_flight_ == 0 || (in_flight_ < limit_.requests() && request_bytes_.has_room() &&
                               answer_bytes_.has_room());
  }
  /// Whether somebody waits and nobody looks after them.
  [[nodiscard]] bool begins_watch() noexcept;
  void count(const Completion& answer) noexcept;
  void send(std::unique_lock<std::mutex> lock) noexcept;

  mutable std::mutex mutex_;
  ConcurrencyLimit limit_;
  ByteBudget request_bytes_;
  ByteBudget answer_bytes_;
  std::size_t in_flight_ = 0;
  Queue waiting_;
  std::function<void()> watch_;
  bool watched_ = false;
};

}  // namespace bytestore::cassandra
