// Servers with another partitioner than Murmur3: what goes by token ranges is refused, and what
// goes by keys works.

#include <boost/asio/use_future.hpp>
#include <set>
#include <string>

#include "bytestore/async.hpp"
#include "cassandra_test.hpp"

namespace bytestore {
namespace {

using testing::code_of;
using testing::entries_of;
using testing::error_of;
using ::testing::HasSubstr;
using testing::numbered_keys;

class PartitionersTest : public CassandraTest {
 protected:
  [[nodiscard]] std::string partitioner() const {
    return std::string(ask("SELECT partitioner FROM system.local").text(0, 0));
  }

  void expect_refused(const Error& error) const {
    EXPECT_EQ(error.code(), ErrorCode::schema);
    EXPECT_THAT(error.what(), HasSubstr(partitioner()));
  }
};

TEST_F(PartitionersTest, KeysAreWrittenReadAndDeletedByAnyOfThem) {
  auto kv = store();
  const auto keys = numbered_keys("key", 1'000);
  const auto entries = entries_of(keys);
  kv.mset(entries);
  const auto values = kv.mget(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(values[i], entries[i].value) << keys[i];
  kv.mdelete(keys);
  for (const auto& value : kv.mget(keys)) EXPECT_FALSE(value);
}

TEST_F(PartitionersTest, ListingsAndEstimatesAreRefusedWhateverTheSetUp) {
  ASSERT_THAT(partitioner(), ::testing::Not(HasSubstr("Murmur3")));
  store().mset({{"key", {}}});
  for (const auto mode : {SetupMode::sync, SetupMode::off}) {
    auto kv = store(mode);
    expect_refused(error_of([&] { testing::walk(kv.yield_keys()); }));
    expect_refused(error_of([&] { testing::walk(kv.yield_keys({.prefix = "k"})); }));
    expect_refused(error_of([&] { kv.estimate_keys(); }));
    EXPECT_EQ(kv.mget({"key"})[0], Bytes()) << "the store goes on";
  }
}

TEST_F(PartitionersTest, AsynchronousOnesToo) {
  using boost::asio::use_future;
  auto kv = store(SetupMode::async);
  auto stream = kv.ayield_keys();
  expect_refused(error_of([&] { stream.next_page(use_future).get(); }));
  expect_refused(error_of([&] { kv.aestimate_keys(use_future).get(); }));
}

}  // namespace
}  // namespace bytestore
