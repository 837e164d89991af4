#include "cassandra/table/release.hpp"

#include <charconv>
#include <memory>
#include <system_error>

namespace bytestore::cassandra {

std::optional<Release> parse_release(std::string_view version) {
  Release release;
  const char* begin = std::to_address(version.begin());
  const char* end = std::to_address(version.end());
  const auto major = std::from_chars(begin, end, release.major);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, release.minor);
  if (minor.ec != std::errc{}) return std::nullopt;
  return release;
}

std::string release_of(std::string_view version) {
  const auto minor = version.find('.');
  if (minor == std::string_view::npos) return std::string(version);
  return std::string(version.substr(0, version.find_first_not_of("0123456789", minor + 1)));
}

}  // namespace bytestore::cassandra
