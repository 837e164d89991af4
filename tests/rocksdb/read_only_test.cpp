/// A store that only reads changes nothing, needs no permission to write, and may be opened beside
/// the one that holds the folder.

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "bytestore/async.hpp"
#include "bytestore/open.hpp"
#include "helper_process.hpp"
#include "rocksdb_test.hpp"
#include "support/folder_listing.hpp"
#include "support/may_only_read.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

const RocksDBOptions kReadOnly{.read_only = true};

class ReadOnly : public RocksDBTest {
 protected:
  /// Has a process write and be killed, so that what it wrote is in the log only.
  void write_and_be_killed() const {
    HelperProcess writer({"write", path().string(), "0", "sync"});
    EXPECT_EQ(writer.read_line(), "0");
    writer.kill();
  }
};

TEST_F(ReadOnly, ReadsAClosedStoreAndChangesNothing) {
  open()->mset({{"a", text("1")}, {"b", text("2")}});
  const auto before = listing(path());
  {
    const auto store = open(kReadOnly);
    EXPECT_EQ(store->mget({"a", "b", "c"}),
              (ByteStore::Values{text("1"), text("2"), std::nullopt}));
    EXPECT_EQ(walk(store->yield_keys()), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(store->estimate_keys(), 2U);
    EXPECT_TRUE(listing(path()) == before);
    store->close();
  }
  EXPECT_TRUE(listing(path()) == before);
}

TEST_F(ReadOnly, ReadsTheLogOfAKilledStoreAndChangesNothing) {
  write_and_be_killed();
  const auto before = listing(path());
  const auto keys = walk(open(kReadOnly)->yield_keys());
  EXPECT_FALSE(keys.empty());
  EXPECT_TRUE(listing(path()) == before);
  EXPECT_EQ(walk(open()->yield_keys()), keys);
}

TEST_F(ReadOnly, RefusesEveryWriteAndChangesNothing) {
  open()->mset({{"a", text("1")}});
  const auto before = listing(path());
  for (const bool sync : {true, false}) {
    const auto store = open({.sync = sync, .read_only = true});
    const auto error = error_of([&] { store->mset({{"a", text("2")}}); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("read_only"));
    EXPECT_EQ(code_of([&] { store->mdelete({"a"}); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { store->amset({{"a", text("2")}}, boost::asio::use_future).get(); }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { store->amdelete({"a"}, boost::asio::use_future).get(); }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(store->mget({"a"}), ByteStore::Values{text("1")});
  }
  EXPECT_EQ(code_of([&] { RocksDBByteStore(path(), kReadOnly).compact(); }),
            ErrorCode::invalid_argument);
  EXPECT_TRUE(listing(path()) == before);
}

TEST_F(ReadOnly, ReadsLargeValuesAndPassesDeletedKeys) {
  constexpr std::size_t kLarge = std::size_t{1} << 20;
  const auto keys = numbered_keys("k", 20'000);
  open()->mset({{"large", noise(kLarge, 1)}});
  open()->mset(entries_of(keys));
  open()->mdelete(keys);
  const auto before = listing(path());
  {
    const auto store = open(kReadOnly);
    EXPECT_EQ(store->mget({"large"}), ByteStore::Values{noise(kLarge, 1)});
    EXPECT_EQ(walk(store->yield_keys()), std::vector<std::string>{"large"});
    EXPECT_TRUE(walk(store->yield_keys({.prefix = "k"})).empty());
  }
  EXPECT_TRUE(listing(path()) == before);
}

TEST_F(ReadOnly, CreatesNothing) {
  for (const bool create : {true, false}) {
    const RocksDBOptions options{.create_if_missing = create, .read_only = true};
    EXPECT_EQ(code_of([&] { open(options); }), ErrorCode::unavailable);
    EXPECT_FALSE(std::filesystem::exists(path()));
  }
  std::filesystem::create_directories(path());
  EXPECT_EQ(code_of([&] { open(kReadOnly); }), ErrorCode::unavailable);
  EXPECT_TRUE(std::filesystem::is_empty(path()));
}

TEST_F(ReadOnly, OfAFileIsRefused) {
  write_file(path(), "content");
  EXPECT_EQ(code_of([&] { open(kReadOnly); }), ErrorCode::schema);
}

TEST_F(ReadOnly, ShowsWhatAHolderHadWrittenWhenItWasOpened) {
  const auto holder = open();
  holder->mset({{"a", text("1")}});
  const auto reader = open(kReadOnly);
  holder->mset({{"a", text("2")}, {"b", text("2")}});
  EXPECT_EQ(reader->mget({"a", "b"}), (ByteStore::Values{text("1"), std::nullopt}));
  EXPECT_EQ(open(kReadOnly)->mget({"a", "b"}), (ByteStore::Values{text("2"), text("2")}));
  holder->close();
  EXPECT_EQ(open()->mget({"a", "b"}), (ByteStore::Values{text("2"), text("2")}));
}

TEST_F(ReadOnly, HoldsNothing) {
  open()->mset({{"a", text("1")}});
  const auto reader = open(kReadOnly);
  const auto other = open(kReadOnly);
  const auto writer = open();
  writer->mset({{"a", text("2")}});
  EXPECT_EQ(open(kReadOnly)->mget({"a"}), ByteStore::Values{text("2")});
}

/// A holder moves its log into a table all the time, and deletes the log and tables.
TEST_F(ReadOnly, SeesAllThatWasWrittenBeforeItWasOpened) {
  open()->close();
  rocksdb::Options options;
  options.write_buffer_size = std::size_t{64} << 10;
  options.level0_file_num_compaction_trigger = 2;
  const auto holder = open_database(options);
  std::atomic<std::size_t> written{0};
  std::jthread writer([&](const std::stop_token& stop) {
    const std::string value(512, 'v');
    // So many that a reading of all of them is short.
    while (!stop.stop_requested() && written < 50'000) {
      const auto key = fmt::format("{:08}", written.load());
      ASSERT_TRUE(holder->Put({}, key, value).ok());
      ++written;
    }
  });
  for (int opened = 0; opened < 50;) {
    const auto before = written.load();
    try {
      const auto keys = walk(open(kReadOnly)->yield_keys());
      ASSERT_GE(keys.size(), before);
      if (keys.empty()) continue;
      ASSERT_EQ(keys.back(), fmt::format("{:08}", keys.size() - 1));
      ++opened;
    } catch (const Error& error) {  // the holder was faster
      ASSERT_THAT(error.what(), ::testing::AnyOf(HasSubstr("faster than it can be read"),
                                                 HasSubstr("a file of the store is gone")));
    }
  }
}

TEST_F(ReadOnly, IsOpenToAUserWhoMayOnlyRead) {
  open()->mset({{"a", text("1")}});
  const auto holder = open();
  const testing::MayOnlyRead rights(path());
  EXPECT_EQ(open(kReadOnly)->mget({"a"}), ByteStore::Values{text("1")});
}

TEST_F(ReadOnly, IsOpenOnAReadOnlyMount) {
  open()->mset({{"a", text("1")}});
  HelperProcess reader({"read-mounted", path().string(), "a"});
  const auto line = reader.read_line();
  if (line == "no mount") GTEST_SKIP() << "this user may not mount";
  EXPECT_EQ(line, "1");
}

TEST_F(ReadOnly, IsAParameterOfAUri) {
  const auto uri = "rocksdb:" + path().string();
  bytestore::open(uri)->mset({{"a", text("1")}});
  const auto store = bytestore::open(uri + "?read_only=true");
  EXPECT_EQ(store->mget({"a"}), ByteStore::Values{text("1")});
  EXPECT_EQ(code_of([&] { store->mset({{"a", text("2")}}); }), ErrorCode::invalid_argument);
  store->close();
  bytestore::open(uri + "?read_only=false")->mset({{"a", text("2")}});
}

}  // namespace
}  // namespace bytestore
