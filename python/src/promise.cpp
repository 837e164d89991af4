#include "promise.hpp"

namespace bytestore::python {

Promise::~Promise() {
  if (loop_ == nullptr) return;  // it has been settled
  const Interpreter interpreter;
  if (interpreter.entered()) let_go();
}

void Promise::let_go() noexcept {
  Py_CLEAR(loop_);
  Py_CLEAR(settle_);
}

void Promise::deliver(const nanobind::object& result, const nanobind::object& error) {
  PyObject* const done =
      PyObject_CallMethod(loop_, "call_soon_threadsafe", "OOO", settle_, result.ptr(), error.ptr());
  if (done != nullptr) return Py_DECREF(done);
  nanobind::python_error raised;
  const nanobind::object closed = nanobind::borrow(loop_).attr("is_closed")();
  if (!nanobind::cast<bool>(closed)) throw raised;  // otherwise nothing waits for the result
}

void Promise::deliver_failure(const std::exception_ptr& error) noexcept {
  try {
    deliver(nanobind::none(), to_python(error));
  } catch (nanobind::python_error& raised) {
    raised.restore();
    PyErr_WriteUnraisable(settle_);
  } catch (...) {
    PyErr_WriteUnraisable(settle_);
  }
}

}  // namespace bytestore::python
