#include "cli/tally.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "cli/failure.hpp"
#include "cli/file_descriptor.hpp"
#include "support/errors.hpp"

namespace bytestore::cli {
namespace {

/// A console whose text can be read.
struct ReadableConsole {
  ReadableConsole() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw FileError(last_error());
    reader = FileDescriptor(ends[0]);
    writer = FileDescriptor(ends[1]);
  }

  /// All that was said so far; ends the console.
  std::string text() {
    writer = FileDescriptor();
    std::string said(4096, '\0');
    const auto got = ::read(reader.get(), said.data(), said.size());
    said.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return said;
  }

  FileDescriptor reader;
  FileDescriptor writer;
};

struct Failed {
  ErrorCode code;
  Outcome outcome = Outcome::failed;
};

BatchError batch_error(const std::vector<Failed>& keys) {
  std::vector<KeyFailure> failures;
  for (const auto& key : keys) {
    const auto index = failures.size();
    failures.push_back({index, std::string(1, static_cast<char>('a' + index)), key.code,
                        key.outcome, "the reason"});
  }
  return {"mset", keys.size(), std::move(failures)};
}

class TallyTest : public ::testing::Test {
 protected:
  /// Adds a batch of as many keys as failed, or of `batch_size`; returns how the command ends, if
  /// that is what it comes to.
  std::optional<Failure> add(const std::vector<Failed>& keys, std::size_t batch_size = 0) {
    try {
      tally.add(batch_error(keys), std::max(batch_size, keys.size()));
      return std::nullopt;
    } catch (const Failure& failure) {
      return failure;
    }
  }

  ReadableConsole channel;
  Console console{channel.writer.get()};
  Tally tally{console, "stored"};
};

TEST_F(TallyTest, names_each_key_with_code_and_outcome) {
  EXPECT_FALSE(add({{ErrorCode::too_large}, {ErrorCode::timeout, Outcome::unknown}}, 3));
  EXPECT_EQ(channel.text(),
            "bytestore: \"a\": too_large, failed: the reason\n"
            "bytestore: \"b\": timeout, unknown: the reason\n");
  EXPECT_EQ(tally.text(), "1 key stored; 1 key not stored; 1 key may have been stored");
}

TEST_F(TallyTest, says_nothing_of_keys_that_an_interrupt_left_out) {
  EXPECT_FALSE(add({{ErrorCode::cancelled}, {ErrorCode::cancelled}}));
  EXPECT_EQ(channel.text(), "");
  EXPECT_TRUE(tally.all_done());
  EXPECT_EQ(tally.text(), "0 keys stored");
}

TEST_F(TallyTest, counts_a_key_that_an_interrupt_left_on_its_way) {
  EXPECT_FALSE(add({{ErrorCode::cancelled, Outcome::unknown}, {ErrorCode::cancelled}}, 1'002));
  EXPECT_EQ(channel.text(), "");
  EXPECT_FALSE(tally.all_done());
  EXPECT_EQ(tally.text(), "1,000 keys stored; 1 key may have been stored");
}

TEST_F(TallyTest, a_store_that_was_never_there_is_one_reason_and_a_code_of_its_own) {
  const auto ending = add({{ErrorCode::unavailable}, {ErrorCode::unavailable}});
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code(), ExitCode::no_store);
  EXPECT_STREQ(ending->what(), "the reason");
  EXPECT_EQ(channel.text(), "");
}

TEST_F(TallyTest, a_store_that_is_gone_after_something_was_stored_is_not) {
  tally.add(1'000);
  const auto ending = add({{ErrorCode::unavailable}, {ErrorCode::unavailable}});
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code(), ExitCode::some_failed);
  EXPECT_STREQ(ending->what(), "stopped, because the store failed: the reason");
  EXPECT_EQ(channel.text(), "");
  EXPECT_EQ(tally.text(), "1,000 keys stored; 2 keys not stored");
}

TEST_F(TallyTest, a_store_that_is_gone_after_something_may_have_been_stored_is_not) {
  EXPECT_FALSE(add({{ErrorCode::timeout, Outcome::unknown}}));
  const auto ending = add({{ErrorCode::unavailable}});
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code(), ExitCode::some_failed);
}

TEST_F(TallyTest, what_may_have_been_stored_is_not_passed_over) {
  const auto ending = add({{ErrorCode::unavailable}, {ErrorCode::unavailable, Outcome::unknown}});
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code(), ExitCode::some_failed);
  EXPECT_EQ(tally.text(), "0 keys stored; 1 key not stored; 1 key may have been stored");
}

TEST_F(TallyTest, ends_the_command_when_a_whole_batch_met_what_others_would_meet) {
  for (const auto code : {ErrorCode::timeout, ErrorCode::overloaded, ErrorCode::io}) {
    Tally own(console, "stored");
    try {
      own.add(batch_error({{code}, {ErrorCode::unavailable}}), 2);
      ADD_FAILURE() << to_string(code);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::some_failed) << to_string(code);
    }
  }
}

TEST_F(TallyTest, goes_on_while_some_keys_succeed_or_fail_for_reasons_of_their_own) {
  EXPECT_FALSE(add({{ErrorCode::timeout}, {ErrorCode::timeout}}, 3));
  EXPECT_FALSE(add({{ErrorCode::timeout}, {ErrorCode::too_large}}));
  EXPECT_FALSE(add({{ErrorCode::corrupt}, {ErrorCode::corrupt}}));
}

// A value of its own batch may be too slow for the servers, and the others are not.
TEST_F(TallyTest, one_key_by_itself_ends_nothing_but_two_in_a_row_do) {
  EXPECT_FALSE(add({{ErrorCode::timeout}}));
  tally.add(10);
  EXPECT_FALSE(add({{ErrorCode::timeout}}));
  const auto ending = add({{ErrorCode::timeout}});
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code(), ExitCode::some_failed);
}

TEST_F(TallyTest, names_what_it_counts) {
  EXPECT_EQ(tally.failures_text("file"), "");
  EXPECT_FALSE(add({{ErrorCode::too_large}, {ErrorCode::timeout, Outcome::unknown}}, 5));
  EXPECT_EQ(tally.failures_text("file"), "; 1 file not stored; 1 file may have been stored");
}

}  // namespace
}  // namespace bytestore::cli
