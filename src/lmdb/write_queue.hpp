#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <span>

#include "lmdb/environment.hpp"
#include "lmdb/write_step.hpp"

namespace bytestore::lmdb_backend {

/// The writes of a process to one environment, in the order in which they came.
///
/// Of the threads that have something to write, one leads: when it is this process's turn, it takes
/// what all of them have brought until then into one transaction, and so with one sync. Then the
/// next one leads. If a transaction fails, its parts are tried again one by one, so that none fails
/// because of another. Thread safe.
class WriteQueue {
 public:
  explicit WriteQueue(Environment& environment) : environment_(environment) {}

  /// Blocks until all of `steps` are done. One whose call has to end when its turn comes fails.
  /// \throws std::bad_alloc before any of them is written.
  void run(std::span<WriteStep* const> steps);

  /// How many parts wait for a transaction to take them.
  [[nodiscard]] std::size_t waiting();

 private:
  /// What one transaction takes. It needs no memory.
  struct Group {
    std::array<WriteStep*, 64> all{};
    std::size_t count = 0;

    [[nodiscard]] std::span<WriteStep* const> steps() const { return {all.data(), count}; }
  };

  void enqueue(std::span<WriteStep* const> steps);
  void lead(Group& group) noexcept;
  void take(Group& group);
  bool try_together(Group& group);
  bool settle(std::span<WriteStep* const> steps, const Environment::Written& written);

  Environment& environment_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_led_ = false;
  std::deque<WriteStep*> waiting_;
};

}  // namespace bytestore::lmdb_backend
