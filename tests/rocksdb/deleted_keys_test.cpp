/// Deleted keys that a listing comes past: it can be stopped there, holds up no other call, and
/// does not meet them for ever.

#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <boost/asio/use_future.hpp>
#include <chrono>
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

TEST_F(DeletedKeys, HoldUpNoOtherCall) {
  const auto store = open({.sync = false});
  fill(*store);
  std::vector<AsyncKeyStream> streams;
  std::vector<std::future<std::optional<std::string>>> firsts;
  const auto more_than_threads = 2 * std::max(2U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < more_than_threads; ++i) {
    firsts.push_back(streams.emplace_back(store->ayield_keys()).next(boost::asio::use_future));
  }
  EXPECT_EQ(store->amget({"z"}, boost::asio::use_future).get(), ByteStore::Values{text("1")});
  for (const auto& first : firsts) {
    EXPECT_EQ(first.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  }
  for (auto& first : firsts) EXPECT_EQ(first.get(), "z");
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

}  // namespace
}  // namespace bytestore
