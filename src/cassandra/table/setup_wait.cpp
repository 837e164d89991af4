#include "cassandra/table/setup_wait.hpp"

#include <utility>

namespace bytestore::cassandra {

void SetupWait::start(TableSetup& setup, const core::Call& call, SetupSink& sink) {
  const auto self = std::make_shared<SetupWait>(setup.weak_from_this(), sink);
  self->cancellation_.arm(call, self);  // neither the call nor the sink may be there after this
  setup.when_done([self](const TableSetup::Outcome& outcome) { self->finish(outcome); });
}

void SetupWait::cancel() noexcept {
  const auto setup = setup_.lock();
  finish(Error(
      ErrorCode::cancelled,
      with_cause("the call was cancelled, or its store was closed, before the set-up had finished",
                 setup ? setup->last_failure() : nullptr)));
}

void SetupWait::finish(TableSetup::Outcome outcome) noexcept {
  SetupSink* sink = nullptr;
  {
    const std::lock_guard lock(mutex_);
    sink = std::exchange(sink_, nullptr);
  }
  if (sink != nullptr) sink->done(std::move(outcome));
}

}  // namespace bytestore::cassandra
