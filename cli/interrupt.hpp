#pragma once

#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

#include "cli/file_descriptor.hpp"

namespace bytestore::cli {

/// Turns the first SIGINT or SIGTERM into a request to stop; the second ends the process at once.
///
/// Make one object before any other thread is started, and use it until the process ends, since the
/// signals stay blocked. A signal that the process ignored from its start (as with `nohup` and in
/// background jobs of scripts) stays ignored.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Returns a token whose stop is requested by the first signal.
  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }
  [[nodiscard]] bool requested() const noexcept { return stop_.stop_requested(); }

  /// Returns the first signal, or 0 before it has arrived.
  [[nodiscard]] int signal() const noexcept { return signal_; }

  /// Returns a descriptor that is readable after the first signal. Poll it together with what a
  /// thread waits for.
  [[nodiscard]] int descriptor() const noexcept { return raised_.get(); }

  /// While this object lives, the first signal ends the process. It is for work that takes no stop
  /// token and has changed nothing yet.
  class EndsAtOnce {
   public:
    explicit EndsAtOnce(Interrupt& interrupt) noexcept : interrupt_(interrupt) {
      interrupt_.ends_at_once_ = true;
    }
    ~EndsAtOnce() { interrupt_.ends_at_once_ = false; }
    EndsAtOnce(const EndsAtOnce&) = delete;
    EndsAtOnce& operator=(const EndsAtOnce&) = delete;

   private:
    Interrupt& interrupt_;
  };

 private:
  void watch() noexcept;

  sigset_t watched_{};
  FileDescriptor signals_;
  FileDescriptor raised_;
  FileDescriptor ended_;
  std::stop_source stop_;
  std::atomic<int> signal_{0};
  std::atomic<bool> ends_at_once_{false};
  std::jthread watcher_;
};

}  // namespace bytestore::cli
