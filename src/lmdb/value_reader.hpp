#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "core/backend.hpp"
#include "lmdb/environment.hpp"
#include "lmdb/shared_environment.hpp"

namespace bytestore::lmdb_backend {

/// Reads the values of [`begin`, `end`) of `keys` into their positions in `result`, and copies
/// them. A snapshot is given up when much was copied, so that none is kept for long.
void read_values(Environment& environment, std::span<const std::string_view> keys,
                 std::size_t begin, std::size_t end, core::ReadResult& result);

/// Does the same without copies: all values that it reads point into one snapshot, which they pin,
/// and share the environment.
class PinningReader {
 public:
  explicit PinningReader(std::shared_ptr<SharedEnvironment> shared) : shared_(std::move(shared)) {}

  void read(std::span<const std::string_view> keys, std::size_t begin, std::size_t end,
            core::ReadResult& result);

 private:
  struct Pin;

  std::shared_ptr<SharedEnvironment> shared_;
  std::shared_ptr<const Pin> pin_;  // from the first step on
};

}  // namespace bytestore::lmdb_backend
