#include "cassandra/cql/identifiers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bytestore/error.hpp"

namespace bytestore::cassandra {
namespace {

/// What Cassandra accepts as names, which are parts of file names there. Version 3.11 accepts no
/// more than 48 bytes for tables either, and says so itself.
constexpr std::size_t kMaxKeyspaceBytes = 48;
constexpr std::size_t kMaxTableBytes = 222;

// Those of <cctype> depend on the locale.
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }

bool is_allowed(char c) noexcept {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

char lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

std::string folded(std::string_view name, std::string_view kind, std::size_t most) {
  const bool is_quoted = name.size() >= 2 && name.starts_with('"') && name.ends_with('"');
  const auto inner = is_quoted ? name.substr(1, name.size() - 2) : name;
  if (inner.empty() || inner.size() > most || !std::ranges::all_of(inner, is_allowed)) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("{:?} cannot be the name of a {}; use 1 to {} letters, digits and "
                            "underscores, in double quotes if case matters",
                            name.substr(0, 2 * most), kind, most));
  }
  std::string result(inner);
  if (!is_quoted) std::ranges::transform(result, result.begin(), lower);
  return result;
}

}  // namespace

std::string folded_keyspace(std::string_view name) {
  return folded(name, "keyspace", kMaxKeyspaceBytes);
}

std::string folded_table(std::string_view name) { return folded(name, "table", kMaxTableBytes); }

std::string quoted(std::string_view folded) { return fmt::format("\"{}\"", folded); }

}  // namespace bytestore::cassandra
