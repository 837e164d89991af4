/// Deleted keys that a listing comes past: it can be stopped there, holds up no other call, and
/// does not meet them for ever.

#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <atomic>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <future>
#include <thread>

#include "bytestore/async.hpp"
#include "core/call.hpp"
#include "rocksdb/rocksdb_backend.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

constexpr std::size_t kDeleted = 50'000;

class KeepingSink final : public core::Sink<core::PageResult> {
 public:
  void done(core::PageResult result) noexcept override { result_ = std::move(result); }
  [[nodiscard]] const core::PageResult& result() const { return result_; }

 private:
  core::PageResult result_;
};

/// Counts the deleted keys that this thread comes past in the meantime.
class Skipped {
 public:
  Skipped() {
    rocksdb::SetPerfLevel(rocksdb::kEnableCount);
    rocksdb::get_perf_context()->Reset();
  }
  ~Skipped() { rocksdb::SetPerfLevel(rocksdb::kDisable); }
  Skipped(const Skipped&) = delete;
  Skipped& operator=(const Skipped&) = delete;

  [[nodiscard]] static std::uint64_t count() {
    return rocksdb::get_perf_context()->internal_delete_skipped_count;
  }
};

class DeletedKeys : public RocksDBTest {
 protected:
  static std::vector<std::string> deleted_keys() { return numbered_keys("a", kDeleted); }

  /// Writes many keys and deletes all but the last, which a listing gives.
  static void fill(ByteStore& store) {
    const auto keys = deleted_keys();
    store.mset(entries_of(keys));
    store.mset({{"z", text("1")}});
    store.mdelete(keys);
  }
};

TEST_F(DeletedKeys, AreSkippedInPagesThatCanBeInterrupted) {
  fill(*open({.sync = false}));
  rocksdb_backend::RocksDBBackend backend(path(), {});
  const core::Call call({}, {});
  const auto scan = backend.scan("", "");
  KeepingSink sink;
  const auto step = [&](const core::Call& of) {
    const Skipped skipped;
    scan->next_page(of, sink);
    EXPECT_LT(skipped.count(), kDeleted / 5);
  };
  step(call);
  EXPECT_TRUE(sink.result().keys.empty());
  EXPECT_TRUE(sink.result().is_unfinished);

  std::stop_source stop;
  stop.request_stop();
  step(core::Call({.stop = stop.get_token()}, {}));
  ASSERT_TRUE(sink.result().error.has_value());
  EXPECT_EQ(sink.result().error->code(), ErrorCode::cancelled);

  do step(call);
  while (sink.result().is_unfinished);
  EXPECT_EQ(sink.result().keys, std::vector<std::string>{"z"});
  step(call);
  EXPECT_TRUE(sink.result().keys.empty());
  EXPECT_FALSE(sink.result().is_unfinished);
  backend.close();
}

TEST_F(DeletedKeys, DoNotEndAListing) {
  const auto store = open({.sync = false});
  fill(*store);
  EXPECT_EQ(walk(store->yield_keys()), std::vector<std::string>{"z"});
  EXPECT_TRUE(walk(store->yield_keys({.prefix = "a"})).empty());
}

TEST_F(DeletedKeys, AtTheEndOfAnAsynchronousListing) {
  const auto store = open({.sync = false});
  fill(*store);
  auto stream = store->ayield_keys();
  EXPECT_EQ(stream.next(boost::asio::use_future).get(), "z");
  EXPECT_EQ(stream.next(boost::asio::use_future).get(), std::nullopt);
}

/// A call does not wait for listings that began before it. Where the system stops this thread
/// before it makes the call, they may have ended by then; so it is tried again, but not for ever.
TEST_F(DeletedKeys, HoldUpNoOtherCall) {
  const auto store = open({.sync = false});
  const auto more_than_threads = 2 * std::max(2U, std::thread::hardware_concurrency());
  unsigned ended_before_the_call = more_than_threads;
  for (int attempt = 0; attempt < 20 && ended_before_the_call > 0; ++attempt) {
    fill(*store);
    std::atomic<unsigned> ended{0};
    std::vector<AsyncKeyStream> streams;
    for (unsigned i = 0; i < more_than_threads; ++i) {
      streams.push_back(store->ayield_keys());
      streams.back().next([&](const std::exception_ptr& error, std::optional<std::string> key) {
        EXPECT_FALSE(error);
        EXPECT_EQ(key, "z");
        ++ended;
      });
    }
    std::promise<unsigned> seen;
    store->amget({"z"}, [&](const std::exception_ptr& error, const ByteStore::Values& values) {
      EXPECT_FALSE(error);
      EXPECT_EQ(values, ByteStore::Values{text("1")});
      seen.set_value(ended);
    });
    ended_before_the_call = seen.get_future().get();
    while (ended < more_than_threads) std::this_thread::yield();
  }
  EXPECT_EQ(ended_before_the_call, 0U);
}

TEST_F(DeletedKeys, AreCompactedAwayOnceAListingMetThem) {
  const auto store = open({.sync = false});
  fill(*store);
  EXPECT_EQ(walk(store->yield_keys()), std::vector<std::string>{"z"});
  const auto skipped_by_a_listing = [&] {
    const Skipped skipped;
    walk(store->yield_keys());
    return skipped.count();
  };
  while (skipped_by_a_listing() > kDeleted / 10) std::this_thread::yield();
  EXPECT_EQ(walk(store->yield_keys()), std::vector<std::string>{"z"});
}

/// Also if the store is closed before that, and while a listing is among them.
TEST_F(DeletedKeys, AreCompactedAwayByOneOfTheNextListings) {
  fill(*open({.sync = false}));
  const auto skipped_by_a_listing = [&] {
    const auto store = open({.sync = false});
    auto stream = store->ayield_keys();
    auto first = stream.next(boost::asio::use_future);
    store->close();
    try {
      EXPECT_EQ(first.get(), "z");  // it was faster
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::cancelled);
    }
    const auto again = open({.sync = false});
    const Skipped skipped;
    EXPECT_EQ(walk(again->yield_keys()), std::vector<std::string>{"z"});
    return skipped.count();
  };
  while (skipped_by_a_listing() > kDeleted / 10) std::this_thread::yield();
}

}  // namespace
}  // namespace bytestore
