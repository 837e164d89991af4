# Configures the library with packages of RocksDB that are not the distribution's: one that is only a
# static library, and one that was built without LZ4.

get_target_property(rocksdb bytestore::rocksdb INTERFACE_LINK_LIBRARIES)
get_target_property(includes ${rocksdb} INTERFACE_INCLUDE_DIRECTORIES)
set(packages ${CMAKE_CURRENT_BINARY_DIR}/rocksdb_packages)

# The file is the distribution's, since its static library needs packages of its own; the name of the
# target is what counts.
file(GENERATE OUTPUT ${packages}/only_static/RocksDBConfig.cmake CONTENT "
add_library(RocksDB::rocksdb UNKNOWN IMPORTED)
set_target_properties(RocksDB::rocksdb PROPERTIES
  IMPORTED_LOCATION \"$<TARGET_FILE:${rocksdb}>\" INTERFACE_INCLUDE_DIRECTORIES \"${includes}\")
")

file(CONFIGURE OUTPUT ${packages}/without_lz4/RocksDBConfig.cmake CONTENT "
add_library(RocksDB::rocksdb-shared INTERFACE IMPORTED)
set_target_properties(RocksDB::rocksdb-shared PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES \"\${CMAKE_CURRENT_LIST_DIR}\")
" @ONLY)
file(CONFIGURE OUTPUT ${packages}/without_lz4/rocksdb/convenience.h CONTENT "
#include <vector>

namespace rocksdb {
enum CompressionType { kNoCompression, kSnappyCompression, kLZ4Compression };
inline std::vector<CompressionType> GetSupportedCompressions() {
  return {kNoCompression, kSnappyCompression};
}
}
" @ONLY)

file(CONFIGURE OUTPUT ${packages}/empty/RocksDBConfig.cmake CONTENT "" @ONLY)

# Adds the test package.rocksdb_NAME: configures the library with that package; it fails with what
# matches the expression FAILS_WITH, if that is there.
function(add_rocksdb_test name)
  cmake_parse_arguments(PARSE_ARGV 1 with "" "FAILS_WITH" "")
  add_test(NAME package.rocksdb_${name}
    COMMAND ${CMAKE_COMMAND} --fresh -G ${CMAKE_GENERATOR} -Werror=dev
      -S ${PROJECT_SOURCE_DIR} -B ${CMAKE_CURRENT_BINARY_DIR}/rocksdb_${name}
      -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
      -DRocksDB_DIR=${packages}/${name}
      -DBYTESTORE_CLI=OFF -DBYTESTORE_TESTS=OFF)
  if(with_FAILS_WITH)
    set_tests_properties(package.rocksdb_${name} PROPERTIES
      PASS_REGULAR_EXPRESSION "${with_FAILS_WITH}")
  endif()
endfunction()

add_rocksdb_test(only_static)
add_rocksdb_test(without_lz4 FAILS_WITH "LZ4,[ \n]+which[ \n]+bytestore[ \n]+needs")
add_rocksdb_test(empty FAILS_WITH "neither[ \n]+the[ \n]+target[ \n]+RocksDB::rocksdb-shared")
