#include "bytestore/bytes.hpp"

#include <algorithm>
#include <utility>

namespace bytestore {

Bytes Bytes::copy(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  auto buffer = std::make_shared_for_overwrite<std::byte[]>(bytes.size());
  std::ranges::copy(bytes, buffer.get());
  const std::span<const std::byte> copied{buffer.get(), bytes.size()};
  return {std::move(buffer), copied};
}

Bytes Bytes::adopt(std::vector<std::byte> buffer) {
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(buffer));
  const std::span<const std::byte> bytes = *owner;
  return {std::move(owner), bytes};
}

Bytes Bytes::adopt(std::string buffer) {
  auto owner = std::make_shared<const std::string>(std::move(buffer));
  const auto bytes = as_bytes(*owner);
  return {std::move(owner), bytes};
}

Bytes Bytes::share(std::shared_ptr<const void> owner, std::span<const std::byte> bytes,
                   std::size_t buffer_size) {
  if (bytes.size() < buffer_size - bytes.size()) return copy(bytes);
  return {std::move(owner), bytes};
}

Bytes Bytes::drop_front(std::size_t offset) const noexcept {
  return {owner_, std::span{data_, size_}.subspan(offset)};
}

}  // namespace bytestore
