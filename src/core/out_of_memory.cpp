#include "core/out_of_memory.hpp"

namespace bytestore::core {

const Error& out_of_memory() {
  static const auto* const error = new Error(  // NOLINT(cppcoreguidelines-owning-memory)
      ErrorCode::io,
      "the process ran out of memory during the call, so it is not known which of its keys were "
      "applied; free some memory and repeat the call");
  return *error;
}

}  // namespace bytestore::core
