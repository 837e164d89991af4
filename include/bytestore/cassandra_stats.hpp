#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

#include "bytestore/error.hpp"

namespace bytestore {

/// The distribution of a duration, from a histogram with an error of about 2 %. If nothing was
/// counted, every value is 0.
struct LatencyStats {
  std::uint64_t count = 0;
  std::chrono::microseconds p50{};
  std::chrono::microseconds p90{};
  std::chrono::microseconds p99{};
  std::chrono::microseconds p999{};
  std::chrono::microseconds max{};
};

/// What one verb of a store has done since the store was opened.
struct VerbStats {
  std::uint64_t calls = 0;  ///< calls that have ended
  std::uint64_t keys = 0;   ///< keys of these calls; for a listing, the keys that it gave

  /// Requests for keys that were sent to servers, including retries and speculative requests.
  std::uint64_t requests = 0;

  /// Retries: of requests for keys that had failed, and of statement preparation (which `requests`
  /// does not count).
  std::uint64_t retries = 0;

  /// Speculative requests, sent because the first request was slow.
  std::uint64_t speculative = 0;

  /// Bytes of keys and values, without what the protocol adds.
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;

  /// How many keys did not succeed, by the code of their failure; for a listing, how many steps.
  std::map<ErrorCode, std::uint64_t> failures{};

  LatencyStats call_latency{};     ///< from start to end of each call, also of calls that failed
  LatencyStats request_latency{};  ///< of each request that succeeded
};

/// The result of `CassandraByteStore::stats`. Counters are read without a lock, so they are not a
/// consistent snapshot.
struct CassandraStats {
  VerbStats mget{};
  VerbStats mset{};
  VerbStats mdelete{};
  VerbStats yield_keys{};  ///< its calls are steps, which give a page each

  // These describe the session, which other stores may share.
  std::size_t requests_in_flight = 0;
  std::size_t window = 0;  ///< how many requests may be in flight now
  std::uint64_t server_warnings = 0;
};

}  // namespace bytestore
