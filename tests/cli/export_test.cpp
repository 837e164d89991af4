#include <gtest/gtest.h>

#include "bytestore/open.hpp"
#include "cli/verbs/verbs.hpp"
#include "temporary_folder.hpp"

namespace bytestore::cli {
namespace {

// No argument and no file name can hold a NUL byte, but a program can store such a key.
TEST(Export, refuses_a_key_with_a_nul_byte) {
  const TemporaryFolder folder;
  Console console(-1);
  Interrupt interrupt;
  const Context context{"rocksdb:" + folder.string() + "/store", console, interrupt};
  bytestore::open(context.uri)->mset({{std::string_view("a\0b", 3), as_bytes("content")}});

  EXPECT_EQ(export_tree(context, {(folder / "copy").string(), ""}), ExitCode::some_failed);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "copy"));
}

}  // namespace
}  // namespace bytestore::cli
