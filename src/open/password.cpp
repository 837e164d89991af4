#include "open/password.hpp"

#include <algorithm>

#include "open/store_uri.hpp"

namespace bytestore::open_uri {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::string_view kSlashes = "//";
constexpr std::string_view kDigits = "0123456789";

/// Whether a text has a scheme of stores in local folders.
bool is_folder_uri(std::string_view text) noexcept {
  return has_scheme(text, "rocksdb") || has_scheme(text, "lmdb");
}

/// Returns where users and hosts begin: after a scheme that is ours, and `//`. What has another one
/// may be a user.
std::optional<std::size_t> authority(std::string_view text) noexcept {
  const auto scheme = std::min(text.find_first_not_of(" \t\r\n\f\v"), text.size());
  const auto colon = text.find(':', scheme);
  const auto given = text.substr(scheme);
  if (!has_scheme(given, "cassandra") && !is_folder_uri(given)) return std::nullopt;
  if (!text.substr(colon + 1).starts_with(kSlashes)) return std::nullopt;
  return colon + 1 + kSlashes.size();
}

/// Returns where the text after the first colon begins, which may be encoded.
std::size_t after_colon(std::string_view text, std::size_t begin) noexcept {
  constexpr std::string_view kEncoded = "%3A";
  const auto colon = text.find(':', begin);
  const auto encoded = std::min(text.find(kEncoded, begin), text.find("%3a", begin));
  if (encoded < colon) return encoded + kEncoded.size();
  return colon == kNone ? kNone : colon + 1;
}

/// Returns the same of the first colon among the hosts that no port follows.
std::size_t after_colon_without_port(std::string_view text, std::size_t begin) noexcept {
  const auto end = std::min(text.find_first_of("/?#", begin), text.size());
  for (auto host = begin; host < end;) {
    const auto host_end = std::min(text.find(',', host), end);
    if (const auto colon = colon_without_port(text.substr(host, host_end - host))) {
      return host + *colon + 1;
    }
    host = host_end + 1;
  }
  return kNone;
}

}  // namespace

std::optional<std::size_t> colon_without_port(std::string_view host) noexcept {
  const auto bracket = host.starts_with('[') ? host.find(']') : kNone;
  const auto colon = host.find(':', bracket == kNone ? 0 : bracket);
  if (colon == kNone || host.find_first_not_of(kDigits, colon + 1) == kNone) return std::nullopt;
  const bool is_address = bracket == kNone && host.find(':', colon + 1) != kNone &&
                          host.find_first_not_of("0123456789abcdefABCDEF:.") == kNone;
  return is_address ? std::nullopt : std::optional(colon);
}

std::optional<std::pair<std::size_t, std::size_t>> password_place(std::string_view text) {
  const bool is_folder = is_folder_uri(text);
  if (is_folder && text.find(kSlashes) == kNone) return std::nullopt;
  const auto users = authority(text);
  const auto begin = after_colon(text, users.value_or(0));
  const auto at = text.rfind('@');
  if (at != kNone && begin <= at) return std::pair(begin, at - begin);
  if (!users || is_folder) return std::nullopt;
  const auto unsure = after_colon_without_port(text, at == kNone ? *users : at + 1);
  if (unsure == kNone) return std::nullopt;
  return std::pair(unsure, text.size() - unsure);
}

std::string without_password(std::string_view text) {
  std::string shown(text);
  const auto place = password_place(text);
  return place ? shown.replace(place->first, place->second, "***") : shown;
}

}  // namespace bytestore::open_uri
