#include "cli/session.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "cli/failure.hpp"
#include "temporary_folder.hpp"

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

KeyFailure failure(std::string key, ErrorCode code) {
  return {0, std::move(key), code, Outcome::unknown, "the reason"};
}

TEST(ListFailures, names_each_key_with_code_and_outcome) {
  ReadableConsole channel;
  Console console(channel.writer.get());
  const BatchError error("mset", 3,
                         {failure("a", ErrorCode::too_large), failure("b", ErrorCode::timeout)});
  EXPECT_EQ(list_failures(console, error, 3), 2);
  EXPECT_EQ(channel.text(),
            "bytestore: \"a\": too_large, unknown: the reason\n"
            "bytestore: \"b\": timeout, unknown: the reason\n");
}

TEST(ListFailures, passes_over_keys_that_an_interrupt_left_out) {
  ReadableConsole channel;
  Console console(channel.writer.get());
  const BatchError error("mset", 1, {failure("a", ErrorCode::cancelled)});
  EXPECT_EQ(list_failures(console, error, 1), 0);
  EXPECT_EQ(channel.text(), "");
}

TEST(ListFailures, ends_the_command_when_the_store_is_gone) {
  Console console(-1);
  const BatchError all("mset", 1, {failure("a", ErrorCode::unavailable)});
  try {
    list_failures(console, all, 1);
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::no_store);
  }
  EXPECT_EQ(list_failures(console, all, 2), 1);  // one key of two: the store is there
}

TEST(StoreFolder, is_known_of_local_stores) {
  const TemporaryFolder folder;
  folder.write("100%/data", "");
  const auto id = folder_id((folder / "100%").string());
  ASSERT_TRUE(id);
  EXPECT_EQ(store_folder("rocksdb:" + folder.string() + "/100%25?sync=false"), id);
  EXPECT_EQ(store_folder("rocksdb:" + folder.string() + "/none"), std::nullopt);
  EXPECT_EQ(store_folder("memory:"), std::nullopt);
}

}  // namespace
}  // namespace bytestore::cli
