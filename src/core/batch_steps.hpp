#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/backend.hpp"
#include "core/call.hpp"

namespace bytestore::core {

/// Appends a failure of each position in [`begin`, `end`); `key` gives the key of a position.
template <typename KeyOf>
void fail_range(std::vector<KeyFailure>& failures, std::size_t begin, std::size_t end,
                const KeyOf& key, ErrorCode code, Outcome outcome, std::string_view message) {
  for (std::size_t i = begin; i < end; ++i) {
    failures.push_back({.index = i,
                        .key = std::string(key(i)),
                        .code = code,
                        .outcome = outcome,
                        .message = std::string(message)});
  }
}

/// Walks a batch of `size` positions in steps of at most `step`, calling `apply(begin, end)` for
/// each. Once the call is interrupted, the positions that are left become failures instead.
template <typename KeyOf, typename Apply>
void in_steps(std::size_t size, std::size_t step, const Call& call,
              std::vector<KeyFailure>& failures, const KeyOf& key, const Apply& apply) {
  for (std::size_t begin = 0; begin < size; begin += step) {
    if (const auto code = call.interruption()) {
      return fail_range(failures, begin, size, key, *code, Outcome::failed,
                        interruption_message(*code));
    }
    apply(begin, std::min(begin + step, size));
  }
}

}  // namespace bytestore::core
