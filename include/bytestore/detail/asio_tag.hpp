#pragma once

#include <boost/asio/version.hpp>

#include "bytestore/detail/abi_tag.hpp"

/// A link error for programs that are compiled with another Boost.Asio than the library, since its
/// types cross from one to the other. Every public header that includes Boost includes this.

#define BYTESTORE_DETAIL_JOIN(name, version) name##version
#define BYTESTORE_DETAIL_VERSIONED(name, version) BYTESTORE_DETAIL_JOIN(name, version)
#define BYTESTORE_DETAIL_ASIO_TAG \
  BYTESTORE_DETAIL_VERSIONED(library_compiled_with_BOOST_ASIO_VERSION_, BOOST_ASIO_VERSION)

namespace bytestore::abi {

/// Defined by a library that is compiled with this version of Boost.Asio.
extern const char BYTESTORE_DETAIL_ASIO_TAG;

BYTESTORE_DETAIL_KEPT static const char* const kAsio = &BYTESTORE_DETAIL_ASIO_TAG;

}  // namespace bytestore::abi
