/// The space of what was deleted comes back: at once on request, and by itself.

#include <rocksdb/db.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "rocksdb/database_options.hpp"
#include "rocksdb/environment.hpp"
#include "rocksdb/upkeep.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

using std::chrono::milliseconds;

/// The sizes of values, for those in tables and those in files of their own.
class Compaction : public RocksDBTest, public ::testing::WithParamInterface<std::size_t> {
 protected:
  static constexpr std::size_t kBytes = std::size_t{16} << 20;

  [[nodiscard]] static std::size_t count() { return kBytes / GetParam(); }
  [[nodiscard]] static std::vector<std::string> keys() { return numbered_keys("k", count()); }

  static void write(ByteStore& store) {
    std::size_t seed = 0;
    for (const auto& key : keys()) store.mset({{key, noise(GetParam(), seed++)}});
  }
  static std::vector<std::string> nine_of_ten() {
    std::vector<std::string> most;
    for (std::size_t i = 0; i < count(); ++i) {
      if (i % 10 != 0) most.push_back(keys_[i]);
    }
    return most;
  }
  static void expect_the_rest(ByteStore& store) {
    for (std::size_t i = 0; i < count(); i += 10) {
      EXPECT_EQ(store.mget({keys_[i]})[0], noise(GetParam(), i));
    }
    EXPECT_EQ(walk(store.yield_keys()).size(), (count() + 9) / 10);
  }

  void SetUp() override { keys_ = keys(); }

  static inline std::vector<std::string> keys_;
};

TEST_P(Compaction, FreesWhatWasDeletedAtOnce) {
  RocksDBByteStore store(path(), {.sync = false});
  write(store);
  EXPECT_GT(store.compact().bytes_after, kBytes / 10 * 9);
  store.mdelete(nine_of_ten());
  std::size_t reports = 0;
  const auto result = store.compact({.on_progress = [&](const CompactProgress& progress) {
    EXPECT_GT(progress.bytes_before, kBytes / 2);
    EXPECT_TRUE(reports++ > 0 || progress.bytes_written == 0);
  }});
  EXPECT_GE(reports, 1U);
  EXPECT_GT(result.bytes_before, kBytes / 2);
  EXPECT_LT(result.bytes_after, kBytes / 5);
  expect_the_rest(store);
}

TEST_P(Compaction, ComesByItselfWhileTheStoreStaysOpen) {
  {
    const auto store = open({.sync = false});
    write(*store);
    store->close();
  }
  {
    const auto cache = rocksdb::NewLRUCache(1 << 20);
    const auto environment =
        rocksdb_backend::make_environment(std::make_shared<rocksdb_backend::OpenMark>(),
                                          std::make_shared<rocksdb_backend::LogState>());
    const auto database = open_database(rocksdb_backend::database_options({}, cache, *environment));
    rocksdb_backend::Upkeep upkeep(*database, milliseconds{5});
    for (const auto& key : nine_of_ten()) ASSERT_TRUE(database->Delete({}, key).ok());
    const auto bytes = [&] {
      std::uint64_t tables = 0;
      std::uint64_t values = 0;
      database->GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &tables);
      database->GetIntProperty(rocksdb::DB::Properties::kLiveBlobFileSize, &values);
      return tables + values;
    };
    while (bytes() > kBytes / 4) std::this_thread::yield();
  }
  expect_the_rest(*open());
}

INSTANTIATE_TEST_SUITE_P(Values, Compaction, ::testing::Values(1'024, 100'000));

/// Also where the deletions came in many openings that were too short for it.
TEST_F(RocksDBTest, TheSpaceOfASmallStoreComesBackAfterManyOpenings) {
  constexpr std::size_t kEntries = 4'000;
  const auto keys = numbered_keys("k", kEntries);
  {
    const auto store = open({.sync = false});
    for (std::size_t i = 0; i < kEntries; ++i) store->mset({{keys[i], noise(1'024, i)}});
  }
  for (std::size_t i = 0; i < 12; ++i) {
    const auto part = std::span(keys).subspan(i * 300, 300);
    open({.sync = false})->mdelete(std::vector<std::string>(part.begin(), part.end()));
  }
  const auto store = open();
  const auto bytes = [&] {
    std::uintmax_t sum = 0;
    std::error_code is_gone;
    for (const auto& file : files("", ".sst")) {
      const auto size = std::filesystem::file_size(file, is_gone);
      if (!is_gone) sum += size;
    }
    return sum;
  };
  while (bytes() > kEntries * 1'024 / 3) std::this_thread::sleep_for(milliseconds{1});
  EXPECT_EQ(walk(store->yield_keys()).size(), kEntries / 10);
}

class StoppedCompaction : public RocksDBTest {};

TEST_F(StoppedCompaction, IsCancelled) {
  RocksDBByteStore store(path(), {.sync = false});
  for (std::size_t i = 0; i < 64; ++i) {
    store.mset({{"k" + std::to_string(i), noise(std::size_t{1} << 20, i)}});
  }
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_of([&] { store.compact({.stop = stop.get_token()}); }), ErrorCode::cancelled);
  EXPECT_EQ(store.mget({"k7"})[0], noise(std::size_t{1} << 20, 7));
  EXPECT_GT(store.compact().bytes_after, std::size_t{60} << 20) << "the next one runs";
}

TEST_F(StoppedCompaction, OfAClosedStore) {
  RocksDBByteStore store(path());
  store.close();
  EXPECT_EQ(code_of([&] { store.compact(); }), ErrorCode::cancelled);
}

TEST_F(StoppedCompaction, LeavesAnotherOneAlone) {
  RocksDBByteStore store(path(), {.sync = false});
  for (std::size_t i = 0; i < 64; ++i) {
    store.mset({{"k" + std::to_string(i), noise(std::size_t{1} << 20, i)}});
  }
  std::atomic<bool> has_begun = false;
  auto other = std::async(std::launch::async, [&] {
    const auto result = store.compact({.on_progress = [&](auto&) { has_begun = true; }});
    has_begun = true;
    return result;
  });
  while (!has_begun) std::this_thread::yield();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_of([&] { store.compact({.stop = stop.get_token()}); }), ErrorCode::cancelled);
  EXPECT_GT(other.get().bytes_after, std::size_t{60} << 20);
}

TEST_F(StoppedCompaction, ByTheFunctionThatIsTold) {
  RocksDBByteStore store(path(), {.sync = false});
  for (std::size_t i = 0; i < 64; ++i) {
    store.mset({{"k" + std::to_string(i), noise(std::size_t{1} << 20, i)}});
  }
  EXPECT_THROW(
      store.compact({.on_progress = [](const CompactProgress&) { throw std::logic_error("no"); }}),
      std::logic_error);
  EXPECT_NO_THROW(store.compact());
}

}  // namespace
}  // namespace bytestore
