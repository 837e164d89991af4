#include "cassandra/cql/identifiers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bytestore/error.hpp"

namespace bytestore::cassandra {
namespace {

/// What Cassandra accepts as the name of a keyspace or table (it is part of file names there).
constexpr std::size_t kMaxBytes = 48;

// Those of <cctype> depend on the locale.
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }

bool is_allowed(char c) noexcept {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

char lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string folded_identifier(std::string_view name, std::string_view kind) {
  const bool is_quoted = name.size() >= 2 && name.starts_with('"') && name.ends_with('"');
  const auto inner = is_quoted ? name.substr(1, name.size() - 2) : name;
  if (inner.empty() || inner.size() > kMaxBytes || !std::ranges::all_of(inner, is_allowed)) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("{:?} cannot be the name of a {}; use 1 to {} letters, digits and "
                            "underscores, in double quotes if case matters",
                            name.substr(0, 2 * kMaxBytes), kind, kMaxBytes));
  }
  std::string folded(inner);
  if (!is_quoted) std::ranges::transform(folded, folded.begin(), lower);
  return folded;
}

std::string quoted(std::string_view folded) { return fmt::format("\"{}\"", folded); }

}  // namespace bytestore::cassandra
