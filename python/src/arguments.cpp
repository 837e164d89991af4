#include "arguments.hpp"

#include <cstddef>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "interpreter.hpp"
#include "kept_objects.hpp"

namespace bytestore::python {
namespace {

namespace nb = nanobind;

[[noreturn]] void raise(PyObject* kind, const char* format, auto... arguments) {
  PyErr_Format(kind, format, arguments...);
  throw nb::python_error();
}

/// Returns the items as a tuple or list that no other code changes.
nb::object items_of(nb::handle iterable, const char* what) {
  if (PyUnicode_Check(iterable.ptr()) || PyBytes_Check(iterable.ptr())) {
    raise(PyExc_TypeError, "%s is wanted, not one %s; put it in a list", what,
          Py_TYPE(iterable.ptr())->tp_name);
  }
  PyObject* const items = PySequence_Tuple(iterable.ptr());
  if (items == nullptr) throw nb::python_error();
  return nb::steal(items);
}

/// Returns the text as the object itself keeps it.
/// \throws nanobind::python_error `UnicodeEncodeError`.
std::string_view utf8_of(PyObject* text) {
  Py_ssize_t size = 0;
  const char* const utf8 = PyUnicode_AsUTF8AndSize(text, &size);
  if (utf8 == nullptr) throw nb::python_error();
  return {utf8, static_cast<std::size_t>(size)};
}

std::string_view key_from(PyObject* key, Py_ssize_t position) {
  if (!PyUnicode_Check(key)) {
    raise(PyExc_TypeError, "the key at position %zd is %s, not str", position,
          Py_TYPE(key)->tp_name);
  }
  try {
    return utf8_of(key);
  } catch (const nb::python_error& raised) {
    if (raised.matches(PyExc_UnicodeEncodeError)) {
      const auto reason =
          "surrogates not allowed, in the key at position " + std::to_string(position);
      PyUnicodeEncodeError_SetReason(raised.value().ptr(), reason.c_str());
    }
    throw;
  }
}

/// The memory of an object with the buffer protocol. The object cannot be resized while this lives.
class BufferView {
 public:
  explicit BufferView(PyObject* object) {
    if (PyObject_GetBuffer(object, &buffer_, PyBUF_FULL_RO) != 0) throw nb::python_error();
  }
  ~BufferView() { PyBuffer_Release(&buffer_); }
  BufferView(const BufferView&) = delete;
  BufferView& operator=(const BufferView&) = delete;

  /// Returns whether the items are plain memory: neither references to objects, nor addresses, nor
  /// a single number, as NumPy and ctypes have them. A single structure is plain memory.
  [[nodiscard]] bool is_bytes() const noexcept {
    const std::string_view format = buffer_.format == nullptr ? "" : buffer_.format;
    if (buffer_.ndim == 0 && !format.starts_with("T{")) return false;
    return !has_references(format);
  }

  /// Returns whether the items are in memory in the order of `bytes(object)`.
  [[nodiscard]] bool is_contiguous() const noexcept {
    return PyBuffer_IsContiguous(&buffer_, 'C') != 0;
  }

  /// Returns the memory of an object that is contiguous.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return {static_cast<const std::byte*>(buffer_.buf), static_cast<std::size_t>(buffer_.len)};
  }

  /// Returns the items of an object that is not contiguous, in order.
  [[nodiscard]] std::vector<std::byte> gathered() const {
    std::vector<std::byte> items(static_cast<std::size_t>(buffer_.len));
    if (PyBuffer_ToContiguous(items.data(), &buffer_, buffer_.len, 'C') != 0) {
      throw nb::python_error();
    }
    return items;
  }

 private:
  /// Returns whether a format of struct, NumPy or ctypes has objects (`O`), pointers (`P`, `&`),
  /// texts of C (`z`, `Z`) or functions (`X`).
  static bool has_references(std::string_view format) noexcept {
    const auto is_any_of = [](char code, std::string_view codes) {
      return codes.find(code) != std::string_view::npos;
    };
    bool named = false;  // names of fields are between colons
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] == ':') named = !named;
      if (named) continue;
      const bool complex =
          format[i] == 'Z' && i + 1 < format.size() && is_any_of(format[i + 1], "fdg");
      if (!complex && is_any_of(format[i], "OPzZX&")) return true;
    }
    return false;
  }

  Py_buffer buffer_{};
};

/// Below this size, a copy costs less than sharing.
constexpr std::size_t kCopied = 256;

std::span<const std::byte> bytes_of(PyObject* bytes) {
  return std::as_bytes(
      std::span{PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes))});
}

/// Returns a copy of the bytes of an object that its owner may change while the call is in flight.
Bytes copied_value(const BufferView& view) {
  if (!view.is_contiguous()) return Bytes::adopt(view.gathered());
  if (view.bytes().size() < kCopiedUnlocked) return Bytes::copy(view.bytes());
  const Unlocked unlocked;
  return Bytes::copy(view.bytes());
}

