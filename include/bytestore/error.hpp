#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/bytes.hpp"

namespace bytestore {

/// What went wrong, as far as the caller can act on it.
enum class ErrorCode {
  invalid_argument,  ///< the call itself is wrong: a key, a URI, an option, or the thread that
                     ///< called
  not_configured,    ///< no session or keyspace was given, and none is set for the process
  setup_pending,     ///< the table is still being created in the background
  unauthorized,  ///< wrong credentials, a permission is missing, or an operator's rule forbids it
  schema,        ///< what is stored does not have the expected layout
  unavailable,   ///< the store cannot be reached, or another process holds it
  timeout,       ///< there was no answer within the deadline
  overloaded,    ///< the server asks for less load
  too_large,     ///< a key or value is over a limit of the backend
  corrupt,       ///< the stored bytes are damaged, or a newer version wrote them
  io,            ///< the file system, the network or the system failed: no thread, no memory
  cancelled,     ///< the caller, or the closing of the store, ended the operation
};

/// Returns the name of a code as it is written above, e.g. "too_large".
std::string_view to_string(ErrorCode code) noexcept;

/// The type of every failure that this library throws or passes to a handler. `what()` says what
/// happened and what to do about it; it never contains a password.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// Says whether a key that did not succeed may have been applied.
enum class Outcome {
  failed,   ///< it was certainly not applied
  unknown,  ///< it may have been applied; repeating the call is harmless
};

/// Returns "failed" or "unknown".
std::string_view to_string(Outcome outcome) noexcept;

/// One key of a batch that did not succeed.
struct KeyFailure {
  std::size_t index;  ///< its position in the batch, from 0
  std::string key;    ///< the key itself
  ErrorCode code;     ///< why
  Outcome outcome;    ///< whether it may have been applied; a read that did not succeed is `failed`
  std::string message;  ///< the reason, in words
};

/// Thrown when some keys of a batch did not succeed; all other keys did. It is cheap to copy.
class BatchError : public Error {
 public:
  using Values = std::vector<std::optional<Bytes>>;

  /// `verb` and `batch_size` are used in the message. `failures` must not be empty. `values` has
  /// what a read could get: one element for each position of the batch, which is empty if the key
  /// is absent or failed.
  BatchError(std::string_view verb, std::size_t batch_size, std::vector<KeyFailure> failures,
             Values values = {});

  /// Returns the keys that did not succeed, in the order of their positions. `code()` is the code
  /// of the first one.
  [[nodiscard]] const std::vector<KeyFailure>& failures() const noexcept { return *failures_; }

  /// Returns the values that a failed `mget` could read, by position; for writes, an empty vector.
  /// `failures()` distinguishes absent keys from those that could not be read.
  [[nodiscard]] const Values& values() const noexcept { return *values_; }

 private:
  std::shared_ptr<const std::vector<KeyFailure>> failures_;
  std::shared_ptr<const Values> values_;
};

/// Thrown by the step of a listing that comes to a key which no store accepts (`key_problem`):
/// another program put it there. No verb reads or deletes it. The step may be repeated, and the
/// listing then goes on after that key. `code()` is `corrupt`, and `what()` shows the key with its
/// bytes that are not printable escaped.
class UnusableKeyError : public Error {
 public:
  explicit UnusableKeyError(const std::string& key);

  [[nodiscard]] const std::string& key() const noexcept { return *key_; }

 private:
  std::shared_ptr<const std::string> key_;  // copying an exception must not throw
};

}  // namespace bytestore
