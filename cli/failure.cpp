#include "cli/failure.hpp"

#include <cerrno>
#include <system_error>

namespace bytestore::cli {

std::string last_error() { return std::generic_category().message(errno); }

bool concerns_store(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::not_configured:
    case ErrorCode::setup_pending:
    case ErrorCode::unauthorized:
    case ErrorCode::schema:
    case ErrorCode::unavailable:
      return true;
    default:
      return false;
  }
}

bool likely_meets_others(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::timeout:
    case ErrorCode::overloaded:
    case ErrorCode::io:
      return true;
    default:
      return concerns_store(code);
  }
}

ExitCode exit_code_of(ErrorCode code, std::uint64_t done) noexcept {
  if (code == ErrorCode::invalid_argument) return ExitCode::usage;
  return concerns_store(code) && done == 0 ? ExitCode::no_store : ExitCode::some_failed;
}

}  // namespace bytestore::cli
