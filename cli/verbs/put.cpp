#include <fmt/format.h>

#include <string>

#include "cli/input.hpp"
#include "cli/key_rules.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {
namespace {

std::string read_value(const Context& context, const PutArguments& arguments) {
  try {
    return read_stream(arguments.file, context.interrupt);
  } catch (const FileError& error) {
    const auto source = arguments.file == "-" ? "standard input" : path_in_quotes(arguments.file);
    throw Failure(ExitCode::some_failed, fmt::format("cannot read {}: {}", source, error.what()));
  }
}

}  // namespace

ExitCode put(const Context& context, const PutArguments& arguments) {
  require_keys({&arguments.key, 1});
  // This comes before the store is opened: the process that writes the value may hold it until
  // then.
  const auto value = read_value(context, arguments);
  const auto store = context.open_or_create();
  try {
    store->mset({{.key = arguments.key, .value = as_bytes(value)}}, context.call_options());
  } catch (const BatchError& error) {
    Tally tally(context.console, "stored");
    tally.add(error, 1);
    if (!context.interrupt.requested()) return ExitCode::some_failed;
    throw Interrupted(tally.unknown() > 0 ? "the value may have been stored" : "nothing was done");
  }
  store->close();
  return ExitCode::done;
}

}  // namespace bytestore::cli
