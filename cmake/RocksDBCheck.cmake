# Refuses a RocksDB that was built without LZ4, in which bytestore writes its tables: it would open no
# folder. What was found to fit is not checked again.

if(NOT BYTESTORE_ROCKSDB_CHECKED STREQUAL RocksDB_DIR AND NOT CMAKE_CROSSCOMPILING)
  try_run(ended compiled
    SOURCE_FROM_CONTENT has_lz4.cpp "
#include <rocksdb/convenience.h>

int main() {
  for (const auto type : rocksdb::GetSupportedCompressions()) {
    if (type == rocksdb::kLZ4Compression) return 0;
  }
  return 1;
}
"
    LINK_LIBRARIES bytestore::rocksdb
    COMPILE_OUTPUT_VARIABLE said
    NO_CACHE
    CXX_STANDARD 20
    CXX_STANDARD_REQUIRED ON)
  if(NOT compiled)
    message(FATAL_ERROR "No program can be built with the RocksDB in ${RocksDB_DIR}:\n${said}")
  endif()
  if(NOT ended EQUAL 0)
    message(FATAL_ERROR "The RocksDB in ${RocksDB_DIR} was built without LZ4, which bytestore needs; "
                        "take the distribution's (librocksdb-dev), or build it with -DWITH_LZ4=ON")
  endif()
  set(BYTESTORE_ROCKSDB_CHECKED ${RocksDB_DIR} CACHE INTERNAL "The RocksDB that is known to fit")
endif()
