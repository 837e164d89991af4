#include "cassandra/policy/retry.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace bytestore::cassandra {
namespace {

/// How often replicas may fail to write what is large.
constexpr int kLargeFailures = 3;

Regrouping regrouping(DriverErrorCode error) noexcept {
  if (error == DriverErrorCode::node_hangs) return Regrouping::together;
  if (error == DriverErrorCode::too_many_keys) return Regrouping::smaller;
  return Regrouping::one_by_one;
}

/// Whether replicas failed because they do not know the table yet, which the server tells in words
/// only, and which says nothing of the size.
bool lags_behind(const DriverError& error) noexcept {
  return error.message.find("INCOMPATIBLE_SCHEMA") != std::string::npos;
}

/// Nodes have heard of a table that was created elsewhere long before.
constexpr std::chrono::milliseconds kSchemaLag{2'000};

}  // namespace

RetryRule retry_rule(const DriverError& error, RetryRule rule) noexcept {
  if (error.code == DriverErrorCode::unknown_table) {
    rule.give_up_after = std::min(rule.give_up_after, kSchemaLag);
  }
  return rule;
}

Attempts::Clock::time_point Attempts::limit(Clock::time_point alive,
                                            const RetryRule& rule) const noexcept {
  auto since = std::max(begun_, alive);
  if (first_failure_) since = std::min(since, *first_failure_);
  return since + rule.give_up_after;
}

std::chrono::milliseconds Attempts::timeout(Clock::time_point now, Clock::time_point alive,
                                            std::chrono::milliseconds longest,
                                            const RetryRule& rule) const noexcept {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(limit(alive, rule) - now);
  return std::max(std::min(longest, left), std::chrono::milliseconds{1});
}

std::optional<Attempts::Clock::time_point> Attempts::fail(Clock::time_point now,
                                                          Clock::time_point alive, double jitter,
                                                          const RetryRule& rule) noexcept {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  if (!first_failure_) first_failure_ = now;
  const Milliseconds doubled = rule.first_delay * std::exp2(failed_++);
  const Milliseconds delay = std::min(doubled, Milliseconds(rule.longest_delay));
  const auto next = now + std::chrono::ceil<Clock::duration>(delay * (1 - jitter / 2));
  if (next >= limit(alive, rule)) return std::nullopt;
  return next;
}

RetryDecision decide_retry(const DriverError& error, const RetryTraits& request, Attempts& attempts,
                           const RetryMoment& moment, const RetryRule& rule) noexcept {
  const Verdict verdict =
      request.is_group ? classify_group(error, request.effect) : classify(error, request.effect);
  if (verdict.outcome == Outcome::unknown) attempts.note_may_be_applied();
  if (!verdict.retry || (attempts.may_be_applied() && !request.may_repeat)) return {};
  if (request.is_large && error.code == DriverErrorCode::write_failure && !lags_behind(error) &&
      attempts.failed() + 1 >= kLargeFailures) {
    return {};
  }
  const RetryRule used = request.expects_table ? retry_rule(error, rule) : rule;
  return {.retry_at = attempts.fail(moment.now, moment.alive, moment.jitter, used),
          .may_help = true,
          .regrouping = regrouping(error.code)};
}

Attempts::Clock::time_point silence_limit(Attempts::Clock::time_point begun,
                                          Attempts::Clock::time_point alive,
                                          const RetryRule& rule) noexcept {
  return std::max(begun, alive) + rule.give_up_after;
}

double random_jitter() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<>{0, 1}(engine);
}

}  // namespace bytestore::cassandra
