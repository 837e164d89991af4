/// RocksDB goes on by itself after a full disk, but not if the log failed at its first write: then
/// it must not be written again, which would end the process where RocksDB has its assertions.

#include <chrono>
#include <optional>
#include <string>

#include "bytestore/rocksdb_byte_store.hpp"
#include "full_disk/refused_writes.hpp"
#include "support/folder_test.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

class FailedLog : public FolderTest {
 protected:
  /// How a write ends that does not succeed.
  struct Refusal {
    Outcome outcome;
    std::string said;
    [[nodiscard]] bool is_final() const {
      return said.find("open the store again") != std::string::npos;
    }
  };

  /// Nothing if it succeeds.
  static std::optional<Refusal> write(ByteStore& store, const std::string& key) {
    try {
      store.mset({{key, text("1")}});
      return std::nullopt;
    } catch (const BatchError& error) {
      EXPECT_EQ(error.code(), ErrorCode::io);
      return Refusal{.outcome = error.failures().front().outcome, .said = error.what()};
    }
  }

  /// Writes while the disk is full, empties it, and writes until the store goes on or has given up:
  /// then it returns how it said so.
  static std::optional<Refusal> write_until_it_is_known(ByteStore& store) {
    constexpr std::chrono::seconds kPatience{60};
    testing::fill_disk_at(0);
    const auto first = write(store, "refused");
    EXPECT_TRUE(first && first->outcome == Outcome::unknown);
    EXPECT_THAT(first->said, HasSubstr("the disk is full"));
    EXPECT_TRUE(write(store, "refused"));
    EXPECT_TRUE(testing::empty_disk());
    const auto end = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      const auto refused = write(store, "after");
      if (!refused || refused->is_final()) return refused;
      if (std::chrono::steady_clock::now() > end) {
        ADD_FAILURE() << refused->said;
        return refused;
      }
    }
  }
};

/// RocksDB 9 makes a new log at once, and goes on; 7.8 does not.
TEST_F(FailedLog, IsNotWrittenAgain) {
  RocksDBByteStore(path()).mset({{"before", text("1")}});
  RocksDBByteStore store(path());
  const auto given_up = write_until_it_is_known(store);
  if (given_up) {
    EXPECT_EQ(given_up->outcome, Outcome::failed);
  }
  const auto after = given_up ? std::nullopt : std::optional(text("1"));
  const ByteStore::Values expected{text("1"), std::nullopt, after};
  EXPECT_EQ(store.mget({"before", "refused", "after"}), expected);
  if (given_up) {
    EXPECT_EQ(code_of([&] { store.close(); }), ErrorCode::io);
  } else {
    EXPECT_NO_THROW(store.close());
  }

  RocksDBByteStore again(path());
  EXPECT_EQ(again.mget({"before", "refused", "after"}), expected);
  EXPECT_FALSE(write(again, "later"));
}

TEST_F(FailedLog, IsReplacedWhereThereIsSomethingToMoveIntoATable) {
  RocksDBByteStore store(path());
  EXPECT_FALSE(write(store, "before"));
  EXPECT_FALSE(write_until_it_is_known(store));
  EXPECT_EQ(store.mget({"before", "after"}), (ByteStore::Values{text("1"), text("1")}));
}

}  // namespace
}  // namespace bytestore
