#include "cassandra/policy/batch_state.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace bytestore::cassandra {
namespace {

/// Keys that were never sent and yet name what failed before: a call may have millions of them, and
/// each has words of its own.
constexpr std::size_t kNamedCauses = 1'000;

/// All planned keys of a replica set at once, for a request that is not sent.
constexpr GroupPlan::Limits kWholeSet{.keys = std::numeric_limits<std::size_t>::max(),
                                      .bytes = std::numeric_limits<std::size_t>::max()};

}  // namespace

bool RequestBook::has_next() const noexcept {
  if (ending_) return false;
  return !ready_.empty() || ((next_ < keys_.size() || !plan_.empty()) && open_keys_ < kMaxOpen);
}

RequestBook::RequestPtr RequestBook::next(const GroupPlan::Limits& limits, Clock::time_point now) {
  RequestPtr request;
  if (!ready_.empty()) {
    request = std::move(ready_.front());
    ready_.pop_front();
  } else {
    request = std::make_unique<KeyedRequest>(plan_.next(limits), Attempts(rules_.begun));
    open(*request);
  }
  request->at_driver = true;
  request->sent_at = now;
  if (rules_.speculative_delay) {
    hedge_time_ = std::min(hedge_time_, now + *rules_.speculative_delay);
  }
  return request;
}

RequestBook::Clock::time_point RequestBook::next_time() const noexcept {
  return later_.empty() ? hedge_time_ : std::min(hedge_time_, later_.begin()->first);
}

void RequestBook::wake(Clock::time_point now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    ready_.push_back(std::move(later_.begin()->second));
    later_.erase(later_.begin());
  }
  hedge(now);
}

/// Has those that were sent the longest ago sent to other replicas too.
void RequestBook::hedge(Clock::time_point now) {
  if (now < hedge_time_) return;
  hedge_time_ = Clock::time_point::max();
  const auto slow = [&](const KeyedRequest* request) {
    if (!request->at_driver || request->rival != nullptr || request->replicas.size() < 2 ||
        !request->paging_state.empty()) {
      return false;
    }
    const auto due = request->sent_at + *rules_.speculative_delay;
    if (due > now) hedge_time_ = std::min(hedge_time_, due);
    return due <= now;
  };
  std::vector<KeyedRequest*> slow_ones;
  std::ranges::copy_if(open_, std::back_inserter(slow_ones), slow);
  for (KeyedRequest* const request : slow_ones) add_rival(*request);
}

void RequestBook::add_rival(KeyedRequest& slow) {
  auto rival = std::make_unique<KeyedRequest>(slow.group, slow.attempts);
  rival->replicas = slow.replicas;
  rival->node = slow.node;
  rival->unknown = slow.unknown;
  rival->cause = slow.cause;
  rival->is_hedge = true;
  rival->rival = &slow;
  slow.rival = rival.get();
  open(*rival);
  ready_.push_back(std::move(rival));
}

void RequestBook::answered(RequestPtr request, std::string paging_state) {
  request->at_driver = false;
  if (request->rival != nullptr) abandon(*request->rival);
  request->rival = nullptr;
  if (paging_state.empty()) return close(*request);
  request->paging_state = std::move(paging_state);
  ready_.push_front(std::move(request));
}

void RequestBook::note_cause(KeyedRequest& request, const DriverError& error,
                             std::string_view doing) {
  if (!request.cause) request.cause = last_cause_;
  const bool hides = request.is_cut_short && error.code == DriverErrorCode::attempt_timeout;
  if (hides && request.cause) return;
  request.cause = cause_of(error, doing);
  // What is wrong with one key is no reason why others were not answered.
  if (judge(error, rules_.effect).retry) last_cause_ = request.cause;
}

std::optional<RequestBook::Sequel> RequestBook::failed(KeyedRequest& request,
                                                       const DriverError& error,
                                                       Clock::time_point now,
                                                       Clock::time_point alive, double jitter) {
  request.at_driver = false;
  const Verdict verdict =
      request.is_single() ? judge(error, rules_.effect) : judge_group(error, rules_.effect);
  request.unknown = request.unknown || verdict.outcome == Outcome::unknown;
  if (KeyedRequest* const rival = request.rival) {  // which may still succeed
    rival->unknown = rival->unknown || request.unknown;
    rival->cause = request.cause;
    rival->rival = nullptr;
    close(request);
    return std::nullopt;
  }
  request.is_hedge = false;
  if (ending_) {
    fail_by_ending(request);
    close(request);
    return std::nullopt;
  }
  // With the server's time another attempt would come after what others wrote in between.
  const bool repeat = verdict.retry && (rules_.may_repeat || !request.unknown);
  if (!repeat) return Sequel{};
  return Sequel{request.attempts.fail(now, alive, jitter, rule_for(error, rules_.retries))};
}

