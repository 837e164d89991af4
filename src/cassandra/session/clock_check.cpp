#include "cassandra/session/clock_check.hpp"

#include <fmt/format.h>

#include <exception>
#include <mutex>
#include <utility>

#include "cassandra/session/server_clock.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWorthAWarning{1'000};
constexpr milliseconds kRefused{60'000};

/// The answers of several nodes; the last one calls back.
class Readings {
 public:
  explicit Readings(std::function<void(std::vector<ClockDifference>)> done)
      : done_(std::move(done)) {}
  ~Readings() { done_(std::move(clocks_)); }
  Readings(const Readings&) = delete;
  Readings& operator=(const Readings&) = delete;

  void add(ClockDifference clock) {
    const std::lock_guard lock(mutex_);
    clocks_.push_back(std::move(clock));
  }

 private:
  std::function<void(std::vector<ClockDifference>)> done_;
  std::mutex mutex_;
  std::vector<ClockDifference> clocks_;
};

/// Lives until it is answered.
class OneReading final : public ClockSink {
 public:
  OneReading(std::shared_ptr<Readings> all, std::string node)
      : all_(std::move(all)), node_(std::move(node)) {}

  void done(Result<ClockReading> result) noexcept override {
    const std::unique_ptr<OneReading> self(this);
    const auto* reading = std::get_if<ClockReading>(&result);
    if (reading != nullptr) all_->add({.node = std::move(node_), .ahead = reading->ahead()});
  }

 private:
  std::shared_ptr<Readings> all_;
  std::string node_;
};

std::string in_words(const ClockDifference& clock) {
  return fmt::format("the clock of node {} is {} ms {} this machine's", clock.node,
                     std::chrono::abs(clock.ahead).count(),
                     clock.ahead.count() > 0 ? "ahead of" : "behind");
}

}  // namespace

ClockVerdict judge_clocks(const std::vector<ClockDifference>& clocks, bool allow_difference) {
  ClockVerdict verdict;
  for (const ClockDifference& clock : clocks) {
    const auto difference = std::chrono::abs(clock.ahead);
    if (difference > kRefused && !allow_difference) {
      verdict.error = Error(ErrorCode::unavailable,
                            in_words(clock) +
                                ", so that later writes would lose against earlier ones of other "
                                "machines; synchronise the clocks, or set allow_clock_difference");
      return verdict;
    }
    if (difference > kWorthAWarning) {
      verdict.warnings.push_back(in_words(clock) + "; synchronise the clocks");
    }
  }
  return verdict;
}

void read_clocks(Session& session, milliseconds timeout,
                 std::function<void(std::vector<ClockDifference>)> done) {
  const auto all = std::make_shared<Readings>(std::move(done));
  for (const Node& node : session.topology("", "", "")->nodes()) {
    if (!node.connected || node.datacenter != session.local_datacenter()) continue;
    auto reading = std::make_unique<OneReading>(all, fmt::format("{}:{}", node.address, node.port));
    read_clock(session, node.id, timeout, *reading);
    static_cast<void>(reading.release());  // `done` has it now
  }
}

}  // namespace bytestore::cassandra
