#pragma once

namespace bytestore::cassandra {

/// Why a request is sent: for the first time, again after it had failed, or beside one that is
/// slow.
enum class AttemptKind { first, retry, speculative };

}  // namespace bytestore::cassandra
