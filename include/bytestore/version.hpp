#pragma once

#include <string_view>

#include "bytestore/detail/abi_tag.hpp"

namespace bytestore {

/// Returns the version of the library that is linked, e.g. "0.1.0" (semantic versioning).
std::string_view version() noexcept;

}  // namespace bytestore
