#include "cassandra/calls/key_estimate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "cassandra/cql/big_endian.hpp"
#include "cassandra/cql/statements.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/session/questions.hpp"
#include "cassandra/session/reachable_nodes.hpp"
#include "core/out_of_memory.hpp"

namespace bytestore::cassandra {
namespace {

constexpr std::string_view kDoing = "estimating the number of keys";

}  // namespace

void KeyEstimate::start(std::shared_ptr<Table> table, const core::Call& call,
                        core::Sink<core::EstimateResult>& sink) {
  const auto self = std::make_shared<KeyEstimate>(std::move(table), call, sink);
  if (const auto code = call.interruption()) {
    return self->finish({.error = Error(*code, std::string(core::interruption_message(*code)))});
  }
  const KeepOpen keep_open(self->table_->access());
  self->cancellation_.arm(call, self);  // neither the call nor the sink may be there after this
  self->watch();
  self->table_->when_listable([self](const TableSetup::Outcome& outcome) {
    if (outcome) return self->finish({.error = outcome});
    self->ask_all();
  });
}

KeyEstimate::KeyEstimate(std::shared_ptr<Table> table, const core::Call& call,
                         core::Sink<core::EstimateResult>& sink)
    : table_(std::move(table)),
      begun_(table_->access().session->timers().now()),
      deadline_(call.deadline()),
      sink_(&sink) {}

void KeyEstimate::cancel() noexcept {
  end(ErrorCode::cancelled, "the estimate was cancelled, or its store was closed");
}

/// Also while it waits for the set-up it ends at its deadline, and where nothing answers.
void KeyEstimate::watch() noexcept {
  try {
    timer_ = table_->access().session->timers().timer([weak = weak_from_this()] {
      if (const auto estimate = weak.lock()) estimate->ring();
    });
    timer_->set(std::min(deadline_, silence_limit()));
  } catch (const std::exception& error) {  // no thread for timers
    finish({.error = Error(ErrorCode::io, error.what())});
  }
}

void KeyEstimate::ring() noexcept {
  core::EstimateResult silence;
  {
    const std::lock_guard lock(mutex_);
    if (sink_ == nullptr) return;  // the store may be closed
    const auto now = table_->access().session->timers().now();
    const auto limit = silence_limit();
    if (now < std::min(deadline_, limit)) return timer_->set(std::min(deadline_, limit));
    if (now < deadline_) silence.error = by_silence();
  }
  if (silence.error) return finish(std::move(silence));
  end(ErrorCode::timeout, core::interruption_message(ErrorCode::timeout));
}

KeyEstimate::Clock::time_point KeyEstimate::silence_limit() const {
  SharedSession& session = *table_->access().session;
  return std::max(begun_, session.life().last()) + session.settings().retries.give_up_after;
}

Error KeyEstimate::by_silence() const {
  const auto cause = cause_ ? cause_ : table_->why_not_listable();
  const auto patience = table_->access().session->settings().retries.give_up_after;
  return {cause ? cause->code : ErrorCode::timeout, with_cause(silence_message(patience), cause)};
}

void KeyEstimate::end(ErrorCode code, std::string_view message) noexcept {
  CausePtr cause;
  {
    const std::lock_guard lock(mutex_);
    if (sink_ == nullptr) return;  // the store may be closed
    cause = cause_ ? cause_ : table_->why_not_listable();
  }
  finish({.error = Error(code, with_cause(message, cause))});
}

void KeyEstimate::ask_all() noexcept {
  try {
    const KeepOpen keep_open(table_->access());
    SharedSession& session = *table_->access().session;
    auto options = table_->request_options();
    options.consistency = Consistency::one;
    const auto attempt = options.timeout;
    const auto now = session.timers().now();
    options.timeout =
        Attempts(begun_).timeout(now, session.life().last(), attempt, session.settings().retries);
    if (deadline_ != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now);
      options.timeout = std::clamp(left, std::chrono::milliseconds{1}, options.timeout);
    }
    const auto nodes = nodes_to_ask();
    if (nodes.empty()) {
      return finish({.error = Error(ErrorCode::unavailable,
                                    "there is no connection to any node; check that they run")});
    }
    {
      const std::lock_guard lock(mutex_);
      awaited_ = nodes.size();
      servers_ring_ = table_->ring();
      is_cut_short_ = options.timeout < attempt;
    }
    const std::string cql = size_estimates_cql(table_->name());
    for (const Node& node : nodes) {
      ask_node(table_->access(), node.id, cql, options,
               [self = shared_from_this(), address = address_of(node)](const Result<Rows>& result) {
                 self->answered(result, address);
               });
    }
  } catch (const Error& error) {  // the store was closed while the table was set up
    finish({.error = error});
  } catch (const std::exception& error) {
    finish({.error = Error(ErrorCode::io, error.what())});
  }
}

