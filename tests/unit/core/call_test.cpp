#include "core/call.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "core/batch_steps.hpp"
#include "support/errors.hpp"

namespace bytestore::core {
namespace {

using std::chrono::milliseconds;

TEST(Call, IsNotInterruptedByItself) {
  EXPECT_EQ(Call({}, {}).interruption(), std::nullopt);
  EXPECT_EQ(Call({.deadline = std::chrono::hours{1}}, {}).interruption(), std::nullopt);
  EXPECT_EQ(Call({.deadline = milliseconds::max()}, {}).interruption(), std::nullopt);
}

TEST(Call, EndsAtItsDeadline) {
  const Call call({.deadline = milliseconds{1}}, {});
  while (!call.interruption()) std::this_thread::yield();
  EXPECT_EQ(call.interruption(), ErrorCode::timeout);
}

TEST(Call, RefusesANegativeDeadline) {
  EXPECT_EQ(testing::code_of([] { Call({.deadline = milliseconds{-1}}, {}); }),
            ErrorCode::invalid_argument);
}

TEST(Call, IsStoppedByItsCallerItsStoreAndItsOperation) {
  std::stop_source caller;
  std::stop_source store;
  std::stop_source operation;
  const auto call = [&] {
    return Call({.stop = caller.get_token()}, store.get_token(), operation.get_token());
  };
  EXPECT_EQ(call().interruption(), std::nullopt);
  caller.request_stop();
  EXPECT_EQ(call().interruption(), ErrorCode::cancelled);
  caller = {};
  store.request_stop();
  EXPECT_EQ(call().interruption(), ErrorCode::cancelled);
  store = {};
  operation.request_stop();
  EXPECT_EQ(call().interruption(), ErrorCode::cancelled);
}

TEST(Call, SaysCancelledIfItIsAlsoLate) {
  std::stop_source stop;
  const Call call({.deadline = milliseconds{1}, .stop = stop.get_token()}, {});
  while (!call.interruption()) std::this_thread::yield();
  stop.request_stop();
  EXPECT_EQ(call.interruption(), ErrorCode::cancelled);
}

/// The steps, as `[begin, end)` pairs, in which a batch is walked.
using Steps = std::vector<std::pair<std::size_t, std::size_t>>;

Steps steps_of(std::size_t size, std::size_t step) {
  const Call call({}, {});
  std::vector<KeyFailure> failures;
  Steps steps;
  in_steps(
      size, step, call, failures, [](std::size_t) { return std::string_view("k"); },
      [&](std::size_t begin, std::size_t end) { steps.emplace_back(begin, end); });
  EXPECT_TRUE(failures.empty());
  return steps;
}

TEST(InSteps, CoverABatchOnce) {
  EXPECT_EQ(steps_of(0, 3), Steps{});
  EXPECT_EQ(steps_of(3, 3), (Steps{{0, 3}}));
  EXPECT_EQ(steps_of(7, 3), (Steps{{0, 3}, {3, 6}, {6, 7}}));
}

TEST(InSteps, FailWhatIsLeftOnceTheCallIsInterrupted) {
  const std::vector<std::string_view> keys{"a", "b", "c", "d", "e"};
  std::stop_source stop;
  const Call call({.stop = stop.get_token()}, {});
  std::vector<KeyFailure> failures;
  Steps steps;
  in_steps(
      keys.size(), 2, call, failures, [&](std::size_t i) { return keys[i]; },
      [&](std::size_t begin, std::size_t end) {
        steps.emplace_back(begin, end);
        if (begin == 2) stop.request_stop();
      });
  EXPECT_EQ(steps, (Steps{{0, 2}, {2, 4}}));
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].index, 4U);
  EXPECT_EQ(failures[0].key, "e");
  EXPECT_EQ(failures[0].code, ErrorCode::cancelled);
  EXPECT_EQ(failures[0].outcome, Outcome::failed);
}

}  // namespace
}  // namespace bytestore::core
