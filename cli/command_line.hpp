#pragma once

#include <functional>
#include <string>

#include "cli/context.hpp"
#include "cli/failure.hpp"

namespace bytestore::cli {

/// What the arguments ask for: a text to print (help, version), or a verb to run on a store.
struct Command {
  std::string text;
  std::string uri;
  std::function<ExitCode(const Context&)> run;  ///< empty if `text` is all that is asked for
};

/// \throws Failure `usage` for arguments that ask for nothing that exists.
Command parse_command_line(int argc, const char* const* argv);

}  // namespace bytestore::cli
