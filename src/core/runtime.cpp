#include "core/runtime.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

namespace bytestore::core {
namespace {

/// At least two, so that one long request does not hold up all others.
std::size_t work_threads() { return std::max(2U, std::thread::hardware_concurrency()); }

thread_local int completions_on_this_thread = 0;

}  // namespace

Runtime::Runtime() : work_(work_threads()), timers_(1), callbacks_(1) {}

Runtime& Runtime::instance() {
  // Lock-free, since in a forked child a lock could be held for ever by a thread that is not there.
  static std::atomic<Runtime*> current{nullptr};
  Runtime* known = current.load(std::memory_order_acquire);
  if (known != nullptr && !known->home_.in_child()) return *known;
  std::unique_ptr<Runtime> fresh(new Runtime);  // NOLINT(cppcoreguidelines-owning-memory)
  if (!current.compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel)) {
    return *known;
  }
  // A parent's runtime, if any, stays as it is: its threads are not here.
  return *fresh.release();
}

bool in_completion() noexcept { return completions_on_this_thread > 0; }

CompletionScope::CompletionScope() noexcept { ++completions_on_this_thread; }

CompletionScope::~CompletionScope() { --completions_on_this_thread; }

}  // namespace bytestore::core
