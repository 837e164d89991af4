/// Which runs of deleted keys are remembered.

#include "rocksdb/deleted_runs.hpp"

#include <gtest/gtest.h>

namespace bytestore::rocksdb_backend {
namespace {

TEST(DeletedRuns, AreTakenInTheirOrder) {
  DeletedRuns runs;
  EXPECT_TRUE(runs.empty());
  runs.add({.first = "m", .last = "n"});
  runs.add({.first = "a", .last = "b"});
  EXPECT_EQ(runs.take()->first, "m");
  EXPECT_EQ(runs.take()->first, "a");
  EXPECT_FALSE(runs.take().has_value());
}

TEST(DeletedRuns, ThatTouchAreOne) {
  DeletedRuns runs;
  runs.add({.first = "a", .last = "c"});
  runs.add({.first = "x", .last = "y"});
  runs.add({.first = "e", .last = "g"});
  runs.add({.first = "c", .last = "f"});
  EXPECT_EQ(runs.take()->first, "x");
  const auto joined = runs.take();
  EXPECT_EQ(joined->first, "a");
  EXPECT_EQ(joined->last, "g");
  EXPECT_TRUE(runs.empty());
}

TEST(DeletedRuns, AreBounded) {
  DeletedRuns runs;
  for (std::size_t i = 0; i <= DeletedRuns::kMost; ++i) {
    const auto key = std::to_string(1'000 + i);
    runs.add({.first = key, .last = key});
  }
  EXPECT_EQ(runs.take()->first, "1001");
  std::size_t left = 1;
  while (runs.take()) ++left;
  EXPECT_EQ(left, DeletedRuns::kMost);
}

}  // namespace
}  // namespace bytestore::rocksdb_backend
