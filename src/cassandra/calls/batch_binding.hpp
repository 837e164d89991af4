#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bytestore/batch.hpp"
#include "bytestore/error.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/policy/batch_request.hpp"
#include "cassandra/policy/duplicate_keys.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/policy/request_groups.hpp"
#include "cassandra/table/table.hpp"
#include "cassandra/table/verb.hpp"
#include "core/backend.hpp"

namespace bytestore::cassandra {

/// What one verb adds to a `BatchCall`: its arguments, what its requests bind, and what becomes of
/// their answers. Keys are known by their positions among the arguments, which are the caller's and
/// are not looked at after `complete`.
class BatchBinding {
 public:
  using Positions = std::span<const std::size_t>;
  using Taken = BatchRequest::Taken;

  struct About {
    Verb verb;
    Effect effect;
    UniqueKeys::Keep keep;       ///< of several positions of one key
    std::string_view operation;  ///< for messages, e.g. "reading"
  };

  explicit BatchBinding(const About& about) noexcept : about_(about) {}
  BatchBinding(const BatchBinding&) = delete;
  BatchBinding& operator=(const BatchBinding&) = delete;
  virtual ~BatchBinding() = default;

  [[nodiscard]] const About& about() const noexcept { return about_; }
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  [[nodiscard]] virtual std::string_view key(std::size_t position) const noexcept = 0;

  /// What a request for several keys may have now.
  [[nodiscard]] virtual RequestGroups::Limits limits() const noexcept = 0;
  /// What a key adds to a request, in bytes.
  [[nodiscard]] virtual std::size_t request_bytes(std::size_t position) const noexcept = 0;
  /// What a key is expected to add to an answer, in bytes.
  [[nodiscard]] virtual std::size_t answer_bytes() const noexcept { return 0; }

  /// What a request executes. `timestamp`: it is among the statement's values.
  struct Executed {
    const Statement& statement;
    std::optional<std::int64_t> timestamp{};
  };

  /// Has the driver make an attempt at `positions`. For one of them the statement is that for one
  /// key.
  virtual void execute(DriverSession& driver, const Executed& executed, Positions positions,
                       const RequestOptions& options, RowsSink& sink) const = 0;

  /// Keeps the values of a page of the answer to a request, and adds them to `taken`. One page at a
  /// time. Returns what is wrong with the answer, if it cannot be the one to these keys: then none
  /// of it is kept, and of several keys each is to be asked for by itself.
  virtual std::optional<DriverError> take_rows(Positions /*positions*/, const Rows& /*rows*/,
                                               Taken& /*taken*/) {
    return std::nullopt;
  }
  /// Called when the last page of a request has arrived.
  virtual void learn(Positions /*positions*/, const Taken& /*taken*/) noexcept {}

  /// Once, at the end; `failures` are in order.
  virtual void complete(const UniqueKeys& keys, std::vector<KeyFailure> failures,
                        std::optional<Error> error) noexcept = 0;

 private:
  About about_;
};

/// Arguments and sinks live until the sink is called.
std::unique_ptr<BatchBinding> bind_mget(Table& table, std::span<const std::string_view> keys,
                                        core::Sink<core::ReadResult>& sink);
std::unique_ptr<BatchBinding> bind_mset(Table& table, std::span<const EntryRef> entries,
                                        core::Sink<core::WriteResult>& sink);
std::unique_ptr<BatchBinding> bind_mdelete(Table& table, std::span<const std::string_view> keys,
                                           core::Sink<core::WriteResult>& sink);

/// The keys at `positions` as the list that a statement for several keys binds.
class BoundKeys {
 public:
  BoundKeys(std::span<const std::string_view> keys, BatchBinding::Positions positions) {
    keys_.reserve(positions.size());
    for (const std::size_t position : positions) keys_.push_back(keys[position]);
  }

  [[nodiscard]] Value value() const noexcept { return std::span<const std::string_view>(keys_); }

 private:
  std::vector<std::string_view> keys_;
};

}  // namespace bytestore::cassandra
