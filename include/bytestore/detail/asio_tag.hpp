#pragma once

#include <boost/asio/version.hpp>

#include "bytestore/detail/abi_tag.hpp"

/// Makes the link fail if the program is compiled with another version of Boost.Asio than the
/// library, since objects of its types are passed between the two. Every public header that
/// includes Boost includes this header.

#define BYTESTORE_DETAIL_JOIN(name, version) name##version
#define BYTESTORE_DETAIL_VERSIONED(name, version) BYTESTORE_DETAIL_JOIN(name, version)
#define BYTESTORE_DETAIL_ASIO_TAG \
  BYTESTORE_DETAIL_VERSIONED(library_compiled_with_BOOST_ASIO_VERSION_, BOOST_ASIO_VERSION)

namespace bytestore::abi {

/// A library that is compiled with this version of Boost.Asio defines this symbol.
extern const char BYTESTORE_DETAIL_ASIO_TAG;

BYTESTORE_DETAIL_KEPT static const char* const kAsio = &BYTESTORE_DETAIL_ASIO_TAG;

}  // namespace bytestore::abi
