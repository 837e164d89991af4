#pragma once

#include <stop_token>
#include <string>

#include "cli/interrupt.hpp"

namespace bytestore::cli {

/// Everything up to the end of a file, pipe or terminal.
/// \throws FileError if that fails or is more than any value may hold; Interrupted.
std::string read_stream(int fd, const Interrupt& interrupt);

/// `read_stream` of the file at `path`; `-` is standard input.
/// \throws Failure `usage` if it cannot be opened or is a folder; what `read_stream` throws.
std::string read_stream(const std::string& path, const Interrupt& interrupt);

/// The content of the regular file `name` in an open folder; follows a symbolic link.
/// \throws FileError if that fails, if it is more than a value may hold, or if the file changed
/// meanwhile; Interrupted when `stop` is requested.
std::string read_file(int folder, const std::string& name, const std::stop_token& stop);

}  // namespace bytestore::cli
