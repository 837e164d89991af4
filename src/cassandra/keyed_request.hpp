#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cassandra/keyed_call.hpp"

namespace bytestore::cassandra {

/// The attempts at a group of keys. Owned by the call, but by itself while it is at the driver.
class KeyedCall::Request final : public RowsSink {
 public:
  Request(std::shared_ptr<KeyedCall> call, GroupPlan::Group its_group, const Attempts& its_attempts)
      : group(std::move(its_group)), attempts(its_attempts), call_(std::move(call)) {}

  void done(Result<Rows> result) noexcept override;

  /// \throws Error if the store is closed.
  void enter(core::Gate& requests) { pass_.emplace(requests.enter()); }

  [[nodiscard]] bool is_single() const noexcept { return group.positions.size() == 1; }

  [[nodiscard]] VerbCounters::Attempt attempt() const noexcept {
    if (is_hedge) return VerbCounters::Attempt::hedge;
    return attempts.failed() > 0 ? VerbCounters::Attempt::retry : VerbCounters::Attempt::first;
  }

  // Under the lock of the call, or by whom it was handed to.
  GroupPlan::Group group;
  std::size_t slot = 0;  ///< in the call's list of open requests
  Attempts attempts;
  std::size_t window_bytes = 0;
  Clock::time_point sent_at{};
  std::vector<NodeId> replicas{};
  std::optional<NodeId> node{};  ///< that the last attempt went to
  bool is_counted = false;       ///< whether the node has it among its requests
  std::string paging_state{};
  Taken taken{};  ///< from the pages before this one
  bool at_driver = false;
  bool unknown = false;  ///< some attempt may have been applied
  std::shared_ptr<const Statement> statement;

  /// Another request for the same keys, of which the first answer counts; null: none.
  Request* rival = nullptr;
  bool is_hedge = false;      ///< it is the later one of the two
  bool is_abandoned = false;  ///< the other one was answered

 private:
  std::shared_ptr<KeyedCall> call_;
  std::optional<core::Gate::Pass> pass_;
};

}  // namespace bytestore::cassandra
