#pragma once

#include <nanobind/nanobind.h>

#include "bytestore/cassandra_session.hpp"

namespace bytestore::python {

/// Takes the argument `address_map` into the options: a mapping of texts, or what can be called
/// with a text and returns one, or None. The caller has checked the types.
void take_address_map(nanobind::handle given, CassandraSessionOptions& options);

}  // namespace bytestore::python
