#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bytestore::cli {

using Seconds = std::chrono::duration<double>;

/// Returns a key or name in double quotes; bytes that are not printable UTF-8 are escaped.
std::string in_quotes(std::string_view bytes);

/// Returns the same for a path that was given as an argument, without the password of a store URI
/// that was given in its place.
std::string path_in_quotes(std::string_view path);

/// Returns for instance "1 file" or "5,432 files".
std::string counted(std::uint64_t count, std::string_view noun);

/// Returns for instance "120.5 MiB"; in bytes or KiB if it is less than 0.1 MiB.
std::string size_text(std::uint64_t bytes);

/// Returns for instance "63.2 MiB/s".
std::string rate_text(std::uint64_t bytes, Seconds elapsed);

/// Returns for instance "0:05" or "1:02:03"; hours are left out if there are none.
std::string clock_text(Seconds duration);

/// Returns for instance "SIGINT", or "signal 10" if the signal has no name here.
std::string signal_name(int signal);

/// Returns the last message of a command that a signal ended.
std::string stopped_text(int signal, std::string_view done);

}  // namespace bytestore::cli
