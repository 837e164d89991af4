#pragma once

namespace bytestore::cli {

/// Makes the standard descriptors safe to use. Call it before any file is opened.
///
/// If the caller has closed one of them, it is opened in a way that makes its use fail. Otherwise
/// the next file that is opened (one of the store's) would get its number.
void secure_standard_streams();

/// Turns signals into errors if they would end the process in the middle of a file: writing to a
/// pipe without a reader, or over the limit of the file size.
void ignore_write_signals();

/// Lets the process open as many files as it is allowed to: a deep tree needs one per level.
void raise_open_file_limit();

}  // namespace bytestore::cli
