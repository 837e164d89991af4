// Any text that stands for a store URI: it is accepted exactly if it should be, with its parts as
// they were written, and hiding a password changes nothing else.

#include "open/store_uri.hpp"

#include <optional>

#include "bytestore/open.hpp"
#include "fuzz.hpp"
#include "open/password.hpp"

namespace bytestore::fuzz {
namespace {

using open_uri::StoreUri;

/// Decodes one part. Returns false for what is refused: wrong percent signs, and NUL bytes.
bool read_part(std::string_view text, std::string& part) {
  return decode_percent(text, part) && part.find('\0') == std::string::npos;
}

bool read_parameters(std::string_view query, StoreUri& uri) {
  auto parts = split(query, '&');
  if (parts.back().empty()) parts.pop_back();  // one that ends the query is allowed
  for (const std::string& part : parts) {
    const auto equals = part.find('=');
    std::string name;
    std::string value;
    if (equals == std::string::npos || !read_part(part.substr(0, equals), name) ||
        !read_part(part.substr(equals + 1), value) || uri.parameters.contains(name)) {
      return false;
    }
    uri.parameters[name] = value;
  }
  return true;
}

/// What the text should be read as; nothing if it should be refused.
std::optional<StoreUri> expected(std::string_view text) {
  StoreUri uri;
  if (text.find(':') == std::string_view::npos) return std::nullopt;
  for (const char c : take_part(text, ':')) {
    uri.scheme += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  }
  uri.raw_path = take_part(text, '?');
  if (!read_part(uri.raw_path, uri.path) || !read_parameters(text, uri)) return std::nullopt;
  return uri;
}

void check_reading(std::string_view text) {
  std::optional<StoreUri> read;
  refusal_of([&] { read = open_uri::parse_store_uri(text); });
  const auto right = expected(text);
  require(read.has_value() == right.has_value(), "a store URI is accepted exactly if it is one");
  if (!read) return;
  require(read->scheme == right->scheme, "a store URI keeps its scheme");
  require(read->raw_path == right->raw_path, "a store URI keeps its path as it was written");
  require(read->path == right->path, "a store URI keeps its path");
  require(read->parameters == right->parameters, "a store URI keeps its parameters");
}

void check_redaction(std::string_view text) {
  const auto place = open_uri::password_place(text);
  const auto shown = open_uri::without_password(text);
  if (!place) return require(shown == text, "what has no password is shown as it is");
  require(place->first + place->second <= text.size(), "the password lies in the text");
  const auto before = text.substr(0, place->first);
  const auto after = text.substr(place->first + place->second);
  require(shown == std::string(before) + "***" + std::string(after), "only the password is hidden");
}

void check_folder(std::string_view text) {
  std::optional<std::filesystem::path> folder;
  if (!refusal_of([&] { folder = local_folder(text); }).empty()) return;
  const auto right = expected(text);
  require(right.has_value(), "what names a folder is a store URI");
  const bool is_folder = right->scheme == "rocksdb" || right->scheme == "lmdb";
  require(folder.has_value() == is_folder, "stores on RocksDB and LMDB have a folder");
  require(!folder || folder->native() == right->path, "a store is in the folder that was named");
}

}  // namespace

void check(std::string_view input) {
  check_reading(input);
  check_redaction(input);
  check_folder(input);
}

}  // namespace bytestore::fuzz
