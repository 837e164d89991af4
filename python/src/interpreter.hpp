#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>

namespace bytestore::python {

/// Copying as many bytes takes longer than letting go of the interpreter lock and taking it again.
inline constexpr std::size_t kCopiedUnlocked = std::size_t{128} << 10;

/// Keeps the interpreter from ending as long as it is there, without holding its lock; unless it
/// has begun to end before, to all threads but the one that ends it.
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

/// Enters the interpreter from a thread of the library, and holds its lock. Once the interpreter
/// has begun to end nobody gets in: `entered()` is false then, and Python's objects are left alone.
class Interpreter {
 public:
  Interpreter() noexcept;
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  [[nodiscard]] bool entered() const noexcept { return static_cast<bool>(presence_); }

  /// Lets nobody in any more but the calling thread, and returns when those inside are out. With
  /// the interpreter lock, which is let go of meanwhile.
  static void end();

  /// Of a child that was forked, in which no other thread is inside.
  static void after_fork() noexcept;
  /// Whether this thread is one of the library's, which is inside: what Python runs there, such as
  /// a `__del__` or a handler of logging, runs in a completion.
  static bool is_of_library() noexcept;
  /// How many forks there are between this process and the one that began.
  static int forks() noexcept;

  // With the interpreter lock.

  /// \throws nanobind::python_error `RuntimeError` if threads of the library do not get in any
  /// more.
  static void check_that_it_completes();
  /// \throws nanobind::python_error `RuntimeError` if this thread would not come back from a wait;
  /// `SystemExit` in one that is a daemon.
  static void check_that_it_returns();

 private:
  Presence presence_;
  PyGILState_STATE state_{};
};

/// Lets go of the interpreter lock, and takes it again at the end of the scope. A thread that comes
/// back after the interpreter has begun to end stays there until the process is gone: there is
/// nothing left for it to go on with, and Python would end it in the middle of a destructor.
class Unlocked {
 public:
  Unlocked() noexcept : thread_(PyEval_SaveThread()) {}
  ~Unlocked();
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  PyThreadState* thread_;
};

}  // namespace bytestore::python
