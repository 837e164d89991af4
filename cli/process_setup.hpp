#pragma once

namespace bytestore::cli {

/// Makes the standard descriptors safe to use. Before any file is opened.
///
/// One that was closed by the caller is opened in a way that fails when it is used, since the next
/// file that is opened (one of the store's) would take its number.
void secure_standard_streams();

/// Makes errors of signals that would end the process in the middle of a file: writing to a pipe
/// that nobody reads, or over a limit of the file size.
void ignore_write_signals();

/// Lets the process open as many files as it is allowed to: a deep tree needs one per level.
void raise_open_file_limit();

}  // namespace bytestore::cli
