#pragma once

#include <chrono>
#include <condition_variable>
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
  std::string first() {
    std::unique_lock lock(mutex_);
    added_.wait_for(lock, std::chrono::seconds{30}, [this] { return !messages_.empty(); });
    return messages_.empty() ? std::string() : messages_.front();
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<std::string> messages_;
};

}  // namespace bytestore::testing
