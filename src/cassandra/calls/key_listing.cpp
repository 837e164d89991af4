#include "cassandra/calls/key_listing.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <mutex>
#include <utility>

#include "cassandra/policy/error_policy.hpp"
#include "cassandra/policy/scan_plan.hpp"
#include "core/cancellation.hpp"

namespace bytestore::cassandra {
namespace {

constexpr std::string_view kDoing = "listing keys";

/// Whether a range that is read in two halves may do better, after so many failures.
bool is_too_much(const DriverError& error, int failed) noexcept {
  switch (error.code) {
    case DriverErrorCode::read_failure:  // for instance of too many tombstones
    case DriverErrorCode::read_timeout:
      return true;
    case DriverErrorCode::attempt_timeout:
      return failed > 1;  // of the first it may be the node's fault
    default:
      return false;
  }
}

}  // namespace

/// Somebody who waits for a page. Completed once, by whoever takes it out of the reader.
class KeyListing::PageWaiter final : public core::Cancellable {
 public:
  PageWaiter(std::shared_ptr<Reader> reader, core::Call call, core::Sink<core::PageResult>& sink,
             core::Call::Clock::time_point begun)
      : reader_(std::move(reader)), call_(std::move(call)), sink_(sink), begun_(begun) {}

  [[nodiscard]] core::Call::Clock::time_point begun() const noexcept { return begun_; }
  void arm(const std::shared_ptr<PageWaiter>& self) { cancellation_.arm(call_, self); }
  void cancel() noexcept override;
  void done(core::PageResult result) noexcept;

 private:
  std::shared_ptr<Reader> reader_;
  core::Call call_;  // the caller's goes when the waiter is completed: perhaps before it is armed
  core::Sink<core::PageResult>& sink_;
  core::Call::Clock::time_point begun_;
  core::Cancellation cancellation_;
};

/// Reads ahead; outlives the scan while requests are at the driver.
class KeyListing::Reader final : public Window::Sender,
                                 public std::enable_shared_from_this<Reader> {
 public:
  Reader(std::shared_ptr<Table> table, std::string prefix, std::string_view after)
      : table_(std::move(table)),
        timers_(table_->access().session->timers()),
        plan_(std::move(prefix), after) {}

  void next_page(const core::Call& call, core::Sink<core::PageResult>& sink);
  void stop() noexcept;
  /// Completes `waiter` unless somebody has.
  void give_up(const PageWaiter& waiter, ErrorCode code, std::string_view message) noexcept;

  /// A waiter ended, with so many keys.
  void count(const core::PageResult& page, core::Call::Clock::time_point begun) noexcept;

  using Clock = core::Call::Clock;

  Window::SendResult send_one() noexcept override;
  Clock::time_point end_if_silent(Clock::time_point now) noexcept override;

 private:
  class Request;
  using Part = ScanPlan::Part;

  void begin();
  void watch_statement() noexcept;
  void take(const LazyStatement::Prepared& prepared) noexcept;
  void transmit(std::unique_ptr<Request> request) noexcept;
  const Attempts& choose_node(Request& request);
  void answered(Part& part, const std::shared_ptr<const Statement>& statement, Result<Rows> result,
                bool is_cut_short) noexcept;
  void resume() noexcept;
  void complete_if_ready() noexcept;

  // Under the lock.
  [[nodiscard]] bool may_read() const noexcept { return !stopped_ && !error_ && statement_; }
  void add_page(Part& part, const Rows& rows);
  void note_cause(const DriverError& error, bool is_cut_short);
  void try_again_or_fail(Part& part, const DriverError& error);
  [[nodiscard]] std::optional<core::PageResult> next_result();
  [[nodiscard]] CausePtr last_cause() const;
  [[nodiscard]] Clock::time_point silence_limit() const;
  void make_timer();

  std::shared_ptr<Table> table_;
  core::Timers& timers_;

  std::mutex mutex_;
  std::shared_ptr<const Statement> statement_;
  bool preparing_ = false;
  bool stopped_ = false;
  ScanPlan plan_;
  std::size_t asked_ = 0;                          // attempts at pages
  std::multimap<Clock::time_point, Part*> later_;  // to be tried again
  CausePtr cause_;                                 // of the last attempt of the waiter that failed
  std::optional<Error> error_;                     // nothing more is read before the next waiter
  std::shared_ptr<PageWaiter> waiter_;
  std::unique_ptr<core::Timer> timer_;
};

/// Lives until it is answered.
class KeyListing::Reader::Request final : public RowsSink {
 public:
  Request(std::shared_ptr<Reader> reader, core::Gate::Pass pass, Part& part,
          std::shared_ptr<const Statement> statement)
      : reader_(std::move(reader)),
        pass_(std::move(pass)),
        part_(part),
        statement_(std::move(statement)),
        sent_at_(reader_->timers_.now()) {}

