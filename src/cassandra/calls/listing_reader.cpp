#include "cassandra/calls/listing_reader.hpp"

#include <array>
#include <new>
#include <utility>
#include <vector>

namespace bytestore::cassandra {
namespace {

std::vector<std::string_view> keys_of(const Rows& rows) {
  std::vector<std::string_view> keys;
  keys.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) keys.push_back(rows.text(row, 0));
  return keys;
}

}  // namespace

/// A page in flight.
class ListingReader::Request final : public SentRequest {
 public:
  Request(KeepOpen keep_open, std::shared_ptr<ListingReader> reader, Part& part,
          std::shared_ptr<const Statement> statement)
      : SentRequest(
            std::move(keep_open), *reader->table_,
            {.counters = reader->table_->counters(Verb::yield_keys), .operation = kListing}),
        reader_(std::move(reader)),
        part_(part),
        statement_(std::move(statement)),
        page_rows_(reader_->plan_->page_rows()) {}

 private:
  void execute(DriverSession& driver, RequestOptions& options) override {
    options.page_size = page_rows_;
    const std::string after = reader_->plan_->ring().bound(part_.range.after);
    const std::string last = reader_->plan_->ring().bound(part_.range.last);
    const std::array<Value, 2> values{as_bytes(after), as_bytes(last)};
    driver.execute(*statement_, values, options, *this);
  }

  void completed(Result<Rows> result) noexcept override {
    const auto reader = std::move(reader_);
    reader->answered(part_, statement_, std::move(result), is_cut_short());
  }

  std::shared_ptr<ListingReader> reader_;
  Part& part_;  // of the reader's plan; only this request uses it meanwhile
  std::shared_ptr<const Statement> statement_;
  std::int32_t page_rows_;
};

ListingReader::ListingReader(std::shared_ptr<Table> table, std::string prefix,
                             std::string_view after)
    : table_(std::move(table)),
      timers_(table_->access().session->timers()),
      prefix_(std::move(prefix)),
      after_(after),
      order_of_cursor_(table_->key_order()) {}

Window::SendResult ListingReader::send_one() noexcept {
  Window::SendResult turn{.sent = false, .more = false};
  take_step([&] { turn = send_next(); });
  return turn;
}

Window::SendResult ListingReader::send_next() {
  const auto now = timers_.now();
  Part* part = nullptr;
  std::unique_ptr<Request> request;
  try {
    KeepOpen keep_open(table_->access());
    const std::lock_guard lock(mutex_);
    if (may_read()) part = plan_->begin(now, waiter_ ? waiter_->begun() : now);
    if (part == nullptr) return {.sent = false, .more = false};
    request =
        std::make_unique<Request>(std::move(keep_open), shared_from_this(), *part, statement_);
  } catch (const Error&) {  // the store is closed: it may have no session any more
    return {.sent = false, .more = false};
  }
  try {
    const auto attempt = next_attempt(*part, now);
    SentRequest::send(std::move(request), attempt);
  } catch (const std::bad_alloc&) {
    SentRequest::refuse(std::move(request));
  }
  return {.sent = true, .more = true};
}

SentRequest::Attempt ListingReader::next_attempt(Part& part, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  choose_node(part, now);
  return {
      .kind = part.attempts.failed() > 0 ? AttemptKind::retry : AttemptKind::first,
      .attempts = part.attempts,
      .replicas = part.replicas,
      .paging_state = part.paging_state,
      .bytes = {.request = 0, .answer = plan_->page_bytes()},
      .sent_at = now,
  };
}

void ListingReader::choose_node(Part& part, Clock::time_point now) {
  const auto newest = [this] { return table_->replica_sets(); };
  const auto nodes_of = [&](const ReplicaSets& sets) {
    return sets.nodes(sets.of(murmur3_number(part.range.last)));
  };
  choose_replica(
      part, {.failed = part.attempts.failed(), .offset = asked_++, .now = now},
      [&] { return nodes_of(replica_sets_.known(newest)); },
      [&] { return nodes_of(replica_sets_.renewed(newest)); }, table_->access().session->loads());
}

