#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "bytestore/detail/abi_tag.hpp"

namespace bytestore {

/// Holds a Boost.Asio executor, so that most headers need no Boost. `run_on` in async.hpp makes it.
class CallbackExecutor;

/// Options of one call, blocking or asynchronous.
struct CallOptions {
  /// How long the call may take. Keys that are not done by then fail with `timeout`. Zero means
  /// that only the backend's own limits apply.
  std::chrono::milliseconds deadline{0};

  /// Cancels the call when a stop is requested. Keys that are not done by then fail with
  /// `cancelled`.
  std::stop_token stop{};
};

/// Options of `yield_keys` and `ayield_keys`.
struct KeysOptions {
  /// Only keys that begin with these bytes are listed; if it is empty, all keys are.
  std::string prefix{};

  /// Where the listing begins: a cursor that an earlier listing returned (`KeyView::cursor`), or
  /// empty for the beginning. A cursor that is damaged, or comes from a store that lists in another
  /// order, fails with `invalid_argument`.
  std::string cursor{};

  /// Cancels the listing when a stop is requested: its next step fails with `cancelled`.
  std::stop_token stop{};
};

}  // namespace bytestore
