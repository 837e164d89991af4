#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "core/cancellation.hpp"
#include "cassandra/table/table.hpp"
#include "core/backend.hpp"

namespace bytestore::cassandra {

/// The keys of a whole ring, from those of some of its ranges: servers that do not answer, and
/// those of other datacenters, have about as many.
class RingEstimate {
 public:
  /// Of the tokens after `after`, up to and with `last`; of all if the two are equal.
  void add(std::int64_t after, std::int64_t last, std::int64_t keys) noexcept;

  /// 0 if nothing was added.
  [[nodiscard]] std::uint64_t keys() const noexcept;

 private:
  double keys_ = 0;
  double share_ = 0;  // of the ring, in what was added
};

/// Asks every server of the local datacenter that is connected for its `system.size_estimates`.
/// Completes once: an error if none of them answers.
class KeyEstimate final : public Interruptible, public std::enable_shared_from_this<KeyEstimate> {
 public:
  static void start(std::shared_ptr<Table> table, const core::Call& call,
                    core::Sink<core::EstimateResult>& sink);

  KeyEstimate(std::shared_ptr<Table> table, const core::Call& call,
              core::Sink<core::EstimateResult>& sink);

  void cancel() noexcept override;

 private:
  class Request;

  void give_up() noexcept;
  void end(ErrorCode code, std::string_view message) noexcept;
  void ask_all() noexcept;
  void answered(const Result<Rows>& result) noexcept;
  void add(const Rows& rows) noexcept;
  void note_cause(const DriverError& error);
  [[nodiscard]] Error why_none_answered() const;
  void finish(core::EstimateResult result) noexcept;

  std::shared_ptr<Table> table_;
  core::Call::Clock::time_point deadline_;

  std::mutex mutex_;
  core::Sink<core::EstimateResult>* sink_;  // null: completed
  std::size_t awaited_ = 0;
  bool is_cut_short_ = false;  // the requests end with the call
  bool any_answered_ = false;
  RingEstimate estimate_;
  CausePtr cause_;                // of the last server that failed
  std::unique_ptr<Alarm> alarm_;  // at the deadline; null: there is none

  Interruption interruption_;  // last: nobody cancels what is half destroyed
};

}  // namespace bytestore::cassandra
