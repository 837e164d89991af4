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

/// Who is told what an operator should know. Called on threads of the driver.
class NoticeSink {
 public:
  NoticeSink() = default;
  NoticeSink(const NoticeSink&) = delete;
  NoticeSink& operator=(const NoticeSink&) = delete;
  virtual ~NoticeSink() = default;

  virtual void tell(rust::Str notice) const noexcept = 0;
};

}  // namespace bytestore::cassandra::bridge
