#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cassandra/driver/port.hpp"
#include "cassandra/policy/request_groups.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/policy/retry.hpp"
#include "cassandra/table/verb_counters.hpp"

namespace bytestore::cassandra {

/// The attempts at a group of keys, of which one at a time is at the driver.
struct KeyedRequest {
  using Clock = core::Call::Clock;

  /// Values of answers.
  struct Taken {
    std::size_t bytes = 0;
    std::size_t values = 0;
  };

  KeyedRequest(GroupPlan::Group its_group, const Attempts& its_attempts)
      : group(std::move(its_group)), attempts(its_attempts) {}

  [[nodiscard]] bool is_single() const noexcept { return group.positions.size() == 1; }

  [[nodiscard]] VerbCounters::Attempt attempt() const noexcept {
    if (is_hedge) return VerbCounters::Attempt::hedge;
    return attempts.failed() > 0 ? VerbCounters::Attempt::retry : VerbCounters::Attempt::first;
  }

  /// Whether the attempt that comes is the first of all.
  [[nodiscard]] bool is_new() const noexcept {
    return attempt() == VerbCounters::Attempt::first && paging_state.empty();
  }

  GroupPlan::Group group;
  Attempts attempts;
  std::vector<NodeId> replicas{};
  std::optional<NodeId> node{};  ///< that the last attempt went to
  Clock::time_point sent_at{};
  std::string paging_state{};
  Taken taken{};              ///< from the pages before this one
  CausePtr cause{};           ///< of the last failure; null: there was none
  bool is_cut_short = false;  ///< the attempt has less time than it should, as a limit is near

 private:
  friend class RequestBook;
  std::size_t slot = 0;  // among the open ones
  bool at_driver = false;
  bool unknown = false;  // some attempt may have been applied

  // Another request for the same keys, of which the first answer counts; null: none.
  KeyedRequest* rival = nullptr;
  bool is_hedge = false;      // it is the later one of the two
  bool is_abandoned = false;  // the other one was answered
};

}  // namespace bytestore::cassandra
