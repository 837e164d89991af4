#include "cassandra/policy/scan_plan.hpp"

#include <algorithm>
#include <utility>

#include "cassandra/driver/types.hpp"
#include "cassandra/flow/peak_ewma.hpp"

namespace bytestore::cassandra {
namespace {

/// Parts that are read at a time, and pages that may be held or on their way.
/// docs/decisions/026-scan.md has the figures.
constexpr std::size_t kParallel = 4;
constexpr std::size_t kMostPages = 8;

/// Rows and, as far as may be, bytes of a page.
constexpr double kMostPageRows = 1'000;
constexpr double kLeastPageRows = 16;
constexpr double kPageBytes = 0x1p20;

/// Parts that are begun while others are not finished, and parts that halves may make more of. The
/// first part may always be halved: the listing cannot go on without it.
constexpr std::size_t kMostBegun = 8;
constexpr std::size_t kMostHalves = 64;

/// Keys that a part should have: somewhat less than a page, so that most parts are one page.
constexpr double kPartKeys = 800;

// How much of the ring parts are at most, at least, and at first, when it is not known how many
// keys there are.
constexpr double kWidest = 0x1p-5;
constexpr double kNarrowest = 0x1p-17;
constexpr double kFirst = 0x1p-12;

/// How often parts are halved without a page in between, where keys are not spread evenly over the
/// ring: a server that answers nothing does not answer narrower parts either.
constexpr int kMostHalvings = 64;

/// How much wider the next part is after an empty one, and how much wider parts may be after each
/// that did not fail, once one did.
constexpr double kAfterNone = 8;
constexpr double kRecovery = 1.1;

/// Whether a range may do better if it is read in two halves, after so many failures.
bool is_too_much(const DriverError& error, int failed) noexcept {
  switch (error.code) {
    case DriverErrorCode::read_failure:  // for instance because of too many tombstones
    case DriverErrorCode::read_timeout:
      return true;
    case DriverErrorCode::attempt_timeout:
      return failed > 1;  // the first time it may be the fault of the node
    default:
      return false;
  }
}

bool has(const TokenRange& range, const Token& token) {
  return range.after < token && token <= range.last;
}

}  // namespace

ScanPlan::ScanPlan(const Ring& ring, std::string prefix, std::string_view after,
                   const RetryRule& retries)
    : ring_(&ring),
      prefix_(std::move(prefix)),
      retries_(retries),
      begun_to_(after.empty() ? ring.whole().after : ring.resume_point(ring.token_of(after))),
      first_key_(after),
      width_(kFirst),
      most_width_(kWidest) {}

/// The listing goes on with the first part, however much is held of others.
bool ScanPlan::has_room(const Part& part) const noexcept {
  return (&part == &parts_.front() && part.pages.empty()) || reading_ + pages_ < kMostPages;
}

ScanPlan::Part* ScanPlan::begin(Clock::time_point now, Clock::time_point since) {
  if (reading_ >= kParallel) return nullptr;
  drop_finished();
  const auto idle =
      std::ranges::find_if(parts_, [](const Part& part) { return part.is_idle && !part.is_read; });
  Part* const part = idle != parts_.end() ? &*idle : carve();
  if (part == nullptr || !has_room(*part)) return nullptr;
  part->is_idle = false;
  ++reading_;
  if (!std::exchange(part->is_attempted, true)) part->attempts = Attempts(since);
  if (std::exchange(part->is_half_to_read, false)) part->attempts.restart(now);
  return part;
}

std::int32_t ScanPlan::page_rows() const noexcept {
  return static_cast<std::int32_t>(
      std::clamp(kPageBytes / std::max(key_bytes_, 1.0), kLeastPageRows, kMostPageRows));
}

std::size_t ScanPlan::page_bytes() const noexcept {
  return static_cast<std::size_t>(key_bytes_ * static_cast<double>(page_rows()));
}

ScanPlan::Part* ScanPlan::carve() {
  if (!begun_to_ || parts_.size() >= kMostBegun) return nullptr;
  if (!parts_.empty() && reading_ + pages_ >= kMostPages) return nullptr;
  auto end = ring_->end_of(*begun_to_, width_);
  Part& part = parts_.emplace_back(
      TokenRange{.after = *begun_to_, .last = end ? *end : ring_->whole().last});
  begun_to_ = std::move(end);
  part.last_key = std::exchange(first_key_, {});
  return &part;
}

ScanPlan::Fit ScanPlan::fit(const Part& part, const std::vector<std::string_view>& keys) const {
  if (std::ranges::adjacent_find(keys) != keys.end()) return Fit::has_twins;
  const auto is_here = [&](std::string_view key) { return has(part.range, ring_->token_of(key)); };
  if (keys.empty() || (is_here(keys.front()) && is_here(keys.back()))) return Fit::yes;
  return Fit::is_elsewhere;
}

void ScanPlan::answered(Part& part, const std::vector<std::string_view>& keys,
                        std::string paging_state) {
  --reading_;
  part.is_idle = true;
  part.is_attempted = false;
  part.node.reset();
  // Only a resumed listing or a half of a part can start in the middle of a token. Then the keys up
  // to there are on the first page, or on a later one if the pages before it had no others.
  const auto is_seen = [&](std::string_view key) {
    return !part.last_key.empty() && key <= part.last_key &&
           ring_->resume_point(ring_->token_of(key)) == part.range.after;
  };
  const auto first_new = std::ranges::find_if_not(keys, is_seen);
  Page page;
  page.reserve(keys.size());
  std::for_each(first_new, keys.end(), [&](std::string_view key) {
    if (key.starts_with(prefix_)) page.emplace_back(key);
  });
  if (!page.empty()) {
    part.pages.push_back(std::move(page));
    ++pages_;
  }
  const bool is_whole = paging_state.empty();
  const bool was_without_keys = part.paging_state.empty() || part.last_key.empty();
  if (was_without_keys && (is_whole || !keys.empty())) {
    TokenRange seen = part.range;
    if (!is_whole) seen.last = ring_->token_of(keys.back());
    learn(keys.size(), seen);
  }
  if (!keys.empty()) {
    if (first_new != keys.end()) part.last_key = keys.back();
    std::size_t bytes = 0;
    for (const auto key : keys) bytes += key.size();
    const double seen = static_cast<double>(bytes) / static_cast<double>(keys.size());
    key_bytes_ = peak_ewma(key_bytes_, seen);
  }
  halvings_ = 0;
  part.is_read = is_whole;
  part.paging_state = std::move(paging_state);
}

void ScanPlan::learn(std::size_t keys, const TokenRange& seen) {
  if (seen.last <= seen.after) return;  // no answer of a server
  const auto width = ring_->share(seen);
  if (!width) return;
  most_width_ = std::min(kRecovery * most_width_, kWidest);
  const double wanted =
      keys == 0 ? kAfterNone * *width : *width / static_cast<double>(keys) * kPartKeys;
  width_ = std::clamp(wanted, kNarrowest, most_width_);
}

RetryDecision ScanPlan::failed(Part& part, const DriverError& error, const RetryMoment& moment) {
  const RetryDecision decision = decide_retry(error, {}, part.attempts, moment, retries_);
  if (!decision.retry_at) {
    part.is_attempted = false;
    put_back(part);
    return decision;
  }
  later_.emplace(*decision.retry_at, &part);
  if (is_too_much(error, part.attempts.failed())) {
    if (Part* const other = split(part)) later_.emplace(*decision.retry_at, other);
  }
  return decision;
}

ScanPlan::Clock::time_point ScanPlan::next_time() const noexcept {
  return later_.empty() ? Clock::time_point::max() : later_.begin()->first;
}

void ScanPlan::wake(Clock::time_point now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    put_back(*later_.begin()->second);
    later_.erase(later_.begin());
  }
}

