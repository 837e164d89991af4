#include "core/timers.hpp"

#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "core/runtime.hpp"

namespace bytestore::cassandra {
namespace {

class AsioAlarm final : public Alarm {
 public:
  explicit AsioAlarm(std::function<void()> ring)
      : timer_(core::Runtime::instance().timers()),
        ring_(std::make_shared<const std::function<void()>>(std::move(ring))) {}

  void set(Clock::time_point time) override {
    if (time == Clock::time_point::max()) {
      timer_.cancel();
      return;
    }
    timer_.expires_at(time);
    timer_.async_wait([ring = ring_](const boost::system::error_code& error) {
      if (!error) (*ring)();
    });
  }

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<const std::function<void()>> ring_;
};

class SystemTimers final : public Timers {
 public:
  [[nodiscard]] Alarm::Clock::time_point now() const override { return Alarm::Clock::now(); }
  [[nodiscard]] std::unique_ptr<Alarm> alarm(std::function<void()> ring) override {
    return std::make_unique<AsioAlarm>(std::move(ring));
  }
};

}  // namespace

/// Never destroyed: sessions may still use it when static objects are.
Timers& system_timers() {
  static auto* const timers = new SystemTimers;  // NOLINT(cppcoreguidelines-owning-memory)
  return *timers;
}

}  // namespace bytestore::cassandra
