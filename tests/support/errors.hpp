#pragma once

#include <ostream>
#include <stdexcept>
#include <utility>

#include "bytestore/error.hpp"

namespace bytestore {

inline void PrintTo(ErrorCode code, std::ostream* out) { *out << to_string(code); }
inline void PrintTo(Outcome outcome, std::ostream* out) { *out << to_string(outcome); }

namespace testing {

/// What `action` throws. A test fails if that is nothing, or something else.
template <typename Expected = Error, typename Action>
Expected error_of(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Expected& error) {
    return error;
  }
  throw std::logic_error("a bytestore error was expected, but nothing was thrown");
}

template <typename Action>
BatchError batch_error_of(Action&& action) {
  return error_of<BatchError>(std::forward<Action>(action));
}

template <typename Action>
ErrorCode code_of(Action&& action) {
  return error_of(std::forward<Action>(action)).code();
}

}  // namespace testing
}  // namespace bytestore
