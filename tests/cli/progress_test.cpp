#include "cli/progress.hpp"

#include <gtest/gtest.h>

namespace bytestore::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

TEST(ProgressLine, reckons_the_time_left_from_the_bytes) {
  EXPECT_EQ(progress_line("file", {1234, 10 * kMiB}, {5432, 40 * kMiB}, 2s),
            "1,234/5,432 files, 10.0 MiB, 5.0 MiB/s, ETA 0:06");
}

TEST(ProgressLine, reckons_it_from_the_items_where_the_bytes_are_not_known) {
  EXPECT_EQ(progress_line("file", {10, kMiB}, {40, 0}, 2s),
            "10/40 files, 1.0 MiB, 0.5 MiB/s, ETA 0:06");
}

TEST(ProgressLine, promises_nothing_before_anything_was_done) {
  EXPECT_EQ(progress_line("file", {0, 0}, {40, kMiB}, 2s), "0/40 files, 0 bytes");
}

TEST(ProgressLine, never_goes_below_zero_when_there_is_more_than_expected) {
  EXPECT_EQ(progress_line("file", {3, 2 * kMiB}, {2, kMiB}, 1s),
            "3/2 files, 2.0 MiB, 2.0 MiB/s, ETA 0:00");
}

}  // namespace
}  // namespace bytestore::cli
