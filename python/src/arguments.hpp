#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

#include "bytestore/batch.hpp"

namespace bytestore::python {

/// Returns the keys of any iterable of `str`, in order.
/// \throws nanobind::python_error `TypeError` for a `str` in place of the iterable, and for a key
/// that is not a `str` (the message names its position); `UnicodeEncodeError` for a key with a lone
/// surrogate; what the iterable raises.
std::vector<std::string> keys_from(nanobind::handle iterable);

/// Returns the text of a prefix; it is empty for None.
/// \throws nanobind::python_error `TypeError`, `UnicodeEncodeError`.
std::string prefix_from(nanobind::handle prefix);

/// Returns the entries of any iterable of (key, value). Values are bytes-like. `bytes`, and views
/// of them, are not copied unless they are small: the object is kept alive as long as the value.
/// \throws nanobind::python_error as `keys_from` does; `TypeError` for a value that is not
/// bytes-like (the message names its position).
std::vector<Entry> entries_from(nanobind::handle iterable);

}  // namespace bytestore::python
