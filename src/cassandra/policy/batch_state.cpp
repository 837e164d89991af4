#include "cassandra/policy/batch_state.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace bytestore::cassandra {
namespace {

/// Keys that were never sent and yet name what failed before: a call may have millions of them, and
/// each has words of its own.
constexpr std::size_t kNamedCauses = 1'000;

/// Of a write that may be over a limit of servers that do not name it.
constexpr std::size_t kLargeBytes = std::size_t{1} << 20;

/// All planned keys of a replica set at once, for a request that is not sent.
constexpr RequestGroups::Limits kWholeSet{.keys = std::numeric_limits<std::size_t>::max(),
                                          .bytes = std::numeric_limits<std::size_t>::max()};

}  // namespace

bool BatchState::has_next() const noexcept {
  if (ending_) return false;
  return !ready_.empty() || ((next_ < keys_.size() || !plan_.empty()) && open_keys_ < kMaxOpen);
}

BatchState::RequestPtr BatchState::next(const RequestGroups::Limits& limits,
                                        Clock::time_point now) {
  RequestPtr request;
  if (!ready_.empty()) {
    request = std::move(ready_.front());
    ready_.pop_front();
  } else {
    request = std::make_unique<BatchRequest>(plan_.next(limits), Attempts(rules_.begun));
    open(*request);
  }
  request->is_in_flight = true;
  request->sent_at = now;
  if (rules_.speculative_delay) {
    speculation_time_ = std::min(speculation_time_, now + *rules_.speculative_delay);
  }
  return request;
}

BatchState::Clock::time_point BatchState::next_time() const noexcept {
  return later_.empty() ? speculation_time_ : std::min(speculation_time_, later_.begin()->first);
}

void BatchState::wake(Clock::time_point now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    ready_.push_back(std::move(later_.begin()->second));
    later_.erase(later_.begin());
  }
  speculate(now);
}

/// Has those that were sent the longest ago sent to other replicas too.
void BatchState::speculate(Clock::time_point now) {
  if (now < speculation_time_) return;
  speculation_time_ = Clock::time_point::max();
  const auto slow = [&](const BatchRequest* request) {
    if (!request->is_in_flight || request->sibling != nullptr || request->replicas.size() < 2 ||
        !request->paging_state.empty()) {
      return false;
    }
    const auto due = request->sent_at + *rules_.speculative_delay;
    if (due > now) speculation_time_ = std::min(speculation_time_, due);
    return due <= now;
  };
  std::vector<BatchRequest*> slow_ones;
  std::ranges::copy_if(open_, std::back_inserter(slow_ones), slow);
  for (BatchRequest* const request : slow_ones) add_speculative(*request);
}

void BatchState::add_speculative(BatchRequest& slow) {
  auto speculative = std::make_unique<BatchRequest>(slow.group, slow.attempts);
  speculative->replicas = slow.replicas;
  speculative->node = slow.node;
  speculative->cause = slow.cause;
  speculative->is_speculative = true;
  speculative->sibling = &slow;
  slow.sibling = speculative.get();
  open(*speculative);
  ready_.push_back(std::move(speculative));
}

void BatchState::answered(RequestPtr request, std::string paging_state) {
  request->is_in_flight = false;
  if (request->sibling != nullptr) abandon(*request->sibling);
  request->sibling = nullptr;
  if (paging_state.empty()) return close(*request);
  request->paging_state = std::move(paging_state);
  ready_.push_front(std::move(request));
}

void BatchState::note_cause(BatchRequest& request, const DriverError& error,
                            std::string_view operation) {
  const CausePtr known = request.cause ? request.cause : last_cause_;
  request.cause = later_cause(known, error, request.is_cut_short, operation);
  // What is wrong with one key is no reason why others were not answered.
  if (request.cause != known && classify(error, rules_.effect).retry) last_cause_ = request.cause;
}

std::optional<RetryDecision> BatchState::failed(BatchRequest& request, const DriverError& error,
                                                const RetryMoment& moment) {
  request.is_in_flight = false;
  const RetryDecision decision = decide_retry(
      error,
      {.effect = rules_.effect,
       .is_group = !request.is_single(),
       .may_repeat = rules_.may_repeat,
       .is_large = rules_.effect == Effect::write && request.group.bytes >= kLargeBytes},
      request.attempts, moment, rules_.retries);
  if (BatchRequest* const sibling = request.sibling) {  // which may still succeed
    if (request.attempts.may_be_applied()) sibling->attempts.note_may_be_applied();
    sibling->cause = request.cause;
    sibling->sibling = nullptr;
    close(request);
    return std::nullopt;
  }
  request.is_speculative = false;
  if (ending_) {
    fail_by_ending(request);
    close(request);
    return std::nullopt;
  }
  return decision;
}

BatchState::Clock::time_point BatchState::silence_limit(Clock::time_point alive) const noexcept {
  return cassandra::silence_limit(rules_.begun, alive, rules_.retries);
}

bool BatchState::is_silent(const RetryMoment& moment) const noexcept {
  return moment.now + rules_.retries.first_delay >= silence_limit(moment.alive);
}

