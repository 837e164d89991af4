#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/byte_store.hpp"

namespace bytestore::python {

using ValueList = nanobind::typed<nanobind::list, std::optional<nanobind::bytes>>;
using KeyList = nanobind::typed<nanobind::list, nanobind::str>;

/// `bytes` or None by position. Each value is copied once, a large answer without the interpreter
/// lock, which the caller holds.
ValueList to_python(const ByteStore::Values& values);

KeyList to_python(const std::vector<std::string>& keys);

/// The exception of `langchain_bytestore` for a failure of the library; the one that is carried for
/// a Python exception. With the interpreter lock.
nanobind::object to_python(const std::exception_ptr& error);

/// Raises `to_python(error)`.
[[noreturn]] void raise(const std::exception_ptr& error);

}  // namespace bytestore::python
