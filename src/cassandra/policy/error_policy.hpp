#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bytestore/error.hpp"
#include "cassandra/driver/types.hpp"

namespace bytestore::cassandra {

/// What a request does to the table. A read never leaves anything unknown.
enum class Effect { read, write };

/// What one failed attempt at a request for one key means.
struct Verdict {
  ErrorCode code;
  Outcome outcome;
  bool retry;  ///< whether another attempt, at another replica or later, may succeed
};

/// docs/decisions/024-outcomes.md tells why each row is as it is.
Verdict classify(const DriverError& error, Effect effect) noexcept;

/// The same for a request for several keys, after which each is tried by itself where that may
/// help: a limit may have been met by one key, or by all of them together. Of keys with the same
/// replicas a coordinator may have begun with some before it found too few replicas, or too much
/// load, for others.
Verdict classify_group(const DriverError& error, Effect effect) noexcept;

/// Half of the `commitlog_segment_size` that a server has by default: the bytes of a write that it
/// takes.
inline constexpr std::size_t kUsualLargestWrite = std::size_t{16} << 20;

/// What `error`, with which a write of `bytes` has failed, is in truth: over their limit for a
/// write, Cassandra 3.11 and 4.0 answer as if replicas had failed, whichever time it is sent.
/// `largest_write` is that limit in bytes.
DriverError with_size(const DriverError& error, std::size_t bytes, std::size_t largest_write);

/// Whether what was refused to a request would be refused to every one of the verb: then there is
/// no use in sending more.
bool concerns_all_keys(const DriverError& error) noexcept;

/// Whether it tells that servers or networks have too much to do.
bool is_congestion(const DriverError& error) noexcept;

/// Whether the statement of a request has to be prepared anew after its attempt number `attempts`
/// has failed. If nodes know statements by different ids, one is good as long as any of the
/// `replicas` that the request can go to may know it.
bool needs_new_statement(const DriverError& error, std::size_t attempts,
                         std::size_t replicas) noexcept;

/// How many keys a request may have, if the server's `words`, by which it refused one for
/// `too_many_keys`, tell.
std::optional<std::size_t> named_key_limit(std::string_view words) noexcept;

/// The failure in words: what happened, what to do, and what the server or the driver said.
/// `operation` is for instance "reading".
std::string describe(const DriverError& error, std::string_view operation);

/// Why an attempt failed, for what is given up later by a limit. Keys that shared a request share
/// it.
struct Cause {
  ErrorCode code;
  std::string text;          ///< as of `describe`
  bool lacks_roles = false;  ///< a server could not look roles up, as others are gone
};
using CausePtr = std::shared_ptr<const Cause>;

CausePtr cause_of(const DriverError& error, std::string_view operation);

/// Why something has failed so far, after `known` (null: it had not failed) and then `error`. An
/// attempt that was not answered because a limit had cut it short does not hide what was known, and
/// that nodes are gone does not hide what the one that answers cannot do without them.
CausePtr later_cause(const CausePtr& known, const DriverError& error, bool is_cut_short,
                     std::string_view operation);

/// No server has answered for `patience`, the option `give_up_after`.
std::string silence_message(std::chrono::milliseconds patience);

/// What ended something, and what was seen before it did.
std::string with_cause(std::string_view message, const CausePtr& cause);

/// Both, for what concerns more than one key.
Error to_error(const DriverError& error, std::string_view operation);

}  // namespace bytestore::cassandra
