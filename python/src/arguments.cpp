#include "arguments.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "kept_objects.hpp"

namespace bytestore::python {
namespace {

namespace nb = nanobind;

[[noreturn]] void raise(PyObject* kind, const char* format, auto... arguments) {
  PyErr_Format(kind, format, arguments...);
  throw nb::python_error();
}

/// Its items as a tuple or list that nobody else changes.
nb::object items_of(nb::handle iterable, const char* what) {
  if (PyUnicode_Check(iterable.ptr()) || PyBytes_Check(iterable.ptr())) {
    raise(PyExc_TypeError, "%s is wanted, not one %s; put it in a list", what,
          Py_TYPE(iterable.ptr())->tp_name);
  }
  PyObject* const items = PySequence_Tuple(iterable.ptr());
  if (items == nullptr) throw nb::python_error();
  return nb::steal(items);
}

/// \throws nanobind::python_error `UnicodeEncodeError`.
std::string utf8_of(PyObject* text) {
  Py_ssize_t size = 0;
  const char* const utf8 = PyUnicode_AsUTF8AndSize(text, &size);
  if (utf8 == nullptr) throw nb::python_error();
  return {utf8, static_cast<std::size_t>(size)};
}

std::string key_from(PyObject* key, Py_ssize_t position) {
  if (!PyUnicode_Check(key)) {
    raise(PyExc_TypeError, "the key at position %zd is %s, not str", position,
          Py_TYPE(key)->tp_name);
  }
  return utf8_of(key);
}

/// The bytes of an object that has some, which may not be resized meanwhile.
class BufferView {
 public:
  explicit BufferView(PyObject* object) {
    if (PyObject_GetBuffer(object, &buffer_, PyBUF_SIMPLE) != 0) throw nb::python_error();
  }
  ~BufferView() { PyBuffer_Release(&buffer_); }
  BufferView(const BufferView&) = delete;
  BufferView& operator=(const BufferView&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return {static_cast<const std::byte*>(buffer_.buf), static_cast<std::size_t>(buffer_.len)};
  }

 private:
  Py_buffer buffer_{};
};

/// Below this a copy costs less than keeping the object.
constexpr std::size_t kCopied = 256;

Bytes value_from(PyObject* value, Py_ssize_t position, const std::shared_ptr<KeptObjects>& kept) {
  if (PyBytes_Check(value)) {
    const std::span bytes{PyBytes_AS_STRING(value),
                          static_cast<std::size_t>(PyBytes_GET_SIZE(value))};
    if (bytes.size() < kCopied) return Bytes::copy(std::as_bytes(bytes));
    kept->keep(value);
    return Bytes::share(kept, std::as_bytes(bytes), bytes.size());
  }
  if (!PyObject_CheckBuffer(value)) {
    raise(PyExc_TypeError,
          "the value at position %zd is %s, not bytes; encode it first, for instance with "
          "str.encode() or pickle.dumps()",
          position, Py_TYPE(value)->tp_name);
  }
  // Copied: its owner may write into it while the call is under way.
  return Bytes::copy(BufferView(value).bytes());
}

}  // namespace

std::string prefix_from(nb::handle prefix) {
  if (prefix.is_none()) return {};
  if (!PyUnicode_Check(prefix.ptr())) {
    raise(PyExc_TypeError, "the prefix is %s, not str", Py_TYPE(prefix.ptr())->tp_name);
  }
  return utf8_of(prefix.ptr());
}

std::vector<std::string> keys_from(nb::handle iterable) {
  release_put_aside();
  const nb::object items = items_of(iterable, "a list of keys");
  const Py_ssize_t count = PyTuple_GET_SIZE(items.ptr());
  std::vector<std::string> keys;
  keys.reserve(static_cast<std::size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    keys.push_back(key_from(PyTuple_GET_ITEM(items.ptr(), i), i));
  }
  return keys;
}

std::vector<Entry> entries_from(nb::handle iterable) {
  release_put_aside();
  const nb::object items = items_of(iterable, "a list of (key, value)");
  const Py_ssize_t count = PyTuple_GET_SIZE(items.ptr());
  const auto kept = std::make_shared<KeptObjects>();
  std::vector<Entry> entries;
  entries.reserve(static_cast<std::size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* const item = PyTuple_GET_ITEM(items.ptr(), i);
    PyObject* const fast = PyUnicode_Check(item) ? nullptr : PySequence_Tuple(item);
    if (PyErr_Occurred() != nullptr) {
      if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw nb::python_error();
      PyErr_Clear();
    }
    const nb::object pair = nb::steal(fast);
    if (!pair.is_valid() || PyTuple_GET_SIZE(fast) != 2) {
      raise(PyExc_TypeError, "the entry at position %zd is %s, not a pair of key and value", i,
            Py_TYPE(item)->tp_name);
    }
    entries.push_back({.key = key_from(PyTuple_GET_ITEM(fast, 0), i),
                       .value = value_from(PyTuple_GET_ITEM(fast, 1), i, kept)});
  }
  return entries;
}

}  // namespace bytestore::python
