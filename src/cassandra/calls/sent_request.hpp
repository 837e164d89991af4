#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "cassandra/policy/attempt_kind.hpp"
#include "cassandra/policy/retry.hpp"
#include "cassandra/session/node_request.hpp"
#include "cassandra/table/table.hpp"

namespace bytestore::cassandra {

/// A request that has a place in the window of its session, by which it is counted from `send` on,
/// as by its verb, until it is answered or its attempt is given up.
class SentRequest : public NodeRequest {
 public:
  struct About {
    VerbCounters& counters;
    std::string_view operation;         ///< for messages, e.g. "reading"
    std::optional<std::size_t> kind{};  ///< as of `kind_of_request`; none: a page
    bool may_repeat = true;             ///< as of `RetryTraits`
  };

  /// How it is sent. What this refers to lives until the driver has the request.
  struct Attempt {
    AttemptKind kind;
    const Attempts& attempts;          ///< those before it
    std::span<const NodeId> replicas;  ///< the first of them has it among its requests
    std::string_view paging_state;     ///< of the page before; empty: the first page
    Window::Bytes bytes;               ///< of the request, and of the answer that is expected
    NodeRequest::Clock::time_point sent_at;
  };

  /// Has it made. One that cannot be made is answered with the reason, at once.
  static void send(std::unique_ptr<SentRequest> request, const Attempt& attempt) noexcept;

  /// Answers one that cannot be sent for want of memory.
  static void refuse(std::unique_ptr<SentRequest> request) noexcept;

  /// Whether this attempt had less time than it should have had, as a limit was near.
  [[nodiscard]] bool is_cut_short() const noexcept { return is_cut_short_; }

 protected:
  SentRequest(KeepOpen keep_open, const Table& table, const About& about)
      : NodeRequest(std::move(keep_open), table.access().session, about.may_repeat),
        table_(table),
        about_(about) {}

 private:
  /// Has the driver make the request, with this as its sink.
  virtual void execute(DriverSession& driver, RequestOptions& options) = 0;
  /// Once. Its place in the window is given back afterwards.
  virtual void completed(Result<Rows> result) noexcept = 0;

  RequestOptions begin(const Attempt& attempt);
  void ended(Result<Rows> result) noexcept final;

  const Table& table_;
  About about_;
  Window::Ticket ticket_{};
  bool is_cut_short_ = false;
};

}  // namespace bytestore::cassandra
