// Envelopes of values: each value comes back as it was, and what others stored is told apart from
// what this library wrapped, by a checksum that is reckoned here in its own way.

#include "core/envelope.hpp"

#include <algorithm>
#include <array>

#include "fuzz.hpp"

namespace bytestore::fuzz {
namespace {

constexpr std::size_t kSummedBytes = 18;  // of the header, with version and kind

/// CRC-32C, bit by bit.
std::array<char, 4> checksum(std::string_view bytes) {
  constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;
  std::uint32_t sum = 0xFFFFFFFF;
  for (const char byte : bytes) {
    sum ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? kReversedPolynomial : 0U);
    }
  }
  sum = ~sum;
  std::array<char, 4> little_endian{};
  for (auto& byte : little_endian) {
    byte = static_cast<char>(sum & 0xFFU);
    sum >>= 8U;
  }
  return little_endian;
}

std::optional<std::string> unwrapped(std::string_view stored) {
  const auto bytes = as_bytes(stored);
  // A vector has nothing behind its bytes, so that the address sanitizer sees who reads on.
  const auto value = core::unwrap(Bytes::adopt(std::vector(bytes.begin(), bytes.end())));
  if (!value) return std::nullopt;
  return std::string(value->view());
}

/// What a reader should get of these bytes; nothing if a newer version has written them.
std::optional<std::string> expected(std::string_view stored) {
  const bool is_ours =
      stored.starts_with(core::kEnvelopeMagic) && stored.size() >= core::kEnvelopeHeaderBytes &&
      std::ranges::equal(checksum(stored.substr(0, kSummedBytes)), stored.substr(kSummedBytes, 4));
  if (!is_ours) return std::string(stored);
  if (stored[16] != 1 || stored[17] != 0) return std::nullopt;
  return std::string(stored.substr(core::kEnvelopeHeaderBytes));
}

void check_value(std::string_view value) {
  const auto bytes = as_bytes(value);
  require(core::needs_envelope(bytes) == value.starts_with(core::kEnvelopeMagic),
          "a value that looks like an envelope needs one");
  const auto wrapped = core::wrap(bytes);
  const std::string_view stored(reinterpret_cast<const char*>(wrapped.data()), wrapped.size());
  require(wrapped.size() == core::kEnvelopeHeaderBytes + value.size(), "a header has its size");
  require(unwrapped(stored) == value, "a wrapped value comes back");
  require(expected(stored) == value, "a wrapped value is what the format says");
  const bool is_wrapped = core::needs_envelope(bytes);
  require(unwrapped(is_wrapped ? stored : value) == value, "each value comes back");
}

void check_stored(std::string_view stored) {
  require(unwrapped(stored) == expected(stored), "what is stored is read as the format says");
}

}  // namespace

void check(std::string_view input) {
  std::string header(core::kEnvelopeMagic);
  header += input.substr(0, 2);
  const auto rest = input.substr(std::min<std::size_t>(2, input.size()));
  check_value(input);
  check_value(std::string(core::kEnvelopeMagic) + std::string(input));
  check_stored(input);
  check_stored(header);
  check_stored(header + std::string(rest));
  if (header.size() != kSummedBytes) return;
  const auto sum = checksum(header);
  check_stored(header + std::string(sum.begin(), sum.end()) + std::string(rest));
}

}  // namespace bytestore::fuzz
