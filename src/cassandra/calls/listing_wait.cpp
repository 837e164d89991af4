#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "cassandra/calls/listing_reader.hpp"
#include "cassandra/cql/ascii.hpp"
#include "core/out_of_memory.hpp"

// What a step of a listing waits for, and how it ends: with a page, with an error, or because
// nothing answers.
namespace bytestore::cassandra {

void ListingReader::next_page(const core::Call& call, core::Sink<core::PageResult>& sink) {
  if (const auto code = call.interruption()) {
    return sink.done({.keys = {}, .error = Error(*code, std::string(kListingStopped))});
  }
  const KeepOpen keep_open(table_->access());
  const auto waiter = std::make_shared<PageWaiter>(shared_from_this(), call, sink, timers_.now());
  bool has_failed = false;
  {
    const std::lock_guard lock(mutex_);
    has_failed = is_without_memory_;
    if (!has_failed) {
      waiter_ = waiter;
      error_.reset();  // what failed is read again
      cause_.reset();
    }
  }
  if (has_failed) return sink.done({.keys = {}, .error = core::out_of_memory()});
  waiter->arm(waiter);
  take_step([&] { begin(); });
}

/// What a waiter waits for, in turn: the set-up, the partitioner, the statement, a page.
void ListingReader::begin() {
  table_->when_listable([self = shared_from_this()](const TableSetup::Outcome& outcome) {
    self->take_step([&] { self->prepare(outcome); });
  });
  watch_statement();
}

/// Why a table that is usable has no keys with the prefix, if it can have none.
TableSetup::Outcome ListingReader::prefix_refusal() const {
  const auto byte = find_non_ascii(prefix_);
  if (!byte || !table_->setup().layout().has_ascii_keys) return std::nullopt;
  return Error(ErrorCode::invalid_argument,
               fmt::format("the prefix is not ASCII at byte {}, and row_id of the table {} is, so "
                           "that no key begins with it; give another one",
                           *byte, table_->name().cql()));
}

void ListingReader::prepare(const TableSetup::Outcome& outcome) {
  if (const auto refused = outcome ? outcome : prefix_refusal()) {
    {
      const std::lock_guard lock(mutex_);
      error_ = refused;
    }
    return complete_if_ready();
  }
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !waiter_ || std::exchange(preparing_, true)) return;
  }
  try {
    const KeepOpen keep_open(table_->access());
    const auto self = shared_from_this();
    if (!make_plan()) return complete_if_ready();
    table_->statements(Verb::yield_keys)
        .single->get([self](const LazyStatement::Prepared& prepared) {
          self->take_step([&] { self->take(prepared); });
        });
  } catch (const Error&) {
    return;  // the store was closed, and the waiter with it
  }
}

/// By the ring of the servers, which is known now. Returns false if the cursor turns out to be of
/// another one: it was read before that was known.
bool ListingReader::make_plan() {
  const std::lock_guard lock(mutex_);
  if (plan_) return true;
  if (!after_.empty() && order_of_cursor_ != table_->key_order()) {
    preparing_ = false;
    error_ =
        Error(ErrorCode::invalid_argument,
              "the cursor of a listing was read before the servers had told their partitioner, "
              "and is not of that one; list again with a cursor that these servers returned, "
              "or with none");
    return false;
  }
  plan_ = std::make_unique<ScanPlan>(*table_->ring(), prefix_, after_,
                                     table_->access().session->settings().retries);
  return true;
}

void ListingReader::take(const LazyStatement::Prepared& prepared) {
  std::shared_ptr<SharedSession> session;
  {
    const std::lock_guard lock(mutex_);
    preparing_ = false;
    if (const auto* error = std::get_if<DriverError>(&prepared)) {
      error_ = to_error(*error, kListing);
    } else {
      statement_ = std::get<std::shared_ptr<const Statement>>(prepared);
      if (waiter_) session = table_->access().session;  // else the store may be closed
    }
  }
  complete_if_ready();
  if (session) resume();
}

