# `cmake --install` and the package that `find_package(bytestore)` finds.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS bytestore EXPORT bytestore-targets)
set(headers_of_absent_parts)
if(NOT BYTESTORE_ROCKSDB)
  list(APPEND headers_of_absent_parts PATTERN "rocksdb_*.hpp" EXCLUDE)
endif()
if(NOT BYTESTORE_LMDB)
  list(APPEND headers_of_absent_parts PATTERN "lmdb_*.hpp" EXCLUDE)
endif()
if(NOT BYTESTORE_CASSANDRA)
  list(APPEND headers_of_absent_parts PATTERN "cassandra_*.hpp" EXCLUDE)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/bytestore DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp" ${headers_of_absent_parts})

find_package(Boost 1.81 CONFIG REQUIRED) # for its version, which programs have to have too
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/bytestore)
install(EXPORT bytestore-targets NAMESPACE bytestore:: DESTINATION ${package_dir})
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/bytestore-config.cmake.in
  ${PROJECT_BINARY_DIR}/bytestore-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/bytestore-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/bytestore-config.cmake
              ${PROJECT_BINARY_DIR}/bytestore-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindLMDB.cmake
        DESTINATION ${package_dir})
if(BYTESTORE_ROCKSDB)
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/RocksDBLibrary.cmake DESTINATION ${package_dir})
endif()
