/// Processes that read and write one folder at once.

#include <thread>

#include "lmdb_test.hpp"

namespace bytestore {
namespace {

class Processes : public LmdbTest {};

TEST_F(Processes, ReadAndWriteAtOnce) {
  const auto store = open({.sync = false});
  std::vector<std::unique_ptr<HelperProcess>> others;
  for (int i = 0; i < 6; ++i) {
    others.push_back(std::make_unique<HelperProcess>(
        std::vector<std::string>{"count", path().string(), "of" + std::to_string(i), "200"}));
  }
  for (int i = 0; i < 200; ++i) {
    store->mset({{"mine", text(std::to_string(i))}});
    ASSERT_EQ(store->mget({"mine"}), ByteStore::Values{text(std::to_string(i))});
  }
  for (auto& other : others) EXPECT_EQ(other->read_line(), "counted");
  EXPECT_EQ(store->mget({"of0", "of5"}), (ByteStore::Values{text("200"), text("200")}));
}

TEST_F(Processes, OfManyThreadsEachLoseNothing) {
  constexpr std::size_t kProcesses = 40;
  constexpr std::size_t kThreads = 8;
  constexpr std::size_t kTimes = 10;
  std::vector<std::unique_ptr<HelperProcess>> all;
  for (std::size_t i = 0; i < kProcesses; ++i) {
    all.push_back(std::make_unique<HelperProcess>(
        std::vector<std::string>{"threads", path().string(), std::to_string(i),
                                 std::to_string(kThreads), std::to_string(kTimes)}));
  }
  for (auto& one : all) EXPECT_EQ(one->read_line(), "worked");
  const auto store = open();
  EXPECT_EQ(store->estimate_keys(), kProcesses * kThreads * kTimes);
  for (const auto& key : walk(store->yield_keys())) ASSERT_EQ(store->mget({key})[0], text(key));
}

/// The place of a reader is not the thread's, which would keep it when it ends.
TEST_F(Processes, NeedFewPlacesOfReadersForManyShortLivedThreads) {
  const auto store = open({.sync = false});
  for (int i = 0; i < 200; ++i) {
    std::vector<std::jthread> together;
    for (int thread = 0; thread < 4; ++thread) {
      together.emplace_back([&, thread] {
        const auto key = "key" + std::to_string(thread);
        store->mset({{key, text("1")}});
        EXPECT_EQ(store->mget({key}), ByteStore::Values{text("1")});
      });
    }
  }
  HelperProcess other({"places", path().string()});
  EXPECT_LE(std::stoi(other.read_line()), 8);
}

TEST_F(Processes, SeeWhatOthersAcknowledged) {
  const auto store = open();
  HelperProcess other({"write", path().string(), "0", "w"});
  for (std::size_t batch = 0; batch < 4; ++batch) {
    ASSERT_EQ(other.read_line(), std::to_string(batch));
    ASSERT_TRUE(store->mget({"w" + std::to_string(batch) + ":0"})[0].has_value());
  }
}

TEST_F(Processes, ReadWhileAnotherOneWrites) {
  const auto store = open();
  store->mset({{"a", text("1")}});
  HelperProcess other({"lock", path().string()});
  ASSERT_EQ(other.read_line(), "locked");
  EXPECT_EQ(store->mget({"a"}), ByteStore::Values{text("1")});
  EXPECT_EQ(walk(store->yield_keys()), std::vector<std::string>{"a"});
  EXPECT_EQ(walk(open({.create_if_missing = false})->yield_keys()).size(), 1U);
}

TEST_F(Processes, ThatWereKilledAreForgottenWhereTheirPlacesAreNeeded) {
  const auto store = open();
  std::string said = "reading";
  while (said == "reading") {  // until LMDB itself finds no place any more
    HelperProcess reader({"snapshot", path().string(), "125"});
    said = reader.read_line();
    reader.kill();
  }
  EXPECT_THAT(said, ::testing::HasSubstr("MDB_READERS_FULL"));
  HelperProcess other({"hold", path().string()});
  EXPECT_EQ(other.read_line(), "open");
  HelperProcess reader({"snapshot", path().string(), "125"});
  EXPECT_EQ(reader.read_line(), "reading");
}

}  // namespace
}  // namespace bytestore
