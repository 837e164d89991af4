// Stores whose server hangs while they are closed.

#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "bytestore/cassandra_async.hpp"
#include "bytestore/memory_byte_store.hpp"
#include "cassandra_test.hpp"
#include "driver/proxy.hpp"

namespace bytestore {
namespace {

using boost::asio::use_future;
using std::chrono::milliseconds;
using testing::code_of;
using testing::text;

/// Those in flight, of all stores of its session.
std::size_t session_requests(CassandraByteStore& store) { return store.stats().requests_in_flight; }

TEST(ClosingTest, OfStoresWhoseServerHangsHoldsUpNoOtherStore) {
  cassandra::Proxy proxy = cassandra::proxied_server();
  CassandraSessionOptions options = testing::session_options();
  options.port = proxy.port();
  options.attempt_timeout = std::chrono::seconds{20};  // the requests end by then, and the closes
  const auto session = CassandraSession::connect(options);
  const auto table = testing::new_table_name();
  std::vector<std::unique_ptr<CassandraByteStore>> stores;
  for (unsigned i = 0; i < 2 * std::max(2U, std::thread::hardware_concurrency()); ++i) {
    auto& store = *stores.emplace_back(
        std::make_unique<CassandraByteStore>(table, CassandraOptions{.session = session}));
    store.mset({{"key", text("value")}});
  }

  proxy.stall();
  std::vector<std::future<void>> writes;
  std::vector<std::future<void>> closed;
  for (auto& store : stores) writes.push_back(store->amset({{"key", text("new")}}, use_future));
  while (session_requests(*stores.front()) < stores.size()) std::this_thread::yield();
  for (auto& store : stores) closed.push_back(store->aclose(milliseconds{0}, use_future));
  for (auto& write : writes) EXPECT_EQ(code_of([&] { write.get(); }), ErrorCode::cancelled);

  MemoryByteStore other;
  other.amset({{"key", text("value")}}, use_future).get();
  for (const auto& closing : closed) {
    EXPECT_EQ(closing.wait_for(milliseconds{0}), std::future_status::timeout);
  }
  for (auto& closing : closed) EXPECT_NO_THROW(closing.get());
}

}  // namespace
}  // namespace bytestore
