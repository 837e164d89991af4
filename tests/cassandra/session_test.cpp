// Sessions that stores share, as a user of the library has them.

#include <algorithm>
#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdlib>
#include <future>
#include <stop_token>
#include <thread>

#include "bytestore/cassandra_async.hpp"
#include "bytestore/memory_byte_store.hpp"
#include "cassandra_test.hpp"
#include "driver/proxy.hpp"
#include "support/threads.hpp"

namespace bytestore {
namespace {

using boost::asio::use_future;
using testing::code_of;
using testing::error_of;
using ::testing::IsEmpty;
using testing::session_options;
using testing::text;
using testing::threads;
using testing::threads_return_to;

std::unique_ptr<CassandraByteStore> open(const std::shared_ptr<CassandraSession>& session,
                                         const std::string& table) {
  return std::make_unique<CassandraByteStore>(table, CassandraOptions{.session = session});
}

class SessionTest : public ::testing::Test {
 protected:
  /// The library keeps threads for good once it needs them; a session leaves none beside those.
  static std::ptrdiff_t threads_of_the_library() {
    MemoryByteStore().amget({"key"}, use_future).get();
    return threads();
  }

  std::ptrdiff_t before = threads_of_the_library();
  std::string table = testing::new_table_name();
};

TEST_F(SessionTest, TellsWhereItIs) {
  const auto session = CassandraSession::connect(session_options());
  EXPECT_EQ(session->keyspace(), "bytestore_test");
  EXPECT_EQ(session->local_datacenter(), testing::cassandra_server().datacenter);
  EXPECT_THAT(session->warnings(), IsEmpty());
}

TEST_F(SessionTest, StoresAndHandlesMayGoInAnyOrder) {
  const auto second_table = testing::new_table_name();
  std::array<int, 3> order{0, 1, 2};
  do {
    auto session = CassandraSession::connect(session_options());
    auto first = open(session, table);
    auto second = open(session, second_table);
    for (const int which : order) {
      if (which == 0) session.reset();
      if (which == 1) first.reset();
      if (which == 2) second.reset();
      for (const auto& store : {&first, &second}) {
        if (!*store) continue;
        (*store)->mset({{"key", text("value")}});
        EXPECT_EQ((*store)->mget({"key"})[0], text("value"));
      }
    }
  } while (std::ranges::next_permutation(order).found);
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(SessionTest, EndsWithWorkInFlight) {
  {
    cassandra::Proxy proxy = cassandra::proxied_server();
    auto options = session_options();
    options.port = proxy.port();
    auto session = CassandraSession::connect(options);
    auto store = open(session, table);
    store->mset({{"key", text("value")}});  // prepares the statement
    proxy.stall();
    const auto keys = testing::numbered_keys("key", 1'000);
    auto write = store->amset(testing::entries_of(keys), use_future);
    auto read = store->amget(keys, use_future);
    session.reset();
    proxy.cut();
    store.reset();
    EXPECT_EQ(code_of([&] { read.get(); }), ErrorCode::cancelled);
    const auto error = testing::batch_error_of([&] { write.get(); });
    ASSERT_EQ(error.failures().size(), keys.size());
    EXPECT_EQ(error.failures().front().outcome, Outcome::unknown) << "it was sent";
    EXPECT_EQ(error.failures().back().outcome, Outcome::failed) << "it was not";
  }
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(SessionTest, EndsAmongAnswers) {
  for (int round = 0; round != 5; ++round) {
    auto session = CassandraSession::connect(session_options());
    auto store = open(session, table);
    auto read = store->amget(testing::numbered_keys("key", 2'000), use_future);
    session.reset();
    store.reset();
    try {
      EXPECT_EQ(read.get().size(), 2'000U);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::cancelled) << error.what();
    }
  }
}

TEST_F(SessionTest, ConnectsAsynchronously) {
  const auto session = CassandraSession::aconnect(session_options(), use_future).get();
  open(session, table)->mset({{"key", text("value")}});

  auto nobody = session_options();
  nobody.port = 1;
  auto refused = CassandraSession::aconnect(nobody, use_future);
  EXPECT_EQ(code_of([&] { refused.get(); }), ErrorCode::unavailable);
  auto wrong = CassandraSession::aconnect({}, use_future);
  EXPECT_EQ(code_of([&] { wrong.get(); }), ErrorCode::not_configured);
}

/// Takes connections and never says a word.
class SilentServer {
 public:
  [[nodiscard]] CassandraSessionOptions session_options() const {
    CassandraSessionOptions options;
    options.contact_points = {"127.0.0.1"};
    options.port = acceptor_.local_endpoint().port();
    return options;
  }

  void await_connection() { connection_ = acceptor_.accept(); }

  void await_the_end_of_the_connection() {
    boost::system::error_code ended;
    std::array<char, 1'000> ignored{};
    while (!ended) connection_.read_some(boost::asio::buffer(ignored), ended);
  }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{
      context_, {boost::asio::ip::address_v4::loopback(), boost::asio::ip::port_type{0}}};
  boost::asio::ip::tcp::socket connection_{context_};
};

TEST(ConnectingTest, IsStoppedByItsOption) {
  SilentServer server;
  std::stop_source stop;
  auto options = server.session_options();
  options.connect_timeout = std::chrono::hours{1};
  options.stop = stop.get_token();
  const std::jthread stopper([&] {
    server.await_connection();
    stop.request_stop();
  });
  EXPECT_EQ(code_of([&] { CassandraSession::connect(options); }), ErrorCode::cancelled);
  server.await_the_end_of_the_connection();
  // By now it is stopped before it begins.
  auto again = CassandraSession::aconnect(options, use_future);
  EXPECT_EQ(code_of([&] { again.get(); }), ErrorCode::cancelled);
}

TEST(ConnectingTest, IsStoppedByTheCancellationSlotOfItsHandler) {
  SilentServer server;
  boost::asio::cancellation_signal signal;
  std::promise<std::exception_ptr> outcome;
  CassandraSession::aconnect(
      server.session_options(),
      boost::asio::bind_cancellation_slot(
          signal.slot(), [&](std::exception_ptr error, const std::shared_ptr<CassandraSession>&) {
            outcome.set_value(std::move(error));
          }));
  server.await_connection();
  signal.emit(boost::asio::cancellation_type::terminal);
  EXPECT_EQ(code_of([&] { std::rethrow_exception(outcome.get_future().get()); }),
            ErrorCode::cancelled);
}

TEST_F(SessionTest, HasToBeInADatacenterThatIsThere) {
  auto options = session_options();
  options.local_datacenter = "nowhere";
  const auto error = error_of([&] { CassandraSession::connect(options); });
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(error.what(), ::testing::HasSubstr(testing::cassandra_server().datacenter));
}

/// Each in a process of its own.
class EndOfProcessTest : public ::testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(EndOfProcessTest, DestroysAStaticStore) {
  const auto run = [] {
    static const auto store =
        open(CassandraSession::connect(session_options()), testing::new_table_name());
    store->mset({{"key", text("value")}});
    std::exit(0);
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(0), "");
}

TEST_F(EndOfProcessTest, DestroysAStaticStoreWithWorkInFlight) {
  const auto run = [] {
    static const auto store =
        open(CassandraSession::connect(session_options()), testing::new_table_name());
    static auto write =
        store->amset(testing::entries_of(testing::numbered_keys("key", 5'000)), use_future);
    std::exit(0);
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace bytestore
