#pragma once

#include "bytestore/error.hpp"

namespace bytestore::core {

/// What a call fails with where there is no memory to say more: a copy needs none. The first use
/// needs some, so it comes where that may fail.
const Error& out_of_memory();

}  // namespace bytestore::core
