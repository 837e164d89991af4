#include "cassandra/session/event_log.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <cstdio>
#include <exception>
#include <string_view>
#include <utility>

#include "core/runtime.hpp"

namespace bytestore::cassandra {

/// The callback of the user, which may throw anything: it is told nothing of that, and goes on to
/// get messages, but the first time is said on the standard error.
class EventLog::Listener {
 public:
  explicit Listener(LogCallback callback) : callback_(std::move(callback)) {}

  void tell(std::string_view message) noexcept {
    try {
      callback_(message);
    } catch (const std::exception& error) {
      failed(error.what());
    } catch (...) {
      failed("what it threw is no std::exception");
    }
  }

 private:
  void failed(const char* why) noexcept {
    if (has_failed_.exchange(true)) return;
    std::fprintf(stderr,
                 "bytestore: the log callback of a Cassandra session failed, and its message is "
                 "lost; further failures of this callback are not reported: %s\n",
                 why);
  }

  LogCallback callback_;
  std::atomic<bool> has_failed_{false};
};

EventLog::EventLog(LogCallback callback, Deliver deliver)
    : listener_(callback ? std::make_shared<Listener>(std::move(callback)) : nullptr),
      deliver_(std::move(deliver)) {}

void EventLog::report(Event event, Clock::time_point now,
                      const std::function<std::string()>& describe) noexcept {
  const auto index = static_cast<std::size_t>(event);
  counts_.at(index).fetch_add(1, std::memory_order_relaxed);
  if (!listener_) return;
  std::uint64_t left_out = 0;
  {
    const std::lock_guard lock(mutex_);
    Told& told = told_.at(index);
    if (told.last && now - *told.last < kInterval) {
      ++told.left_out;
      return;
    }
    told.last = now;
    left_out = std::exchange(told.left_out, 0);
  }
  try {
    std::string message = describe();
    if (left_out > 0) message += fmt::format(" ({} more like this since the last one)", left_out);
    deliver_([listener = listener_, message = std::move(message)] { listener->tell(message); });
  } catch (const std::exception&) {  // out of memory: the next message tells of this one
    const std::lock_guard lock(mutex_);
    told_.at(index).left_out += left_out + 1;
  }
}

std::unique_ptr<EventLog> make_event_log(LogCallback callback) {
  return std::make_unique<EventLog>(std::move(callback), [](std::function<void()> tell) {
    boost::asio::post(core::Runtime::instance().callbacks(), std::move(tell));
  });
}

}  // namespace bytestore::cassandra
