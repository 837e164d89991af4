/// A process that runs out of memory or threads: each request of the library for either fails once,
/// in turn. The call then fails, or succeeds all the same; the program goes on, and so does the
/// store.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bytestore/async.hpp"
#include "bytestore/memory_byte_store.hpp"
#include "core/timers.hpp"
#include "exhaustion/injected_failure.hpp"
#include "support/in_child.hpp"
#include "support/temporary_folder.hpp"
#include "support/values.hpp"
#ifdef BYTESTORE_LMDB
#include "bytestore/lmdb_byte_store.hpp"
#endif
#ifdef BYTESTORE_ROCKSDB
#include "bytestore/rocksdb_byte_store.hpp"
#endif
#ifdef BYTESTORE_CASSANDRA
#include "bytestore/cassandra_byte_store.hpp"
#include "support/cassandra_server.hpp"
#endif

namespace bytestore::testing {
namespace {

/// How `verb` went: "ok", "no memory", or the name of the code of its error.
std::string result_of(const std::function<void()>& verb) {
  try {
    return outcome_of(verb);
  } catch (const std::bad_alloc&) {
    return "no memory";
  } catch (const std::exception& error) {
    return std::string("threw ") + error.what();
  }
}

/// Waits for one completion.
class Waited {
 public:
  /// A handler; it runs on the library's thread for callbacks.
  template <typename... Result>
  auto handler() {
    return [this](std::exception_ptr error, Result... /*result*/) {
      const std::lock_guard lock(mutex_);
      error_ = std::move(error);
      is_done_ = true;
      changed_.notify_all();
    };
  }

  void get() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_done_; });
    if (error_) std::rethrow_exception(error_);
  }

  bool is_done() {
    const std::lock_guard lock(mutex_);
    return is_done_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::exception_ptr error_;
  bool is_done_ = false;
};

struct Operation {
  std::string name;
  std::function<void(ByteStore&)> run;
};

const Bytes& value() {
  static const Bytes bytes = text("value");
  return bytes;
}

template <typename... Result, typename Start>
void wait_for(const Start& start) {
  Waited waited;
  start(waited.handler<Result...>());
  waited.get();
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all{
      {"mset", [](ByteStore& store) { store.mset({{"key", value()}}); }},
      {"mget", [](ByteStore& store) { store.mget({"key"}); }},
      {"yield_keys",
       [](ByteStore& store) {
         auto view = store.yield_keys();
         for (auto key = view.begin(); key != view.end(); ++key) static_cast<void>(*key);
       }},
      {"amset",
       [](ByteStore& store) {
         wait_for<>([&](auto handler) { store.amset({{"key", value()}}, std::move(handler)); });
       }},
      {"amget",
       [](ByteStore& store) {
         wait_for<ByteStore::Values>(
             [&](auto handler) { store.amget({"key"}, std::move(handler)); });
       }},
      {"ayield_keys",
       [](ByteStore& store) {
         auto stream = store.ayield_keys();
         for (int page = 0; page < 2; ++page) {
           wait_for<std::vector<std::string>>(
               [&](auto handler) { stream.next_page(std::move(handler)); });
         }
       }},
  };
  return all;
}

/// A kind of store, which is opened in a child; and what is there before.
struct Kind {
  std::string name;
  std::function<std::unique_ptr<ByteStore>()> open;
  bool opening_makes_threads = false;  ///< of the library
};

/// What a child says of `operation` while the request with this number is refused.
std::string refused_once(const Kind& kind, const Operation& operation, Resource resource,
                         int number) {
  return in_child([&] {
    std::unique_ptr<ByteStore> store;
    const bool opens = resource == Resource::threads && kind.opening_makes_threads;
    if (!opens) store = kind.open();
    // What is made once is there; what a call lacks then is its own.
    if (resource == Resource::memory) operation.run(*store);
    auto result = result_of([&] {
      refuse(resource, number);
      if (opens) store = kind.open();
      operation.run(*store);
    });
    if (!stop_refusing()) return "nothing was refused: " + result;
    if (!store) store = kind.open();
    const auto again = result_of([&] { operation.run(*store); });
    if (again != "ok") result += ", and " + again + " afterwards";
    store->close();
    return result;
  });
}