/// It is to be read by a later `begin`.
void ScanPlan::put_back(Part& part) noexcept {
  --reading_;
  part.is_idle = true;
}

/// Makes halves of what is left of a part that waits for its retry: `part` becomes the first one,
/// and the second one is returned, which counts as waiting too. Null: it is too narrow.
ScanPlan::Part* ScanPlan::split(Part& part) {
  if (&part != &parts_.front() && parts_.size() >= kMostHalves) return nullptr;
  TokenRange left = part.range;
  // Before its first key only the server knows how far a part was read.
  if (!part.paging_state.empty() && !part.last_key.empty()) {
    const Token reached = ring_->token_of(part.last_key);
    if (!has(part.range, reached)) return nullptr;  // no answer of a server
    left.after = ring_->resume_point(reached);
  }
  const auto middle = ring_->middle(left);
  if (!middle || !narrow_to_half(left)) return nullptr;
  const auto at = std::ranges::find_if(parts_, [&](const Part& one) { return &one == &part; });
  Part& other = *parts_.emplace(std::next(at), TokenRange{.after = *middle, .last = left.last});
  part.is_half_to_read = other.is_half_to_read = true;
  other.is_attempted = true;
  other.attempts = part.attempts;
  other.node = part.node;
  other.is_idle = false;
  ++reading_;
  part.range = {.after = std::move(left.after), .last = *middle};
  part.paging_state.clear();
  return &other;
}

/// Returns false if `range` is not to be halved; else later parts are narrower.
bool ScanPlan::narrow_to_half(const TokenRange& range) {
  const auto share = ring_->share(range);
  if (!share) return ++halvings_ <= kMostHalvings;
  const double half = *share / 2;
  if (half < kNarrowest) return false;
  most_width_ = std::min(most_width_, half);
  width_ = std::min(width_, most_width_);
  return true;
}

std::optional<ScanPlan::Page> ScanPlan::take() {
  drop_finished();
  if (parts_.empty() || parts_.front().pages.empty()) return std::nullopt;
  auto& pages = parts_.front().pages;
  Page page = std::move(pages.front());
  pages.pop_front();
  --pages_;
  return page;
}

bool ScanPlan::finished() {
  drop_finished();
  return parts_.empty() && !begun_to_;
}

void ScanPlan::drop_finished() {
  while (!parts_.empty() && parts_.front().is_read && parts_.front().pages.empty()) {
    parts_.pop_front();
  }
}

}  // namespace bytestore::cassandra
