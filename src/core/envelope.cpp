#include "core/envelope.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/crc32c.hpp"

namespace bytestore::core {
namespace {

constexpr std::uint8_t kEnvelopeVersion = 1;
constexpr std::size_t kVersionOffset = 16;
constexpr std::size_t kKindOffset = 17;
constexpr std::size_t kChecksumOffset = 18;

std::array<std::byte, 4> checksum(std::span<const std::byte> header) {
  Crc32c crc;
  crc.process_bytes(header.data(), kChecksumOffset);
  const std::uint32_t sum = crc.checksum();
  std::array<std::byte, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(sum >> (8 * i));
  return bytes;
}

}  // namespace

bool needs_envelope(std::span<const std::byte> value) noexcept {
  return value.size() >= kEnvelopeMagic.size() &&
         std::ranges::equal(value.first(kEnvelopeMagic.size()), as_bytes(kEnvelopeMagic));
}

std::vector<std::byte> wrap(std::span<const std::byte> value) {
  std::vector<std::byte> stored(kEnvelopeHeaderBytes + value.size());
  std::ranges::copy(as_bytes(kEnvelopeMagic), stored.begin());
  stored[kVersionOffset] = std::byte{kEnvelopeVersion};
  stored[kKindOffset] = static_cast<std::byte>(EnvelopeKind::plain);
  std::ranges::copy(checksum(stored), stored.begin() + kChecksumOffset);
  std::ranges::copy(value, stored.begin() + kEnvelopeHeaderBytes);
  return stored;
}

std::optional<Bytes> unwrap(Bytes stored) {
  const std::span<const std::byte> bytes = stored;
  if (!needs_envelope(bytes) || bytes.size() < kEnvelopeHeaderBytes) return stored;
  if (!std::ranges::equal(checksum(bytes), bytes.subspan(kChecksumOffset, 4))) return stored;
  if (bytes[kVersionOffset] != std::byte{kEnvelopeVersion} ||
      bytes[kKindOffset] != static_cast<std::byte>(EnvelopeKind::plain)) {
    return std::nullopt;
  }
  return stored.drop_front(kEnvelopeHeaderBytes);
}

}  // namespace bytestore::core
