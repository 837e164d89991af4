#include "cassandra/session/node_request.hpp"

#include <utility>

#include "cassandra/session/shared_session.hpp"

namespace bytestore::cassandra {

void NodeRequest::sent_to(std::optional<NodeId> chosen, Clock::time_point now) {
  sent_at_ = now;
  if (!chosen) return;
  node_ = chosen;
  session_->loads().sent(*chosen, *this);
  session_->nodes().watch(session_);
}

void NodeRequest::done(Result<Rows> result) noexcept {
  const State before = state_.exchange(State::answered);
  if (before == State::being_given_up) return;  // who gives it up destroys it
  const std::unique_ptr<NodeRequest> self(this);
  if (before == State::given_up) return;
  const auto now = session_->timers().now();
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr || is_of_server(error->code)) session_->life().seen(now);
  if (node_) session_->loads().done(*node_, ReplicaLoads::ending_of(result), now, this);
  ended(std::move(result));
}

bool NodeRequest::begin_to_give_up() noexcept {
  auto before = State::in_flight;
  return may_be_given_up_ && state_.compare_exchange_strong(before, State::being_given_up);
}

void NodeRequest::give_up(const DriverError& error) noexcept {
  ended(error);
  session_.reset();
  keep_open_.reset();
  auto before = State::being_given_up;
  if (state_.compare_exchange_strong(before, State::given_up)) return;
  const std::unique_ptr<NodeRequest> self(this);  // it was answered meanwhile
}

}  // namespace bytestore::cassandra
