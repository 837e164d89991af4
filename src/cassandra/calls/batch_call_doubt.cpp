#include <memory>
#include <utility>

#include "cassandra/calls/batch_call.hpp"
#include "cassandra/policy/replication.hpp"

// What follows an answer that cannot be the one to the keys that were asked for: the table has
// masks, or several rows for a key. And one that there are no replicas, which may be down, or not
// be there at all.
namespace bytestore::cassandra {

/// The request waits until a server was asked for what may be behind the doubt: masks, or the
/// replication.
void BatchCall::look_into(RequestPtr request, const DriverError& doubt) {
  const auto waiting = std::make_shared<RequestPtr>(std::move(request));
  TableSetup& setup = table_->setup();
  if (setup.doubts_replicas(doubt)) {
    return setup.when_replicas_are_told(
        [self = shared_from_this(), waiting, doubt](const Refusal& refusal) {
          self->take_step([&] {
            const auto error = refusal ? without_local_replicas(doubt, *refusal) : doubt;
            self->decide_doubt(std::move(*waiting), error, std::nullopt);
          });
        });
  }
  setup.distrust();
  setup.when_done([self = shared_from_this(), waiting, doubt](const TableSetup::Outcome& outcome) {
    self->take_step([&] { self->decide_doubt(std::move(*waiting), doubt, outcome); });
  });
}

/// With masks, no answer to the call can be trusted. Without them the request has failed, and its
/// keys may be tried one by one.
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
