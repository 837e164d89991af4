/// What of RocksDB a forked child can and cannot do.

#include <atomic>
#include <optional>
#include <thread>

#include "helper_process.hpp"
#include "rocksdb_test.hpp"
#include "support/in_child.hpp"

namespace bytestore {
namespace {

using testing::ChildEnd;
using testing::in_child;
using testing::outcome_of;

class RocksDBFork : public RocksDBTest {
 protected:
  RocksDBFork() {
    open()->mset({{"a", noise(16'384, 1)}, {"b", noise(16'384, 2)}});
    flush_to_table();
    store_ = open();
  }

  void TearDown() override {
    EXPECT_EQ(store_->mget({"a"}), ByteStore::Values{noise(16'384, 1)}) << "the parent goes on";
  }

  std::unique_ptr<ByteStore> store_;
};

TEST_F(RocksDBFork, DestructorsOfPinnedValuesDoNotHangInTheChild) {
  std::optional<ByteStore::Values> values = store_->mget({"a", "b"});
  EXPECT_EQ(in_child([&] {
              const bool readable = (*values)[0] == noise(16'384, 1);
              values.reset();
              store_.reset();
              return readable ? "read and destroyed" : "not readable";
            }),
            "read and destroyed");
  EXPECT_EQ((*values)[1], noise(16'384, 2));
}

TEST_F(RocksDBFork, DestructorsDoNotHangWhileOtherThreadsOfTheParentWork) {
  std::atomic<bool> done = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      while (!done) {
        store_->mset({{"w" + std::to_string(i), noise(10'000, 1)}});
        store_->mget({"a", "b"});
        walk(store_->yield_keys());
      }
    });
  }
  for (int i = 0; i < 5; ++i) {
    std::optional<ByteStore::Values> values = store_->mget({"a"});
    std::optional<KeyView> keys = store_->yield_keys();
    static_cast<void>(keys->begin());
    EXPECT_EQ(in_child([&] {
                const auto outcome = outcome_of([&] { store_->mget({"a"}); });
                values.reset();
                keys.reset();
                store_.reset();
                return outcome;
              }),
              "unavailable");
  }
  done = true;
}

TEST_F(RocksDBFork, TheChildCannotOpenAStore) {
  const auto elsewhere = path().string() + "2";
  const auto message =
      in_child([&] { return std::string(error_of([&] { RocksDBByteStore{elsewhere}; }).what()); });
  EXPECT_THAT(message, ::testing::HasSubstr("forked"));
  EXPECT_THAT(message, ::testing::HasSubstr("exec"));
  EXPECT_EQ(in_child([&] { return outcome_of([&] { RocksDBByteStore{elsewhere}; }); }),
            "unavailable");
  EXPECT_FALSE(std::filesystem::exists(elsewhere));
}

TEST_F(RocksDBFork, TheChildLeavesTheFolderToItsParent) {
  EXPECT_EQ(in_child(
                [&] {
                  store_.reset();
                  return "destroyed";
                },
                ChildEnd::by_the_book),
            "destroyed");
  store_->mset({{"after", text("1")}});
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::unavailable) << "still locked by this process";
}

TEST_F(RocksDBFork, AChildDoesNotHoldTheFolder) {
  HelperProcess parent({"fork", path().string() + "-of-helper"});
  EXPECT_EQ(parent.read_line(), "forked");
  parent.kill();
  EXPECT_NO_THROW(RocksDBByteStore{path().string() + "-of-helper"});
}

}  // namespace
}  // namespace bytestore
