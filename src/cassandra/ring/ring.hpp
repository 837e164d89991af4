#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bytestore::cassandra {

/// What a cluster computes tokens of keys by.
enum class Partitioner : std::uint8_t {
  untold,  ///< no server was asked yet, or none has answered
  murmur3,
  random,
  byte_order,
  other,  ///< one whose ring is not known, or that the servers do not name
};

/// `name` is that of a class, as servers tell it: its package differs between them.
[[nodiscard]] Partitioner partitioner_named(std::string_view name) noexcept;

/// A token, written so that the order of the ring is that of bytes.
struct Token {
  std::string bytes{};

  friend auto operator<=>(const Token&, const Token&) = default;
};

/// The tokens after `after`, up to and with `last`.
struct TokenRange {
  Token after{};
  Token last{};

  friend bool operator==(const TokenRange&, const TokenRange&) = default;
};

/// The tokens of a partitioner: those of keys, ranges of them, and how servers read and write them.
/// Immutable. docs/decisions/053-rings.md.
class Ring {
 public:
  virtual ~Ring() = default;

  /// The tokens of all keys.
  [[nodiscard]] const TokenRange& whole() const noexcept { return whole_; }

  [[nodiscard]] virtual Token token_of(std::string_view key) const = 0;

  /// After which a listing goes on that has given a key of `token`: the token before it, since
  /// others may have it too, or itself where each key has its own.
  [[nodiscard]] virtual Token resume_point(const Token& token) const = 0;

  /// How much of the ring a range is, from 0 to 1. A range whose last token is not after its first
  /// goes over the end of the ring; one from a token to itself is all of it. Nothing where keys are
  /// not spread evenly over the ring.
  [[nodiscard]] virtual std::optional<double> share(const TokenRange& range) const = 0;

  /// The last token of a range after `after` that is so much of the ring; nothing if that is over
  /// its end, or where keys are not spread evenly.
  [[nodiscard]] virtual std::optional<Token> end_of(const Token& after, double share) const = 0;

  /// A token that divides a range into two that are not empty; nothing if it is too narrow.
  [[nodiscard]] virtual std::optional<Token> middle(const TokenRange& range) const = 0;

  /// `token` as statements bind it, as the protocol writes its type.
  [[nodiscard]] virtual std::string bound(const Token& token) const = 0;

  /// A token as the tables of servers write it; nothing if it is none.
  [[nodiscard]] virtual std::optional<Token> read(std::string_view text) const = 0;

 protected:
  explicit Ring(TokenRange whole);
  Ring(const Ring&) = default;
  Ring& operator=(const Ring&) = default;

 private:
  TokenRange whole_;
};

/// Null: its ring is not known.
[[nodiscard]] const Ring* ring_of(Partitioner partitioner) noexcept;

/// The number that a token of Murmur3's ring is.
[[nodiscard]] std::int64_t murmur3_number(const Token& token) noexcept;

}  // namespace bytestore::cassandra
