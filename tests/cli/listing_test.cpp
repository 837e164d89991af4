#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "bytestore/open.hpp"
#include "cli/verbs/verbs.hpp"
#include "temporary_folder.hpp"

namespace bytestore::cli {
namespace {

// A program can store a key that holds a NUL byte. In a list ended by NUL bytes it would read as
// two other keys, which `delete -0` would delete.
TEST(Keys, leaves_a_key_with_a_nul_byte_out_of_a_list_of_that_form) {
  const TemporaryFolder folder;
  Console console(-1);
  Interrupt interrupt;
  const Context context{"rocksdb:" + folder.string() + "/store", console, interrupt};
  bytestore::open(context.uri)->mset({{"a", {}}, {std::string_view("a\0b", 3), {}}, {"c", {}}});

  testing::internal::CaptureStdout();
  EXPECT_EQ(keys(context, {.nul_terminated = true}), ExitCode::some_failed);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), std::string("a\0c\0", 4));

  testing::internal::CaptureStdout();
  EXPECT_EQ(keys(context, {.json = true}), ExitCode::done);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "\"a\"\n\"a\\u0000b\"\n\"c\"\n");
}

class UnusableKeys : public testing::Test {
 protected:
  UnusableKeys() {
    const std::vector<std::string> usable{"a", "c"};
    for (const auto& key : usable) bytestore::open(context_.uri)->mset({{key, as_bytes(key)}});
    const auto command = std::string(BYTESTORE_ROCKSDB_HELPER " put ") + path() + " b\xE9 d\xE9";
    EXPECT_EQ(std::system(command.c_str()), 0);
  }

  [[nodiscard]] std::string path() const { return folder_.string() + "/store"; }

  TemporaryFolder folder_;
  Console console_{STDERR_FILENO};
  Interrupt interrupt_;
  Context context_{"rocksdb:" + path(), console_, interrupt_};
};

TEST_F(UnusableKeys, are_left_out_of_a_listing) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(keys(context_, {}), ExitCode::some_failed);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "a\nc\n");
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_NE(
      said.find(R"(left out: the store has the key "b\xe9", which is not valid UTF-8 at byte 1)"),
      std::string::npos)
      << said;
  EXPECT_NE(said.find(R"("d\xe9")"), std::string::npos) << said;
  EXPECT_NE(said.find("2 keys left out"), std::string::npos) << said;
}

TEST_F(UnusableKeys, are_left_out_of_a_count) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(count(context_, {}), ExitCode::some_failed);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "2\n");
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("2 keys left out"), std::string::npos) << said;
}

TEST_F(UnusableKeys, are_told_by_a_count_in_json) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(count(context_, {.prefix = {}, .json = true}), ExitCode::some_failed);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "{\"count\": 2, \"left_out\": 2}\n");
  testing::internal::GetCapturedStderr();
}

TEST_F(UnusableKeys, are_left_out_of_an_export) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(export_tree(context_, {.folder = folder_.string() + "/tree", .prefix = {}}),
            ExitCode::some_failed);
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("2 keys not exported"), std::string::npos) << said;
  EXPECT_TRUE(std::filesystem::exists(folder_.string() + "/tree/a"));
  EXPECT_TRUE(std::filesystem::exists(folder_.string() + "/tree/c"));
}

}  // namespace
}  // namespace bytestore::cli
