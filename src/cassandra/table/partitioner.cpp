#include "cassandra/table/partitioner.hpp"

#include <fmt/format.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "cassandra/driver/self_owned.hpp"

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
  return Error(
      ErrorCode::schema,
      fmt::format("keys can be listed, counted and estimated only by the "
                  "Murmur3Partitioner, and {}; reads, writes and deletes by key work all the same",
                  found));
}

Result<Refusal> refusal_by(Result<Rows> result) {
  if (auto* error = std::get_if<DriverError>(&result)) {
    // There is no such column or table on a server that only resembles Cassandra.
    if (is_unknown_there(*error)) return refusal_of({});
    return std::move(*error);
  }
  const auto& rows = std::get<Rows>(result);
  return refusal_of(rows.size() == 0 ? std::string_view() : rows.text(0, 0));
}

}  // namespace

void check_partitioner(std::shared_ptr<Querier> servers, std::chrono::milliseconds timeout,
                       RefusalSink& sink) {
  RequestOptions options;
  options.consistency = Consistency::one;
  options.timeout = timeout;
  ask_once<Rows>(
      [&](RowsSink& rows) {
        servers->query("SELECT partitioner FROM system.local", options, rows);
      },
      [servers, &sink](Result<Rows> result) {
        try {
          sink.done(refusal_by(std::move(result)));
        } catch (const std::exception&) {
          sink.done(DriverError{.maybe_sent = true});
        }
      });
}

}  // namespace bytestore::cassandra
