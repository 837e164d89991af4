#include "cassandra/session/node_request.hpp"

#include "cassandra/session/shared_session.hpp"

namespace bytestore::cassandra {

void NodeRequest::sent_to(std::optional<NodeId> chosen, Clock::time_point now,
                          std::chrono::milliseconds patience) {
  sent_at_ = now;
  patient_until_ = now + patience;
  if (!chosen) return;
  node_ = chosen;
  session_->loads().sent(*chosen, *this);
  session_->node_watch().watch(session_);
}

void NodeRequest::done(Result<Rows> result) noexcept {
  const State before = state_.exchange(State::answered);
  if (before == State::being_given_up) return;  // who gives it up releases it
  if (before == State::given_up) {
    const auto session = given_up_by_.lock();
    const bool answered = ReplicaLoads::ending_of(result) == ReplicaLoads::Outcome::answered;
    if (session && node_ && answered) session->loads().heard(*node_, session->timers().now());
    return release();
  }
  const auto now = session_->timers().now();
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr || is_of_server(error->code)) session_->life().seen(now);
  if (node_) session_->loads().done(*node_, ReplicaLoads::ending_of(result), now, this);
  ended(std::move(result));
  let_go();
  release();
}

bool NodeRequest::begin_to_give_up() noexcept {
  if (!may_be_given_up_ || !is_with_driver_.load(std::memory_order_acquire)) return false;
  auto before = State::in_flight;
  return state_.compare_exchange_strong(before, State::being_given_up);
}

void NodeRequest::give_up() noexcept {
  given_up_by_ = session_;
  ended(DriverError{.code = DriverErrorCode::node_hangs, .maybe_sent = true});
  let_go();
  auto before = State::being_given_up;
  if (state_.compare_exchange_strong(before, State::given_up)) return;
  release();  // it was answered meanwhile
}

void NodeRequest::let_go() noexcept {
  session_.reset();
  keep_open_.reset();
}

void NodeRequest::release() noexcept {
  if (shares_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  const std::unique_ptr<NodeRequest> self(this);
}

}  // namespace bytestore::cassandra
