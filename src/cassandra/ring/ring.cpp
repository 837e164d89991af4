#include "cassandra/ring/ring.hpp"

#include <algorithm>
#include <boost/algorithm/hex.hpp>
#include <charconv>
#include <iterator>
#include <utility>

#include "cassandra/driver/types.hpp"

namespace bytestore::cassandra {
namespace {

/// Bytes of a token that arithmetic is done with.
constexpr std::size_t kLead = 8;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : 0;
}

/// The bytes from `begin` on as a number; zeros follow the last one.
std::uint64_t lead(std::string_view bytes, std::size_t begin = 0) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kLead; ++i) number = number << 8U | byte_at(bytes, begin + i);
  return number;
}

std::string lead_bytes(std::uint64_t number) {
  std::string bytes(kLead, '\0');
  for (std::size_t i = kLead; i > 0; number >>= 8U) bytes[--i] = static_cast<char>(number);
  return bytes;
}

/// The number that `bytes` write, less one.
std::string decremented(std::string bytes) {
  for (std::size_t i = bytes.size(); i > 0;) {
    if (bytes[--i]-- != '\0') break;
  }
  return bytes;
}

/// The number that `bytes` write, and one more.
std::string incremented(std::string bytes) {
  for (std::size_t i = bytes.size(); i > 0;) {
    if (++bytes[--i] != '\0') break;
  }
  return bytes;
}

/// A ring whose tokens are numbers, over which keys are spread evenly. They are written as big
/// endian numbers of one length, the least of which is zero.
class EvenRing : public Ring {
 public:
  [[nodiscard]] Token resume_point(const Token& token) const override {
    return {decremented(token.bytes)};
  }

  [[nodiscard]] std::optional<double> share(const TokenRange& range) const override {
    const std::uint64_t after = lead(range.after.bytes);
    const std::uint64_t last = lead(range.last.bytes);
    if (range.after == range.last) return 1;
    if (range.after < range.last) return static_cast<double>(last - after) / size_;
    return 1 - static_cast<double>(after - last) / size_;
  }

  [[nodiscard]] std::optional<Token> end_of(const Token& after, double share) const override {
    const auto step = static_cast<std::uint64_t>(share * size_);
    const std::uint64_t begin = lead(after.bytes);
    if (lead(whole().last.bytes) - begin <= step) return std::nullopt;
    return at(begin + step);
  }

  [[nodiscard]] std::optional<Token> middle(const TokenRange& range) const override {
    const std::uint64_t after = lead(range.after.bytes);
    const std::uint64_t half = (lead(range.last.bytes) - after) / 2;
    if (half == 0) return std::nullopt;
    return at(after + half);
  }

 protected:
  /// `size` is how many tokens there are, as far as their leads tell them apart.
  EvenRing(TokenRange whole, double size) : Ring(std::move(whole)), size_(size) {}

 private:
  [[nodiscard]] Token at(std::uint64_t number) const {
    std::string bytes = lead_bytes(number);
    bytes.resize(whole().last.bytes.size());
    return {std::move(bytes)};
  }

  double size_;
};

/// From -2^63, which no key has, to 2^63 - 1; of the type bigint.
class Murmur3Ring final : public EvenRing {
 public:
  Murmur3Ring() : EvenRing({.after = of(INT64_MIN), .last = of(INT64_MAX)}, 0x1p64) {}

  [[nodiscard]] Token token_of(std::string_view key) const override {
    return of(cassandra::token_of(as_bytes(key)));
  }
  [[nodiscard]] std::string bound(const Token& token) const override {
    return lead_bytes(lead(token.bytes) ^ kSign);
  }
  [[nodiscard]] std::optional<Token> read(std::string_view text) const override {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return of(number);
  }

  static constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;

 private:
  static Token of(std::int64_t number) {
    return {lead_bytes(static_cast<std::uint64_t>(number) ^ kSign)};
  }
};

/// From -1, which no key has, to 2^127; of the type varint. Written as what is one more.
class RandomRing final : public EvenRing {
 public:
  RandomRing()
      : EvenRing({.after = {std::string(kBytes, '\0')}, .last = {incremented(std::string(kLast))}},
                 0x1p63) {}

  [[nodiscard]] Token token_of(std::string_view key) const override {
    const auto number = random_token_of(as_bytes(key));
    return {incremented({number.begin(), number.end()})};
  }

