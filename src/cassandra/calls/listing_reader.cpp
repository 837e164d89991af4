#include "cassandra/calls/listing_reader.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>
#include <vector>

namespace bytestore::cassandra {

/// A page in flight; lives until it is answered.
class ListingReader::Request final : public RowsSink {
 public:
  Request(std::shared_ptr<ListingReader> reader, core::Gate::Pass pass, Part& part,
          std::shared_ptr<const Statement> statement, Clock::time_point now)
      : reader_(std::move(reader)),
        pass_(std::move(pass)),
        part_(part),
        statement_(std::move(statement)),
        sent_at_(now) {}

  void done(Result<Rows> result) noexcept override {
    const std::unique_ptr<Request> self(this);
    const auto session = reader_->table_->access().session;
    const auto now = reader_->timers_.now();
    const auto latency = now - sent_at_;
    if (part_.node) session->loads().done(*part_.node, ReplicaLoads::ending_of(result), now);
    const auto* error = std::get_if<DriverError>(&result);
    // The latency of a page tells nothing about other requests.
    Window::Completion answer;
    if (error != nullptr && is_congestion(*error)) {
      answer.kind = Window::Completion::Kind::congested;
    }
    if (error != nullptr && error->code == DriverErrorCode::attempt_timeout) {
      answer.kind = Window::Completion::Kind::timed_out;
    }
    answer.ticket = ticket;
    answer.arrived = error == nullptr || is_of_server(error->code);
    answer.answer_bytes = error == nullptr ? std::get<Rows>(result).bytes() : 0;
    answer.now = now;
    if (answer.arrived) session->life().seen(now);
    if (error == nullptr) reader_->table_->counters().yield_keys.answered(latency);
    reader_->answered(part_, statement_, std::move(result), is_cut_short);
    session->window().release(answer);
  }

  [[nodiscard]] Part& part() const noexcept { return part_; }  // nobody else's meanwhile
  [[nodiscard]] Clock::time_point sent_at() const noexcept { return sent_at_; }
  [[nodiscard]] const Statement& statement() const noexcept { return *statement_; }

  // Before it is sent.
  std::int32_t page_rows = 0;
  std::size_t page_bytes = 0;  ///< that are expected
  Window::Ticket ticket{};
  bool is_cut_short = false;  ///< it has less time than it should, as a limit is near

 private:
  std::shared_ptr<ListingReader> reader_;
  core::Gate::Pass pass_;
  Part& part_;  // of the reader's plan
  std::shared_ptr<const Statement> statement_;
  Clock::time_point sent_at_;
};

ListingReader::ListingReader(std::shared_ptr<Table> table, std::string prefix,
                             std::string_view after)
    : table_(std::move(table)),
      timers_(table_->access().session->timers()),
      plan_(std::move(prefix), after, table_->access().session->settings().retries) {}

Window::SendResult ListingReader::send_one() noexcept {
  std::unique_ptr<Request> request;
  try {
    auto pass = table_->access().requests->enter();
    const std::lock_guard lock(mutex_);
    const auto now = timers_.now();
    Part* const part = may_read() ? plan_.begin(now, waiter_ ? waiter_->begun() : now) : nullptr;
    if (part == nullptr) return {.sent = false, .more = false};
    request =
        std::make_unique<Request>(shared_from_this(), std::move(pass), *part, statement_, now);
    request->page_rows = plan_.page_rows();
    request->page_bytes = plan_.page_bytes();
  } catch (const std::exception&) {  // the store is closed: it may have no session any more
    return {.sent = false, .more = false};
  }
  transmit(std::move(request));
  return {.sent = true, .more = true};
}

void ListingReader::transmit(std::unique_ptr<Request> request) noexcept {
  try {
    SharedSession& session = *table_->access().session;
    choose_node(*request);
    const Part& asked = request->part();
    auto options = table_->request_options();
    request->ticket =
        session.window().charge({.request = 0, .answer = request->page_bytes}, request->sent_at());
    const auto wanted = std::max(options.timeout, request->ticket.patience);
    options.timeout = asked.attempts.timeout(request->sent_at(), session.life().last(), wanted,
                                             session.settings().retries);
    request->is_cut_short = options.timeout < wanted;
    options.replicas = asked.replicas;
    options.page_size = request->page_rows;
    options.paging_state = asked.paging_state;
    const std::array<Value, 2> values{asked.range.after, asked.range.last};
    table_->counters().yield_keys.sent(
        asked.attempts.failed() > 0 ? AttemptKind::retry : AttemptKind::first, 0);
    session.driver().execute(request->statement(), values, options, *request);
    static_cast<void>(request.release());  // `done` has it now
  } catch (const std::exception& error) {  // out of memory
    request.release()->done(DriverError{.message = error.what()});
  }
}

void ListingReader::choose_node(const Request& request) {
  const std::lock_guard lock(mutex_);
  const auto newest = [this] { return table_->replica_sets(); };
  const auto nodes_of = [&](const ReplicaSets& sets) {
    return sets.nodes(sets.of(request.part().range.last));
  };
  choose_replica(
      request.part(),
      {.failed = request.part().attempts.failed(), .offset = asked_++, .now = request.sent_at()},
      [&] { return nodes_of(replica_sets_.known(newest)); },
      [&] { return nodes_of(replica_sets_.renewed(newest)); }, table_->access().session->loads());
}

void ListingReader::answered(Part& part, const std::shared_ptr<const Statement>& statement,
                             Result<Rows> result, bool is_cut_short) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  const bool stale = error != nullptr && error->code == DriverErrorCode::unprepared;
  if (stale) table_->list().forget(statement);
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
      cause_ = later_cause(cause_, *error, is_cut_short, kListing);
      retry_or_fail(part, *error);
    }
    work = may_read();
  }
  complete_if_ready();
  if (work) table_->access().session->window().queue(shared_from_this());
  if (ask) begin();
}

void ListingReader::add_page(Part& part, const Rows& rows) {
  std::vector<std::string_view> keys;
  keys.reserve(rows.size());
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    bytes += keys.emplace_back(rows.text(row, 0)).size();
  }
  table_->counters().yield_keys.received(bytes);
  report_warnings(*table_->access().session, rows, kListing);
  plan_.answered(part, keys, rows.paging_state());
}

void ListingReader::retry_or_fail(Part& part, const DriverError& error) {
  SharedSession& session = *table_->access().session;
  if (!plan_.failed(part, error, retry_moment(session)).retry_at) {
    error_ = Error(cause_->code, cause_->text);
    return;
  }
  report_retry(session, error, kListing);
  if (!timer_) make_timer();
  timer_->set(plan_.next_time());
}

/// Reads on, after a page was asked for or when a range is to be retried.
void ListingReader::resume() noexcept {
  std::shared_ptr<SharedSession> session;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !waiter_) return;  // the next waiter looks again
    session = table_->access().session;
    plan_.wake(timers_.now());
    const auto next = plan_.next_time();
    if (timer_ && next != Clock::time_point::max()) timer_->set(next);
  }
  start_sending(session, shared_from_this());
}

}  // namespace bytestore::cassandra
