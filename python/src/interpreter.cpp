#include "interpreter.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace bytestore::python {
namespace {

/// How often this thread has entered and not left: one that is inside may always enter again.
thread_local int depth = 0;

/// Counts the threads that are on their way into the interpreter or in it.
class Door {
 public:
  [[nodiscard]] bool enter() {
    if (depth == 0) {
      const std::lock_guard lock(mutex_);
      if (closed_ && std::this_thread::get_id() != ender_) return false;
      ++inside_;
    }
    ++depth;
    return true;
  }

  void leave() {
    if (--depth > 0) return;
    const std::lock_guard lock(mutex_);
    if (--inside_ == 0) left_.notify_all();
  }

  [[nodiscard]] bool is_closed() {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  [[nodiscard]] bool is_closed_to_me() {
    const std::lock_guard lock(mutex_);
    return closed_ && std::this_thread::get_id() != ender_;
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

int forked = 0;

[[noreturn]] void raise_ending() {
  PyErr_SetString(PyExc_RuntimeError, "the interpreter is ending");
  throw nanobind::python_error();
}

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
  ++forked;
}

int Interpreter::forks() noexcept { return forked; }

void Interpreter::check_that_it_completes() {
  if (the_door->is_closed()) raise_ending();
}

void Interpreter::check_that_it_returns() {
  if (the_door->is_closed_to_me()) raise_ending();
}

Unlocked::~Unlocked() {
  const Presence presence;
  if (!presence) the_door->wait_for_the_end();
  PyEval_RestoreThread(thread_);
}

}  // namespace bytestore::python
