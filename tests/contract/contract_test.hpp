#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "backends.hpp"
#include "support/errors.hpp"
#include "support/values.hpp"

namespace bytestore::contract {

/// Keys of a batch that is under way for a while.
inline constexpr std::size_t kLongBatch = 2'000;

using bytestore::testing::batch_error_of;
using bytestore::testing::code_of;
using bytestore::testing::entries_of;
using bytestore::testing::error_of;
using bytestore::testing::noise;
using bytestore::testing::numbered_keys;
using bytestore::testing::text;
using bytestore::testing::walk;

/// A test of the contract: has an open, empty store of the backend that it runs on.
class ContractTest : public ::testing::TestWithParam<Backend> {
 protected:
  [[nodiscard]] ByteStore& store() { return *store_; }

  /// Ends the store by its destructor.
  void drop_store() { store_.reset(); }

  /// Ends the store, and opens another one on the same data.
  void reopen() {
    drop_store();
    store_ = space_->open();
  }

  /// Every key of the store, sorted.
  std::vector<std::string> sorted_keys(KeysOptions options = {}) {
    auto keys = walk(store().yield_keys(std::move(options)));
    std::ranges::sort(keys);
    return keys;
  }

 private:
  std::unique_ptr<Space> space_ = GetParam().make_space();
  std::unique_ptr<ByteStore> store_ = space_->open();
};

/// Names the instances of a suite after their backends.
inline std::string backend_name(const ::testing::TestParamInfo<Backend>& info) {
  return info.param.name;
}

}  // namespace bytestore::contract
