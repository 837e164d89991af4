#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>

#include "store.hpp"

namespace bytestore::python {

/// Returns the store of a `cassandra:` URI, which has its own session.
/// \throws nanobind::python_error the error of connecting or of the set-up, or what interrupted
/// them.
std::shared_ptr<Store> open_cassandra(const std::string& uri, bool create_if_missing,
                                      const Store::Seconds& timeout);

void define_cassandra(nanobind::module_& module);

}  // namespace bytestore::python