void RequestBook::try_again(RequestPtr request, Clock::time_point at, const BytesOf& bytes_of) {
  if (request->is_single()) {
    later_.emplace(at, std::move(request));
    return;
  }
  close(*request);
  for (const std::size_t position : request->group.positions) {
    auto one = std::make_unique<KeyedRequest>(
        GroupPlan::Group{
            .set = request->group.set, .bytes = bytes_of(position), .positions = {position}},
        request->attempts);
    one->unknown = request->unknown;
    one->node = request->node;
    one->cause = request->cause;
    open(*one);
    later_.emplace(at, std::move(one));
  }
}

void RequestBook::fail(const KeyedRequest& request) {
  for (const std::size_t position : request.group.positions) {
    failures_.push_back({.index = position,
                         .key = {},
                         .code = request.cause->code,
                         .outcome = request.unknown ? Outcome::unknown : Outcome::failed,
                         .message = request.cause->text});
  }
  close(request);
}

void RequestBook::open(KeyedRequest& request) {
  request.slot = open_.size();
  open_.push_back(&request);
  open_keys_ += request.group.positions.size();
}

void RequestBook::close(const KeyedRequest& request) noexcept {
  open_keys_ -= request.group.positions.size();
  open_.back()->slot = request.slot;
  std::swap(open_[request.slot], open_.back());
  open_.pop_back();
}

/// Its keys were answered by its rival; if it is at the driver, it ends without being looked at.
void RequestBook::abandon(KeyedRequest& request) {
  close(request);
  if (request.at_driver) {
    request.is_abandoned = true;
  } else {
    std::erase_if(ready_, [&](const auto& waiting) { return waiting.get() == &request; });
  }
}

bool RequestBook::end(Ending ending) {
  if (ending_) return false;
  ending_ = std::move(ending);
  return true;
}

bool RequestBook::is_due() const noexcept {
  return ending_ || (next_ == keys_.size() && plan_.empty() && open_.empty());
}

void RequestBook::close_all() {
  for (const KeyedRequest* request : open_) {
    if (!request->is_hedge || request->rival == nullptr) fail_by_ending(*request);
  }
  open_.clear();
  ready_.clear();
  later_.clear();
}

void RequestBook::fail_by_ending(const KeyedRequest& request) {
  if (!ending_) return;
  const bool on_way = request.at_driver || (request.rival != nullptr && request.rival->at_driver);
  const bool unknown = request.unknown || (request.rival != nullptr && request.rival->unknown);
  const bool may_be_applied = rules_.effect == Effect::write && (on_way || unknown);
  const std::string message =
      words_of(*ending_, on_way ? ending_->message_on_way : ending_->message, request.cause);
  for (const std::size_t position : request.group.positions) {
    failures_.push_back({.index = position,
                         .key = {},
                         .code = ending_->code,
                         .outcome = may_be_applied ? Outcome::unknown : Outcome::failed,
                         .message = message});
  }
}

std::string RequestBook::words_of(const Ending& ending, const std::string& message,
                                  const CausePtr& cause) const {
  if (!ending.is_by_limit) return message;
  if (cause) return with_cause(message, cause);
  return with_cause(message, last_cause_ ? last_cause_ : ending.cause);
}

void RequestBook::fail_what_was_never_sent() {
  if (!ending_) return;
  const std::string named = words_of(*ending_, ending_->message, nullptr);
  std::size_t count = 0;
  const auto fail = [&](std::size_t position) {
    failures_.push_back({.index = position,
                         .key = {},
                         .code = ending_->code,
                         .outcome = Outcome::failed,
                         .message = ++count <= kNamedCauses ? named : ending_->message});
  };
  while (!plan_.empty()) std::ranges::for_each(plan_.next(kWholeSet).positions, fail);
  for (; next_ < keys_.size(); ++next_) fail(keys_.position(next_));
}

void RequestBook::fail_twins() {
  std::vector<KeyFailure> twins;
  for (const auto& [position, twin] : keys_.twins()) {
    const auto found = std::ranges::lower_bound(failures_, position, {}, &KeyFailure::index);
    if (found == failures_.end() || found->index != position) continue;
    twins.push_back(*found);
    twins.back().index = twin;
  }
  std::ranges::move(twins, std::back_inserter(failures_));
  std::ranges::sort(failures_, {}, &KeyFailure::index);
}

std::optional<Error> RequestBook::take_error() {
  return ending_ ? std::exchange(ending_->error, std::nullopt) : std::nullopt;
}

std::vector<KeyFailure> RequestBook::take_failures() {
  fail_what_was_never_sent();
  std::ranges::sort(failures_, {}, &KeyFailure::index);
  if (!failures_.empty() && !keys_.twins().empty()) fail_twins();
  return std::exchange(failures_, {});
}

}  // namespace bytestore::cassandra
