#include "open/store_uri.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/decode_view.hpp>
#include <boost/url/pct_string_view.hpp>
#include <iterator>

#include "bytestore/error.hpp"

namespace bytestore::open_uri {
namespace {

/// Whatever the locale is.
char lower_case(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

void refuse(const std::string& problem) { throw Error(ErrorCode::invalid_argument, problem); }

std::string percent_decoded(std::string_view part) {
  const auto encoded = boost::urls::make_pct_string_view({part.data(), part.size()});
  if (!encoded) {
    refuse(
        "a percent sign in the store URI is not followed by two hex digits; write %25 for a "
        "percent sign");
  }
  auto decoded = encoded->decode();
  if (decoded.find('\0') != std::string::npos) {
    refuse(
        "the store URI contains a NUL byte, which no path, name or parameter may contain; leave "
        "out %00");
  }
  return decoded;
}

bool is_in_any_case(std::string_view text, std::string_view lower) noexcept {
  return std::ranges::equal(text, lower, {}, lower_case);
}

bool has_scheme(std::string_view text, std::string_view scheme) noexcept {
  return text.size() > scheme.size() && text[scheme.size()] == ':' &&
         is_in_any_case(text.substr(0, scheme.size()), scheme);
}

bool is_of_folder(std::string_view scheme) noexcept {
  return scheme == "rocksdb" || scheme == "lmdb";
}

std::string_view how_to_get(std::string_view scheme) noexcept {
  if (scheme == "cassandra") {
    return "configure the build with -DBYTESTORE_CASSANDRA=ON, which needs a Rust toolchain (in a "
           "clone, script/bootstrap cassandra installs one), or use the Python package, which has "
           "it";
  }
  if (scheme == "rocksdb") return "configure the build with -DBYTESTORE_ROCKSDB=ON";
  if (scheme == "lmdb") return "configure the build with -DBYTESTORE_LMDB=ON";
  return {};
}

StoreUri parse_store_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    refuse("a store URI begins with a scheme and a colon, for instance rocksdb:./data");
  }
  StoreUri uri;
  std::ranges::transform(text.substr(0, colon), std::back_inserter(uri.scheme), lower_case);
  const auto rest = text.substr(colon + 1);
  const auto question = rest.find('?');
  uri.raw_path = rest.substr(0, question);
  uri.path = percent_decoded(uri.raw_path);
  if (question == std::string_view::npos) return uri;

  auto query = rest.substr(question + 1);
  while (!query.empty()) {
    const auto parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    const auto equals = parameter.find('=');
    const auto name = percent_decoded(parameter.substr(0, equals));
    if (equals == std::string_view::npos) {
      refuse(fmt::format("the parameter {:?} of the store URI has no value; write {}=VALUE", name,
                         name));
    }
    const auto value = percent_decoded(parameter.substr(equals + 1));
    if (!uri.parameters.emplace(name, value).second) {
      refuse(fmt::format("the parameter {:?} of the store URI is given twice", name));
    }
  }
  return uri;
}

}  // namespace bytestore::open_uri
