#include "lmdb/write_group.hpp"

#include <new>
#include <utility>

#include "core/out_of_memory.hpp"

namespace bytestore::lmdb_backend {

void LmdbWriteGroup::write(const core::Writes& writes, const core::Call& call,
                           core::Sink<core::WriteResult>& sink) {
  static_cast<void>(core::out_of_memory());  // which `end` may need
  auto steps = steps_of(writes, call, sync_);
  put_off_.reserve(put_off_.size() + steps.size());
  members_.push_back({.steps = std::move(steps), .sink = &sink});
  for (WriteStep& step : members_.back().steps) put_off_.push_back(&step);
}

void LmdbWriteGroup::take_effect() noexcept {
  if (put_off_.empty()) return;
  try {
    queue_.run(put_off_);
  } catch (const std::bad_alloc&) {
    for (WriteStep* const step : put_off_) step->lacked_memory = true;
  }
  put_off_.clear();
}

void LmdbWriteGroup::end() noexcept {
  take_effect();
  for (auto& [steps, sink] : members_) {
    core::WriteResult result;
    try {
      result = result_of(steps);
    } catch (const std::bad_alloc&) {
      result.error = core::out_of_memory();
    }
    sink->done(std::move(result));
  }
}

}  // namespace bytestore::lmdb_backend
