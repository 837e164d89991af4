#include "core/value_header.hpp"

namespace bytestore::core {

bool has_value_header(std::string_view stored) noexcept {
  return stored.starts_with(std::string_view(kValueHeader.data(), kValueHeader.size()));
}

}  // namespace bytestore::core
