// A listing on a server that gives up on a read which meets more than 1,000 of what is dead.

#include <algorithm>
#include <cstddef>

#include "cassandra_test.hpp"
#include "for_each_key.hpp"

namespace bytestore {
namespace {

using testing::entries_of;
using ::testing::IsEmpty;
using testing::numbered_keys;
using testing::walk;

constexpr std::size_t kDead = 100'000;

/// What the server says to one read of a 64th of the ring: half of the widest range of a listing.
cassandra::Result<cassandra::Rows> read_of_a_64th(cassandra::DriverSession& session,
                                                  const std::string& table) {
  return cassandra::query(session, "SELECT DISTINCT row_id FROM " + table +
                                       " WHERE token(row_id) > 0 AND token(row_id) <= " +
                                       std::to_string(std::int64_t{1} << 58));
}

class TombstonesTest : public CassandraTest {};

TEST_F(TombstonesTest, ARangeThatTheServerFailsAtIsReadInHalves) {
  auto kv = store();
  auto live = numbered_keys("live", 100);
  kv.mset(entries_of(live));
  for_each_key(*other, "DELETE body_blob FROM " + qualified_table() + " WHERE row_id = ?",
               numbered_keys("dead", kDead));
  EXPECT_EQ(cassandra::error_of(read_of_a_64th(*other, qualified_table())).code,
            cassandra::DriverErrorCode::read_failure);

  auto listed = walk(kv.yield_keys());
  std::ranges::sort(listed);
  std::ranges::sort(live);
  EXPECT_EQ(listed, live);
  const auto stats = kv.stats().yield_keys;
  EXPECT_THAT(stats.failures, IsEmpty());
  const auto failed_reads = stats.requests - stats.request_latency.count;
  EXPECT_GT(failed_reads, 0U);
  EXPECT_EQ(stats.retries, 2 * failed_reads) << "each range that failed became two";
}

}  // namespace
}  // namespace bytestore
