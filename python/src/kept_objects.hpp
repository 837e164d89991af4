#pragma once

#include <nanobind/nanobind.h>

#include <vector>

namespace bytestore::python {

/// Python objects whose memory holds values of a call. Any thread may drop them without waiting for
/// the interpreter lock: they are put aside, and the main thread soon releases them, or the next
/// `release_put_aside`.
class KeptObjects {
 public:
  KeptObjects() = default;
  KeptObjects(const KeptObjects&) = delete;
  KeptObjects& operator=(const KeptObjects&) = delete;
  ~KeptObjects();

  /// The caller holds the interpreter lock.
  void keep(PyObject* object) { objects_.push_back(Py_NewRef(object)); }

 private:
  std::vector<PyObject*> objects_;
};

/// The caller holds the interpreter lock.
void release_put_aside() noexcept;

/// Must be called in a forked child: it leaves what was put aside to the parent.
void forget_put_aside() noexcept;

}  // namespace bytestore::python
