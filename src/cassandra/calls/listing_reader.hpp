#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "bytestore/error.hpp"
#include "cassandra/calls/page_waiter.hpp"
#include "cassandra/calls/sent_request.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/policy/replica_choice.hpp"
#include "cassandra/policy/scan_plan.hpp"
#include "cassandra/table/table.hpp"
#include "core/backend.hpp"
#include "core/timers.hpp"

namespace bytestore::cassandra {

/// What the messages of a listing call it.
inline constexpr std::string_view kListing = "listing keys";
inline constexpr std::string_view kListingStopped =
    "the listing was stopped, or its store was closed";

/// Does the I/O of a listing: waits for the set-up of the table, the partitioner and the statement,
/// and has the driver read the pages that its plan wants next, a few ahead of what was asked for.
/// The plan decides what is read, and what follows a failed page. Thread safe; outlives the listing
/// while requests are in flight.
class ListingReader final : public Window::Sender,
                            public std::enable_shared_from_this<ListingReader> {
 public:
  using Clock = core::Call::Clock;

  ListingReader(std::shared_ptr<Table> table, std::string prefix, std::string_view after);

  // Of the listing.

  /// One at a time. As `core::KeyScan::next_page`.
  void next_page(const core::Call& call, core::Sink<core::PageResult>& sink);
  /// Nothing more is read.
  void stop() noexcept;

  // Of a waiter.

  /// Completes `waiter` with an error, unless it has been taken out to be completed.
  void give_up(const PageWaiter& waiter, ErrorCode code, std::string_view message) noexcept;
  /// Counts a step that began at `begun` and ended with `page`.
  void count(const core::PageResult& page, Clock::time_point begun) noexcept;

  // Of the window.

  Window::SendResult send_one() noexcept override;
  Clock::time_point end_if_silent(Clock::time_point now) noexcept override;

 private:
  class Request;
  using Part = ScanPlan::Part;

  // In listing_reader.cpp: what is read.
  [[nodiscard]] SentRequest::Attempt next_attempt(Part& part, Clock::time_point now);
  void answered(Part& part, const std::shared_ptr<const Statement>& statement, Result<Rows> result,
                bool is_cut_short) noexcept;
  void resume() noexcept;
  Window::SendResult send_next();
  void take_page(Part& part, const std::shared_ptr<const Statement>& statement,
                 const Result<Rows>& result, bool is_cut_short);
  void read_on();
  void look_for_masks(Part& part, const Rows& rows);
  void decide_doubt(Part& part, const Rows& rows, const TableSetup::Outcome& outcome);

  // In listing_wait.cpp: what is waited for.
  void begin();
  void prepare(const TableSetup::Outcome& outcome);
  [[nodiscard]] TableSetup::Outcome prefix_refusal() const;
  [[nodiscard]] bool make_plan();
  void take(const LazyStatement::Prepared& prepared);
  void watch_statement() noexcept;
  void complete_if_ready();
  Clock::time_point look_at_silence(Clock::time_point now);

  /// Does `step`, holding no lock; if there is no memory for it, the listing fails for good, since
  /// what it has read may be lost.
  template <typename Step>
  void take_step(const Step& step) noexcept;
  void end_without_memory() noexcept;

  // Under the lock.
  void choose_node(Part& part, Clock::time_point now);
  [[nodiscard]] bool may_read() const noexcept {
    return !stopped_ && !error_ && statement_ && plan_;
  }
  /// Does nothing and returns false if that is to wait until the table was asked for masks.
  [[nodiscard]] bool add_page(Part& part, const Rows& rows);
  void retry_or_fail(Part& part, const DriverError& error);
  [[nodiscard]] std::optional<core::PageResult> next_result();
  [[nodiscard]] CausePtr last_cause() const;
  [[nodiscard]] Clock::time_point silence_limit() const;
  void make_timer();

  std::shared_ptr<Table> table_;
  core::Timers& timers_;
  const std::string prefix_;
  const std::string after_;
  const core::KeyOrder order_of_cursor_;

  std::mutex mutex_;
  std::shared_ptr<const Statement> statement_;  // null: not prepared yet
  bool preparing_ = false;
  bool stopped_ = false;
  bool is_without_memory_ = false;  // it has failed for good
  std::unique_ptr<ScanPlan> plan_;  // null before the partitioner is known
  HeldReplicaSets replica_sets_;
  bool is_unmasked_ = false;    // keys of other ranges than their own are no masks here
  std::size_t asked_ = 0;       // attempts at pages
  CausePtr cause_;              // of the last failed attempt since the waiter began to wait
  std::optional<Error> error_;  // nothing more is read before the next waiter
  std::shared_ptr<PageWaiter> waiter_;
  std::unique_ptr<core::Timer> timer_;
};

template <typename Step>
void ListingReader::take_step(const Step& step) noexcept {
  try {
    step();
  } catch (const std::exception&) {
    end_without_memory();
  }
}

}  // namespace bytestore::cassandra