  void done(Result<Rows> result) noexcept override {
    const std::unique_ptr<Request> self(this);
    const auto session = reader_->table_->access().session;
    const auto now = reader_->timers_.now();
    const auto latency = now - sent_at_;
    if (node) session->loads().done(*node, ReplicaLoads::ending_of(result), now);
    const auto* error = std::get_if<DriverError>(&result);
    Window::Completion
        answer;  // of a page, which tells nothing about the latency of other requests
    if (error != nullptr && is_congestion(*error))
      answer.kind = Window::Completion::Kind::congested;
    if (error != nullptr && error->code == DriverErrorCode::attempt_timeout) {
      answer.kind = Window::Completion::Kind::timed_out;
    }
    answer.ticket = ticket;
    answer.arrived = error == nullptr || is_of_server(error->code);
    answer.answer_bytes = error == nullptr ? std::get<Rows>(result).bytes() : 0;
    answer.now = now;
    if (answer.arrived) session->life().seen(now);
    if (error == nullptr) reader_->table_->counters(Verb::yield_keys).answered(latency);
    reader_->answered(part_, statement_, std::move(result), is_cut_short);
    session->window().release(answer);
  }

  [[nodiscard]] Part& part() const noexcept { return part_; }  // nobody else's meanwhile
  [[nodiscard]] Clock::time_point sent_at() const noexcept { return sent_at_; }
  [[nodiscard]] const Statement& statement() const noexcept { return *statement_; }

  // Before it is sent.
  std::vector<NodeId> replicas{};
  std::optional<NodeId> node{};  ///< the first of them, which has it among its requests
  Clock::time_point waited_for_since = sent_at();
  std::int32_t page_rows = 0;
  std::size_t page_bytes = 0;  ///< that are expected
  Window::Ticket ticket{};
  bool is_cut_short = false;  ///< it has less time than it should, as a limit is near
  std::size_t number = 0;     ///< of the attempts at pages

