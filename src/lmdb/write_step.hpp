#pragma once

#include <lmdb.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/error.hpp"
#include "core/backend.hpp"
#include "core/call.hpp"

namespace bytestore::lmdb_backend {

/// The limits of one atomic part of a call; one larger operation is a part of its own.
inline constexpr std::size_t kStepBytes = std::size_t{8} << 20;
inline constexpr std::size_t kStepKeys = 10'000;

/// One atomic part of a call that writes, and what became of it.
struct WriteStep {
  struct Failure {
    ErrorCode code;
    Outcome outcome;
    std::string message;
  };

  core::Writes writes;  ///< those of this part
  std::size_t first;    ///< the position of the first of them in the call
  std::size_t bytes;    ///< of keys and values
  const core::Call* call;
  bool sync;  ///< whether it has to be on disk when it is done

  std::optional<Failure> failure{};
  bool is_done = false;
  bool lacked_memory = false;  ///< then it is not known whether it was written

  [[nodiscard]] std::size_t size() const noexcept;
};

/// Divides a call. What it writes and `call` must outlive the parts.
[[nodiscard]] std::vector<WriteStep> steps_of(const core::Writes& writes, const core::Call& call,
                                              bool sync);

/// Writes a part, but for values that are too large. Returns what LMDB returned.
[[nodiscard]] int apply(MDB_txn* transaction, const WriteStep& step);

/// Adds the positions of a part that did not succeed.
void report(const WriteStep& step, std::vector<KeyFailure>& failures);

/// The result of a call with these parts, all done.
[[nodiscard]] core::WriteResult result_of(const std::vector<WriteStep>& steps);

}  // namespace bytestore::lmdb_backend
