#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>

#include "store.hpp"

namespace bytestore::python {

/// The store of a `cassandra:` URI, with a session of its own.
/// \throws nanobind::python_error what connecting and setting up fail with, or are interrupted by.
std::shared_ptr<Store> open_cassandra(const std::string& uri, bool create_if_missing);

void define_cassandra(nanobind::module_& module);

}  // namespace bytestore::python
