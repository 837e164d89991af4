#pragma once

#include <memory>

#include "bytestore/byte_store.hpp"

namespace bytestore {

struct MemoryOptions {
  /// Runs completions whose handlers bring no executor of their own. Null: a thread of the library.
  std::shared_ptr<const CallbackExecutor> executor{};
};

/// A store in the memory of the process, gone with it: for tests and caches.
class MemoryByteStore final : public ByteStore {
 public:
  explicit MemoryByteStore(const MemoryOptions& options = {});
};

}  // namespace bytestore
