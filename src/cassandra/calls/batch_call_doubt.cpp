#include <memory>
#include <utility>

#include "cassandra/calls/batch_call.hpp"

// What follows an answer that cannot be the one to the keys that were asked for: the table has
// masks, or several rows for a key.
namespace bytestore::cassandra {

/// The request waits until the table was asked for masks.
void BatchCall::look_for_masks(RequestPtr request, const DriverError& doubt) {
  const auto waiting = std::make_shared<RequestPtr>(std::move(request));
  TableSetup& setup = table_->setup();
  setup.distrust();
  setup.when_done([self = shared_from_this(), waiting, doubt](const TableSetup::Outcome& outcome) {
    self->take_step([&] { self->decide_doubt(std::move(*waiting), doubt, outcome); });
  });
}

/// With masks, no answer to the call can be trusted. Without them, each key is asked for by itself.
void BatchCall::decide_doubt(RequestPtr request, const DriverError& doubt,
                             const TableSetup::Outcome& outcome) {
  if (outcome) return end_with(*outcome);
  std::shared_ptr<SharedSession> session;
  std::shared_ptr<BatchCall> due;
  {
    const std::lock_guard lock(mutex_);
    if (is_ending() || BatchState::is_abandoned(*request)) return;
    session = table_->access().session;  // afterwards the store may be closed
    try_again_or_fail(std::move(request), doubt);
    due = take_if_due();
  }
  if (due) return complete();
  start_sending(session, shared_from_this());
}

}  // namespace bytestore::cassandra
