#include "cassandra/table/partitioner.hpp"

#include <fmt/format.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "cassandra/driver/self_owned.hpp"

namespace bytestore::cassandra {
namespace {

Refusal refusal_of(std::string_view partitioner) {
  if (ring_of(partitioner_named(partitioner)) != nullptr) return std::nullopt;
  const std::string found = partitioner.empty()
                                ? "these servers do not tell theirs"
                                : fmt::format("that of these servers is {}", partitioner);
  return Error(
      ErrorCode::schema,
      fmt::format("keys can be listed, counted and estimated only by the Murmur3Partitioner, "
                  "RandomPartitioner or ByteOrderedPartitioner, and {}; reads, writes and deletes "
                  "by key work all the same",
                  found));
}

Result<Refusal> refusal_by(Result<Rows> result, const PartitionerTold& told) {
  std::string partitioner;
  if (auto* error = std::get_if<DriverError>(&result)) {
    // There is no such column or table on a server that only resembles Cassandra.
    if (!is_unknown_there(*error)) return std::move(*error);
  } else if (const auto& rows = std::get<Rows>(result); rows.size() > 0) {
    partitioner = rows.text(0, 0);
  }
  told(partitioner_named(partitioner));
  return refusal_of(partitioner);
}

}  // namespace

void check_partitioner(std::shared_ptr<Querier> servers, std::chrono::milliseconds timeout,
                       PartitionerTold told, RefusalSink& sink) {
  RequestOptions options;
  options.consistency = Consistency::one;
  options.timeout = timeout;
  ask_once<Rows>(
      [&](RowsSink& rows) {
        servers->query("SELECT partitioner FROM system.local", options, rows);
      },
      [servers, told = std::move(told), &sink](Result<Rows> result) {
        try {
          sink.done(refusal_by(std::move(result), told));
        } catch (const std::exception&) {
          sink.done(DriverError{.maybe_sent = true});
        }
      });
}

}  // namespace bytestore::cassandra
