#include "cli/context.hpp"

#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace bytestore::cli {
namespace {

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
