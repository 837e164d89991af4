#include "cli/text.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace bytestore::cli {
namespace {

using namespace std::chrono_literals;

TEST(Text, quotes_what_cannot_be_printed) {
  EXPECT_EQ(in_quotes("caf\xC3\xA9"), "\"caf\xC3\xA9\"");
  EXPECT_EQ(in_quotes("caf\xE9\n"), R"("caf\xe9\n")");
  EXPECT_EQ(in_quotes(std::string_view("a\0b", 3)), R"("a\x00b")");
}

TEST(Text, counts_with_groups_of_digits) {
  EXPECT_EQ(counted(0, "file"), "0 files");
  EXPECT_EQ(counted(1, "file"), "1 file");
  EXPECT_EQ(counted(5432, "file"), "5,432 files");
}

TEST(Text, picks_the_unit_of_a_size) {
  EXPECT_EQ(size_text(1), "1 byte");
  EXPECT_EQ(size_text(1023), "1,023 bytes");
  EXPECT_EQ(size_text(2048), "2.0 KiB");
  EXPECT_EQ(size_text(std::uint64_t{1205} << 20), "1205.0 MiB");
}

TEST(Text, gives_a_rate_also_for_no_time) {
  EXPECT_EQ(rate_text(std::uint64_t{10} << 20, 2s), "5.0 MiB/s");
  EXPECT_EQ(rate_text(0, 0s), "0.0 MiB/s");
}

TEST(Text, writes_durations_like_a_clock) {
  EXPECT_EQ(clock_text(5s), "0:05");
  EXPECT_EQ(clock_text(59.6s), "1:00");
  EXPECT_EQ(clock_text(3723s), "1:02:03");
}

TEST(Text, names_the_signals_that_stop_the_command) {
  EXPECT_EQ(stopped_text(SIGINT, "done 3"), "bytestore: stopped by SIGINT: done 3");
  EXPECT_EQ(signal_name(SIGTERM), "SIGTERM");
}

}  // namespace
}  // namespace bytestore::cli
