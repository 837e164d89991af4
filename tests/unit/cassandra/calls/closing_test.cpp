#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bytestore/async.hpp"
#include "bytestore/memory_byte_store.hpp"
#include "cassandra/cassandra_backend.hpp"
#include "core/store.hpp"
#include "support/errors.hpp"
#include "support/values.hpp"
#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using boost::asio::use_future;
using std::chrono::milliseconds;
using testing::code_of;
using testing::text;

/// Far more than what is waited for takes.
constexpr std::chrono::seconds kNever{60};

class StoreOnTable final : public ByteStore {
 public:
  explicit StoreOnTable(std::shared_ptr<Table> table)
      : ByteStore(std::make_shared<core::Store>(
            std::make_unique<CassandraBackend>(std::move(table)), nullptr)) {}
};

/// More stores than there are work threads, each of which has a request at a server that hangs.
class ClosingStoresTest : public TableRig {
 protected:
  void SetUp() override {
    TableRig::SetUp();
    const auto count = 2 * std::max(2U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < count; ++i) {
      const auto table = make_table();
      table->setup().skip();
      auto& store = *stores_.emplace_back(std::make_unique<StoreOnTable>(table));
      writes_.push_back(store.amset({{"key", text("value")}}, use_future));
    }
  }

  void answer_all() {
    while (driver().waiting() > 0) driver().take().answer();
  }

  [[nodiscard]] static bool is_pending(const std::future<void>& closed) {
    return closed.wait_for(milliseconds{0}) == std::future_status::timeout;
  }

  std::vector<std::unique_ptr<ByteStore>> stores_;
  std::vector<std::future<void>> writes_;
};

TEST_F(ClosingStoresTest, DoNotHoldUpTheCallsOfOthers) {
  std::vector<std::future<void>> closed;
  for (auto& store : stores_) closed.push_back(store->aclose(milliseconds{0}, use_future));
  for (auto& write : writes_) EXPECT_EQ(code_of([&] { write.get(); }), ErrorCode::cancelled);

  MemoryByteStore other;
  auto written = other.amset({{"key", text("value")}}, use_future);
  EXPECT_EQ(written.wait_for(kNever), std::future_status::ready);
  for (const auto& closing : closed) EXPECT_TRUE(is_pending(closing));

  EXPECT_EQ(driver().waiting(), stores_.size());
  answer_all();
  for (auto& closing : closed) EXPECT_NO_THROW(closing.get());
}

TEST_F(ClosingStoresTest, AreNotWaitedForByAnotherClosingOfTheSameStore) {
  auto& store = *stores_.front();
  auto first = store.aclose(milliseconds{0}, use_future);
  auto second = store.aclose(milliseconds{0}, use_future);
  EXPECT_EQ(code_of([&] { writes_.front().get(); }), ErrorCode::cancelled);
  EXPECT_TRUE(is_pending(first));
  EXPECT_TRUE(is_pending(second));
  {
    std::jthread blocking([&] { store.close(milliseconds{0}); });
    driver().take().answer();
  }
  EXPECT_NO_THROW(first.get());
  EXPECT_NO_THROW(second.get());
  answer_all();
}

TEST_F(ClosingStoresTest, AreEndedByTheirDestructorsOnceTheRequestsAre) {
  std::jthread letting_go([&] { stores_.front().reset(); });
  EXPECT_EQ(code_of([&] { writes_.front().get(); }), ErrorCode::cancelled);
  answer_all();
  letting_go.join();
  EXPECT_EQ(driver().waiting(), 0U);
}

}  // namespace
}  // namespace bytestore::cassandra
