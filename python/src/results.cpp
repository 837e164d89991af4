#include "results.hpp"

#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

#include "bytestore/error.hpp"
#include "interpreter.hpp"

namespace bytestore::python {
namespace {

namespace nb = nanobind;

nb::object text(std::string_view utf8) {
  PyObject* const made =
      PyUnicode_DecodeUTF8(utf8.data(), static_cast<Py_ssize_t>(utf8.size()), "replace");
  if (made == nullptr) throw nb::python_error();
  return nb::steal(made);
}

nb::object failures_of(const BatchError& error) {
  nb::list failures;
  for (const KeyFailure& failure : error.failures()) {
    failures.append(nb::make_tuple(failure.index, text(failure.key), text(to_string(failure.code)),
                                   text(to_string(failure.outcome)), text(failure.message)));
  }
  return failures;
}

/// Calls `langchain_bytestore.errors.make`.
nb::object make_error(ErrorCode code, std::string_view message, const nb::object& failures,
                      const nb::object& values) {
  const nb::object make = nb::module_::import_("langchain_bytestore.errors").attr("make");
  return make(text(to_string(code)), text(message), failures, values);
}

/// Returns a new reference to `bytes` of the size of a value, which `copy` fills.
PyObject* bytes_for(const Bytes& value) {
  PyObject* const made = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(value.size()));
  if (made == nullptr) throw nb::python_error();
  return made;
}

/// Fills the objects of a list, which no other thread has seen.
void copy(const ByteStore::Values& values, PyObject* list) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& value = values[i];
    if (!value || value->empty()) continue;
    PyObject* const item = PyList_GET_ITEM(list, static_cast<Py_ssize_t>(i));
    std::memcpy(PyBytes_AS_STRING(item), value->data(), value->size());
  }
}

}  // namespace

EmptyValueList::EmptyValueList(std::size_t size)
    : list_(nb::steal<ValueList>(PyList_New(static_cast<Py_ssize_t>(size)))) {
  if (!list_.is_valid()) throw nb::python_error();
  // Its places are empty, which nobody who lists all objects must see.
  PyObject_GC_UnTrack(list_.ptr());
}

ValueList EmptyValueList::fill(const ByteStore::Values& values) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& value = values[i];
    PyObject* const item = value ? bytes_for(*value) : Py_NewRef(Py_None);
    PyList_SET_ITEM(list_.ptr(), static_cast<Py_ssize_t>(i), item);
    if (value) total += value->size();
  }
  if (total < kCopiedUnlocked) {
    copy(values, list_.ptr());
  } else {
    const Unlocked unlocked;
    copy(values, list_.ptr());
  }
  PyObject_GC_Track(list_.ptr());
  return std::move(list_);
}

ValueList to_python(const ByteStore::Values& values) {
  return EmptyValueList(values.size()).fill(values);
}

KeyList to_python(const std::vector<std::string>& keys) {
  auto list = nb::steal<KeyList>(PyList_New(static_cast<Py_ssize_t>(keys.size())));
  if (!list.is_valid()) throw nb::python_error();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), text(keys[i]).release().ptr());
  }
  return list;
}

nb::object to_python(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const BatchError& failed) {
    nb::object values = nb::none();
    if (!failed.values().empty()) values = to_python(failed.values());
    return make_error(failed.code(), failed.what(), failures_of(failed), values);
  } catch (const Error& failed) {
    return make_error(failed.code(), failed.what(), nb::none(), nb::none());
  } catch (const nb::python_error& raised) {
    return nb::borrow(raised.value());
  } catch (const std::bad_alloc&) {
    return nb::borrow(PyExc_MemoryError)();
  } catch (const std::exception& failed) {
    return make_error(ErrorCode::io, failed.what(), nb::none(), nb::none());
  }
}

void raise(const std::exception_ptr& error) {
  const nb::object made = to_python(error);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
  throw nb::python_error();
}

}  // namespace bytestore::python
