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
  invalid_argument,  ///< the call itself is wrong: a key, a URI, an option, the thread it was made
                     ///< on
  not_configured,    ///< no session or keyspace was given or set for the process
  setup_pending,     ///< the table is still being created in the background
  unauthorized,      ///< wrong credentials, or a permission is missing
  schema,            ///< what is stored there does not have the expected layout
  unavailable,       ///< the store cannot be reached, or another process holds it
  timeout,           ///< no answer within the deadline
  overloaded,        ///< the server asks for less load
  too_large,         ///< a key or value over a limit of the backend
  corrupt,           ///< stored bytes are damaged, or were written by a newer version
  io,                ///< the file system or the network failed
  cancelled,         ///< the caller, or the closing of the store, ended the operation
};

/// The name of a code as it is written above, e.g. "too_large".
std::string_view to_string(ErrorCode code) noexcept;

/// Every failure that this library reports. `what()` says what happened and what to do about it; it
/// never contains a password.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// What became of a key whose request did not succeed.
enum class Outcome {
  failed,   ///< certainly not applied
  unknown,  ///< may have been applied; repeating the call is harmless
};

/// "failed" or "unknown".
std::string_view to_string(Outcome outcome) noexcept;

/// One key of a batch that did not succeed.
struct KeyFailure {
  std::size_t index;    ///< position in the batch, from 0
  std::string key;      ///< the key itself
  ErrorCode code;       ///< why
  Outcome outcome;      ///< what became of it (a read that did not succeed is `failed`)
  std::string message;  ///< why, in words
};

/// Some keys of a batch did not succeed; all others did. Cheap to copy.
class BatchError : public Error {
 public:
  using Values = std::vector<std::optional<Bytes>>;

  /// `verb` and `batch_size` are for the message; `failures` must not be empty. `values` is what a
  /// read did get: one per position of the batch, empty where the key is absent or failed.
  BatchError(std::string_view verb, std::size_t batch_size, std::vector<KeyFailure> failures,
             Values values = {});

  /// The keys that did not succeed, in the order of their positions. `code()` is that of the first.
  [[nodiscard]] const std::vector<KeyFailure>& failures() const noexcept { return *failures_; }

  /// What a failed `mget` did read, by position; empty for writes. Look into `failures()` to tell
  /// an absent key from one that could not be read.
  [[nodiscard]] const Values& values() const noexcept { return *values_; }

 private:
  std::shared_ptr<const std::vector<KeyFailure>> failures_;
  std::shared_ptr<const Values> values_;
};

}  // namespace bytestore
