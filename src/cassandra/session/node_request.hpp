#pragma once

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "bytestore/error.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/session/session_use.hpp"
#include "core/call.hpp"

namespace bytestore::cassandra {

/// A request that a session has counted at its node. Once the driver has it, it lives until the
/// driver has answered, and keeps its store open until it has ended: by the answer or, if the node
/// is found to hang, before that, with an error. Then its answer is not needed any more.
class NodeRequest : public core::Sink<Result<Rows>>, public boost::intrusive::list_base_hook<> {
 public:
  using Clock = core::Call::Clock;

  NodeRequest(const NodeRequest&) = delete;
  NodeRequest& operator=(const NodeRequest&) = delete;
  virtual ~NodeRequest() = default;

  void done(Result<Rows> result) noexcept final;

  // Of the loads, under their lock, while they list it.

  [[nodiscard]] Clock::time_point sent_at() const noexcept { return sent_at_; }

  /// Until when its bytes may be on their way, and hold up all that its node answers.
  [[nodiscard]] Clock::time_point patient_until() const noexcept { return patient_until_; }

  /// Whether it is given up from now on: then it is at no node any more, and `give_up` must follow.
  [[nodiscard]] bool begin_to_give_up() noexcept;

  /// Ends an attempt at a node that hangs. It may be destroyed when this returns. Holding no lock.
  void give_up() noexcept;

 protected:
  /// `may_be_given_up`: whether another attempt may be made while nobody knows what became of this
  /// one.
  NodeRequest(KeepOpen keep_open, std::shared_ptr<SharedSession> session,
              bool may_be_given_up) noexcept
      : keep_open_(std::move(keep_open)),
        session_(std::move(session)),
        may_be_given_up_(may_be_given_up) {}

  // Not once it has ended.
  [[nodiscard]] SharedSession& session() const noexcept { return *session_; }
  [[nodiscard]] std::shared_ptr<SharedSession> shared_session() const noexcept { return session_; }

  /// Before the driver has it: it is sent now, to the node that was chosen by the loads of the
  /// session (none: the driver chooses), and its bytes need `patience`.
  void sent_to(std::optional<NodeId> chosen, Clock::time_point now,
               std::chrono::milliseconds patience = std::chrono::milliseconds{0});

  /// Has `ask()` give it to the driver, with this as the sink; what `ask` throws is its answer.
  template <typename Ask>
  static void give_to_driver(std::unique_ptr<NodeRequest> request, const Ask& ask) noexcept {
    NodeRequest& given = *request.release();
    try {
      ask();
    } catch (const Error& error) {  // a forked child
      given.done(DriverError{.code = DriverErrorCode::session_ended, .message = error.what()});
    } catch (const std::exception& error) {  // out of memory
      given.done(DriverError{.message = error.what()});
    }
    given.is_with_driver_.store(true, std::memory_order_release);
    given.release();
  }

 private:
  enum class State { in_flight, answered, being_given_up, given_up };

  void let_go() noexcept;
  /// Destroys it if nobody else holds it.
  void release() noexcept;

  /// Once, with the answer or with why the attempt was given up. What is not let go of here may
  /// live for as long as an attempt may take.
  virtual void ended(Result<Rows> result) noexcept = 0;

  std::optional<KeepOpen> keep_open_;  // given back last: then the store may be closed
  std::shared_ptr<SharedSession> session_;
  std::optional<NodeId> node_;
  Clock::time_point sent_at_;
  Clock::time_point patient_until_;
  std::weak_ptr<SharedSession> given_up_by_;
  std::atomic<State> state_{State::in_flight};
  std::atomic<bool> is_with_driver_{false};
  std::atomic<int> shares_{2};  // of who gives it to the driver, and of who ends it
  bool may_be_given_up_;
};

}  // namespace bytestore::cassandra
