#include "cassandra/calls/sent_request.hpp"

#include <algorithm>
#include <new>
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
  give_to_driver(std::move(request), [&] {
    auto options = sent.begin(attempt);
    sent.execute(sent.session().driver(), options);
  });
}

void SentRequest::refuse(std::unique_ptr<SentRequest> request) noexcept {
  give_to_driver(std::move(request), [] { throw std::bad_alloc(); });
}

RequestOptions SentRequest::begin(const Attempt& attempt) {
  SharedSession& by = session();
  std::optional<NodeId> chosen;
  if (!attempt.replicas.empty()) chosen = attempt.replicas.front();
  ticket_ = by.window().charge(attempt.bytes, attempt.sent_at);
  sent_to(chosen, attempt.sent_at, 2 * ticket_.expected);
  auto options = table_.request_options();
  // Longer than most if its bytes need it.
  const auto wanted = std::max(options.timeout, ticket_.patience);
  options.timeout =
      attempt.attempts.timeout(attempt.sent_at, by.life().last(), wanted, by.settings().retries);
  is_cut_short_ = options.timeout < wanted;
  options.replicas = attempt.replicas;
  options.paging_state = attempt.paging_state;
  about_.counters.sent(attempt.kind, attempt.bytes.request);
  return options;
}

void SentRequest::ended(Result<Rows> result) noexcept {
  SharedSession& by = session();
  const auto now = by.timers().now();
  Window::Completion completion{.latency = now - sent_at(), .ticket = ticket_, .now = now};
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
    report_warnings(by, rows, about_.operation);
  }
  completed(std::move(result));
  by.window().release(completion);
}

}  // namespace bytestore::cassandra
