#pragma once

#include <rust/cxx.h>

namespace bytestore::cassandra::bridge {

/// The program's own rule where nodes are reached.
class AddressFunction {
 public:
  AddressFunction() = default;
  AddressFunction(const AddressFunction&) = delete;
  AddressFunction& operator=(const AddressFunction&) = delete;
  virtual ~AddressFunction() = default;

  /// `host` or `host:port`; empty: at what it announces, which is `announced`. May throw what is a
  /// `std::exception`. Called on threads of the driver.
  [[nodiscard]] virtual rust::String reachable(rust::Str announced) const = 0;
};

}  // namespace bytestore::cassandra::bridge
