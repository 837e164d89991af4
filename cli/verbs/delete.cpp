#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/input.hpp"
#include "cli/key_rules.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {
namespace {

std::vector<std::string> read_list(const Interrupt& interrupt) {
  std::string list;
  try {
    list = read_stream(STDIN_FILENO, interrupt);
  } catch (const FileError& error) {
    throw Failure(ExitCode::some_failed,
                  fmt::format("cannot read standard input: {}", error.what()));
  }
  // Without NUL bytes, all lines would be one long key, which is absent and therefore ignored.
  if (!list.empty() && list.back() != '\0') {
    throw Failure(ExitCode::usage,
                  "standard input does not end with a NUL byte, so the list is incomplete or has "
                  "another format; write it with bytestore keys -0");
  }
  std::vector<std::string> keys;
  for (std::string_view rest = list; !rest.empty();) {
    keys.emplace_back(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(keys.back().size() + 1);
  }
  return keys;
}

/// \throws Interrupted, Failure
void report(const Context& context, const BatchError& error, std::size_t total) {
  Tally tally(context.console, "deleted");
  try {
    tally.add(error, total);
  } catch (const Failure& failure) {
    if (failure.code() != ExitCode::no_store) context.console.say(tally.text());
    throw;
  }
  if (context.interrupt.requested()) {
    throw Interrupted(fmt::format("{} of {} deleted{}", tally.done(), counted(total, "key"),
                                  tally.failures_text("key")));
  }
  context.console.say(tally.text());
}

}  // namespace

ExitCode delete_keys(const Context& context, const DeleteArguments& arguments) {
  if (arguments.keys.empty() && !arguments.from_input) {
    throw Failure(
        ExitCode::usage,
        "a KEY is required, or -0 and keys on standard input; see bytestore delete --help");
  }
  // This comes before the store is opened: the process that lists the keys may hold it until it
  // ends.
  const auto keys = arguments.from_input ? read_list(context.interrupt) : arguments.keys;
  require_keys(keys);
  const auto store = context.open_existing();
  try {
    store->mdelete(keys, context.call_options());
  } catch (const BatchError& error) {
    report(context, error, keys.size());
    return ExitCode::some_failed;
  }
  store->close();
  return ExitCode::done;
}

}  // namespace bytestore::cli