/// A node that hangs is left out, unless all do.
std::vector<Node> KeyEstimate::nodes_to_ask() {
  SharedSession& session = *table_->access().session;
  auto nodes = reachable_nodes(session.driver());
  const auto hangs = [&](const Node& node) { return session.loads().is_hanging(node.id); };
  if (std::ranges::all_of(nodes, hangs)) return nodes;
  const std::lock_guard lock(mutex_);
  for (const Node& node : nodes) {
    if (hangs(node)) left_out_.push_back(address_of(node));
  }
  std::erase_if(nodes, hangs);
  return nodes;
}

void KeyEstimate::answered(const Result<Rows>& result, const std::string& address) noexcept {
  std::optional<core::EstimateResult> all;
  try {
    all = take(result, address);
  } catch (const std::exception&) {
    all = {.error = core::out_of_memory()};
  }
  if (!all) return;
  all->error ? finish(std::move(*all)) : confirm(std::move(*all));
}

/// Nodes that hold nothing of a keyspace count none of its keys, or those that they held once.
void KeyEstimate::confirm(core::EstimateResult counted) noexcept {
  try {
    const KeepOpen keep_open(table_->access());
    TableSetup& setup = table_->setup();
    if (counted.keys > 0 && !setup.may_lack_replicas()) return finish(std::move(counted));
    setup.when_replicas_are_told([self = shared_from_this(), counted](const Refusal& refusal) {
      if (!refusal) return self->finish(counted);
      self->finish({.error = Error(refusal->code(),
                                   fmt::format("the number of keys cannot be estimated, as only "
                                               "nodes of the local datacenter are asked: {}",
                                               refusal->what()))});
    });
  } catch (const Error& error) {  // the store was closed
    finish({.error = error});
  } catch (const std::exception&) {
    finish({.error = core::out_of_memory()});
  }
}

/// What all nodes have answered, once they have.
std::optional<core::EstimateResult> KeyEstimate::take(const Result<Rows>& result,
                                                      const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr || is_of_server(error->code)) note_life();
  if (error != nullptr) {
    note_cause(*error);
    left_out_.push_back(address);
  }
  if (const auto* rows = std::get_if<Rows>(&result)) {
    any_answered_ = true;
    add(*rows);
  }
  if (--awaited_ > 0) return std::nullopt;
  if (!any_answered_) return core::EstimateResult{.error = why_none_answered()};
  const auto keys = estimate_.keys();
  if (!keys) return core::EstimateResult{.error = why_not_whole()};
  if (sink_ != nullptr && !left_out_.empty()) report_left_out();
  return core::EstimateResult{.keys = *keys};
}

void KeyEstimate::report_left_out() const {
  const SharedSession& session = *table_->access().session;
  session.log().report(Event::estimate, session.timers().now(), [&] {
    return fmt::format(
        "the estimate of the keys of {} is scaled from {:.0f} % of the ring: {} did not answer",
        table_->name().cql(), estimate_.share() * 100, fmt::join(left_out_, ", "));
  });
}

void KeyEstimate::note_life() noexcept {
  SharedSession& session = *table_->access().session;
  session.life().seen(session.timers().now());
}

/// An attempt that was cut short by a limit tells nothing but that.
void KeyEstimate::note_cause(const DriverError& error) {
  if (is_cut_short_ && error.code == DriverErrorCode::attempt_timeout) return;
  cause_ = later_cause(cause_, error, false, kDoing);
}

Error KeyEstimate::why_none_answered() const {
  if (cause_) return {cause_->code, cause_->text};
  if (silence_limit() < deadline_) return by_silence();
  return {ErrorCode::timeout, std::string(core::interruption_message(ErrorCode::timeout))};
}

/// Of a ring whose keys are not spread evenly, some ranges tell nothing of the others.
Error KeyEstimate::why_not_whole() const {
  if (!left_out_.empty()) {
    return {
        ErrorCode::unavailable,
        fmt::format("the number of keys cannot be estimated while nodes do not answer, as their "
                    "partitioner does not spread keys evenly; check {}",
                    fmt::join(left_out_, ", "))};
  }
  return {
      ErrorCode::schema,
      "the number of keys cannot be estimated: the partitioner of these servers does not spread "
      "keys evenly, and those of this datacenter count only some of the ring; list the keys to "
      "count them"};
}

void KeyEstimate::add(const Rows& rows) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto after = servers_ring_->read(rows.text(row, 0));
    const auto last = servers_ring_->read(rows.text(row, 1));
    const auto keys = read_integer<std::int64_t>(rows.cell(row, 2));
    if (!after || !last || !keys) continue;
    estimate_.add(*servers_ring_, {.after = *after, .last = *last}, *keys);
  }
}

void KeyEstimate::finish(core::EstimateResult result) noexcept {
  core::Sink<core::EstimateResult>* sink = nullptr;
  {
    const std::lock_guard lock(mutex_);
    sink = std::exchange(sink_, nullptr);
  }
  if (sink != nullptr) sink->done(std::move(result));
}

}  // namespace bytestore::cassandra
