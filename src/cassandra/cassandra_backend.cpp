#include "cassandra/cassandra_backend.hpp"

#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "cassandra/calls/batch_binding.hpp"
#include "cassandra/calls/batch_call.hpp"
#include "cassandra/calls/key_estimate.hpp"
#include "cassandra/calls/key_listing.hpp"

namespace bytestore::cassandra {

void CassandraBackend::begin_blocking(core::BlockingCall& call) {
  const auto session = table_->access().session;
  session->driver().begin_blocking(call);
}

void CassandraBackend::mget(std::span<const std::string_view> keys, const core::Call& call,
                            core::Sink<core::ReadResult>& sink) {
  BatchCall::start(table_, bind_mget(*table_, keys, sink), call);
}

void CassandraBackend::write(const core::Writes& writes, const core::Call& call,
                             core::Sink<core::WriteResult>& sink) {
  if (const auto* const entries = std::get_if<std::span<const EntryRef>>(&writes)) {
    return BatchCall::start(table_, bind_mset(*table_, *entries, sink), call);
  }
  const auto keys = std::get<std::span<const std::string_view>>(writes);
  BatchCall::start(table_, bind_mdelete(*table_, keys, sink), call);
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
