// The arguments of the command: they are read or refused as wrong usage, a refusal shows no
// password, and `--limit` takes exactly the numbers of 64 bits.

#include "cli/command_line.hpp"

#include <algorithm>
#include <cstdlib>

#include "bytestore/open.hpp"
#include "cli/arguments.hpp"
#include "cli/failure.hpp"
#include "fuzz.hpp"

namespace bytestore::fuzz {
namespace {

/// Stands for a password wherever an argument has it where passwords are.
constexpr std::string_view kCanary = "5eCr3tCanary";

constexpr std::size_t kMostArguments = 12;

/// Returns the message of the refusal, or an empty one.
std::string refusal_of_command(const std::vector<std::string>& arguments) {
  std::vector<const char*> given{"bytestore"};
  for (const std::string& argument : arguments) given.push_back(argument.c_str());
  try {
    const auto command = cli::parse_command_line(static_cast<int>(given.size()), given.data());
    require(command.run ? command.text.empty() && !command.uri.empty() : !command.text.empty(),
            "a command has a verb and a store, or a text to print");
    return {};
  } catch (const cli::Failure& failure) {
    require(failure.code() == cli::ExitCode::usage, "wrong arguments are wrong usage");
    require(*failure.what() != '\0', "a refusal says why");
    return failure.what();
  }
}

bool has_canary(std::string_view text) { return text.find(kCanary) != std::string_view::npos; }

void check_arguments(std::vector<std::string> arguments) {
  arguments.resize(std::min(arguments.size(), kMostArguments));
  for (auto& argument : arguments) argument.resize(std::min(argument.find('\0'), argument.size()));
  const auto refusal = refusal_of_command(arguments);
  const bool are_passwords = std::ranges::none_of(
      arguments, [](const std::string& argument) { return has_canary(redacted(argument)); });
  require(!are_passwords || !has_canary(refusal), "a refusal does not show a password");
}

/// Reads decimal digits; nothing if they are another text, or a number of more than 64 bits.
std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  if (text.empty()) return std::nullopt;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    const auto value = static_cast<std::uint64_t>(digit - '0');
    if (number > (UINT64_MAX - value) / 10) return std::nullopt;
    number = number * 10 + value;
  }
  return number;
}

void check_limit(const std::string& text) {
  CLI::App app;
  std::optional<std::uint64_t> limit;
  cli::add_limit(app, limit);
  try {
    app.parse(std::vector<std::string>{cli::marked("--limit=" + text)});
  } catch (const CLI::ParseError&) {
    limit.reset();
  }
  require(limit == number_in(text), "a limit is the number that was written");
}

}  // namespace

void check(std::string_view input) {
  [[maybe_unused]] static const int unset = ::unsetenv("BYTESTORE_STORE");
  const auto arguments = split(input, '\n');
  check_arguments(arguments);
  check_limit(arguments.front());
  require(cli::unmarked(cli::marked(arguments.front())) == arguments.front(),
          "an argument is the same without its mark");
}

}  // namespace bytestore::fuzz
