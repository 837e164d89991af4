#pragma once

#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

#include "cli/file_descriptor.hpp"

namespace bytestore::cli {

/// Turns the first SIGINT or SIGTERM into a request to stop; the second ends the process at once.
///
/// Make one, before any other thread is started, in a process that is about to use it until its
/// end: the signals stay blocked. A signal that the process was started to ignore (as `nohup` and
/// background jobs of scripts do) stays ignored.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Stopped by the first signal.
  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }
  [[nodiscard]] bool requested() const noexcept { return stop_.stop_requested(); }

  /// The first signal, 0 before it.
  [[nodiscard]] int signal() const noexcept { return signal_; }

  /// Readable from the first signal on: to be polled together with what a thread waits for.
  [[nodiscard]] int descriptor() const noexcept { return raised_.get(); }

  /// While it lives, the first signal ends the process: for work that takes no stop token and has
  /// changed nothing yet.
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
