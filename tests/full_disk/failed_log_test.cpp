/// RocksDB goes on by itself after a full disk, but not if the log failed at its first write: then
/// it must not be written again, which would end the process where RocksDB has its assertions.

#include <chrono>

#include "bytestore/rocksdb_byte_store.hpp"
#include "full_disk/refused_writes.hpp"
#include "support/folder_test.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

class FailedLog : public FolderTest {
 protected:
  /// The message of a write that does not succeed.
  static std::string refusal(ByteStore& store, Outcome outcome) {
    const auto error = batch_error_of([&] { store.mset({{"refused", text("1")}}); });
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_EQ(error.failures().front().outcome, outcome);
    return error.what();
  }
};

TEST_F(FailedLog, IsNotWrittenAgain) {
  constexpr std::chrono::seconds kPatience{60};
  RocksDBByteStore(path()).mset({{"before", text("1")}});
  RocksDBByteStore store(path());
  testing::fill_disk_at(0);
  EXPECT_THAT(refusal(store, Outcome::unknown), HasSubstr("the disk is full"));
  refusal(store, Outcome::failed);
  ASSERT_TRUE(testing::empty_disk());
  const auto end = std::chrono::steady_clock::now() + kPatience;
  std::string said;
  while (said.find("open the store again") == std::string::npos) {  // RocksDB has recovered
    ASSERT_LT(std::chrono::steady_clock::now(), end) << said;
    said = refusal(store, Outcome::failed);
  }
  EXPECT_EQ(store.mget({"before", "refused"}), (ByteStore::Values{text("1"), std::nullopt}));
  EXPECT_EQ(code_of([&] { store.close(); }), ErrorCode::io);

  RocksDBByteStore again(path());
  again.mset({{"after", text("2")}});
  EXPECT_EQ(again.mget({"before", "refused", "after"}),
            (ByteStore::Values{text("1"), std::nullopt, text("2")}));
}

TEST_F(FailedLog, IsReplacedWhereThereIsSomethingToMoveIntoATable) {
  constexpr std::chrono::seconds kPatience{60};
  RocksDBByteStore store(path());
  store.mset({{"before", text("1")}});
  testing::fill_disk_at(0);
  EXPECT_THAT(refusal(store, Outcome::unknown), HasSubstr("the disk is full"));
  ASSERT_TRUE(testing::empty_disk());
  const auto end = std::chrono::steady_clock::now() + kPatience;
  const auto goes_on = [&] {
    try {
      store.mset({{"after", text("2")}});
      return true;
    } catch (const BatchError&) {
      return false;
    }
  };
  while (!goes_on()) ASSERT_LT(std::chrono::steady_clock::now(), end);
  EXPECT_EQ(store.mget({"before", "after"}), (ByteStore::Values{text("1"), text("2")}));
}

}  // namespace
}  // namespace bytestore
