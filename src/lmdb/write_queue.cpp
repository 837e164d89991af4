#include "lmdb/write_queue.hpp"

#include <lmdb.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <string>
#include <utility>

#include "core/call.hpp"
#include "lmdb/status.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// How much one transaction takes, but for its first part, which may be larger: other processes
/// wait for it.
constexpr std::size_t kGroupBytes = 2 * kStepBytes;
constexpr std::size_t kGroupKeys = 2 * kStepKeys;

void fail_all(std::span<WriteStep* const> steps, const WriteStep::Failure& failure) {
  for (WriteStep* const step : steps) step->failure = failure;
}

}  // namespace

void WriteQueue::run(std::span<WriteStep* const> steps) {
  std::unique_lock lock(mutex_);
  enqueue(steps);
  while (!std::ranges::all_of(steps, &WriteStep::is_done)) {
    if (is_led_) {
      changed_.wait(lock);
      continue;
    }
    is_led_ = true;
    Group group;
    lock.unlock();
    lead(group);
    lock.lock();
    for (WriteStep* const step : group.steps()) step->is_done = true;
    is_led_ = false;
    changed_.notify_all();
  }
}

std::size_t WriteQueue::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void WriteQueue::enqueue(std::span<WriteStep* const> steps) {
  std::size_t added = 0;
  try {
    for (; added < steps.size(); ++added) waiting_.push_back(steps[added]);
  } catch (...) {
    waiting_.erase(waiting_.end() - static_cast<std::ptrdiff_t>(added), waiting_.end());
    throw;
  }
}

void WriteQueue::take(Group& group) {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  std::size_t keys = 0;
  while (!waiting_.empty() && group.count < group.all.size()) {
    WriteStep* const next = waiting_.front();
    bytes += next->bytes;
    keys += next->size();
    if (group.count > 0 && (bytes > kGroupBytes || keys > kGroupKeys)) return;
    group.all.at(group.count++) = next;
    waiting_.pop_front();
  }
}

void WriteQueue::lead(Group& group) noexcept {
  if (try_together(group)) return;
  for (WriteStep* const step : group.steps()) {
    Group alone{.all = {step}, .count = 1};
    try_together(alone);
  }
}

/// Returns false if the parts are to be tried one by one.
bool WriteQueue::try_together(Group& group) {
  const auto body = [&](MDB_txn* transaction, bool& sync) {
    if (group.count == 0) take(group);
    for (WriteStep* const step : group.steps()) {
      step->failure.reset();
      if (const auto code = step->call->interruption()) {
        step->failure = {.code = *code,
                         .outcome = Outcome::failed,
                         .message = std::string(core::interruption_message(*code))};
        continue;
      }
      const int status = apply(transaction, *step);
      if (status != MDB_SUCCESS) return status;
      sync = sync || step->sync;
    }
    return MDB_SUCCESS;
  };
  try {
    const auto written = environment_.write(body);
    if (group.count == 0) take(group);
    return settle(group.steps(), written);
  } catch (const Error& error) {
    if (group.count == 0) take(group);
    if (group.count > 1) return false;
    fail_all(group.steps(),
             {.code = error.code(), .outcome = Outcome::failed, .message = error.what()});
  } catch (const std::bad_alloc&) {
    if (group.count == 0) take(group);
    for (WriteStep* const step : group.steps()) step->lacked_memory = true;
  }
  return true;
}

bool WriteQueue::settle(std::span<WriteStep* const> steps, const Environment::Written& written) {
  if (written.status == MDB_SUCCESS) return true;
  if (written.outcome == Outcome::failed && steps.size() > 1) return false;
  if (written.status == ENOMEM) throw std::bad_alloc();
  fail_all(steps, {.code = code_of(written.status),
                   .outcome = written.outcome,
                   .message = describe("writing", written.status)});
  return true;
}

}  // namespace bytestore::lmdb_backend