void BatchState::retry(RequestPtr request, const RetryDecision& decision, const BytesOf& bytes_of,
                       std::size_t most_keys) {
  const auto at = decision.retry_at.value_or(Clock::time_point::max());
  if (request->is_single() || decision.regrouping == Regrouping::together) {
    later_.emplace(at, std::move(request));
    return;
  }
  close(*request);
  const bool is_too_much = decision.regrouping == Regrouping::smaller;
  for (auto& part : parts_of(request->group, is_too_much ? most_keys : 1, bytes_of)) {
    auto smaller = std::make_unique<BatchRequest>(std::move(part), request->attempts);
    smaller->node = request->node;
    smaller->cause = request->cause;
    open(*smaller);
    later_.emplace(at, std::move(smaller));
  }
}

void BatchState::fail(const BatchRequest& request) {
  for (const std::size_t position : request.group.positions) {
    failures_.push_back(
        {.index = position,
         .key = {},
         .code = request.cause->code,
         .outcome = request.attempts.may_be_applied() ? Outcome::unknown : Outcome::failed,
         .message = request.cause->text});
  }
  close(request);
}

void BatchState::fail_unsent_too(const BatchRequest& refused) {
  take_unsent([&](std::size_t position) {
    failures_.push_back({.index = position,
                         .key = {},
                         .code = refused.cause->code,
                         .outcome = Outcome::failed,
                         .message = refused.cause->text});
  });
}

template <typename Fail>
void BatchState::take_unsent(const Fail& fail) {
  while (!plan_.empty()) std::ranges::for_each(plan_.next(kWholeSet).positions, fail);
  for (; next_ < keys_.size(); ++next_) fail(keys_.position(next_));
}

void BatchState::open(BatchRequest& request) {
  request.slot = open_.size();
  open_.push_back(&request);
  open_keys_ += request.group.positions.size();
}

void BatchState::close(const BatchRequest& request) noexcept {
  open_keys_ -= request.group.positions.size();
  open_.back()->slot = request.slot;
  std::swap(open_[request.slot], open_.back());
  open_.pop_back();
}

/// Its keys were answered by its sibling; if it is in flight, its answer will be ignored.
void BatchState::abandon(BatchRequest& request) {
  close(request);
  if (request.is_in_flight) {
    request.is_abandoned = true;
  } else {
    std::erase_if(ready_, [&](const auto& waiting) { return waiting.get() == &request; });
  }
}

bool BatchState::end(Termination ending) {
  if (ending_) return false;
  ending_ = std::move(ending);
  return true;
}

bool BatchState::is_due() const noexcept {
  return ending_ || (next_ == keys_.size() && plan_.empty() && open_.empty());
}

void BatchState::close_all() {
  for (const BatchRequest* request : open_) {
    if (!request->is_speculative || request->sibling == nullptr) fail_by_ending(*request);
  }
  open_.clear();
  ready_.clear();
  later_.clear();
}

void BatchState::fail_by_ending(const BatchRequest& request) {
  if (!ending_) return;
  const bool in_flight =
      request.is_in_flight || (request.sibling != nullptr && request.sibling->is_in_flight);
  const bool unknown = request.attempts.may_be_applied() ||
                       (request.sibling != nullptr && request.sibling->attempts.may_be_applied());
  const bool may_be_applied = rules_.effect == Effect::write && (in_flight || unknown);
  const std::string message =
      words_of(*ending_, in_flight ? ending_->message_in_flight : ending_->message, request.cause);
  for (const std::size_t position : request.group.positions) {
    failures_.push_back({.index = position,
                         .key = {},
                         .code = ending_->code,
                         .outcome = may_be_applied ? Outcome::unknown : Outcome::failed,
                         .message = message});
  }
}

std::string BatchState::words_of(const Termination& ending, const std::string& message,
                                 const CausePtr& cause) const {
  if (!ending.is_by_limit) return message;
  if (cause) return with_cause(message, cause);
  return with_cause(message, last_cause_ ? last_cause_ : ending.cause);
}

void BatchState::fail_what_was_never_sent() {
  if (!ending_) return;
  const std::string named = words_of(*ending_, ending_->message, nullptr);
  std::size_t count = 0;
  take_unsent([&](std::size_t position) {
    failures_.push_back({.index = position,
                         .key = {},
                         .code = ending_->code,
                         .outcome = Outcome::failed,
                         .message = ++count <= kNamedCauses ? named : ending_->message});
  });
}

void BatchState::fail_duplicates() {
  std::vector<KeyFailure> duplicates;
  for (const auto& [position, duplicate] : keys_.duplicates()) {
    const auto found = std::ranges::lower_bound(failures_, position, {}, &KeyFailure::index);
    if (found == failures_.end() || found->index != position) continue;
    duplicates.push_back(*found);
    duplicates.back().index = duplicate;
  }
  std::ranges::move(duplicates, std::back_inserter(failures_));
  std::ranges::sort(failures_, {}, &KeyFailure::index);
}

std::optional<Error> BatchState::take_error() {
  return ending_ ? std::exchange(ending_->error, std::nullopt) : std::nullopt;
}

std::vector<KeyFailure> BatchState::take_failures() {
  fail_what_was_never_sent();
  std::ranges::sort(failures_, {}, &KeyFailure::index);
  if (!failures_.empty() && !keys_.duplicates().empty()) fail_duplicates();
  return std::exchange(failures_, {});
}

}  // namespace bytestore::cassandra
