#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace bytestore::cassandra {

/// Of a server; what follows the second number does not count.
struct Release {
  int major = 0;
  int minor = 0;

  friend auto operator<=>(const Release&, const Release&) = default;
};

/// Of `release_version`, as "5.0.9" or "5.0-rc1"; none: not a version.
[[nodiscard]] std::optional<Release> parse_release(std::string_view version);

/// As "5.0", of "5.0.9" or "5.0-rc1"; what is not a version stays as it is.
[[nodiscard]] std::string release_of(std::string_view version);

}  // namespace bytestore::cassandra
