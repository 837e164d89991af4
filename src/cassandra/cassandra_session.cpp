#include "bytestore/cassandra_session.hpp"

#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <variant>

#include "bytestore/cassandra_async.hpp"
#include "cassandra/session/connect.hpp"
#include "core/post_completion.hpp"
#include "core/runtime.hpp"
#include "core/store.hpp"

namespace bytestore {
namespace {

using SessionPtr = std::shared_ptr<CassandraSession>;

/// ConnectAttempt that may be stopped: its outcome is the driver's or `cancelled`, whichever comes
/// first. What the driver still does then is ended.
class CancellableConnect {
 public:
  /// What is called with the outcome, once, on any thread.
  using Finish = std::function<void(std::exception_ptr, SessionPtr)>;

  static void start(const CassandraSessionOptions& options, const std::stop_token& cancelled,
                    Finish finish) {
    const auto operation = std::make_shared<CancellableConnect>(std::move(finish));
    operation->by_options_.emplace(options.stop, Cancel{operation});
    operation->by_handler_.emplace(cancelled, Cancel{operation});
    if (options.stop.stop_requested() || cancelled.stop_requested()) return;
    try {
      operation->abort_by(
          cassandra::start_connecting(options, [operation](cassandra::ConnectResult connected) {
            operation->finish(std::move(connected));
          }));
    } catch (...) {
      operation->finish(std::current_exception(), nullptr);
    }
  }

  explicit CancellableConnect(Finish finish) : finish_(std::move(finish)) {}

 private:
  struct Cancel {
    std::weak_ptr<CancellableConnect> operation;
    void operator()() const noexcept {
      if (const auto self = operation.lock()) self->cancel();
    }
  };

  void cancel() noexcept {
    finish(std::make_exception_ptr(Error(ErrorCode::cancelled, "connecting was cancelled")),
           nullptr);
    cassandra::AbortConnecting abort;
    {
      const std::lock_guard lock(mutex_);
      abort = std::exchange(abort_, nullptr);
    }
    if (abort) abort();
  }

  void abort_by(cassandra::AbortConnecting abort) {
    {
      const std::lock_guard lock(mutex_);
      if (finish_) abort_ = std::exchange(abort, nullptr);
    }
    if (abort) abort();  // it has an outcome by now
  }

  void finish(cassandra::ConnectResult connected) noexcept {
    if (auto* error = std::get_if<Error>(&connected)) {
      return finish(std::make_exception_ptr(std::move(*error)), nullptr);
    }
    finish(nullptr, std::make_shared<CassandraSession>(
                        std::get<std::shared_ptr<cassandra::SharedSession>>(std::move(connected))));
  }

  void finish(std::exception_ptr error, SessionPtr session) noexcept {
    Finish finish;
    {
      const std::lock_guard lock(mutex_);
      finish = std::exchange(finish_, nullptr);
    }
    if (finish) finish(std::move(error), std::move(session));
  }

  std::mutex mutex_;
  Finish finish_;                     // until it is called; under the mutex
  cassandra::AbortConnecting abort_;  // under the mutex
  std::optional<std::stop_callback<Cancel>> by_options_;
  std::optional<std::stop_callback<Cancel>> by_handler_;
};

}  // namespace

CassandraSession::CassandraSession(std::shared_ptr<cassandra::SharedSession> shared) noexcept
    : shared_(std::move(shared)) {}

CassandraSession::~CassandraSession() = default;

std::shared_ptr<CassandraSession> CassandraSession::connect(
    const CassandraSessionOptions& options) {
  core::refuse_in_completion("connect");
  std::promise<SessionPtr> outcome;
  auto connected = outcome.get_future();
  CancellableConnect::start(options, {}, [&](std::exception_ptr error, SessionPtr session) {
    auto reached = std::move(outcome);  // whoever waits ends it as soon as it is set
    error ? reached.set_exception(std::move(error)) : reached.set_value(std::move(session));
  });
  return connected.get();
}

const std::string& CassandraSession::keyspace() const noexcept {
  return shared_->settings().keyspace;
}

const std::string& CassandraSession::local_datacenter() const noexcept {
  return shared_->driver().local_datacenter();
}

const std::vector<std::string>& CassandraSession::warnings() const noexcept {
  return shared_->settings().warnings;
}

}  // namespace bytestore

namespace bytestore::detail {

template class Completion<std::shared_ptr<CassandraSession>>;

boost::asio::any_io_executor library_executor() { return core::Runtime::instance().callbacks(); }

void start_connect(const CassandraSessionOptions& options, SessionCompletion completion) {
  const auto handler = std::make_shared<SessionCompletion>(std::move(completion));
  CancellableConnect::start(options, handler->stop_token(),
                            [handler](std::exception_ptr error, SessionPtr session) {
                              (*handler)(std::move(error), std::move(session));
                            });
}

}  // namespace bytestore::detail
