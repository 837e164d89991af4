#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "cassandra/policy/attempt_kind.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/policy/replica_choice.hpp"
#include "cassandra/policy/request_groups.hpp"
#include "cassandra/policy/retry.hpp"

namespace bytestore::cassandra {

/// The attempts at a group of keys, of which one at a time is in flight.
struct BatchRequest : Routed {
  using Clock = core::Call::Clock;

  /// What its answer had so far, over all pages.
  struct Taken {
    std::size_t bytes = 0;  ///< of values
    std::size_t values = 0;
    std::vector<bool> has_row{};  ///< of the keys of a group, in their order; empty: of none yet
  };

  BatchRequest(RequestGroups::Group its_group, const Attempts& its_attempts)
      : group(std::move(its_group)), attempts(its_attempts) {}

  [[nodiscard]] bool is_single() const noexcept { return group.positions.size() == 1; }

  [[nodiscard]] AttemptKind attempt() const noexcept {
    if (is_speculative) return AttemptKind::speculative;
    return attempts.failed() > 0 ? AttemptKind::retry : AttemptKind::first;
  }

  /// Whether the attempt that comes is the first of all.
  [[nodiscard]] bool is_new() const noexcept {
    return attempt() == AttemptKind::first && paging_state.empty();
  }

  RequestGroups::Group group;
  Attempts attempts;
  Clock::time_point sent_at{};
  std::string paging_state{};
  Taken taken{};
  CausePtr cause{};           ///< of the last failure; null: there was none
  bool is_cut_short = false;  ///< the attempt has less time than it should, as a limit is near

 private:
  friend class BatchState;
  std::size_t slot = 0;  // among the open ones
  bool is_in_flight = false;

  // Another request for the same keys, of which the first answer counts; null: none.
  BatchRequest* sibling = nullptr;
  bool is_speculative = false;  // it is the later one of the two
  bool is_abandoned = false;    // the sibling was answered
};

}  // namespace bytestore::cassandra
