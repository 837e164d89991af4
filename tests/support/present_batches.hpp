#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "bytestore/byte_store.hpp"
#include "support/written_batches.hpp"

namespace bytestore {

/// How many keys of a batch, each behind `name`, are in a store. Each has its right value, or the
/// test fails.
inline std::size_t count_present(ByteStore& store, std::size_t batch,
                                 const std::string& name = {}) {
  auto keys = batch_keys(batch);
  for (auto& key : keys) key.insert(0, name);
  const auto values = store.mget(keys);
  std::size_t present = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    EXPECT_EQ(*values[i], batch_value(batch, i)) << name << batch << ":" << i;
    ++present;
  }
  return present;
}

}  // namespace bytestore
