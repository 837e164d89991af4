#include "cassandra/cassandra_backend.hpp"

#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "cassandra/calls/calls.hpp"
#include "cassandra/calls/key_estimate.hpp"
#include "cassandra/calls/key_listing.hpp"

namespace bytestore::cassandra {

void CassandraBackend::mget(std::span<const std::string_view> keys, const core::Call& call,
                            core::Sink<core::ReadResult>& sink) {
  start_mget(table_, keys, call, sink);
}

void CassandraBackend::write(const core::Writes& writes, const core::Call& call,
                             core::Sink<core::WriteResult>& sink) {
  if (const auto* const entries = std::get_if<std::span<const EntryRef>>(&writes)) {
    return start_mset(table_, *entries, call, sink);
  }
  start_mdelete(table_, std::get<std::span<const std::string_view>>(writes), call, sink);
}

std::unique_ptr<core::KeyScan> CassandraBackend::scan(
    std::string prefix,
    // NOLINTNEXTLINE(performance-unnecessary-value-param): as the others have it
    std::string after) {
  return std::make_unique<KeyListing>(table_, std::move(prefix), after);
}

void CassandraBackend::estimate_keys(const core::Call& call,
                                     core::Sink<core::EstimateResult>& sink) {
  KeyEstimate::start(table_, call, sink);
}

}  // namespace bytestore::cassandra
