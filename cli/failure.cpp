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

ExitCode exit_code_of(ErrorCode code) noexcept {
  if (code == ErrorCode::invalid_argument) return ExitCode::usage;
  return concerns_store(code) ? ExitCode::no_store : ExitCode::some_failed;
}

}  // namespace bytestore::cli
