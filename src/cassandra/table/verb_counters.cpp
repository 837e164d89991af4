#include "cassandra/table/verb_counters.hpp"

namespace bytestore::cassandra {

VerbStats VerbCounters::stats() const {
  const auto value = [](const Counter& counter) { return counter.load(std::memory_order_relaxed); };
  VerbStats stats{.calls = value(calls_),
                  .keys = value(keys_),
                  .requests = value(requests_),
                  .retries = value(retries_),
                  .speculative = value(speculative_),
                  .bytes_sent = value(bytes_sent_),
                  .bytes_received = value(bytes_received_),
                  .failures = {},
                  .call_latency = call_latency_.stats(),
                  .request_latency = request_latency_.stats()};
  for (std::size_t code = 0; code < failures_.size(); ++code) {
    if (const auto count = value(failures_.at(code)); count > 0) {
      stats.failures.emplace(static_cast<ErrorCode>(code), count);
    }
  }
  return stats;
}

}  // namespace bytestore::cassandra
