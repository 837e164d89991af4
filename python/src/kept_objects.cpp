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

/// Never destroyed: threads of the library may outlive static objects.
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
  // It needs no interpreter lock. Should its queue be full, the next call releases them.
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
  // The old one may be locked by a thread that is not here.
  put_aside() = std::make_unique<PutAside>().release();
}

}  // namespace bytestore::python
