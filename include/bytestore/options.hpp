#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "bytestore/detail/abi_tag.hpp"

namespace bytestore {

/// A Boost.Asio executor, kept out of the headers that need no Boost; made by `run_on` in
/// async.hpp.
class CallbackExecutor;

/// Options of one call, blocking or not.
struct CallOptions {
  /// How long the call may take; keys that were not reached by then fail with `timeout`. Zero: no
  /// bound but the backend's own.
  std::chrono::milliseconds deadline{0};

  /// Ends the call early: keys that were not reached by then fail with `cancelled`.
  std::stop_token stop{};
};

/// Options of `yield_keys` and `ayield_keys`.
struct KeysOptions {
  /// Only keys that begin with these bytes; empty means all keys.
  std::string prefix{};

  /// Goes on where the listing that returned it was (`KeyView::cursor`); empty: at the beginning. A
  /// cursor that is damaged, or of another kind of store, fails with `invalid_argument`.
  std::string cursor{};

  /// Ends the stream early: its next step fails with `cancelled`.
  std::stop_token stop{};
};

}  // namespace bytestore