/// Returns whether it is a `Document` of LangChain.
bool is_document(PyObject* value) {
  const nb::object imported = nb::module_::import_("sys").attr("modules");
  const nb::object documents = imported.attr("get")("langchain_core.documents");
  return !documents.is_none() && nb::isinstance(value, documents.attr("Document"));
}

[[noreturn]] void refuse_value(PyObject* value, Py_ssize_t position) {
  if (is_document(value)) {
    raise(PyExc_TypeError,
          "the value at position %zd is %s, not bytes; a store of documents over this one is "
          "create_kv_docstore(store), of langchain_classic.storage",
          position, Py_TYPE(value)->tp_name);
  }
  raise(PyExc_TypeError,
        "the value at position %zd is %s, not bytes; encode it first, for instance with "
        "str.encode() or pickle.dumps()",
        position, Py_TYPE(value)->tp_name);
}

/// Returns the pair as a tuple of two. \throws nanobind::python_error `TypeError`; what iterating
/// over it raises.
nb::object pair_from(PyObject* entry, Py_ssize_t position) {
  const auto refuse = [&] {
    raise(PyExc_TypeError, "the entry at position %zd is %s, not a pair of key and value", position,
          Py_TYPE(entry)->tp_name);
  };
  if (PyTuple_Check(entry) && PyTuple_GET_SIZE(entry) == 2) return nb::borrow(entry);
  const nb::object iterator =
      PyUnicode_Check(entry) ? nb::object() : nb::steal(PyObject_GetIter(entry));
  if (!iterator.is_valid()) {
    if (PyErr_Occurred() != nullptr && PyErr_ExceptionMatches(PyExc_TypeError) == 0) {
      throw nb::python_error();
    }
    PyErr_Clear();
    refuse();
  }
  nb::object pair = nb::steal(PySequence_Tuple(iterator.ptr()));
  if (!pair.is_valid()) throw nb::python_error();
  if (PyTuple_GET_SIZE(pair.ptr()) != 2) refuse();
  return pair;
}

}  // namespace

std::string prefix_from(nb::handle prefix) {
  if (prefix.is_none()) return {};
  if (!PyUnicode_Check(prefix.ptr())) {
    raise(PyExc_TypeError, "the prefix is %s, not str", Py_TYPE(prefix.ptr())->tp_name);
  }
  return std::string(utf8_of(prefix.ptr()));
}

Keys::Keys(nb::handle iterable) {
  release_put_aside();
  items_ = items_of(iterable, "a list of keys");
  const Py_ssize_t count = PyTuple_GET_SIZE(items_.ptr());
  views_.reserve(static_cast<std::size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    views_.push_back(key_from(PyTuple_GET_ITEM(items_.ptr(), i), i));
  }
}

Entries::Entries(nb::handle iterable) {
  release_put_aside();
  items_ = items_of(iterable, "a list of (key, value)");
  const Py_ssize_t count = PyTuple_GET_SIZE(items_.ptr());
  views_.reserve(static_cast<std::size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) add(PyTuple_GET_ITEM(items_.ptr(), i), i);
}

void Entries::add(PyObject* item, Py_ssize_t position) {
  const nb::object pair = pair_from(item, position);
  if (pair.ptr() != item) made_.push_back(pair);
  const std::string_view key = key_from(PyTuple_GET_ITEM(pair.ptr(), 0), position);
  views_.push_back({.key = key, .value = value_from(PyTuple_GET_ITEM(pair.ptr(), 1), position)});
}

std::span<const std::byte> Entries::value_from(PyObject* value, Py_ssize_t position) {
  if (PyBytes_Check(value)) return bytes_of(value);
  if (PyUnicode_Check(value) || !PyObject_CheckBuffer(value)) refuse_value(value, position);
  const BufferView view(value);
  if (!view.is_bytes()) refuse_value(value, position);
  PyObject* const base = PyMemoryView_Check(value) ? PyMemoryView_GET_BASE(value) : nullptr;
  if (base != nullptr && PyBytes_Check(base) && view.is_contiguous()) {
    made_.push_back(nb::borrow(base));  // the view may be released
    return view.bytes();
  }
  copied_.push_back({.position = static_cast<std::size_t>(position), .value = copied_value(view)});
  return copied_.back().value;
}

std::size_t Entries::value_bytes() const noexcept {
  return std::accumulate(
      views_.begin(), views_.end(), std::size_t{0},
      [](std::size_t sum, const EntryRef& entry) { return sum + entry.value.size(); });
}

std::vector<Entry> Entries::shared() const {
  const auto kept = std::make_shared<KeptObjects>();
  kept->keep(items_.ptr());
  for (const nb::object& object : made_) kept->keep(object.ptr());
  std::vector<Entry> entries;
  entries.reserve(views_.size());
  for (const auto& [key, value] : views_) {
    const bool small = value.size() < kCopied;
    entries.push_back(
        {.key = std::string(key),
         .value = small ? Bytes::copy(value) : Bytes::share(kept, value, value.size())});
  }
  for (const Copied& copied : copied_) entries[copied.position].value = copied.value;
  return entries;
}

}  // namespace bytestore::python
