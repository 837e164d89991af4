#include "cli/arguments.hpp"

#include <charconv>
#include <system_error>

#include "bytestore/open.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {
namespace {

constexpr char kMark = '\x01';

}  // namespace

std::string marked(std::string argument) {
  if (argument.starts_with('[') || argument.starts_with(kMark)) argument.insert(0, 1, kMark);
  return argument;
}

std::string unmarked(std::string argument) {
  if (argument.starts_with(kMark)) argument.erase(0, 1);
  return argument;
}

CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& into,
                      const std::string& description) {
  return app
      .add_option_function<std::string>(
          name, [&into](const std::string& given) { into = unmarked(given); }, description)
      ->type_name("");
}

CLI::Option* add_keys(CLI::App& verb, std::vector<std::string>& into) {
  return verb
      .add_option_function<std::vector<std::string>>(
          "KEY",
          [&into](const std::vector<std::string>& given) {
            for (const auto& key : given) into.push_back(unmarked(key));
          },
          "the keys, in order")
      ->type_name("");
}

CLI::Option* add_prefix(CLI::App& verb, std::string& into, const std::string& description) {
  return add_text(verb, "--prefix", into, description)->type_name("P");
}

CLI::Option* add_limit(CLI::App& verb, std::optional<std::uint64_t>& into) {
  const auto read = [&into](const std::string& given) {
    std::uint64_t limit = 0;
    const auto* end = given.data() + given.size();
    const auto [rest, error] = std::from_chars(given.data(), end, limit);
    if (error != std::errc{} || rest != end) {
      throw CLI::ValidationError("--limit",
                                 in_quotes(redacted(given)) + " is not a number of keys");
    }
    into = limit;
  };
  return verb.add_option_function<std::string>("--limit", read, "at most N keys")->type_name("N");
}

}  // namespace bytestore::cli
