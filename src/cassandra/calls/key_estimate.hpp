#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cassandra/ring/ring_estimate.hpp"
#include "cassandra/table/table.hpp"
#include "core/backend.hpp"
#include "core/cancellation.hpp"

namespace bytestore::cassandra {

/// Asks every server of the local datacenter that is connected, and does not hang, for its
/// `system.size_estimates`. Those that do not answer are left out, which the log is told. Completes
/// once: an error if none of them answers, or nobody has for as long as `give_up_after`.
class KeyEstimate final : public core::Cancellable,
                          public std::enable_shared_from_this<KeyEstimate> {
 public:
  static void start(std::shared_ptr<Table> table, const core::Call& call,
                    core::Sink<core::EstimateResult>& sink);

  KeyEstimate(std::shared_ptr<Table> table, const core::Call& call,
              core::Sink<core::EstimateResult>& sink);

  void cancel() noexcept override;

 private:
  using Clock = core::Call::Clock;

  void watch() noexcept;
  void ring() noexcept;
  void end(ErrorCode code, std::string_view message) noexcept;
  void ask_all() noexcept;
  [[nodiscard]] std::vector<Node> nodes_to_ask();
  void answered(const Result<Rows>& result, const std::string& address) noexcept;
  [[nodiscard]] std::optional<core::EstimateResult> take(const Result<Rows>& result,
                                                         const std::string& address);
  void confirm(core::EstimateResult counted) noexcept;
  void report_left_out() const;
  void add(const Rows& rows);
  void note_life() noexcept;
  void note_cause(const DriverError& error);
  [[nodiscard]] Clock::time_point silence_limit() const;
  [[nodiscard]] Error by_silence() const;
  [[nodiscard]] Error why_none_answered() const;
  [[nodiscard]] Error why_not_whole() const;
  void finish(core::EstimateResult result) noexcept;

  std::shared_ptr<Table> table_;
  Clock::time_point begun_;
  Clock::time_point deadline_;

  std::mutex mutex_;
  core::Sink<core::EstimateResult>* sink_;  // null: completed
  std::size_t awaited_ = 0;
  bool is_cut_short_ = false;  // the requests end with the call
  bool any_answered_ = false;
  const Ring* servers_ring_ = nullptr;  // null: they have not been asked
  RingEstimate estimate_;
  std::vector<std::string> left_out_;  // addresses of nodes that did not answer
  CausePtr cause_;                     // of the last server that failed
  std::unique_ptr<core::Timer> timer_;

  core::Cancellation cancellation_;  // last: nobody cancels what is half destroyed
};

}  // namespace bytestore::cassandra
