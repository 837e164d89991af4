#include "bytestore/cassandra_session.hpp"

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "bytestore/cassandra_async.hpp"
#include "cassandra/connecting.hpp"
#include "core/post_completion.hpp"
#include "core/runtime.hpp"
#include "core/store.hpp"
#include "core/waiting_sink.hpp"

namespace bytestore {
namespace {

/// Hands the session, or why there is none, to the handler: whoever comes first, the driver or the
/// handler's cancellation.
class ConnectOperation {
 public:
  explicit ConnectOperation(detail::SessionCompletion completion)
      : stop_(completion.stop_token()), completion_(std::move(completion)) {}

  void watch(const std::shared_ptr<ConnectOperation>& self) {
    cancelled_.emplace(stop_, Cancel{self});
  }

  void finish(std::exception_ptr error, std::shared_ptr<CassandraSession> session) noexcept {
    std::optional<detail::SessionCompletion> completion;
    {
      const std::lock_guard lock(mutex_);
      completion = std::exchange(completion_, std::nullopt);
    }
    if (completion) (*completion)(std::move(error), std::move(session));
  }

  void finish(cassandra::Connected connected) noexcept {
    if (auto* error = std::get_if<Error>(&connected)) {
      return finish(std::make_exception_ptr(std::move(*error)), nullptr);
    }
    finish(nullptr, std::make_shared<CassandraSession>(
                        std::get<std::shared_ptr<cassandra::SessionCore>>(std::move(connected))));
  }

 private:
  struct Cancel {
    std::weak_ptr<ConnectOperation> operation;
    void operator()() const noexcept {
      const auto self = operation.lock();
      if (!self) return;
      self->finish(std::make_exception_ptr(Error(ErrorCode::cancelled, "connecting was cancelled")),
                   nullptr);
    }
  };

  std::mutex mutex_;
  std::stop_token stop_;
  std::optional<detail::SessionCompletion> completion_;
  std::optional<std::stop_callback<Cancel>> cancelled_;
};

}  // namespace

CassandraSession::CassandraSession(std::shared_ptr<cassandra::SessionCore> core) noexcept
    : core_(std::move(core)) {}

CassandraSession::~CassandraSession() = default;

std::shared_ptr<CassandraSession> CassandraSession::connect(
    const CassandraSessionOptions& options) {
  core::refuse_in_completion("connect");
  core::WaitingSink<cassandra::Connected> sink;
  cassandra::start_connecting(
      options, [&sink](cassandra::Connected connected) { sink.done(std::move(connected)); });
  auto connected = sink.wait();
  if (auto* error = std::get_if<Error>(&connected)) throw std::move(*error);
  return std::make_shared<CassandraSession>(
      std::get<std::shared_ptr<cassandra::SessionCore>>(std::move(connected)));
}

const std::string& CassandraSession::keyspace() const noexcept {
  return core_->settings().keyspace;
}

const std::string& CassandraSession::local_datacenter() const noexcept {
  return core_->driver().local_datacenter();
}

const std::vector<std::string>& CassandraSession::warnings() const noexcept {
  return core_->settings().warnings;
}

}  // namespace bytestore

namespace bytestore::detail {

template class Completion<std::shared_ptr<CassandraSession>>;

boost::asio::any_io_executor library_executor() { return core::Runtime::instance().callbacks(); }

void start_connect(const CassandraSessionOptions& options, SessionCompletion completion) {
  const auto operation = std::make_shared<ConnectOperation>(std::move(completion));
  operation->watch(operation);
  try {
    cassandra::start_connecting(options, [operation](cassandra::Connected connected) {
      operation->finish(std::move(connected));
    });
  } catch (...) {
    operation->finish(std::current_exception(), nullptr);
  }
}

}  // namespace bytestore::detail