 private:
  std::shared_ptr<Reader> reader_;
  core::Gate::Pass pass_;
  Part& part_;  // of the reader's plan
  std::shared_ptr<const Statement> statement_;
  Clock::time_point sent_at_;
};

void KeyListing::PageWaiter::done(core::PageResult result) noexcept {
  reader_->count(result, begun_);
  sink_.done(std::move(result));
}

void KeyListing::PageWaiter::cancel() noexcept {
  reader_->give_up(*this, ErrorCode::cancelled, "the listing was stopped, or its store was closed");
}

void KeyListing::Reader::next_page(const core::Call& call, core::Sink<core::PageResult>& sink) {
  if (const auto code = call.interruption()) {
    return sink.done(
        {.keys = {}, .error = Error(*code, "the listing was stopped, or its store was closed")});
  }
  // While this starts, the table stays open, although a cancellation may complete the waiter.
  const auto pass = table_->access().requests->enter();
  const auto waiter = std::make_shared<PageWaiter>(shared_from_this(), call, sink, timers_.now());
  {
    const std::lock_guard lock(mutex_);
    waiter_ = waiter;
    error_.reset();  // what failed is read again
    cause_.reset();
  }
  waiter->arm(waiter);
  begin();
}

/// What a waiter waits for, in turn: the set-up, the partitioner, the statement, a page.
void KeyListing::Reader::begin() {
  table_->when_listable([self = shared_from_this()](const TableSetup::Outcome& outcome) {
    if (outcome) {
      {
        const std::lock_guard lock(self->mutex_);
        self->error_ = outcome;
      }
      return self->complete_if_ready();
    }
    {
      const std::lock_guard lock(self->mutex_);
      if (self->stopped_ || !self->waiter_ || std::exchange(self->preparing_, true)) return;
    }
    try {
      const auto pass = self->table_->access().requests->enter();
      self->table_->statement(Verb::yield_keys)
          .get([self](const LazyStatement::Prepared& prepared) { self->take(prepared); });
    } catch (const Error&) {
      return;  // the store was closed, and the waiter with it
    }
  });
  watch_statement();
}

void KeyListing::Reader::take(const LazyStatement::Prepared& prepared) noexcept {
  std::shared_ptr<SharedSession> session;
  {
    const std::lock_guard lock(mutex_);
    preparing_ = false;
    if (const auto* error = std::get_if<DriverError>(&prepared)) {
      error_ = to_error(*error, kDoing);
    } else {
      statement_ = std::get<std::shared_ptr<const Statement>>(prepared);
      if (waiter_) session = table_->access().session;  // else the store may be closed
    }
  }
  complete_if_ready();
  if (session) resume();
}

Window::SendResult KeyListing::Reader::send_one() noexcept {
  std::unique_ptr<Request> request;
  try {
    auto pass = table_->access().requests->enter();
    const std::lock_guard lock(mutex_);
    Part* const part = may_read() ? plan_.begin() : nullptr;
    if (part == nullptr) return {.sent = false, .more = false};
    request = std::make_unique<Request>(shared_from_this(), std::move(pass), *part, statement_);
    if (waiter_) request->waited_for_since = waiter_->begun();
    request->page_rows = plan_.page_rows();
    request->page_bytes = plan_.page_bytes();
    request->number = asked_++;
  } catch (const std::exception&) {  // the store is closed: it may have no session any more
    return {.sent = false, .more = false};
  }
  transmit(std::move(request));
  return {.sent = true, .more = true};
}

void KeyListing::Reader::transmit(std::unique_ptr<Request> request) noexcept {
  try {
    SharedSession& session = *table_->access().session;
    const Attempts& attempts = choose_node(*request);
    const Part& asked = request->part();
    auto options = table_->request_options();
    request->ticket =
        session.window().charge({.request = 0, .answer = request->page_bytes}, request->sent_at());
    const auto wanted = std::max(options.timeout, request->ticket.patience);
    options.timeout = attempts.timeout(request->sent_at(), session.life().last(), wanted,
                                       session.settings().retries);
    request->is_cut_short = options.timeout < wanted;
    options.replicas = request->replicas;
    options.page_size = request->page_rows;
    options.paging_state = asked.paging_state;
    const std::array<Value, 2> values{asked.range.after, asked.range.last};
    table_->counters(Verb::yield_keys)
        .sent(attempts.failed() > 0 ? AttemptKind::retry : AttemptKind::first, 0);
    session.driver().execute(request->statement(), values, options, *request);
    static_cast<void>(request.release());  // `done` has it now
  } catch (const std::exception& error) {  // out of memory
    request.release()->done(DriverError{.message = error.what()});
  }
}

/// Each attempt at another replica, if there is one; the first at the one with the fewest requests.
const Attempts& KeyListing::Reader::choose_node(Request& request) {
  Part& part = request.part();
  Attempts& attempts = part.begun(request.waited_for_since);
  if (std::exchange(part.is_half, false)) attempts.restart(request.sent_at());
  table_->topology()->replicas(part.range.last, request.replicas);
  if (request.replicas.empty()) return attempts;
  table_->access().session->loads().choose(request.replicas, request.number, part.node,
                                           request.sent_at());
  part.node = request.replicas.front();
  request.node = part.node;
  return attempts;
}

void KeyListing::Reader::answered(Part& part, const std::shared_ptr<const Statement>& statement,
                                  Result<Rows> result, bool is_cut_short) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  const bool stale = error != nullptr && error->code == DriverErrorCode::unprepared;
  if (stale) table_->statement(Verb::yield_keys).forget(statement);
  bool work = false;
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    if (stale && statement_ == statement) {
      statement_.reset();
      ask = true;
    }
    if (error == nullptr) {
      add_page(part, std::get<Rows>(result));
    } else {
      note_cause(*error, is_cut_short);
      try_again_or_fail(part, *error);
    }
    work = may_read();
  }
  complete_if_ready();
  if (work) table_->access().session->window().queue(shared_from_this());
  if (ask) begin();
}

void KeyListing::Reader::add_page(Part& part, const Rows& rows) {
  std::vector<std::string_view> keys;
  keys.reserve(rows.size());
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    bytes += keys.emplace_back(rows.text(row, 0)).size();
  }
  table_->counters(Verb::yield_keys).received(bytes);
  report_warnings(*table_->access().session, rows, kDoing);
  plan_.answered(part, keys, rows.paging_state());
}