void ListingReader::answered(Part& part, const std::shared_ptr<const Statement>& statement,
                             Result<Rows> result, bool is_cut_short) noexcept {
  take_step([&] { take_page(part, statement, result, is_cut_short); });
}

void ListingReader::take_page(Part& part, const std::shared_ptr<const Statement>& statement,
                              const Result<Rows>& result, bool is_cut_short) {
  const auto* error = std::get_if<DriverError>(&result);
  const auto attempts = static_cast<std::size_t>(part.attempts.failed()) + 1;
  const bool stale =
      error != nullptr && needs_new_statement(*error, attempts, part.replicas.size());
  if (stale) table_->statements(Verb::yield_keys).single->forget(statement);
  bool work = false;
  bool ask = false;
  bool is_doubtful = false;
  std::optional<DriverError> failure;
  if (error != nullptr) failure = table_->setup().explained(*error);
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || is_without_memory_) return;
    if (stale && statement_ == statement) {
      statement_.reset();
      ask = true;
    }
    if (failure) {
      cause_ = later_cause(cause_, *failure, is_cut_short, kListing);
      retry_or_fail(part, *failure);
    } else {
      is_doubtful = !add_page(part, std::get<Rows>(result));
    }
    work = may_read();
  }
  if (is_doubtful) look_for_masks(part, std::get<Rows>(result));
  complete_if_ready();
  if (work) table_->access().session->window().queue(shared_from_this());
  if (ask) begin();
}

bool ListingReader::add_page(Part& part, const Rows& rows) {
  const auto keys = keys_of(rows);
  const auto fit = plan_->fit(part, keys);
  if (fit == ScanPlan::Fit::has_twins || (fit == ScanPlan::Fit::is_elsewhere && !is_unmasked_)) {
    return false;
  }
  std::size_t bytes = 0;
  for (const auto key : keys) bytes += key.size();
  table_->counters(Verb::yield_keys).received(bytes);
  plan_->answered(part, keys, rows.paging_state());
  return true;
}

/// The part is still being read meanwhile.
void ListingReader::look_for_masks(Part& part, const Rows& rows) {
  TableSetup& setup = table_->setup();
  setup.distrust();
  setup.when_done([self = shared_from_this(), &part, rows](const TableSetup::Outcome& outcome) {
    self->take_step([&] { self->decide_doubt(part, rows, outcome); });
  });
}

/// Without masks, only a key that is there twice cannot be right.
void ListingReader::decide_doubt(Part& part, const Rows& rows, const TableSetup::Outcome& outcome) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || is_without_memory_) return;
    is_unmasked_ = !outcome;
    if (outcome || !add_page(part, rows)) {
      const DriverError doubt{.code = DriverErrorCode::protocol,
                              .message = "a page has a key twice",
                              .maybe_sent = true};
      plan_->failed(part, doubt, retry_moment(*table_->access().session));
      error_ = outcome ? *outcome : to_error(doubt, kListing);
    }
  }
  complete_if_ready();
  resume();
}

void ListingReader::retry_or_fail(Part& part, const DriverError& error) {
  SharedSession& session = *table_->access().session;
  if (!plan_->failed(part, error, retry_moment(session)).retry_at) {
    error_ = Error(cause_->code, cause_->text);
    return;
  }
  report_retry(session, error, kListing);
  if (!timer_) make_timer();
  timer_->set(plan_->next_time());
}

/// Reads on, after a page was asked for or when a range is to be retried.
void ListingReader::resume() noexcept {
  take_step([&] { read_on(); });
}

void ListingReader::read_on() {
  std::shared_ptr<SharedSession> session;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !waiter_) return;  // the next waiter looks again
    session = table_->access().session;
    if (plan_) plan_->wake(timers_.now());
    const auto next = plan_ ? plan_->next_time() : Clock::time_point::max();
    if (timer_ && next != Clock::time_point::max()) timer_->set(next);
  }
  start_sending(session, shared_from_this());
}

}  // namespace bytestore::cassandra
