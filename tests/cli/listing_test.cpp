#include <gtest/gtest.h>

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

}  // namespace
}  // namespace bytestore::cli
