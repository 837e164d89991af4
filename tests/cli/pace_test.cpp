#include <gtest/gtest.h>

#include <string>

#include "cli/read_pace.hpp"
#include "cli/write_batch.hpp"

namespace bytestore::cli {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(ReadPace, begins_with_few_keys_and_at_most_doubles) {
  ReadPace pace;
  EXPECT_EQ(pace.keys(), 4);
  pace.adapt(10);
  EXPECT_EQ(pace.keys(), 8);
  for (int i = 0; i < 20; ++i) pace.adapt(10);
  EXPECT_EQ(pace.keys(), ReadPace::kMaxKeys);
}

TEST(ReadPace, aims_at_eight_mebibytes_a_read) {
  ReadPace pace;
  for (int i = 0; i < 10; ++i) pace.adapt(kMiB);
  EXPECT_EQ(pace.keys(), 8);
}

TEST(ReadPace, reads_very_large_values_one_by_one) {
  ReadPace pace;
  pace.adapt(100 * kMiB);
  EXPECT_EQ(pace.keys(), 1);
}

TEST(ReadPace, forgets_a_large_value_by_and_by) {
  ReadPace pace;
  pace.adapt(64 * kMiB);
  pace.adapt(0);  // as after 32 MiB
  EXPECT_EQ(pace.keys(), 1);
  for (int i = 0; i < 30; ++i) pace.adapt(0);
  EXPECT_EQ(pace.keys(), ReadPace::kMaxKeys);
}

TEST(WriteBatch, is_bounded_in_entries) {
  WriteBatch batch;
  for (std::size_t i = 0; i < WriteBatch::kMaxEntries; ++i) {
    ASSERT_TRUE(batch.has_room_for(1));
    batch.add(std::to_string(i), "x");
  }
  EXPECT_FALSE(batch.has_room_for(0));
  batch.clear();
  EXPECT_TRUE(batch.has_room_for(1));
  EXPECT_EQ(batch.bytes(), 0);
}

TEST(WriteBatch, is_bounded_in_bytes_but_takes_any_one_value) {
  WriteBatch batch;
  EXPECT_TRUE(batch.has_room_for(100 * kMiB));
  batch.add("a", std::string(5 * kMiB, 'x'));
  EXPECT_TRUE(batch.has_room_for(3 * kMiB));
  EXPECT_FALSE(batch.has_room_for(3 * kMiB + 1));
}

}  // namespace
}  // namespace bytestore::cli
