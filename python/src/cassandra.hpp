#pragma once

#include <nanobind/nanobind.h>

namespace bytestore::python {

void define_cassandra(nanobind::module_& module);

}  // namespace bytestore::python
