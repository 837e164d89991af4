#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "bytestore/error.hpp"

namespace bytestore::cli {

/// How the command ends. A signal ends it with 128 + its number, as a shell reports it.
enum class ExitCode : int {
  done = 0,
  some_failed = 1,  ///< some keys or files failed, and were listed, or counted if the store did
  usage = 2,        ///< the arguments are wrong, or name a file or folder that cannot be opened
  not_found = 3,    ///< a key is absent
  no_store = 4,     ///< the store cannot be reached, does not exist, or refused; nothing was done
};

/// Ends the command with a message and an exit code.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  [[nodiscard]] ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// A signal asked the command to end. `what()` says what was done until then.
class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(const std::string& done = "nothing was done") : std::runtime_error(done) {}
};

/// One file or folder could not be read or written; `what()` says why, without its name.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Returns the text of `errno`, for a `FileError` or a message.
std::string last_error();

/// Returns whether an error concerns the store as a whole, so that the next request would fail too.
bool concerns_store(ErrorCode code) noexcept;

/// Returns whether what made one key fail would probably make the next one fail: also a full disk,
/// or a server that does not answer.
bool likely_meets_others(ErrorCode code) noexcept;

/// Returns what an error of the library means for the command, after the store was opened and
/// `done` keys were processed.
ExitCode exit_code_of(ErrorCode code, std::uint64_t done = 0) noexcept;

}  // namespace bytestore::cli
