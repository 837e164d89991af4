#pragma once

#include <nanobind/nanobind.h>

#include <vector>

namespace bytestore::python {

/// Objects of Python that values of a call lie in. They may be let go of on any thread, which does
/// not wait for the interpreter lock: they are put aside, and released by the main thread soon, or
/// by the next `release_put_aside`.
class KeptObjects {
 public:
  KeptObjects() = default;
  KeptObjects(const KeptObjects&) = delete;
  KeptObjects& operator=(const KeptObjects&) = delete;
  ~KeptObjects();

  /// With the interpreter lock.
  void keep(PyObject* object) { objects_.push_back(Py_NewRef(object)); }

 private:
  std::vector<PyObject*> objects_;
};

/// With the interpreter lock.
void release_put_aside() noexcept;

/// In a child that was forked: leaves what was put aside to the parent.
void forget_put_aside() noexcept;

}  // namespace bytestore::python
