#pragma once

#include "bytestore/byte_store.hpp"

namespace bytestore::detail {

/// What bindings to other languages need of a store beyond its public members. No promise is made
/// about it.
struct StoreAccess {
  /// Like `ByteStore::mget`, for a caller that copies the values into objects of its own at once.
  /// Values may point into memory of the store, which they keep as it is: until they are gone, a
  /// write may wait for them, so their thread must not call the store meanwhile. What a failed read
  /// brings are copies.
  static ByteStore::Values mget_pinned(ByteStore& store, const KeyList& keys,
                                       const CallOptions& options);
};

}  // namespace bytestore::detail
