#include "core/value_header.hpp"

namespace bytestore::core {

bool has_value_header(std::string_view stored, const std::array<char, 2>& header) noexcept {
  return stored.starts_with(std::string_view(header.data(), header.size()));
}

}  // namespace bytestore::core
