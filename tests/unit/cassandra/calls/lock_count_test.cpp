#include "unit/support/lock_count.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <utility>

#include "cassandra/cassandra_backend.hpp"
#include "core/run_blocking.hpp"
#include "core/store.hpp"
#include "core/verbs.hpp"
#include "unit/support/fake_driver.hpp"

namespace bytestore::cassandra {
namespace {

/// A store on a fake driver that answers at once, with the clock of this machine: neither takes a
/// lock.
class LockCountTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto driver = std::make_unique<FakeSession>();
    driver->by_itself = [](const FakeRequest& request) { request.answer(); };
    driver->ring.tokens = {{.token = 0, .owner = {.high = 0, .low = 1}}};
    driver->ring.fallback = {{.high = 0, .low = 1}};
    auto session = std::make_shared<SharedSession>(std::move(driver), SessionSettings{});
    auto table = std::make_shared<Table>(
        std::move(session), TableName{.keyspace = "app", .table = "kv"}, TableSettings{});
    table->setup().skip();
    store_ = std::make_shared<core::Store>(std::make_unique<CassandraBackend>(std::move(table)),
                                           nullptr);
  }

  /// Of a call, after one that has prepared its statements.
  template <typename Call>
  static std::size_t locks_of(const Call& call) {
    call();
    const auto before = testing::locks_taken();
    call();
    return testing::locks_taken() - before;
  }

  std::shared_ptr<core::Store> store_;
};

constexpr std::size_t kMostLocks = 13;

TEST_F(LockCountTest, ACallForOneKeyTakesFewLocks) {
  const std::vector<std::string_view> keys{"a"};
  const std::vector<EntryRef> entries{{"a", as_bytes("value")}};
  EXPECT_LE(locks_of([&] { run_blocking(*store_, core::Mget(std::span(keys)), {}); }), kMostLocks);
  EXPECT_LE(locks_of([&] { run_blocking(*store_, core::Mset(std::span(entries)), {}); }),
            kMostLocks);
  EXPECT_LE(locks_of([&] { run_blocking(*store_, core::Mdelete(std::span(keys)), {}); }),
            kMostLocks);
}

}  // namespace
}  // namespace bytestore::cassandra
