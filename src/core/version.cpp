#include "bytestore/version.hpp"

namespace bytestore {

// The build passes the version of the CMake project, the one place where it is written.
std::string_view version() noexcept { return BYTESTORE_VERSION; }

}  // namespace bytestore
