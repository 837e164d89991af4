#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/byte_store.hpp"

namespace bytestore::python {

using ValueList = nanobind::typed<nanobind::list, std::optional<nanobind::bytes>>;
using KeyList = nanobind::typed<nanobind::list, nanobind::str>;

/// Returns `bytes` or None for each position. The caller holds the interpreter lock. Each value is
/// copied once; for a large answer the lock is released during the copy.
ValueList to_python(const ByteStore::Values& values);

/// A list that is made before its values are read. Nothing of Python runs between the reading and
/// `fill`, as it might while a list is made: values may pin what others wait for.
class EmptyValueList {
 public:
  /// The caller holds the interpreter lock, as for all members.
  explicit EmptyValueList(std::size_t size);

  /// Returns the list with `values`, of which there are as many as it has places. Called once.
  ValueList fill(const ByteStore::Values& values);

 private:
  ValueList list_;
};

KeyList to_python(const std::vector<std::string>& keys);

/// Returns the exception of `langchain_bytestore` for a failure of the library; if the failure
/// carries a Python exception, returns that. The caller holds the interpreter lock.
nanobind::object to_python(const std::exception_ptr& error);

/// Raises `to_python(error)`.
[[noreturn]] void raise(const std::exception_ptr& error);

}  // namespace bytestore::python
