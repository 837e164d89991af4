#pragma once

#include <version>

/// Makes the link fail if the program is compiled with other containers or strings than the
/// library, which have the same names but other layouts. Every public header includes this header.

#if defined(_LIBCPP_VERSION)
#define BYTESTORE_DETAIL_ABI_TAG library_compiled_with_libcxx
#elif defined(_GLIBCXX_DEBUG) && _GLIBCXX_USE_CXX11_ABI
#define BYTESTORE_DETAIL_ABI_TAG library_compiled_with_GLIBCXX_DEBUG_and_GLIBCXX_USE_CXX11_ABI_1
#elif defined(_GLIBCXX_DEBUG)
#define BYTESTORE_DETAIL_ABI_TAG library_compiled_with_GLIBCXX_DEBUG_and_GLIBCXX_USE_CXX11_ABI_0
#elif _GLIBCXX_USE_CXX11_ABI
#define BYTESTORE_DETAIL_ABI_TAG library_compiled_without_GLIBCXX_DEBUG_and_GLIBCXX_USE_CXX11_ABI_1
#else
#define BYTESTORE_DETAIL_ABI_TAG library_compiled_without_GLIBCXX_DEBUG_and_GLIBCXX_USE_CXX11_ABI_0
#endif

// `retain` keeps the reference even if the linker removes unused sections (--gc-sections).
#if __has_cpp_attribute(gnu::retain)
#define BYTESTORE_DETAIL_KEPT [[gnu::used, gnu::retain]]
#else
#define BYTESTORE_DETAIL_KEPT [[gnu::used]]
#endif

namespace bytestore::abi {

/// A library that is compiled as this name says defines this symbol. If the linker does not find
/// it, compile the program and the library in the same way.
extern const char BYTESTORE_DETAIL_ABI_TAG;

BYTESTORE_DETAIL_KEPT static const char* const kLibrary = &BYTESTORE_DETAIL_ABI_TAG;

}  // namespace bytestore::abi
