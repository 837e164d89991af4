/// A forked child leaves its parent's environment alone, and may open its own.

#include <chrono>
#include <stop_token>
#include <thread>

#include "lmdb_test.hpp"
#include "support/in_child.hpp"

namespace bytestore {
namespace {

using testing::ChildEnd;
using testing::in_child;
using testing::outcome_of;

class LmdbFork : public LmdbTest {
 protected:
  LmdbFork() : store_(open({.sync = false})) { store_->mset({{"a", text("1")}}); }

  void TearDown() override {
    EXPECT_EQ(store_->mget({"a"}), ByteStore::Values{text("1")}) << "the parent goes on";
    store_->mset({{"after", text("1")}});
  }

  std::unique_ptr<ByteStore> store_;
};

TEST_F(LmdbFork, AChildOpensTheFolderThatItsParentHasOpen) {
  for (const auto end : {ChildEnd::at_once, ChildEnd::by_the_book}) {
    EXPECT_EQ(in_child(
                  [&] {
                    EXPECT_EQ(outcome_of([&] { store_->mget({"a"}); }), "unavailable");
                    const auto own = open({.sync = false});
                    own->mset({{"of the child", text("2")}});
                    return std::string(own->mget({"a"})[0]->view()) +
                           std::string(own->mget({"of the child"})[0]->view());
                  },
                  end),
              "12");
    EXPECT_EQ(store_->mget({"of the child"}), ByteStore::Values{text("2")});
  }
}

/// The parent's locks must outlive what the child closes: else another process would take the
/// folder for one that nobody uses, and make its locks anew.
TEST_F(LmdbFork, AChildThatEndsLeavesTheLocksOfItsParent) {
  EXPECT_EQ(in_child(
                [&] {
                  store_.reset();
                  open().reset();
                  return "destroyed";
                },
                ChildEnd::by_the_book),
            "destroyed");
  // Its snapshot stays valid while another process rewrites the store.
  const auto view = store_->mget({"a"});
  HelperProcess other({"count", path().string(), "a-count", "500"});
  for (int i = 0; i < 500; ++i) ASSERT_EQ(store_->mget({"a"}), view);
  EXPECT_EQ(other.read_line(), "counted");
}

TEST_F(LmdbFork, WhileOtherThreadsOfTheParentWork) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        store_->mset({{"w" + std::to_string(i), noise(10'000, 1)}});
        store_->mget({"a", "b"});
        walk(store_->yield_keys());
        // The address sanitizer forks only while all other threads sleep.
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
      }
    });
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(in_child([&] {
                const auto outcome = outcome_of([&] { store_->mget({"a"}); });
                store_.reset();
                const auto own = open({.sync = false});
                own->mset({{"of the child", text("2")}});
                return outcome + std::string(own->mget({"a"})[0]->view());
              }),
              "unavailable1");
  }
}

}  // namespace
}  // namespace bytestore
