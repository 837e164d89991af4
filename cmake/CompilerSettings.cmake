# How everything in this repository is compiled. Consumers of the library inherit none of it.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_CURRENT_LIST_DIR}/../tools/cached_compiler)
endif()

# Links the warnings, and the sanitizers that were asked for, into a target of ours.
function(bytestore_compile_settings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                         -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast)
  if(CMAKE_UNITY_BUILD)
    target_compile_options(${target} PRIVATE -Wno-shadow)  # a constant of another source is no surprise
  endif()
  if(BYTESTORE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${BYTESTORE_SANITIZE}
                           -fno-sanitize-recover=all -fno-omit-frame-pointer)
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
      # It sees uninitialised members in libstdc++ under the address sanitizer, and warns of the
      # fences in Asio, which the thread sanitizer does not model (its queues have locks as well).
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-tsan)
    endif()
    target_link_options(${target} PUBLIC -fsanitize=${BYTESTORE_SANITIZE})
  endif()
endfunction()

# Has these sources compiled by themselves where others are compiled several at once (the sanitizers' builds):
# they have names, unseen by the linker, that others of their target have too.
function(bytestore_compile_apart)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# Has a library of ours count what is executed in it, for the targets of tests/fuzz: they go on with
# the inputs that reach something new.
function(bytestore_cover_for_fuzzing target)
  if(BYTESTORE_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()
