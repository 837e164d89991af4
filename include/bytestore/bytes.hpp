#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/detail/abi_tag.hpp"

namespace bytestore {

/// Returns the bytes of a text without copying them. The text must outlive the span.
inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span{text.data(), text.size()});
}

/// A value: an immutable sequence of bytes that is cheap to copy.
///
/// A `Bytes` shares the ownership of the buffer it points into (its own allocation, a network
/// frame, a block of the embedded database). Copies refer to the same bytes. It may outlive the
/// store that returned it. Different threads may use different objects, and may read the same
/// object, without synchronisation.
class Bytes {
 public:
  /// Makes an empty value. A value of length 0 is a value; it does not mean that the key is absent.
  Bytes() noexcept = default;

  /// Copies `bytes` into an allocation of exactly that size.
  static Bytes copy(std::span<const std::byte> bytes);
  static Bytes copy(std::string_view text) { return copy(as_bytes(text)); }

  /// Takes ownership of a buffer without copying it.
  static Bytes adopt(std::vector<std::byte> buffer);
  static Bytes adopt(std::string buffer);

  /// Shares `bytes`, which lie in a buffer of `buffer_size` bytes and live as long as `owner` does.
  /// If `bytes` is less than half of that buffer, it copies them instead, so that a small value
  /// never keeps a large buffer in memory.
  static Bytes share(std::shared_ptr<const void> owner, std::span<const std::byte> bytes,
                     std::size_t buffer_size);

  [[nodiscard]] const std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const std::byte* begin() const noexcept { return data_; }
  [[nodiscard]] const std::byte* end() const noexcept { return data_ + size_; }

  /// Returns the same bytes as characters, without copying them. The view is valid while some
  /// `Bytes` shares the bytes.
  [[nodiscard]] std::string_view view() const noexcept {
    return {reinterpret_cast<const char*>(data_), size_};
  }

  /// Returns the bytes after the first `offset`, sharing the same buffer. `offset` is at most
  /// `size()`.
  [[nodiscard]] Bytes drop_front(std::size_t offset) const noexcept;

  friend bool operator==(const Bytes& left, const Bytes& right) noexcept {
    return left.view() == right.view();
  }

 private:
  Bytes(std::shared_ptr<const void> owner, std::span<const std::byte> bytes) noexcept
      : owner_(std::move(owner)), data_(bytes.data()), size_(bytes.size()) {}

  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace bytestore
