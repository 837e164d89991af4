#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

#include "bytestore/error.hpp"

namespace bytestore {

/// How long something took; 0 where nothing was counted. Read off a histogram, to about 2 %.
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
  std::uint64_t calls = 0;  ///< that have ended
  std::uint64_t keys = 0;   ///< of these calls; of a listing, those that were listed

  /// Attempts for keys that were sent to servers; how many were made again for keys that had
  /// failed, or to prepare a statement, which is no request here; and how many beside an attempt
  /// that was slow.
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  std::uint64_t speculative = 0;

  /// Of keys and values, without what the protocol adds.
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;

  /// Keys that did not succeed, by the code of their failures; of a listing, steps.
  std::map<ErrorCode, std::uint64_t> failures{};

  LatencyStats call_latency{};     ///< from the start of a call to its end, also of one that failed
  LatencyStats request_latency{};  ///< of the attempts that succeeded
};

/// What `CassandraByteStore::stats` answers. Counted without locks: the figures are those of about
/// one moment.
struct CassandraStats {
  VerbStats mget{};
  VerbStats mset{};
  VerbStats mdelete{};
  VerbStats yield_keys{};  ///< its calls are steps, of a page each

  // Of the session, which other stores may share.
  std::size_t requests_in_flight = 0;
  std::size_t window = 0;  ///< requests that may be in flight now
  std::uint64_t server_warnings = 0;
};

}  // namespace bytestore
