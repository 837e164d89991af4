#pragma once

#include <string>

#include "cli/failure.hpp"
#include "cli/verb_options.hpp"

namespace bytestore::cli {

/// What the arguments request: a text to print (help, version), or a verb to run on a store.
struct Command {
  std::string text;
  std::string uri;
  Run run;  ///< empty if only `text` is requested
};

/// \throws Failure `usage` if the arguments are wrong.
Command parse_command_line(int argc, const char* const* argv);

}  // namespace bytestore::cli
