#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

#include "bytestore/batch.hpp"

namespace bytestore::python {

/// The keys that any iterable of `str` gives, in order.
/// \throws nanobind::python_error `TypeError` for a `str` in place of the iterable and for a key
/// that is none, naming its position; `UnicodeEncodeError` for one with a lone surrogate; what the
/// iterable raises.
std::vector<std::string> keys_from(nanobind::handle iterable);

/// The text of a prefix; empty for None.
/// \throws nanobind::python_error `TypeError`, `UnicodeEncodeError`.
std::string prefix_from(nanobind::handle prefix);

/// The entries that any iterable of (key, value) gives. Values are bytes-like; `bytes`, and views
/// of them, are not copied unless they are small: the object is kept as long as the value is.
/// \throws nanobind::python_error as `keys_from`; `TypeError` for a value that is no bytes, naming
/// its position.
std::vector<Entry> entries_from(nanobind::handle iterable);

}  // namespace bytestore::python