/// An attempt that was cut short by a limit does not hide what was seen before.
void KeyListing::Reader::note_cause(const DriverError& error, bool is_cut_short) {
  const bool hides = is_cut_short && error.code == DriverErrorCode::attempt_timeout;
  if (!hides || !cause_) cause_ = cause_of(error, kDoing);
}

void KeyListing::Reader::try_again_or_fail(Part& part, const DriverError& error) {
  SharedSession& session = *table_->access().session;
  const auto now = timers_.now();
  Attempts& attempts = part.begun(now);
  const auto again = classify(error, Effect::read).retry
                         ? attempts.fail(now, session.life().last(), random_jitter(),
                                         retry_rule(error, session.settings().retries))
                         : std::nullopt;
  if (!again) {
    error_ = Error(cause_->code, cause_->text);
    part.attempts.reset();
    return plan_.put_back(part);  // the next waiter may have more luck
  }
  report_retry(session, error, kDoing);
  later_.emplace(*again, &part);
  if (is_too_much(error, attempts.failed())) {
    if (Part* const other = plan_.split(part)) later_.emplace(*again, other);
  }
  if (!timer_) make_timer();
  timer_->set(later_.begin()->first);
}

void KeyListing::Reader::make_timer() {
  timer_ = timers_.timer([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->end_if_silent(self->timers_.now());
    self->resume();
  });
}

/// A waiter that waits for the set-up or for the statement ends in time where nothing answers.
void KeyListing::Reader::watch_statement() noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (!waiter_ || statement_) return;
    if (!timer_) make_timer();
    timer_->set(silence_limit());
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): then the set-up's limit holds
  }
}

/// Reads on, after a page was asked for or when a range is to be tried again.
void KeyListing::Reader::resume() noexcept {
  std::shared_ptr<SharedSession> session;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !waiter_) return;  // the next waiter looks again
    session = table_->access().session;
    const auto now = timers_.now();
    while (!later_.empty() && later_.begin()->first <= now) {
      plan_.put_back(*later_.begin()->second);
      later_.erase(later_.begin());
    }
    if (timer_ && !later_.empty()) timer_->set(later_.begin()->first);
  }
  start_sending(session, shared_from_this());
}

std::optional<core::PageResult> KeyListing::Reader::next_result() {
  if (auto page = plan_.take()) {
    return core::PageResult{.keys = std::move(*page), .error = std::nullopt};
  }
  if (error_) return core::PageResult{.keys = {}, .error = error_};
  if (plan_.finished()) return core::PageResult{};
  return std::nullopt;
}

/// Completes the waiter if there is something to complete it with.
void KeyListing::Reader::complete_if_ready() noexcept {
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

void KeyListing::Reader::give_up(const PageWaiter& waiter, ErrorCode code,
                                 std::string_view message) noexcept {
  std::shared_ptr<PageWaiter> taken;
  CausePtr cause;
  {
    const std::lock_guard lock(mutex_);
    if (waiter_.get() != &waiter) return;
    taken = std::move(waiter_);
    cause = last_cause();
  }
  taken->done({.keys = {}, .error = Error(code, with_cause(message, cause))});
}

/// What this waiter has waited for in vain, if anything failed.
CausePtr KeyListing::Reader::last_cause() const {
  if (cause_) return cause_;
  if (statement_) return nullptr;
  if (auto cause = table_->why_not_listable()) return cause;
  return table_->statement(Verb::yield_keys).last_failure();
}

KeyListing::Reader::Clock::time_point KeyListing::Reader::silence_limit() const {
  SharedSession& session = *table_->access().session;
  return std::max(waiter_->begun(), session.life().last()) +
         session.settings().retries.give_up_after;
}

KeyListing::Reader::Clock::time_point KeyListing::Reader::end_if_silent(
    Clock::time_point now) noexcept {
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

void KeyListing::Reader::stop() noexcept {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

void KeyListing::Reader::count(const core::PageResult& page, Clock::time_point begun) noexcept {
  VerbCounters& counters = table_->counters(Verb::yield_keys);
  if (page.error) counters.failed(page.error->code());
  counters.ended(page.keys.size(), timers_.now() - begun);
}

KeyListing::KeyListing(std::shared_ptr<Table> table, std::string prefix, std::string_view after)
    : reader_(std::make_shared<Reader>(std::move(table), std::move(prefix), after)) {}

KeyListing::~KeyListing() { reader_->stop(); }

void KeyListing::next_page(const core::Call& call, core::Sink<core::PageResult>& sink) {
  reader_->next_page(call, sink);
}

}  // namespace bytestore::cassandra
