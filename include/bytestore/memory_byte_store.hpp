#pragma once

#include <memory>

#include "bytestore/byte_store.hpp"

namespace bytestore {

struct MemoryOptions {
  /// Runs handlers that have no associated executor (`run_on`). If it is null, a thread of the
  /// library runs them.
  std::shared_ptr<const CallbackExecutor> executor{};
};

/// A store in the memory of the process, for tests and caches. Its contents end with the store.
class MemoryByteStore final : public ByteStore {
 public:
  explicit MemoryByteStore(const MemoryOptions& options = {});
};

}  // namespace bytestore
