#include "interpreter.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace bytestore::python {
namespace {

/// Counts the threads that are on their way into the interpreter or in it.
class Door {
 public:
  [[nodiscard]] bool enter() {
    const std::lock_guard lock(mutex_);
    if (closed_ && std::this_thread::get_id() != ender_) return false;
    ++inside_;
    return true;
  }

  void leave() {
    const std::lock_guard lock(mutex_);
    if (--inside_ == 0) left_.notify_all();
  }

  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    ender_ = std::this_thread::get_id();
    left_.wait(lock, [this] { return inside_ == 0; });
  }

  [[noreturn]] void wait_for_the_end() {
    std::unique_lock lock(mutex_);
    for (;;) left_.wait(lock);
  }

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  int inside_ = 0;
  bool closed_ = false;
  std::thread::id ender_;
};

/// Never destroyed: threads of the library may outlive static objects.
Door* the_door = std::make_unique<Door>().release();

}  // namespace

Presence::Presence() noexcept : entered_(the_door->enter()) {}

Presence::~Presence() {
  if (entered_) the_door->leave();
}

Interpreter::Interpreter() noexcept {
  if (entered()) state_ = PyGILState_Ensure();
}

Interpreter::~Interpreter() {
  if (entered()) PyGILState_Release(state_);
}

void Interpreter::end() {
  PyThreadState* const thread = PyEval_SaveThread();
  the_door->close();
  PyEval_RestoreThread(thread);
}

void Interpreter::after_fork() noexcept {
  // The old one may be locked by a thread that this process does not have.
  the_door = std::make_unique<Door>().release();
}

Unlocked::~Unlocked() {
  const Presence presence;
  if (!presence) the_door->wait_for_the_end();
  PyEval_RestoreThread(thread_);
}

}  // namespace bytestore::python
