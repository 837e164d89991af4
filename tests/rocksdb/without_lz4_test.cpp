/// A program whose RocksDB was built without LZ4: this one's says so.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/convenience.h>

#include <filesystem>
#include <vector>

#include "bytestore/rocksdb_byte_store.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace rocksdb {

/// Takes the place of RocksDB's own function in this program.
std::vector<CompressionType> GetSupportedCompressions() {
  return {kNoCompression, kSnappyCompression};
}

}  // namespace rocksdb

namespace bytestore {
namespace {

TEST(RocksDBWithoutLZ4, IsTheFaultOfNoFolder) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "store";
  const auto error = testing::error_of([&] { RocksDBByteStore{path}; });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.what(), ::testing::HasSubstr("without LZ4"));
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace bytestore
