#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "driver/driver_test.hpp"

namespace bytestore {

/// Executes `cql`, which binds one key, for each of `keys`, a hundred in a batch.
inline void for_each_key(cassandra::DriverSession& session, std::string_view cql,
                         const std::vector<std::string>& keys) {
  constexpr std::size_t kRows = 100;
  const auto statement = cassandra::prepared(session, cql);
  std::vector<cassandra::Value> batch;
  const auto execute = [&] {
    cassandra::value_of(cassandra::execute_batch(session, *statement, batch));
    batch.clear();
  };
  for (const auto& key : keys) {
    batch.emplace_back(std::string_view(key));
    if (batch.size() == kRows) execute();
  }
  if (!batch.empty()) execute();
}

}  // namespace bytestore
