#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/context.hpp"
#include "cli/failure.hpp"

namespace bytestore::cli {

/// Runs a verb with its arguments.
using Run = std::function<ExitCode(const Context&)>;

/// Adds all verbs of the command, with their options and help. If a verb is given, `chosen` is set
/// to it; `chosen` must live until the arguments are parsed.
void add_verbs(CLI::App& app, Run& chosen);

}  // namespace bytestore::cli