void ListingReader::make_timer() {
  timer_ = timers_.timer([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->end_if_silent(self->timers_.now());
    self->resume();
  });
}

/// A waiter that waits for the set-up or for the statement ends in time where nothing answers.
void ListingReader::watch_statement() noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (!waiter_ || statement_) return;
    if (!timer_) make_timer();
    timer_->set(silence_limit());
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): then the set-up's limit holds
  }
}

std::optional<core::PageResult> ListingReader::next_result() {
  if (auto page = plan_ ? plan_->take() : std::nullopt) {
    return core::PageResult{.keys = std::move(*page), .error = std::nullopt};
  }
  if (error_) return core::PageResult{.keys = {}, .error = error_};
  if (plan_ && plan_->finished()) return core::PageResult{};
  return std::nullopt;
}

/// Completes the waiter if there is something to complete it with.
void ListingReader::complete_if_ready() {
  std::shared_ptr<PageWaiter> waiter;
  std::optional<core::PageResult> page;
  {
    const std::lock_guard lock(mutex_);
    if (!waiter_) return;
    page = next_result();
    if (!page) return;
    waiter = std::move(waiter_);
  }
  waiter->done(std::move(*page));
}

void ListingReader::give_up(const PageWaiter& waiter, ErrorCode code,
                            std::string_view message) noexcept {
  std::shared_ptr<PageWaiter> taken;
  CausePtr cause;
  {
    const std::lock_guard lock(mutex_);
    if (waiter_.get() != &waiter) return;
    taken = std::move(waiter_);
    cause = last_cause();
  }
  std::optional<Error> error;
  try {
    error.emplace(code, with_cause(message, cause));
  } catch (const std::exception&) {
    error = core::out_of_memory();
  }
  taken->done({.keys = {}, .error = std::move(error)});
}

void ListingReader::end_without_memory() noexcept {
  std::shared_ptr<PageWaiter> waiter;
  {
    const std::lock_guard lock(mutex_);
    is_without_memory_ = true;
    error_ = core::out_of_memory();
    waiter = std::move(waiter_);
  }
  if (waiter) waiter->done({.keys = {}, .error = core::out_of_memory()});
}

/// Why what this waiter waits for has failed so far; null: nothing has.
CausePtr ListingReader::last_cause() const {
  if (cause_) return cause_;
  if (auto cause = table_->why_not_listable()) return cause;
  return table_->statements(Verb::yield_keys).single->last_failure();
}

ListingReader::Clock::time_point ListingReader::silence_limit() const {
  SharedSession& session = *table_->access().session;
  return cassandra::silence_limit(waiter_->begun(), session.life().last(),
                                  session.settings().retries);
}

ListingReader::Clock::time_point ListingReader::end_if_silent(Clock::time_point now) noexcept {
  auto next = Clock::time_point::max();
  take_step([&] { next = look_at_silence(now); });
  return next;
}

ListingReader::Clock::time_point ListingReader::look_at_silence(Clock::time_point now) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !waiter_ || error_) return Clock::time_point::max();
    const auto limit = silence_limit();
    if (now < limit) {
      if (!statement_ && timer_) timer_->set(limit);
      return limit;
    }
    const auto patience = table_->access().session->settings().retries.give_up_after;
    const auto cause = last_cause();
    error_ = Error(cause ? cause->code : ErrorCode::timeout,
                   with_cause(silence_message(patience), cause));
  }
  complete_if_ready();
  return Clock::time_point::max();
}

void ListingReader::stop() noexcept {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

void ListingReader::count(const core::PageResult& page, Clock::time_point begun) noexcept {
  VerbCounters& counters = table_->counters(Verb::yield_keys);
  if (page.error) counters.failed(page.error->code());
  counters.ended(page.keys.size(), timers_.now() - begun);
}

}  // namespace bytestore::cassandra
