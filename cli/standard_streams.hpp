#pragma once

namespace bytestore::cli {

/// Makes the three standard descriptors safe to use.
///
/// One that was closed by the caller is opened in a way that fails when it is used, since the next
/// file that is opened (one of the store's) would take its number. Writing to a pipe that nobody
/// reads becomes an error instead of a signal.
void secure_standard_streams();

/// Lets the process open as many files as it is allowed to: a deep tree needs one per level.
void raise_open_file_limit();

}  // namespace bytestore::cli
