/// Writes that wait at the same time share a transaction, and none fails because of another.

#include "lmdb/write_queue.hpp"

#include <array>
#include <optional>
#include <stop_token>
#include <thread>

#include "core/call.hpp"
#include "lmdb/entries.hpp"
#include "lmdb/shared_environment.hpp"
#include "lmdb/write_group.hpp"
#include "lmdb_test.hpp"
#include "support/resource_limit.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// Keeps what it is told.
class KeptResult final : public core::Sink<core::WriteResult> {
 public:
  void done(core::WriteResult result) noexcept override { result_.emplace(std::move(result)); }

  [[nodiscard]] bool has_come() const { return result_.has_value(); }
  [[nodiscard]] const std::vector<KeyFailure>& failures() const { return result_->failures; }

 private:
  std::optional<core::WriteResult> result_;
};

class WriteQueueTest : public LmdbTest {
 protected:
  WriteQueueTest() {
    std::filesystem::create_directories(path());
    shared_.emplace(path());
  }

  /// How many transactions there have been.
  std::size_t transactions() {
    const Environment::Snapshot snapshot(shared_->environment());
    return ::mdb_txn_id(snapshot.transaction());
  }
  bool has(std::string_view key) {
    const Environment::Snapshot snapshot(shared_->environment());
    return find(snapshot.transaction(), key).status == MDB_SUCCESS;
  }

  std::optional<SharedEnvironment> shared_;
  core::Call call_{{}, {}};
  const std::vector<EntryRef> entries_{{"a", as_bytes("1")}, {"b", as_bytes("2")}};
  const std::vector<std::string_view> keys_{"a"};
};

TEST_F(WriteQueueTest, TakesAllThreadsThatWaitIntoOneTransaction) {
  constexpr std::size_t kThreads = 12;
  HelperProcess other({"lock", path().string()});
  ASSERT_EQ(other.read_line(), "locked");
  const auto before = transactions();
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto key = "key" + std::to_string(i);
      const std::vector<EntryRef> entries{{key, as_bytes("1")}};
      auto steps = steps_of(entries, call_, true);
      const std::array<WriteStep*, 1> one{steps.data()};
      shared_->queue().run(one);
      EXPECT_FALSE(steps[0].failure.has_value());
      EXPECT_TRUE(has(key));
    });
  }
  while (shared_->queue().waiting() < kThreads) std::this_thread::yield();
  other.kill();
  threads.clear();
  EXPECT_EQ(transactions(), before + 1);
}

TEST_F(WriteQueueTest, APartThatFailsLeavesTheOthers) {
  std::stop_source stop;
  stop.request_stop();
  const core::Call stopped({.stop = stop.get_token()}, {});
  auto good = steps_of(entries_, call_, false);
  auto bad = steps_of(keys_, stopped, false);
  const std::array<WriteStep*, 2> both{bad.data(), good.data()};
  shared_->queue().run(both);
  ASSERT_TRUE(bad[0].failure.has_value());
  EXPECT_EQ(bad[0].failure->code, ErrorCode::cancelled);
  EXPECT_EQ(bad[0].failure->outcome, Outcome::failed);
  EXPECT_FALSE(good[0].failure.has_value());
  EXPECT_TRUE(has("a"));
}

/// Where no file may grow, a transaction with a large part fails.
TEST_F(WriteQueueTest, APartForWhichThereIsNoSpaceLeavesTheOthers) {
  const auto large = noise(4 * kMiB, 1);
  const std::vector<EntryRef> entries{{"large", large}};
  auto good = steps_of(entries_, call_, true);
  auto bad = steps_of(entries, call_, true);
  auto last = steps_of(keys_, call_, true);
  const std::array<WriteStep*, 3> all{good.data(), bad.data(), last.data()};
  {
    const testing::ResourceLimit limit(RLIMIT_FSIZE, kMiB);
    shared_->queue().run(all);
  }
  EXPECT_FALSE(good[0].failure.has_value());
  ASSERT_TRUE(bad[0].failure.has_value());
  EXPECT_EQ(bad[0].failure->code, ErrorCode::io);
  EXPECT_EQ(bad[0].failure->outcome, Outcome::failed);
  EXPECT_FALSE(last[0].failure.has_value());
  EXPECT_FALSE(has("a"));
  EXPECT_TRUE(has("b"));
  EXPECT_FALSE(has("large"));
}

TEST_F(WriteQueueTest, DividesALongCall) {
  const auto keys = numbered_keys("key", 25'000);
  std::vector<EntryRef> entries;
  for (const auto& key : keys) entries.push_back({key, as_bytes("1")});
  const auto steps = steps_of(entries, call_, true);
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[2].first, 20'000U);
  EXPECT_EQ(steps[2].size(), 5'000U);
  const auto large = noise(5 * kMiB, 1);
  const std::vector<EntryRef> of_bytes{{"a", large}, {"b", large}, {"c", as_bytes("1")}};
  EXPECT_EQ(steps_of(of_bytes, call_, true).size(), 2U);
}

TEST_F(WriteQueueTest, AGroupTakesEffectTogetherAndIsToldAtItsEnd) {
  const auto before = transactions();
  LmdbWriteGroup group(shared_->queue(), true);
  std::array<KeptResult, 3> results;
  group.write(entries_, call_, results[0]);
  group.write(keys_, call_, results[1]);
  EXPECT_FALSE(has("b"));
  group.take_effect();
  EXPECT_TRUE(has("b"));
  EXPECT_FALSE(has("a"));
  EXPECT_EQ(transactions(), before + 1);
  EXPECT_FALSE(results[0].has_come());
  group.write(entries_, call_, results[2]);
  group.end();
  EXPECT_TRUE(has("a"));
  EXPECT_EQ(transactions(), before + 2);
  for (const auto& result : results) {
    ASSERT_TRUE(result.has_come());
    EXPECT_TRUE(result.failures().empty());
  }
}

TEST_F(WriteQueueTest, AGroupTellsWhichPositionsFailed) {
  std::stop_source stop;
  stop.request_stop();
  const core::Call stopped({.stop = stop.get_token()}, {});
  LmdbWriteGroup group(shared_->queue(), true);
  std::array<KeptResult, 2> results;
  group.write(entries_, stopped, results[0]);
  group.write(entries_, call_, results[1]);
  group.end();
  ASSERT_EQ(results[0].failures().size(), 2U);
  EXPECT_EQ(results[0].failures()[1].index, 1U);
  EXPECT_EQ(results[0].failures()[1].key, "b");
  EXPECT_EQ(results[0].failures()[1].code, ErrorCode::cancelled);
  EXPECT_TRUE(results[1].failures().empty());
}

}  // namespace
}  // namespace bytestore::lmdb_backend
