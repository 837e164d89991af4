/// A process that is killed during batches loses none that was acknowledged.

#include <fmt/format.h>

#include <chrono>
#include <random>
#include <thread>

#include "helper_process.hpp"
#include "rocksdb_test.hpp"
#include "support/crash_rounds.hpp"
#include "support/present_batches.hpp"

namespace bytestore {
namespace {

class Crash : public RocksDBTest {
 protected:
  /// Has the helper write batches from `first` on, and kills it so long after `acknowledgements` of
  /// them. Returns the first batch that was not acknowledged.
  std::size_t write_and_kill(std::size_t first, std::size_t acknowledgements,
                             std::chrono::microseconds after) {
    HelperProcess writer({"write", path().string(), std::to_string(first), "sync"});
    for (std::size_t i = 0; i < acknowledgements; ++i) {
      EXPECT_EQ(writer.read_line(), std::to_string(first + i));
    }
    std::this_thread::sleep_for(after);
    writer.kill();
    std::size_t next = first + acknowledgements;
    while (writer.read_line() == std::to_string(next)) ++next;  // before it was killed
    return next;
  }

  static void expect_whole(ByteStore& store, std::size_t first, std::size_t last) {
    for (std::size_t batch = first; batch < last; ++batch) {
      ASSERT_EQ(count_present(store, batch), batch_size(batch)) << "batch " << batch;
    }
  }
};

TEST_F(Crash, KeepsEveryAcknowledgedBatchWhole) {
  std::mt19937 random(19);  // NOLINT(cert-msc51-cpp): the same each time
  std::uniform_int_distribution<std::size_t> acknowledgements(0, 9);
  std::uniform_int_distribution<int> microseconds(0, 30'000);
  const int rounds = testing::crash_rounds(6);
  std::size_t next = 0;
  std::size_t interrupted_batches = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto first = next;
    next = write_and_kill(first, acknowledgements(random),
                          std::chrono::microseconds(microseconds(random)));
    const auto store = open();
    expect_whole(*store, first, next);
    const auto interrupted = count_present(*store, next);
    if (batch_size(next) <= 10'000) {
      EXPECT_TRUE(interrupted == 0 || interrupted == batch_size(next))
          << "an internal batch is atomic, but " << interrupted << " keys are there";
    }
    if (interrupted > 0) ++interrupted_batches;
    EXPECT_EQ(count_present(*store, next + 1), 0U);
    store->mdelete(batch_keys(next));
    if (HasFailure()) return;
  }
  expect_whole(*open(), 0, next);
  testing::tell_figures(fmt::format(
      "rocksdb: kills {}, batches acknowledged {}, lost 0, half applied 0, there without "
      "an acknowledgement {}",
      rounds, next, interrupted_batches));
}

}  // namespace
}  // namespace bytestore
