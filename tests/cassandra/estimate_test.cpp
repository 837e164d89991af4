// The estimate of the number of keys, on a real server.

#include <chrono>
#include <thread>

#include "cassandra_test.hpp"

namespace bytestore {
namespace {

using testing::entries_of;
using testing::numbered_keys;

constexpr std::uint64_t kKeys = 20'000;

class EstimateTest : public CassandraTest {};

TEST_F(EstimateTest, IsNearOnceTheServerHasWrittenAndCounted) {
  auto kv = store();
  static_cast<void>(
      ask("ALTER TABLE " + qualified_table() + " WITH memtable_flush_period_in_ms = 1000"));
  kv.mset(entries_of(numbered_keys("key", kKeys)));
  // It counts 30 s after its start for the first time, and every 5 s: tools/cassandra_cluster.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes{3};
  std::uint64_t estimate = 0;
  while (estimate < kKeys * 9 / 10 && std::chrono::steady_clock::now() < patience) {
    estimate = kv.estimate_keys();
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
  EXPECT_GE(estimate, kKeys * 9 / 10);
  EXPECT_LE(estimate, kKeys * 11 / 10);
}

}  // namespace
}  // namespace bytestore
