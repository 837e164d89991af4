#include <fmt/format.h>

#include "cli/key_rules.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {

ExitCode delete_keys(const Session& session, const DeleteArguments& arguments) {
  require_keys(arguments.keys);
  const auto store = session.open_existing();
  try {
    store->mdelete(arguments.keys, session.call_options());
  } catch (const BatchError& error) {
    const auto total = arguments.keys.size();
    list_failures(session.console, error, total);
    if (!session.interrupt.requested()) return ExitCode::some_failed;
    throw Interrupted(
        fmt::format("{} of {} deleted", total - error.failures().size(), counted(total, "key")));
  }
  store->close();
  return ExitCode::done;
}

}  // namespace bytestore::cli
