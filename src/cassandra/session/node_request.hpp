#pragma once

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <optional>

#include "cassandra/driver/port.hpp"
#include "cassandra/session/session_use.hpp"
#include "core/call.hpp"

namespace bytestore::cassandra {

/// A request that a session has counted at its node. From when the driver has it, it owns itself
/// until the driver has answered, and keeps its store open until it has ended: by the answer or, if
/// the node is found to hang, before that, with an error. Then its answer is not needed any more.
class NodeRequest : public core::Sink<Result<Rows>>, public boost::intrusive::list_base_hook<> {
 public:
  using Clock = core::Call::Clock;

  NodeRequest(const NodeRequest&) = delete;
  NodeRequest& operator=(const NodeRequest&) = delete;
  virtual ~NodeRequest() = default;

  void done(Result<Rows> result) noexcept final;

  [[nodiscard]] Clock::time_point sent_at() const noexcept { return sent_at_; }

  // Of the loads, under their lock, while they list it.

  /// Whether it is given up from now on: then it is at no node any more, and `give_up` must follow.
  [[nodiscard]] bool begin_to_give_up() noexcept;

  /// Ends an attempt at a node that hangs. It may be destroyed when this returns. Holding no lock.
  void give_up(const DriverError& error) noexcept;

 protected:
  /// `may_be_given_up`: whether another attempt may be made while nobody knows what became of this
  /// one.
  NodeRequest(KeepOpen keep_open, std::shared_ptr<SharedSession> session,
              bool may_be_given_up) noexcept
      : keep_open_(std::move(keep_open)),
        session_(std::move(session)),
        may_be_given_up_(may_be_given_up) {}

  [[nodiscard]] SharedSession& session() const noexcept { return *session_; }

  /// Before the driver has it: it is sent now, to the node that was chosen by the loads of the
  /// session; none: the driver chooses.
  void sent_to(std::optional<NodeId> chosen, Clock::time_point now);

 private:
  enum class State { in_flight, answered, being_given_up, given_up };

  /// Once, with the answer or with why the attempt was given up. What is not let go of here may
  /// live for as long as an attempt may take.
  virtual void ended(Result<Rows> result) noexcept = 0;

  std::optional<KeepOpen> keep_open_;  // given back last: then the store may be closed
  std::shared_ptr<SharedSession> session_;
  std::optional<NodeId> node_;
  Clock::time_point sent_at_;
  std::atomic<State> state_{State::in_flight};
  bool may_be_given_up_;
};

}  // namespace bytestore::cassandra
