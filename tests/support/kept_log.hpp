#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace bytestore::testing {

/// Keeps what a session tells its log.
class KeptLog {
 public:
  void add(std::string_view message) {
    {
      const std::lock_guard lock(mutex_);
      messages_.emplace_back(message);
    }
    added_.notify_all();
  }

  /// The first message; empty if there is none for a while.
  std::string first() { return message(0); }
  /// The one after it.
  std::string second() { return message(1); }

 private:
  std::string message(std::size_t index) {
    std::unique_lock lock(mutex_);
    added_.wait_for(lock, std::chrono::seconds{30}, [&] { return messages_.size() > index; });
    return messages_.size() > index ? messages_[index] : std::string();
  }

  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<std::string> messages_;
};

}  // namespace bytestore::testing
