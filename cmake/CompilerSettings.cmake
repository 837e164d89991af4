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
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# Links the warnings, and the sanitizers that were asked for, into a target of ours.
function(bytestore_compile_settings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                         -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Werror)
  if(BYTESTORE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${BYTESTORE_SANITIZE}
                           -fno-sanitize-recover=all -fno-omit-frame-pointer)
    if(BYTESTORE_SANITIZE MATCHES thread)
      # Asio has fences, which the sanitizer does not see, on top of the locks, which it does.
      target_compile_options(${target} PRIVATE -Wno-tsan)
    endif()
    target_link_options(${target} PUBLIC -fsanitize=${BYTESTORE_SANITIZE})
  endif()
endfunction()
