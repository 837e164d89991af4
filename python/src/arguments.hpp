#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/batch.hpp"

namespace bytestore::python {

/// The keys of any iterable of `str`, in order, where Python has them: the objects live, and are
/// unchanged, as long as this. Made and destroyed with the interpreter lock.
class Keys {
 public:
  /// \throws nanobind::python_error `TypeError` for a `str` in place of the iterable, and for a key
  /// that is not a `str` (the message names its position); `UnicodeEncodeError` for a key with a
  /// lone surrogate; what the iterable raises.
  explicit Keys(nanobind::handle iterable);

  [[nodiscard]] const std::vector<std::string_view>& views() const noexcept { return views_; }
  [[nodiscard]] std::vector<std::string> copies() const { return {views_.begin(), views_.end()}; }

 private:
  nanobind::object items_;
  std::vector<std::string_view> views_;
};

/// Returns the text of a prefix; it is empty for None.
/// \throws nanobind::python_error `TypeError`, `UnicodeEncodeError`.
std::string prefix_from(nanobind::handle prefix);

/// The entries of any iterable of (key, value), in order, where Python has them, as `Keys` does.
/// Values are bytes-like; those that their owner may change are copied.
class Entries {
 public:
  /// \throws nanobind::python_error as `Keys` does; `TypeError` for a value that is not bytes-like
  /// (the message names its position).
  explicit Entries(nanobind::handle iterable);

  [[nodiscard]] const std::vector<EntryRef>& views() const noexcept { return views_; }
  /// Returns how many bytes the values have.
  [[nodiscard]] std::size_t value_bytes() const noexcept;

  /// Returns entries that may outlive this, for a call that goes on without the interpreter lock.
  /// Values are not copied unless they are small: Python's objects are kept alive instead.
  [[nodiscard]] std::vector<Entry> shared() const;

 private:
  struct Copied {
    std::size_t position;
    Bytes value;
  };

  void add(PyObject* item, Py_ssize_t position);
  [[nodiscard]] std::span<const std::byte> value_from(PyObject* value, Py_ssize_t position);

  nanobind::object items_;
  std::vector<nanobind::object> made_;  // what the items do not keep alive
  std::vector<Copied> copied_;
  std::vector<EntryRef> views_;
};

}  // namespace bytestore::python
