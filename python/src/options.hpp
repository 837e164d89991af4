#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_session.hpp"
#include "bytestore/cassandra_uri.hpp"

namespace bytestore::python {

using OptionDict = nanobind::typed<nanobind::dict, nanobind::str, nanobind::object>;

/// Returns options from keyword arguments, which have the names of the fields. A time is in
/// seconds, and an enumerator is given by its name. None means that the argument is not given.
/// \throws nanobind::python_error `TypeError` for an unknown name, and for a value of a wrong type;
/// `ValueError` for a value out of its range, or for an unknown enumerator (the message lists the
/// valid ones).
CassandraSessionOptions session_options_from(const OptionDict& given);

/// Returns the options of a store in the same way; its session is not set.
CassandraOptions store_options_from(const OptionDict& given);

/// Returns the options of a `cassandra:` URI. Its session reports to Python's logger, like that of
/// `session_options_from`. \throws Error `invalid_argument`.
CassandraTarget target_from(std::string_view uri, bool create_if_missing);

}  // namespace bytestore::python
