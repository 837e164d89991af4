#pragma once

namespace bytestore::testing {

/// What a process can run out of.
enum class Resource { memory, threads };

/// From now on the request with this number, from 0, is refused, once: of those that this program
/// makes itself, the library in it included, but not those of RocksDB, which has its own rules.
void refuse(Resource resource, int number) noexcept;

/// Whether that has come about. From now on nothing is refused.
bool stop_refusing() noexcept;

}  // namespace bytestore::testing
