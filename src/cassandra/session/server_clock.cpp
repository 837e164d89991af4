#include "cassandra/session/server_clock.hpp"

#include <memory>

#include "cassandra/cql/big_endian.hpp"

namespace bytestore::cassandra {
namespace {

ClockReading::Time now() noexcept {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

class ClockRequest final : public RowsSink {
 public:
  explicit ClockRequest(ClockSink& sink) noexcept : sink_(sink) {}

  /// Lives until its request is done.
  static void start(std::unique_ptr<ClockRequest> self, Session& session,
                    const RequestOptions& options) {
    session.query("SELECT toTimestamp(now()) FROM system.local", options, *self);
    static_cast<void>(self.release());  // `done` has it now
  }

  void done(Result<Rows> result) noexcept override {
    const std::unique_ptr<ClockRequest> self(this);
    sink_.done(read(std::move(result)));
  }

 private:
  [[nodiscard]] Result<ClockReading> read(Result<Rows> result) const noexcept {
    if (auto* error = std::get_if<DriverError>(&result)) return std::move(*error);
    const auto* rows = std::get_if<Rows>(&result);
    const auto milliseconds = rows != nullptr && rows->size() == 1
                                  ? read_integer<std::int64_t>(rows->cell(0, 0))
                                  : std::nullopt;
    if (!milliseconds) {
      return DriverError{
          .code = DriverErrorCode::protocol, .message = "no time", .maybe_sent = true};
    }
    const ClockReading::Time server{std::chrono::milliseconds{*milliseconds}};
    return ClockReading{.before = before_, .server = server, .after = now()};
  }

  ClockSink& sink_;
  ClockReading::Time before_ = now();
};

}  // namespace

std::chrono::milliseconds ClockReading::ahead() const noexcept {
  if (server > after) return server - after;
  if (server < before) return server - before;
  return std::chrono::milliseconds{0};
}

void read_clock(Session& session, NodeId node, std::chrono::milliseconds timeout, ClockSink& sink) {
  RequestOptions options;
  options.consistency = Consistency::one;
  options.timeout = timeout;
  options.replicas = {&node, 1};
  options.others_may_serve = false;
  ClockRequest::start(std::make_unique<ClockRequest>(sink), session, options);
}

}  // namespace bytestore::cassandra