  /// In two's complement, and as short as may be.
  [[nodiscard]] std::string bound(const Token& token) const override {
    if (token == whole().after) return "\xff";
    const std::string number = decremented(token.bytes);
    const auto first = std::find_if(number.begin(), std::prev(number.end()),
                                    [](char byte) { return byte != '\0'; });
    std::string shortest(first, number.end());
    if (byte_at(shortest, 0) >= 0x80) shortest.insert(shortest.begin(), '\0');
    return shortest;
  }

  [[nodiscard]] std::optional<Token> read(std::string_view text) const override {
    if (text == "-1") return whole().after;
    if (text.empty()) return std::nullopt;
    std::string number(kBytes, '\0');
    for (const char digit : text) {
      if (digit < '0' || digit > '9') return std::nullopt;
      auto carry = static_cast<unsigned>(digit - '0');
      for (std::size_t i = kBytes; i > 0; carry >>= 8U) {
        --i;
        carry += byte_at(number, i) * 10U;
        number[i] = static_cast<char>(carry);
      }
      if (carry > 0 || number > kLast) return std::nullopt;
    }
    return Token{incremented(std::move(number))};
  }

 private:
  static constexpr std::size_t kBytes = 16;
  static constexpr std::string_view kLast{"\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", kBytes};
};

/// The keys themselves; of the type blob. No text has the byte 0xff, so that it is after all of
/// them, and none is empty.
class ByteOrderRing final : public Ring {
 public:
  ByteOrderRing() : Ring({.after = {}, .last = {"\xff"}}) {}

  [[nodiscard]] Token token_of(std::string_view key) const override { return {std::string(key)}; }
  [[nodiscard]] Token resume_point(const Token& token) const override { return token; }
  [[nodiscard]] std::optional<double> share(const TokenRange& /*range*/) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Token> end_of(const Token& /*after*/,
                                            double /*share*/) const override {
    return std::nullopt;
  }

  /// Keys often begin alike: so what differs is halved.
  [[nodiscard]] std::optional<Token> middle(const TokenRange& range) const override {
    const std::string& after = range.after.bytes;
    const std::string& last = range.last.bytes;
    const auto alike =
        static_cast<std::size_t>(std::ranges::mismatch(after, last).in1 - after.begin());
    const std::uint64_t begin = lead(after, alike);
    const std::uint64_t end = lead(last, alike);
    if (range.after >= range.last || end - begin < 2) return std::nullopt;
    std::string middle = after.substr(0, alike) + lead_bytes(begin + (end - begin) / 2);
    while (middle.back() == '\0') middle.pop_back();
    return Token{std::move(middle)};
  }

  [[nodiscard]] std::string bound(const Token& token) const override { return token.bytes; }

  [[nodiscard]] std::optional<Token> read(std::string_view text) const override {
    Token token;
    try {
      boost::algorithm::unhex(text, std::back_inserter(token.bytes));
    } catch (const boost::algorithm::hex_decode_error&) {
      return std::nullopt;
    }
    return token;
  }
};

}  // namespace

Ring::Ring(TokenRange whole) : whole_(std::move(whole)) {}

Partitioner partitioner_named(std::string_view name) noexcept {
  const std::string_view simple = name.substr(name.rfind('.') + 1);
  if (simple == "Murmur3Partitioner") return Partitioner::murmur3;
  if (simple == "RandomPartitioner") return Partitioner::random;
  if (simple == "ByteOrderedPartitioner") return Partitioner::byte_order;
  return Partitioner::other;
}

const Ring* ring_of(Partitioner partitioner) noexcept {
  static const Murmur3Ring murmur3;
  static const RandomRing random;
  static const ByteOrderRing byte_order;
  switch (partitioner) {
    case Partitioner::murmur3:
      return &murmur3;
    case Partitioner::random:
      return &random;
    case Partitioner::byte_order:
      return &byte_order;
    case Partitioner::untold:
    case Partitioner::other:
      break;
  }
  return nullptr;
}

std::int64_t murmur3_number(const Token& token) noexcept {
  return static_cast<std::int64_t>(lead(token.bytes) ^ Murmur3Ring::kSign);
}

}  // namespace bytestore::cassandra
