#pragma once

#include <memory>
#include <string_view>

#include "bytestore/byte_store.hpp"

namespace bytestore {

struct OpenOptions {
  /// Whether a store that is not there yet is created; otherwise opening fails with `unavailable`.
  bool create_if_missing = true;

  /// Runs completions whose handlers bring no executor of their own. Null: a thread of the library.
  std::shared_ptr<const CallbackExecutor> executor{};
};

/// Opens the store that a URI names:
///
///     memory:
///     rocksdb:PATH[?sync=true|false]
///
/// In PATH and parameters `%XX` stands for the byte XX; write `%25` for `%` and `%3F` for `?`.
/// \throws Error `invalid_argument` for an unknown scheme or parameter, listing the valid ones; and
/// what the constructor of the store throws.
std::unique_ptr<ByteStore> open(std::string_view uri, const OpenOptions& options = {});

}  // namespace bytestore
