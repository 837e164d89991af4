#include <fmt/format.h>
#include <unistd.h>

#include <string>

#include "cli/key_list.hpp"
#include "cli/output.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {
namespace {

KeyFormat format_of(const KeysArguments& arguments) {
  if (arguments.json) return KeyFormat::json;
  return arguments.nul_terminated ? KeyFormat::nul_terminated : KeyFormat::line;
}

/// Calls `write` with standard output, and flushes it.
template <typename Write>
void to_standard_output(Output& output, const Write& write) {
  try {
    write();
    output.flush();
  } catch (const FileError& error) {
    throw Failure(ExitCode::some_failed,
                  fmt::format("cannot write standard output: {}", error.what()));
  }
}

/// Says how many keys no store accepts, and makes that the ending.
ExitCode ending_of(const Context& context, std::uint64_t unusable, ExitCode otherwise) {
  if (unusable == 0) return otherwise;
  context.console.say(fmt::format("{} left out, which no store accepts", counted(unusable, "key")));
  return ExitCode::some_failed;
}

/// Writes the keys. Returns `some_failed` if some were left out.
ExitCode list_keys(const Context& context, const KeysArguments& arguments, Output& output) {
  const auto store = context.open_existing();
  auto ending = ExitCode::done;
  std::uint64_t left = arguments.limit.value_or(UINT64_MAX);
  if (left == 0) return ending;
  const auto unusable =
      for_each_key(context, *store, arguments.prefix, [&](const std::string& key) {
        // The reader would see two other keys in it, and might delete them.
        if (arguments.nul_terminated && key.find('\0') != std::string::npos) {
          context.console.complain(
              fmt::format("left out {}: it holds a NUL byte; --json shows it", in_quotes(key)));
          ending = ExitCode::some_failed;
          return true;
        }
        output.write(listed(key, format_of(arguments)));
        return --left > 0;
      });
  return ending_of(context, unusable, ending);
}

}  // namespace

ExitCode keys(const Context& context, const KeysArguments& arguments) {
  Output output(STDOUT_FILENO, context.interrupt);
  auto ending = ExitCode::done;
  try {
    to_standard_output(output, [&] {
      try {
        ending = list_keys(context, arguments, output);
      } catch (const Error& error) {
        output.flush();
        throw Failure(exit_code_of(error.code(), output.delivered()), error.what());
      }
    });
  } catch (const Interrupted&) {
    throw Interrupted(fmt::format("{} listed", counted(output.delivered(), "key")));
  }
  return ending;
}

ExitCode count(const Context& context, const CountArguments& arguments) {
  const auto store = context.open_existing();
  const auto count = arguments.estimate ? KeyCount{.usable = store->estimate_keys()}
                                        : count_keys(context, *store, arguments.prefix);
  const auto left_out =
      arguments.estimate ? std::string() : fmt::format(", \"left_out\": {}", count.unusable);
  Output output(STDOUT_FILENO, context.interrupt);
  to_standard_output(output, [&] {
    output.write(arguments.json ? fmt::format("{{\"count\": {}{}}}\n", count.usable, left_out)
                                : fmt::format("{}\n", count.usable));
  });
  return ending_of(context, count.unusable, ExitCode::done);
}

}  // namespace bytestore::cli
