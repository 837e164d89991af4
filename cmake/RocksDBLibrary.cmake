# Makes the target bytestore::rocksdb from the RocksDB that find_package has found: its shared library
# or, where it has none, its static one. Debian has both, and its static one does not fit into a shared
# library. The installed package includes this file, too.

if(NOT TARGET bytestore::rocksdb)
  foreach(library IN ITEMS RocksDB::rocksdb-shared RocksDB::rocksdb)
    if(TARGET ${library})
      add_library(bytestore::rocksdb INTERFACE IMPORTED)
      set_target_properties(bytestore::rocksdb PROPERTIES INTERFACE_LINK_LIBRARIES ${library})
      break()
    endif()
  endforeach()
  if(NOT TARGET bytestore::rocksdb)
    message(FATAL_ERROR "The RocksDB in ${RocksDB_DIR} has neither the target RocksDB::rocksdb-shared "
                        "nor RocksDB::rocksdb; install its library, too (librocksdb-dev)")
  endif()
endif()
