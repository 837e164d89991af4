#include "cassandra/table/partitioner.hpp"

#include <fmt/format.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace bytestore::cassandra {
namespace {

/// The name of the class: packages differ between servers.
bool is_murmur3(std::string_view partitioner) noexcept {
  return partitioner.substr(partitioner.rfind('.') + 1) == "Murmur3Partitioner";
}

Refusal refusal_of(std::string_view partitioner) {
  if (is_murmur3(partitioner)) return std::nullopt;
  const std::string found = partitioner.empty()
                                ? "these servers do not tell theirs"
                                : fmt::format("that of these servers is {}", partitioner);
  return Error(ErrorCode::schema,
               fmt::format("keys can be listed, counted and estimated only by the "
                           "Murmur3Partitioner, and {}; mget, mset and mdelete work all the same",
                           found));
}

class PartitionerRequest final : public RowsSink {
 public:
  PartitionerRequest(std::shared_ptr<DriverSession> session, RefusalSink& sink) noexcept
      : session_(std::move(session)), sink_(sink) {}

  /// Lives until it is answered.
  static void start(std::unique_ptr<PartitionerRequest> self, std::chrono::milliseconds timeout) {
    RequestOptions options;
    options.consistency = Consistency::one;
    options.timeout = timeout;
    self->session_->query("SELECT partitioner FROM system.local", options, *self);
    static_cast<void>(self.release());  // `done` has it now
  }

  void done(Result<Rows> result) noexcept override {
    const std::unique_ptr<PartitionerRequest> self(this);
    try {
      sink_.done(read(std::move(result)));
    } catch (const std::exception&) {
      sink_.done(DriverError{.maybe_sent = true});
    }
  }

 private:
  static Result<Refusal> read(Result<Rows> result) {
    if (auto* error = std::get_if<DriverError>(&result)) {
      // There is no such column or table on a server that only resembles Cassandra.
      if (is_unknown_there(*error)) return refusal_of({});
      return std::move(*error);
    }
    const auto& rows = std::get<Rows>(result);
    return refusal_of(rows.size() == 0 ? std::string_view() : rows.text(0, 0));
  }

  std::shared_ptr<DriverSession> session_;
  RefusalSink& sink_;
};

}  // namespace

void check_partitioner(std::shared_ptr<DriverSession> session, std::chrono::milliseconds timeout,
                       RefusalSink& sink) {
  PartitionerRequest::start(std::make_unique<PartitionerRequest>(std::move(session), sink),
                            timeout);
}

}  // namespace bytestore::cassandra
