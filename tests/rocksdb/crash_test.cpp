/// A process that is killed during batches loses none that was acknowledged.

#include "helper_process.hpp"
#include "rocksdb_test.hpp"
#include "support/written_batches.hpp"

namespace bytestore {
namespace {

class Crash : public RocksDBTest {
 protected:
  /// Has the helper write batches from `first` on, and kills it after `acknowledgements` of them.
  /// Returns the first batch that was not acknowledged.
  std::size_t write_and_kill(std::size_t first, std::size_t acknowledgements) {
    HelperProcess writer({"write", path().string(), std::to_string(first), "sync"});
    for (std::size_t i = 0; i < acknowledgements; ++i) {
      EXPECT_EQ(writer.read_line(), std::to_string(first + i));
    }
    writer.kill();
    std::size_t next = first + acknowledgements;
    while (writer.read_line() == std::to_string(next)) ++next;  // before it was killed
    return next;
  }

  /// How many keys of a batch are there, each with its right value.
  static std::size_t count_present(ByteStore& store, std::size_t batch) {
    const auto values = store.mget(batch_keys(batch));
    std::size_t present = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!values[i]) continue;
      EXPECT_EQ(*values[i], batch_value(batch, i)) << batch << ":" << i;
      ++present;
    }
    return present;
  }
};

TEST_F(Crash, KeepsEveryAcknowledgedBatchWhole) {
  std::size_t next = 0;
  for (const std::size_t acknowledgements : {1U, 2U, 4U, 9U, 5U, 7U}) {
    next = write_and_kill(next, acknowledgements);
    const auto store = open();
    for (std::size_t batch = 0; batch < next; ++batch) {
      ASSERT_EQ(count_present(*store, batch), batch_size(batch)) << "batch " << batch;
    }
    const auto interrupted = count_present(*store, next);
    if (batch_size(next) <= 10'000) {
      EXPECT_TRUE(interrupted == 0 || interrupted == batch_size(next))
          << "an internal batch is atomic, but " << interrupted << " keys are there";
    }
    EXPECT_EQ(count_present(*store, next + 1), 0U);
    store->mdelete(batch_keys(next));
  }
}

}  // namespace
}  // namespace bytestore