void expect_errors_only(const Kind& kind, const Operation& operation, Resource resource) {
  constexpr int kMany = 1'000;
  int refused = 0;
  int failures = 0;
  for (; refused < kMany; ++refused) {
    const auto result = refused_once(kind, operation, resource, refused);
    if (result == "nothing was refused: ok") break;
    // Where the driver lacks a thread for one of its tasks, connecting is over in time.
    const auto lack = resource == Resource::memory ? "no memory" : "timeout";
    EXPECT_THAT(result, ::testing::AnyOf("ok", "io", lack)) << "request " << refused;
    if (result != "ok") ++failures;
  }
  EXPECT_LT(refused, kMany);
  if (resource == Resource::memory) {
    EXPECT_GT(failures, 0) << "of " << refused;
  }
  ::testing::Test::RecordProperty("refused", refused);
}

class ExhaustionTest : public ::testing::TestWithParam<std::string> {
 protected:
  void run(Resource resource) {
    for (const Operation& operation : operations()) {
      SCOPED_TRACE(operation.name);
      expect_errors_only(kind(), operation, resource);
    }
  }

 private:
  Kind kind() {
    if (GetParam() == "memory") {
      return {.name = "memory", .open = [] { return std::make_unique<MemoryByteStore>(); }};
    }
#ifdef BYTESTORE_LMDB
    if (GetParam() == "lmdb") {
      return {.name = "lmdb",
              .open = [this] { return std::make_unique<LmdbByteStore>(folder_.path()); }};
    }
#endif
#ifdef BYTESTORE_ROCKSDB
    if (GetParam() == "rocksdb") {
      return {.name = "rocksdb",
              .open = [this] { return std::make_unique<RocksDBByteStore>(folder_.path()); }};
    }
#endif
#ifdef BYTESTORE_CASSANDRA
    if (GetParam() == "cassandra") {
      return {.name = "cassandra",
              .open = [this] { return open_table(); },
              .opening_makes_threads = true};
    }
#endif
    throw std::logic_error("no such kind: " + GetParam());
  }

#ifdef BYTESTORE_CASSANDRA
  [[nodiscard]] std::unique_ptr<ByteStore> open_table() const {
    const auto session = CassandraSession::connect(session_options());
    return std::make_unique<CassandraByteStore>(table_, CassandraOptions{.session = session});
  }

  std::string table_ = new_table_name();  // for all children; the first one creates it
#endif

  TemporaryFolder folder_;  // of a store that is in one
};

TEST_P(ExhaustionTest, AMissingAllocationIsAnErrorOfTheCall) { run(Resource::memory); }

TEST_P(ExhaustionTest, AMissingThreadIsAnErrorOfTheCall) { run(Resource::threads); }

// What a retry or a deadline needs, where nobody could be told that a thread is missing.
TEST(AlarmTest, NeedsNoThreadOnceTheTimersHaveStarted) {
  EXPECT_EQ(in_child([] {
              core::start_system_timers();
              refuse(Resource::threads, 0);
              Waited rang;
              const auto timer = core::system_timers().timer([&] { rang.handler<>()(nullptr); });
              for (int i = 0; i < 3; ++i) timer->set(core::Timer::Clock::now());
              rang.get();
              return std::string(stop_refusing() ? "a thread was asked for" : "rang");
            }),
            "rang");
}

TEST(AlarmTest, StartsAgainAfterItsThreadCouldNotBeMade) {
  EXPECT_EQ(in_child([] {
              refuse(Resource::threads, 0);
              auto result = result_of([] { core::start_system_timers(); });
              return result + ", " + result_of([] { core::start_system_timers(); });
            }),
            "io, ok");
}

const std::vector<std::string>& kinds() {
  static const std::vector<std::string> all{
      "memory",
#ifdef BYTESTORE_LMDB
      "lmdb",
#endif
#ifdef BYTESTORE_ROCKSDB
      "rocksdb",
#endif
#ifdef BYTESTORE_CASSANDRA
      "cassandra",
#endif
  };
  return all;
}

INSTANTIATE_TEST_SUITE_P(Kinds, ExhaustionTest, ::testing::ValuesIn(kinds()),
                         [](const auto& kind) { return kind.param; });

}  // namespace
}  // namespace bytestore::testing
