#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>

namespace bytestore::python {

/// Copying this many bytes takes longer than releasing the interpreter lock and taking it again.
inline constexpr std::size_t kCopiedUnlocked = std::size_t{128} << 10;

/// While the object lives, the interpreter does not end; it does not hold the interpreter lock. It
/// has no effect if the interpreter is already ending, except on the thread that ends it.
class Presence {
 public:
  Presence() noexcept;
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  [[nodiscard]] explicit operator bool() const noexcept { return entered_; }

 private:
  bool entered_;
};

/// Enters the interpreter from a thread of the library, and holds its lock. If the interpreter is
/// already ending, no thread can enter: `entered()` is false, and Python's objects must not be
/// touched.
class Interpreter {
 public:
  Interpreter() noexcept;
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  [[nodiscard]] bool entered() const noexcept { return static_cast<bool>(presence_); }

  /// From now on, only the calling thread may enter. Returns when all threads inside have left. The
  /// caller holds the interpreter lock, which is released during the wait.
  static void end();

  /// Must be called in a forked child, in which no other thread is inside.
  static void after_fork() noexcept;
  /// Returns whether this is a thread of the library that is inside the interpreter. What Python
  /// runs there, such as a `__del__` or a logging handler, runs in a completion.
  static bool is_of_library() noexcept;
  /// Returns how many forks there were between the first process and this one.
  static int forks() noexcept;

  // The caller of these holds the interpreter lock.

  /// \throws nanobind::python_error `RuntimeError` if threads of the library can no longer enter.
  static void check_that_it_completes();
  /// \throws nanobind::python_error `RuntimeError` if this thread would not return from a wait;
  /// `SystemExit` if it is a daemon thread.
  static void check_that_it_returns();

 private:
  Presence presence_;
  PyGILState_STATE state_{};
};

/// Releases the interpreter lock, and takes it again at the end of the scope. If the interpreter is
/// then already ending, the thread stays there until the process ends: it cannot continue, and
/// Python would end it in the middle of a destructor.
class Unlocked {
 public:
  Unlocked() noexcept : thread_(PyEval_SaveThread()) {}
  ~Unlocked() { lock(); }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

  /// Holds the lock again for a scope within that of the `Unlocked`, on the same thread.
  class Pause {
   public:
    explicit Pause(Unlocked& paused) noexcept : paused_(paused) { paused_.lock(); }
    ~Pause() { paused_.thread_ = PyEval_SaveThread(); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Unlocked& paused_;
  };

 private:
  void lock() const noexcept;

  PyThreadState* thread_;
};

}  // namespace bytestore::python
