#include "core/timers.hpp"

#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "core/runtime.hpp"

namespace bytestore::core {
namespace {

class AsioTimer final : public Timer {
 public:
  explicit AsioTimer(std::function<void()> on_time)
      : timer_(Runtime::instance().timers()),
        on_time_(std::make_shared<const std::function<void()>>(std::move(on_time))) {}

  void set(Clock::time_point time) override {
    if (time == Clock::time_point::max()) {
      timer_.cancel();
      return;
    }
    timer_.expires_at(time);
    timer_.async_wait([on_time = on_time_](const boost::system::error_code& error) {
      if (!error) (*on_time)();
    });
  }

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<const std::function<void()>> on_time_;
};

class SystemTimers final : public Timers {
 public:
  [[nodiscard]] Timer::Clock::time_point now() const override { return Timer::Clock::now(); }
  [[nodiscard]] std::unique_ptr<Timer> timer(std::function<void()> on_time) override {
    return std::make_unique<AsioTimer>(std::move(on_time));
  }
};

}  // namespace

/// Never destroyed: sessions may still use it when static objects are.
Timers& system_timers() {
  static auto* const timers = new SystemTimers;  // NOLINT(cppcoreguidelines-owning-memory)
  return *timers;
}

}  // namespace bytestore::core
