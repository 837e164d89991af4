#include "rocksdb/compression.hpp"

#include <rocksdb/convenience.h>

#include <algorithm>

#include "bytestore/error.hpp"

namespace bytestore::rocksdb_backend {

void require_compression() {
  const auto supported = rocksdb::GetSupportedCompressions();
  if (std::ranges::find(supported, kCompression) != supported.end()) return;
  throw Error(ErrorCode::unavailable,
              "the RocksDB that this program uses was built without LZ4, and can open no store; "
              "use one with LZ4, as those of Debian and Ubuntu are");
}

}  // namespace bytestore::rocksdb_backend
