#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "bytestore/keys.hpp"
#include "cli/input.hpp"
#include "cli/key_rules.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {
namespace {

/// The keys of standard input. Those that no store accepts are reported, and left out.
struct KeyList {
  std::vector<std::string> keys;
  bool is_whole = true;
};

KeyList read_list(const Context& context) {
  std::string list;
  try {
    list = read_stream(STDIN_FILENO, context.interrupt);
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
  KeyList found;
  for (std::string_view rest = list; !rest.empty();) {
    const auto key = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(key.size() + 1);
    if (const auto problem = key_problem(key)) {
      context.console.complain(fmt::format("left out {}: the key {}", in_quotes(key), *problem));
      found.is_whole = false;
      continue;
    }
    found.keys.emplace_back(key);
  }
  return found;
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
  require_keys(arguments.keys);
  const auto [keys, is_whole] =
      arguments.from_input ? read_list(context) : KeyList{.keys = arguments.keys};
  const auto store = context.open_existing();
  try {
    store->mdelete(keys, context.call_options());
  } catch (const BatchError& error) {
    report(context, error, keys.size());
    return ExitCode::some_failed;
  }
  store->close();
  return is_whole ? ExitCode::done : ExitCode::some_failed;
}

}  // namespace bytestore::cli
