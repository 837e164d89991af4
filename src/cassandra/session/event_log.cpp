#include "cassandra/session/event_log.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "core/runtime.hpp"

namespace bytestore::cassandra {

EventLog::EventLog(LogCallback callback, Deliver deliver)
    : callback_(callback ? std::make_shared<const LogCallback>(std::move(callback)) : nullptr),
      deliver_(std::move(deliver)) {}

void EventLog::report(Event event, Clock::time_point now,
                      const std::function<std::string()>& describe) noexcept {
  const auto index = static_cast<std::size_t>(event);
  counts_.at(index).fetch_add(1, std::memory_order_relaxed);
  if (!callback_) return;
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
  std::string message = describe();
  if (left_out > 0) message += fmt::format(" ({} more like this since the last one)", left_out);
  deliver_([callback = callback_, message = std::move(message)] {
    try {
      (*callback)(message);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): a log that fails is no log
    }
  });
}

std::unique_ptr<EventLog> make_event_log(LogCallback callback) {
  return std::make_unique<EventLog>(std::move(callback), [](std::function<void()> tell) {
    boost::asio::post(core::Runtime::instance().callbacks(), std::move(tell));
  });
}

}  // namespace bytestore::cassandra
