#pragma once

#include <stop_token>
#include <string>

#include "cli/interrupt.hpp"

namespace bytestore::cli {

/// Returns everything up to the end of a file, pipe or terminal.
/// \throws FileError if reading fails, or there is more than a value may hold; Interrupted.
std::string read_stream(int fd, const Interrupt& interrupt);

/// Calls `read_stream` for the file at `path`; `-` means standard input.
/// \throws Failure `usage` if it cannot be opened or is a folder; what `read_stream` throws.
std::string read_stream(const std::string& path, const Interrupt& interrupt);

/// Returns the content of the regular file `name` in an open folder; follows a symbolic link.
/// \throws FileError if reading fails, if there is more than a value may hold, or if the file
/// changes during the read; Interrupted when `stop` is requested.
std::string read_file(int folder, const std::string& name, const std::stop_token& stop);

}  // namespace bytestore::cli
