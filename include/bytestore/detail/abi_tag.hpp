#pragma once

#include <version>

/// A link error for programs that are compiled with other containers or strings than the library,
/// whose layouts differ under the same names. Every public header includes this.

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

// `retain` keeps it where the linker removes what nobody uses (--gc-sections).
#if __has_cpp_attribute(gnu::retain)
#define BYTESTORE_DETAIL_KEPT [[gnu::used, gnu::retain]]
#else
#define BYTESTORE_DETAIL_KEPT [[gnu::used]]
#endif

namespace bytestore::abi {

/// Defined by a library that is compiled as its name says. One that the linker does not find means
/// that the program and the library have to be compiled alike.
extern const char BYTESTORE_DETAIL_ABI_TAG;

BYTESTORE_DETAIL_KEPT static const char* const kLibrary = &BYTESTORE_DETAIL_ABI_TAG;

}  // namespace bytestore::abi
