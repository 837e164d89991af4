#include "interpreter.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace bytestore::python {
namespace {

/// How often this thread has entered and not left; a thread that is inside may always enter again.
thread_local int depth = 0;

/// Counts the threads that are entering the interpreter or are inside.
class Door {
 public:
  explicit Door(int inside = 0) : inside_(inside) {}

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
  int inside_;
  bool closed_ = false;
  std::thread::id ender_;
};

/// Never destroyed, since threads of the library may outlive static objects.
Door*& the_door() {
  static Door* door = std::make_unique<Door>().release();
  return door;
}

int forked = 0;

[[noreturn]] void raise_ending(PyObject* kind) {
  PyErr_SetString(kind, "the interpreter is ending");
  throw nanobind::python_error();
}

/// Returns whether this is a daemon thread, for whose end Python does not wait.
bool is_daemon() {
  const nanobind::object threading = nanobind::module_::import_("threading");
  return nanobind::cast<bool>(threading.attr("current_thread")().attr("daemon"));
}

}  // namespace

Presence::Presence() noexcept : entered_(the_door()->enter()) {}

Presence::~Presence() {
  if (entered_) the_door()->leave();
}

Interpreter::Interpreter() noexcept {
  if (entered()) state_ = PyGILState_Ensure();
}

Interpreter::~Interpreter() {
  if (entered()) PyGILState_Release(state_);
}

void Interpreter::end() {
  PyThreadState* const thread = PyEval_SaveThread();
  the_door()->close();
  PyEval_RestoreThread(thread);
}

void Interpreter::after_fork() noexcept {
  // A thread that does not exist in this process may hold the old one.
  the_door() = std::make_unique<Door>(depth > 0 ? 1 : 0).release();
  ++forked;
}

bool Interpreter::is_of_library() noexcept { return depth > 0; }

int Interpreter::forks() noexcept { return forked; }

void Interpreter::check_that_it_completes() {
  if (the_door()->is_closed()) raise_ending(PyExc_RuntimeError);
}

void Interpreter::check_that_it_returns() {
  // A SystemExit ends a thread silently, and the thread releases what it holds.
  if (the_door()->is_closed_to_me())
    raise_ending(is_daemon() ? PyExc_SystemExit : PyExc_RuntimeError);
}

void Unlocked::lock() const noexcept {
  const Presence presence;
  if (!presence) the_door()->wait_for_the_end();
  PyEval_RestoreThread(thread_);
}

}  // namespace bytestore::python
