#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "cassandra/policy/replication.hpp"
#include "cassandra/table/table_lookup.hpp"
#include "cassandra/table/table_setup.hpp"

// What a set-up knows of the replicas of its keyspace: whether there are some in the local
// datacenter, and whether it can be told.
namespace bytestore::cassandra {
namespace {

/// Whoever asks has reason to: it is not asked for more often than this.
constexpr ServerCheck::Validity kReplicasAreTold{.renewed_after = std::chrono::seconds{1},
                                                 .trusted_for = std::chrono::seconds{1}};

}  // namespace

std::shared_ptr<ServerCheck> TableSetup::check_of_replicas(const SessionUse& access,
                                                           const std::string& keyspace) {
  return std::make_shared<ServerCheck>(
      access, fmt::format("asking for the replication of keyspace {}", keyspace),
      [keyspace, local = access.session->driver().local_datacenter()](
          std::shared_ptr<Querier> servers, std::chrono::milliseconds timeout, RefusalSink& sink) {
        check_replicas(std::move(servers), keyspace, local, timeout, sink);
      },
      kReplicasAreTold);
}

void TableSetup::check_use() {
  warn_of_strategy();
  const auto check_table_out = [self = shared_from_this()] {
    self->masks_->get([self](const Refusal& refusal) { self->finish(refusal); });
  };
  if (!counts_local_replicas_ || !may_lack_replicas()) return check_table_out();
  when_replicas_are_told([self = shared_from_this(), check_table_out](const Refusal& refusal) {
    refusal ? self->finish(refusal) : check_table_out();
  });
}

/// For the session's own keyspace that was done while it connected.
void TableSetup::warn_of_strategy() const {
  const SharedSession& session = *access_.session;
  if (name_.keyspace == session.settings().keyspace) return;
  const DriverSession& driver = session.driver();
  const auto topology = driver.topology(name_.keyspace, name_.table, "");
  const auto replication = topology->replication();
  if (!replication) return;
  const auto warning =
      warning_of(name_.keyspace, *replication, topology->nodes(), driver.local_datacenter());
  if (!warning) return;
  session.log().report(Event::replication, session.timers().now(), [&] { return *warning; });
}

bool TableSetup::may_lack_replicas() const {
  const KeepOpen keep_open(access_);
  const DriverSession& driver = access_.session->driver();
  const auto known = driver.topology(name_.keyspace, name_.table, "")->replication();
  return !known || has_no_replicas(*known, driver.local_datacenter());
}

DriverError TableSetup::explained(const DriverError& failure) {
  const bool is_doubtful = counts_local_replicas_ && failure.code == DriverErrorCode::unavailable &&
                           failure.received == 0 && failure.required > 0;
  if (!is_doubtful) return failure;
  {
    const std::lock_guard lock(mutex_);
    if (lacks_replicas_ && access_.session->timers().now() < lacks_until_) {
      return without_local_replicas(failure, *lacks_replicas_);
    }
  }
  try {
    when_replicas_are_told([weak = weak_from_this()](const Refusal& refusal) {
      if (const auto self = weak.lock()) self->note_replicas(refusal);
    });
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): the store is closing
  }
  return failure;
}

void TableSetup::note_replicas(const Refusal& refusal) noexcept {
  const std::lock_guard lock(mutex_);
  lacks_replicas_ = refusal;
  lacks_until_ = access_.session->timers().now() + kReplicasAreTold.trusted_for;
}

void TableSetup::when_replicas_are_told(Callback callback) {
  replicas_->get([callback = std::move(callback)](const Refusal& refusal) {
    // That nobody could be asked is no reason.
    callback(refusal && refusal->code() == ErrorCode::schema ? refusal : std::nullopt);
  });
}

}  // namespace bytestore::cassandra
