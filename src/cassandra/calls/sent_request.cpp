#include "cassandra/calls/sent_request.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "cassandra/policy/error_policy.hpp"

namespace bytestore::cassandra {
namespace {

Window::Completion::Kind kind_of(const DriverError& error) noexcept {
  if (error.code == DriverErrorCode::attempt_timeout) return Window::Completion::Kind::timed_out;
  return is_congestion(error) ? Window::Completion::Kind::congested
                              : Window::Completion::Kind::other;
}

}  // namespace

void SentRequest::send(std::unique_ptr<SentRequest> request, const Attempt& attempt) noexcept {
  SentRequest& sent = *request;
  try {
    auto options = sent.begin(attempt);
    give_away(request, [&] { sent.execute(sent.session_->driver(), options); });
  } catch (const Error& error) {  // a forked child
    request.release()->done(
        DriverError{.code = DriverErrorCode::session_ended, .message = error.what()});
  } catch (const std::exception& error) {  // out of memory
    request.release()->done(DriverError{.message = error.what()});
  }
}

RequestOptions SentRequest::begin(const Attempt& attempt) {
  sent_at_ = attempt.sent_at;
  if (!attempt.replicas.empty()) node_ = attempt.replicas.front();
  ticket_ = session_->window().charge(attempt.bytes, sent_at_);
  auto options = table_.request_options();
  // Longer than most if its bytes need it.
  const auto wanted = std::max(options.timeout, ticket_.patience);
  options.timeout = attempt.attempts.timeout(sent_at_, session_->life().last(), wanted,
                                             session_->settings().retries);
  is_cut_short_ = options.timeout < wanted;
  options.replicas = attempt.replicas;
  options.paging_state = attempt.paging_state;
  about_.counters.sent(attempt.kind, attempt.bytes.request);
  return options;
}

void SentRequest::answered(Result<Rows> result) noexcept {
  const auto session = std::move(session_);
  const auto now = session->timers().now();
  if (node_) session->loads().done(*node_, ReplicaLoads::ending_of(result), now);
  Window::Completion completion{.latency = now - sent_at_, .ticket = ticket_, .now = now};
  if (const auto* error = std::get_if<DriverError>(&result)) {
    completion.kind = kind_of(*error);
    completion.arrived = is_of_server(error->code);
  } else {
    const Rows& rows = std::get<Rows>(result);
    // The latency of a page tells nothing about other requests.
    if (about_.kind) completion.kind = Window::Completion::Kind::good;
    completion.workload = about_.kind.value_or(0);
    completion.arrived = true;
    completion.answer_bytes = rows.bytes();
    about_.counters.answered(completion.latency);
    report_warnings(*session, rows, about_.operation);
  }
  if (completion.arrived) session->life().seen(now);
  completed(std::move(result));
  session->window().release(completion);
}

}  // namespace bytestore::cassandra
