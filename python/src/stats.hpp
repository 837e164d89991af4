#pragma once

#include <nanobind/nanobind.h>

namespace bytestore::python {

void define_stats(const nanobind::module_& module);

}  // namespace bytestore::python
