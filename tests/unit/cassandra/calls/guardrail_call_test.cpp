/// Calls whose requests the guardrails of a server refuse, on the fake driver.

#include <gmock/gmock.h>

#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class GuardrailCallTest : public VerbRig {
 protected:
  void SetUp() override { connect_with_groups(); }
};

/// A server that refuses requests for more keys than `allowed`. Whether it names the limit.
class KeyLimitCallTest : public GuardrailCallTest, public ::testing::WithParamInterface<bool> {
 protected:
  /// Answers all that comes until the sink has its result, and returns how many requests came.
  template <typename Result>
  std::size_t answer_until(const KeepingSink<Result>& sink) {
    std::size_t requests = 0;
    while (!sink.is_done()) {
      for (; driver().waiting() > 0; ++requests) answer(driver().take());
      timers_.advance(seconds{1});
    }
    return requests;
  }

  static constexpr std::size_t kAllowed = 20;

 private:
  static void answer(const FakeRequest& request) {
    const auto* keys = std::get_if<std::vector<std::string>>(&request.values.at(0));
    const std::size_t count = keys == nullptr ? 1 : keys->size();
    if (count <= kAllowed) return request.answer();
    DriverError error = failure(DriverErrorCode::too_many_keys);
    if (GetParam()) error.message = "number of partition keys exceeds fail threshold of 20.";
    request.fail(error);
  }
};

TEST_P(KeyLimitCallTest, IsMetOnceByReadsAndByDeletes) {
  make_keys(32 * 10);
  mget();
  const std::size_t first = answer_until(read);
  EXPECT_THAT(read.result().failures, IsEmpty());
  EXPECT_EQ(first, 10 + 20U) << "each group is halved, and none is tried key by key";
  KeepingSink<core::ReadResult> again;
  start_mget(table_, keys, call(), again);
  EXPECT_EQ(driver().waiting(), GetParam() ? 16U : 20U) << "the limit is remembered";
  answer_until(again);
  EXPECT_THAT(again.result().failures, IsEmpty());

  mdelete();
  EXPECT_EQ(driver().waiting(), 10U) << "what reads may not, deletes may";
  answer_until(written);
  EXPECT_THAT(written.result().failures, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Words, KeyLimitCallTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "naming_it" : "without_it"; });

TEST_F(GuardrailCallTest, ALimitOfKeysIsToldToTheLogWithTheServersWords) {
  const auto log = std::make_shared<testing::KeptLog>();
  connect({.log = [log](std::string_view message) { log->add(message); }}, fixed(kWindow), {});
  mdelete();
  DriverError error = failure(DriverErrorCode::too_many_keys);
  error.message = "Guardrail in_select_cartesian_product violated: ... fail threshold of 2.";
  driver().take().fail(error);
  EXPECT_THAT(log->first(), ::testing::AllOf(HasSubstr("tried again"), HasSubstr(error.message)));
  EXPECT_THAT(log->second(), ::testing::AllOf(HasSubstr("\"app\".\"kv\" have 2 keys at most"),
                                              HasSubstr(error.message)));
  timers_.advance(seconds{1});
  ASSERT_EQ(driver().waiting(), 2U);
  driver().take().answer();
  driver().take().answer();
  EXPECT_THAT(written.result().failures, IsEmpty());
}

TEST_F(GuardrailCallTest, WhatAGuardrailForbidsToAllKeysIsNotTriedKeyByKey) {
  mdelete();
  driver().take().fail(failure(DriverErrorCode::guardrail));
  ASSERT_THAT(written.result().failures, SizeIs(3));
  for (const auto& failed : written.result().failures) {
    EXPECT_EQ(failed.code, ErrorCode::unauthorized);
    EXPECT_EQ(failed.outcome, Outcome::failed);
    EXPECT_THAT(failed.message, ::testing::AllOf(HasSubstr("guardrail of the server forbids"),
                                                 HasSubstr("the driver's words")));
  }
}

}  // namespace
}  // namespace bytestore::cassandra
