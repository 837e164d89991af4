#include "bytestore/open.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <future>
#include <thread>

#include "bytestore/async.hpp"
#include "bytestore/rocksdb_byte_store.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"
#include "support/values.hpp"

namespace bytestore {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using testing::text;

TEST(Open, MemoryIsAFreshStore) {
  const auto store = open("memory:");
  store->mset({{"a", text("1")}});
  EXPECT_EQ(store->mget({"a"}), ByteStore::Values{text("1")});
  EXPECT_EQ(open("memory:")->mget({"a"}), ByteStore::Values{std::nullopt});
}

TEST(Open, RefusesAnUnknownSchemeAndListsTheValidOnes) {
  for (const std::string uri : {"redis:localhost", " memory:", ":", "memoryy:"}) {
    const auto error = error_of([&] { open(uri); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("memory"));
#ifdef BYTESTORE_ROCKSDB
    EXPECT_THAT(error.what(), HasSubstr("memory, rocksdb"));
#endif
  }
}

TEST(Open, SchemesCompareWithoutCase) {
  for (const auto* const uri : {"Memory:", "MEMORY:", "mEmOrY:"}) EXPECT_NO_THROW(open(uri)) << uri;
  EXPECT_EQ(local_folder("RocksDB:./A"), std::filesystem::path("./A"));
}

TEST(Open, MemoryHasNeitherPathNorParameters) {
  EXPECT_EQ(error_of([] { open("memory:data"); }).code(), ErrorCode::invalid_argument);
  const auto error = error_of([] { open("memory:?sync=true"); });
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(error.what(), HasSubstr("sync"));
}

TEST(Open, CompletionsRunOnTheExecutorThatIsGiven) {
  boost::asio::thread_pool pool(1);
  const auto store = open("memory:", {.executor = run_on(pool.get_executor())});
  std::promise<std::thread::id> thread;
  store->amget({"a"}, [&](const std::exception_ptr&, const ByteStore::Values&) {
    thread.set_value(std::this_thread::get_id());
  });
  const auto ran_on = thread.get_future().get();
  std::promise<std::thread::id> pool_thread;
  boost::asio::post(pool, [&] { pool_thread.set_value(std::this_thread::get_id()); });
  EXPECT_EQ(ran_on, pool_thread.get_future().get());
}

TEST(LocalFolder, IsWhatARocksDBUriNames) {
  EXPECT_EQ(local_folder("rocksdb:./a%20b%3F?sync=false"), std::filesystem::path("./a b?"));
  EXPECT_EQ(local_folder("memory:"), std::nullopt);
  EXPECT_EQ(local_folder("cassandra://host/keyspace?table=t"), std::nullopt);
  EXPECT_EQ(error_of([] { local_folder("rocksdb:a%00b"); }).code(), ErrorCode::invalid_argument);
}

#ifdef BYTESTORE_ROCKSDB
TEST(Open, RocksDBRefusesANulByteInThePath) {
  const testing::TemporaryFolder folder;
  const auto path = (folder.path() / "data").string();
  const auto by_uri = error_of([&] { open("rocksdb:" + path + "%00more"); });
  EXPECT_EQ(by_uri.code(), ErrorCode::invalid_argument);
  const auto by_path = error_of([&] { const RocksDBByteStore store(path + '\0' + "more"); });
  EXPECT_EQ(by_path.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(by_path.what(), HasSubstr("NUL"));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Open, RocksDBTakesAPathAndItsParameters) {
  const testing::TemporaryFolder folder;
  const auto path = (folder.path() / "a b").string();
  for (const std::string parameters :
       {"", "?sync=true", "?sync=false", "?cache=0", "?cache=1000000", "?cache=4MiB&sync=false",
        "?cache=1GiB", "?cache=64KiB"}) {
    const auto store = open("rocksdb:" + path + parameters);
    store->mset({{"a" + parameters, text("1")}});
  }
  const auto store = open("rocksdb:" + folder.path().string() + "/a%20b");
  EXPECT_EQ(testing::walk(store->yield_keys()).size(), 8U);
}

TEST(Open, RocksDBRefusesWhatItDoesNotKnowAndListsWhatIsValid) {
  const testing::TemporaryFolder folder;
  const auto uri = "rocksdb:" + (folder.path() / "data").string();
  const std::map<std::string, std::string> problems{
      {uri + "?snyc=true", "valid: sync"},
      {uri + "?sync=true&cach=1", "valid: sync"},
      {uri + "?sync=1", "valid: true, false"},
      {uri + "?sync=", "valid: true, false"},
      {uri + "?cache=", "64MiB"},
      {uri + "?cache=64MB", "64MiB"},
      {uri + "?cache=-1", "64MiB"},
      {uri + "?cache=99999999999GiB", "64MiB"},
      {"rocksdb:", "rocksdb:./data"},
      {"rocksdb:?sync=true", "rocksdb:./data"},
  };
  for (const auto& [text, problem] : problems) {
    const auto error = error_of([&] { open(text); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << text;
    EXPECT_THAT(error.what(), HasSubstr(problem)) << text;
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "data"));
}

TEST(Open, RocksDBIsNotCreatedUnlessItMayBe) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "data";
  const auto uri = "rocksdb:" + path.string();
  const auto error = error_of([&] { open(uri, {.create_if_missing = false}); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.what(), HasSubstr(path.string()));
  EXPECT_FALSE(std::filesystem::exists(path));
  open(uri)->close();
  EXPECT_NO_THROW(open(uri, {.create_if_missing = false}));
}
#endif

}  // namespace
}  // namespace bytestore
