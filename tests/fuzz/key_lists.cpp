// Lists of keys: what `keys` writes in each format is read back as the same keys, also by
// `delete -0`, which refuses what is no such list.

#include "cli/key_list.hpp"

#include <optional>

#include "bytestore/keys.hpp"
#include "cli/failure.hpp"
#include "fuzz.hpp"

namespace bytestore::fuzz {
namespace {

using cli::KeyFormat;

struct Read {
  cli::KeyList list;
  std::vector<std::string> left_out;
};

/// Nothing if the list is refused.
std::optional<Read> read(std::string_view list) {
  Read found;
  try {
    found.list = cli::read_key_list(list, [&](std::string_view key, std::string_view problem) {
      require(!problem.empty(), "it is said why a key is left out");
      found.left_out.emplace_back(key);
    });
  } catch (const cli::Failure& failure) {
    require(failure.code() == cli::ExitCode::usage, "what is no list is wrong usage");
    return std::nullopt;
  }
  return found;
}

void check_list(std::string_view text) {
  const auto found = read(text);
  require(found.has_value() == (text.empty() || text.back() == '\0'),
          "a list is accepted exactly if it ends with a NUL byte");
  if (!found) return;
  auto keys = split(text, '\0');
  keys.pop_back();  // after the last NUL byte
  std::vector<std::string> usable;
  std::vector<std::string> unusable;
  for (const std::string& key : keys) (key_problem(key) ? unusable : usable).push_back(key);
  require(found->list.keys == usable, "the keys of a list are read in their order");
  require(found->left_out == unusable, "what is no key is left out");
  require(found->list.is_whole == unusable.empty(), "it is said whether keys were left out");
}

/// Appends a code point as UTF-8.
void append(std::string& text, unsigned code_point) {
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else {
    require(code_point < 0x800, "only control characters are escaped by number");
    text += static_cast<char>(0xC0U | code_point >> 6U);
    text += static_cast<char>(0x80U | (code_point & 0x3FU));
  }
}

/// Reads a JSON string (RFC 8259) with nothing around it.
std::string read_json(std::string_view text) {
  require(text.size() >= 2 && text.starts_with('"') && text.ends_with('"'), "JSON has quotes");
  text = text.substr(1, text.size() - 2);
  std::string key;
  for (std::size_t i = 0; i < text.size(); ++i) {
    require(static_cast<unsigned char>(text[i]) >= 0x20, "JSON has no control characters");
    require(text[i] != '"', "JSON has no quotes within");
    if (text[i] != '\\') {
      key += text[i];
      continue;
    }
    require(++i < text.size(), "a backslash is followed by something");
    constexpr std::string_view kEscapes = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (text[i] == 'u') {
      append(key,
             static_cast<unsigned>(std::stoul(std::string(text.substr(i + 1, 4)), nullptr, 16)));
      i += 4;
      continue;
    }
    const auto escape = kEscapes.find(text[i]);
    require(escape != std::string_view::npos, "JSON has eight escapes of one letter");
    key += kMeanings[escape];
  }
  return key;
}

void check_key(const std::string& key) {
  require(cli::listed(key, KeyFormat::line) == key + '\n', "a line is the key");
  auto json = cli::listed(key, KeyFormat::json);
  require(json.find('\n') == json.size() - 1, "each JSON string is a line");
  json.pop_back();
  require(read_json(json) == key, "a key comes back from its JSON string");
}

void check_listing(std::vector<std::string> keys) {
  std::erase_if(keys, [](const std::string& key) { return key_problem(key).has_value(); });
  std::string list;
  for (const std::string& key : keys) {
    check_key(key);
    list += cli::listed(key, KeyFormat::nul_terminated);
  }
  const auto found = read(list);
  require(found && found->list.is_whole && found->list.keys == keys,
          "what was listed is read as the same keys");
}

}  // namespace

void check(std::string_view input) {
  check_list(input);
  check_listing(split(input, '\0'));
  const std::string key(input);
  if (!key_problem(key)) check_key(key);
}

}  // namespace bytestore::fuzz
