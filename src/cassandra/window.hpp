#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

namespace bytestore::cassandra {

/// Bounds how many requests of a session are in flight, and takes turns between those who send.
///
/// A sender that wants to send queues up once; each time it is at the front and a place is free, it
/// sends one request, and goes to the end of the queue if it has more. So a call of many keys does
/// not hold up one of few. Thread safe. Sends on the thread that asks or that gives a place back;
/// nobody waits.
class Window {
 public:
  /// How the turn of a sender went.
  struct Turn {
    bool sent;  ///< whether it took the place; `release` gives it back
    bool more;  ///< whether it wants another one
  };

  class Sender {
   public:
    virtual ~Sender() = default;
    /// Called holding no lock, by one thread or, after another `want`, by several. The request may
    /// be done, and its place released, before this returns.
    virtual Turn send_one() noexcept = 0;

   private:
    friend class Window;
    bool queued_ = false;
  };

  explicit Window(std::size_t limit) noexcept : free_(limit) {}

  /// Queues `sender` unless it is queued already, and sends what may be sent.
  void want(std::shared_ptr<Sender> sender);

  /// The same without sending: `release` follows on this thread.
  void queue(std::shared_ptr<Sender> sender);

  /// Gives the place of a request that is done back, and sends what may be sent.
  void release() noexcept;

 private:
  void send() noexcept;

  std::mutex mutex_;
  std::size_t free_;
  std::deque<std::shared_ptr<Sender>> waiting_;
};

}  // namespace bytestore::cassandra
