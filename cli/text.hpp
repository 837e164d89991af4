#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bytestore::cli {

using Seconds = std::chrono::duration<double>;

/// A key or name in double quotes; bytes that are not printable UTF-8 are escaped.
std::string in_quotes(std::string_view bytes);

/// "1 file", "5,432 files".
std::string counted(std::uint64_t count, std::string_view noun);

/// "120.5 MiB"; bytes or KiB where that would be under 0.1 MiB.
std::string size_text(std::uint64_t bytes);

/// "63.2 MiB/s".
std::string rate_text(std::uint64_t bytes, Seconds elapsed);

/// "0:05", "1:02:03": hours only where there are some.
std::string clock_text(Seconds duration);

/// "SIGINT", or "signal 10" for one that has no name here.
std::string signal_name(int signal);

/// The last words of a command that a signal ended.
std::string stopped_text(int signal, std::string_view done);

}  // namespace bytestore::cli
