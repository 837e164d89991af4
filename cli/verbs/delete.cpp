#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "cli/input.hpp"
#include "cli/key_list.hpp"
#include "cli/key_rules.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {
namespace {

/// Reads the keys of standard input. Those that no store accepts are reported, and left out.
KeyList read_list(const Context& context) {
  std::string list;
  try {
    list = read_stream(STDIN_FILENO, context.interrupt);
  } catch (const FileError& error) {
    throw Failure(ExitCode::some_failed,
                  fmt::format("cannot read standard input: {}", error.what()));
  }
  return read_key_list(list, [&](std::string_view key, std::string_view problem) {
    context.console.complain(fmt::format("left out {}: the key {}", in_quotes(key), problem));
  });
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
