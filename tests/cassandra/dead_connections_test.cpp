// Connections that die and tell nobody: an address translator or a VPN has forgotten them, or a
// machine was suspended. New ones would work at once.

#include <boost/asio/use_future.hpp>

#include "bytestore/cassandra_async.hpp"
#include "cassandra_test.hpp"
#include "driver/proxy.hpp"

namespace bytestore {
namespace {

using boost::asio::use_future;
using testing::text;

TEST(DeadConnectionsTest, NoCallFailsAndNewOnesAreMade) {
  cassandra::Proxy proxy = cassandra::proxied_server();
  CassandraSessionOptions options = testing::session_options();
  options.port = proxy.port();
  // As by default; the tests' options are for servers that are slow to start.
  options.attempt_timeout = CassandraSessionOptions{}.attempt_timeout;
  options.give_up_after = 2 * options.attempt_timeout;  // the second attempt must not go there too
  const auto session = CassandraSession::connect(options);
  CassandraByteStore store(testing::new_table_name(), {.session = session});
  store.mset({{"key", text("value")}, {"doomed", text("value")}});
  ASSERT_EQ(store.mget({"key"})[0], text("value"));

  proxy.forget();
  auto written = store.amset({{"another", text("value")}}, use_future);
  auto deleted = store.amdelete({"doomed"}, use_future);
  auto read = store.amget({"key"}, use_future);
  EXPECT_NO_THROW(written.get());
  EXPECT_NO_THROW(deleted.get());
  EXPECT_EQ(read.get()[0], text("value"));
  const auto values = store.mget({"another", "doomed"});
  EXPECT_EQ(values[0], text("value"));
  EXPECT_FALSE(values[1]);
}

}  // namespace
}  // namespace bytestore
