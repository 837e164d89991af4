#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_session.hpp"
#include "bytestore/cassandra_uri.hpp"

namespace bytestore::python {

using OptionDict = nanobind::typed<nanobind::dict, nanobind::str, nanobind::object>;

/// From keyword arguments, whose names are those of the fields; a time is in seconds, an
/// enumeration is the name of its value. None is as if the argument were not there.
/// \throws nanobind::python_error `TypeError` for an unknown name, and for a value of another kind;
/// `ValueError` for one that is out of its range, or no name of a value, listing those.
CassandraSessionOptions session_options_from(const OptionDict& given);

/// The same for a store, but for its session.
CassandraOptions store_options_from(const OptionDict& given);

/// Of a `cassandra:` URI, whose session tells Python's logger what the one of
/// `session_options_from` does. \throws Error `invalid_argument`.
CassandraTarget target_from(std::string_view uri, bool create_if_missing);

}  // namespace bytestore::python
