/// Processes that write at once and are killed lose no batch that was acknowledged.

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <random>
#include <thread>

#include "lmdb_test.hpp"
#include "support/crash_rounds.hpp"
#include "support/present_batches.hpp"

namespace bytestore {
namespace {

/// One that is started again whenever it was killed.
class Writer {
 public:
  Writer(std::string path, std::string name) : path_(std::move(path)), name_(std::move(name)) {
    start();
  }

  void await_acknowledgements(std::size_t count) {
    for (; count > 0; --count) {
      ASSERT_EQ(process_->read_line(), std::to_string(next_));
      ++next_;
    }
  }

  void kill(std::chrono::microseconds after) {
    std::this_thread::sleep_for(after);
    process_->kill();
    while (process_->read_line() == std::to_string(next_)) ++next_;  // before it was killed
  }

  void start() {
    process_ = std::make_unique<HelperProcess>(
        std::vector<std::string>{"write", path_, std::to_string(next_), name_});
  }

  [[nodiscard]] std::size_t acknowledged() const noexcept { return next_; }

  /// Looks at the batches since the last time.
  void check(ByteStore& store) {
    for (; checked_ < next_; ++checked_) {
      const bool is_deleted = is_deleted_by_the_next(checked_);
      if (is_deleted && checked_ + 1 == next_) break;  // perhaps it is by now
      ASSERT_EQ(count_present(store, checked_, name_), is_deleted ? 0 : batch_size(checked_))
          << name_ << checked_;
    }
    const auto interrupted = count_present(store, next_, name_);
    if (batch_size(next_) <= 10'000) {
      EXPECT_TRUE(interrupted == 0 || interrupted == batch_size(next_))
          << "an internal batch is atomic, but " << interrupted << " keys are there";
    }
  }

 private:
  std::string path_;
  std::string name_;
  std::size_t next_ = 0;  // the first that was not acknowledged
  std::size_t checked_ = 0;
  std::unique_ptr<HelperProcess> process_;
};

class Crash : public LmdbTest {};

TEST_F(Crash, OfTwoWritersKeepsEveryAcknowledgedBatchWhole) {
  std::mt19937 random(20);  // NOLINT(cert-msc51-cpp): the same each time
  std::uniform_int_distribution<std::size_t> acknowledgements(1, 9);
  std::uniform_int_distribution<int> microseconds(0, 30'000);
  const auto store = open({.sync = false});
  std::array<Writer, 2> writers{Writer(path().string(), "a"), Writer(path().string(), "b")};
  const int rounds = testing::crash_rounds(6);
  for (int round = 0; round < rounds; ++round) {
    for (Writer& writer : writers) {
      writer.await_acknowledgements(acknowledgements(random));
      writer.kill(std::chrono::microseconds(microseconds(random)));
      writer.check(*store);
      if (HasFatalFailure()) return;
      writer.start();
    }
  }
  std::size_t acknowledged = 0;
  for (Writer& writer : writers) {
    writer.kill({});
    acknowledged += writer.acknowledged();
  }
  EXPECT_GT(store->estimate_keys(), 0U);
  testing::tell_figures(
      fmt::format("lmdb, two processes: kills {}, batches acknowledged {}, lost 0, half applied 0",
                  2 * rounds, acknowledged));
}

TEST_F(Crash, InTheMiddleOfAWriteHoldsUpNobody) {
  const auto store = open();
  HelperProcess other({"lock", path().string()});
  ASSERT_EQ(other.read_line(), "locked");
  other.kill();
  store->mset({{"a", text("1")}});
  EXPECT_EQ(store->mget({"a"}), ByteStore::Values{text("1")});
}

}  // namespace
}  // namespace bytestore
