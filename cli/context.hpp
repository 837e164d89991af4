#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bytestore/byte_store.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "cli/tally.hpp"
#include "cli/tree_walk.hpp"

namespace bytestore::cli {

/// What every verb works with: the store, the console, and the signals that stop it.
struct Context {
  std::string uri;
  Console& console;
  Interrupt& interrupt;

  /// \throws Failure `usage` for a URI that is wrong, `no_store` if it cannot be opened; for
  /// `open_existing` also if it is not there.
  [[nodiscard]] std::unique_ptr<ByteStore> open_existing() const;
  [[nodiscard]] std::unique_ptr<ByteStore> open_or_create() const;

  [[nodiscard]] CallOptions call_options() const { return {.stop = interrupt.token()}; }
};

/// Calls `each` with every key that begins with `prefix` until it returns false. Reports those that
/// no store accepts, which another program put there, and returns how many they are.
/// \throws Interrupted; Error if the listing fails; what `each` throws.
std::uint64_t for_each_key(const Context& context, ByteStore& store, const std::string& prefix,
                           const std::function<bool(const std::string&)>& each);

struct KeyCount {
  std::uint64_t usable = 0;
  std::uint64_t unusable = 0;  ///< that no store accepts; they are not reported
};

/// Returns how many keys begin with `prefix`. \throws Interrupted, which says how many were
/// counted; Error.
KeyCount count_keys(const Context& context, ByteStore& store, const std::string& prefix);

/// Returns the folder of a store in the local file system, if it exists.
std::optional<FolderId> store_folder(std::string_view uri);

/// The answer to one read: values by position, and which positions failed (and were listed).
struct Reading {
  ByteStore::Values values;
  std::vector<bool> failed;
  std::size_t largest = 0;  ///< bytes of the largest value
};

/// Reads `keys`, and adds what became of them to `tally`. \throws Failure as `tally` does;
/// Interrupted.
Reading read_keys(const Context& context, ByteStore& store, std::span<const std::string> keys,
                  Tally& tally);

}  // namespace bytestore::cli
