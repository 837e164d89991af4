#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <thread>

namespace bytestore::testing {

/// How many threads this process has. A sanitizer adds one of its own with the first one that is
/// started, so that one is started before anything is counted.
inline std::ptrdiff_t threads() {
  [[maybe_unused]] static const bool started = [] {
    std::thread([] {}).join();
    return true;
  }();
  const auto tasks = std::filesystem::directory_iterator("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

/// Waits until this process has at most `count` threads; gives up after a while.
inline bool threads_return_to(std::ptrdiff_t count) {
  for (int i = 0; i != 3000; ++i) {
    if (threads() <= count) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return false;
}

}  // namespace bytestore::testing
