#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "cli/key_rules.hpp"
#include "cli/output.hpp"
#include "cli/read_pace.hpp"
#include "cli/target_file.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {
namespace {

/// Returns how many keys are absent.
std::size_t write_group(const Context& context, std::span<const std::string> keys,
                        const Reading& reading, Output& output) {
  std::size_t missing = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (reading.failed[i]) continue;
    const auto& value = reading.values[i];
    if (value) {
      output.write(value->view());
    } else {
      context.console.complain(fmt::format("{}: no such key", in_quotes(keys[i])));
      ++missing;
    }
  }
  return missing;
}

/// If the store fails, it writes what was read before that. \throws Failure in that case.
ExitCode write_values(const Context& context, ByteStore& store, std::span<const std::string> keys,
                      Output& output) {
  std::size_t missing = 0;
  Tally tally(context.console, "read");
  ReadPace pace;
  try {
    while (!keys.empty()) {
      const auto group = keys.first(std::min(pace.keys(), keys.size()));
      keys = keys.subspan(group.size());
      const auto reading = read_keys(context, store, group, tally);
      pace.adapt(reading.largest);
      missing += write_group(context, group, reading, output);
    }
  } catch (const Failure& failure) {
    output.flush();
    if (failure.code() != ExitCode::no_store) context.console.say(tally.text());
    throw;
  }
  output.flush();
  if (!tally.all_done()) return ExitCode::some_failed;
  return missing > 0 ? ExitCode::not_found : ExitCode::done;
}

}  // namespace

ExitCode get(const Context& context, const GetArguments& arguments) {
  require_keys(arguments.keys);
  const auto store = context.open_existing();
  std::optional<TargetFile> file;
  if (arguments.file != "-") file.emplace(arguments.file);
  Output output(file ? file->descriptor() : STDOUT_FILENO, context.interrupt);
  try {
    const auto ending = write_values(context, *store, arguments.keys, output);
    if (file && ending == ExitCode::done) file->commit();
    return ending;
  } catch (const FileError& error) {
    throw Failure(
        ExitCode::some_failed,
        fmt::format("cannot write {}: {}",
                    file ? path_in_quotes(arguments.file) : "standard output", error.what()));
  } catch (const Interrupted&) {
    if (file) throw Interrupted("nothing was written");
    throw Interrupted(fmt::format("{} of {} written", output.delivered(),
                                  counted(arguments.keys.size(), "value")));
  }
}

}  // namespace bytestore::cli
