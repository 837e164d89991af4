#include "kept_objects.hpp"

#include <memory>
#include <mutex>
#include <utility>

#include "interpreter.hpp"

namespace bytestore::python {
namespace {

struct PutAside {
  std::mutex mutex;
  std::vector<std::vector<PyObject*>> objects;
};

/// Never destroyed, since threads of the library may outlive static objects.
PutAside*& put_aside() {
  static PutAside* objects = std::make_unique<PutAside>().release();
  return objects;
}

int release_in_main_thread(void* /*unused*/) {
  release_put_aside();
  return 0;
}

}  // namespace

KeptObjects::~KeptObjects() {
  if (objects_.empty()) return;
  {
    const std::lock_guard lock(put_aside()->mutex);
    put_aside()->objects.push_back(std::move(objects_));
  }
  const Presence presence;
  // This needs no interpreter lock. If its queue is full, the next call releases the objects.
  if (presence) Py_AddPendingCall(release_in_main_thread, nullptr);
}

void release_put_aside() noexcept {
  std::vector<std::vector<PyObject*>> released;
  {
    const std::lock_guard lock(put_aside()->mutex);
    released.swap(put_aside()->objects);
  }
  for (const auto& objects : released) {
    for (PyObject* const object : objects) Py_DECREF(object);
  }
}

void forget_put_aside() noexcept {
  // A thread that does not exist in this process may hold the old one.
  put_aside() = std::make_unique<PutAside>().release();
}

}  // namespace bytestore::python
