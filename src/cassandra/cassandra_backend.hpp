#pragma once

#include <memory>
#include <utility>

#include "cassandra/stamped_store.hpp"
#include "cassandra/table/table.hpp"
#include "core/backend.hpp"

namespace bytestore::cassandra {

/// The contract on a table.
class CassandraBackend final : public core::Backend {
 public:
  explicit CassandraBackend(std::shared_ptr<Table> table)
      : stamped_(stamped_store(*table)), table_(std::move(table)) {}

  [[nodiscard]] bool runs_inline() const noexcept override { return false; }
  void check_ready() override { table_->setup().check(); }
  void begin_blocking(core::BlockingCall& call) override;

  void mget(std::span<const std::string_view> keys, const core::Call& call,
            core::Sink<core::ReadResult>& sink) override;
  void write(const core::Writes& writes, const core::Call& call,
             core::Sink<core::WriteResult>& sink) override;
  [[nodiscard]] core::KeyOrder key_order() const noexcept override { return table_->key_order(); }
  std::unique_ptr<core::KeyScan> scan(std::string prefix, std::string after) override;
  void estimate_keys(const core::Call& call, core::Sink<core::EstimateResult>& sink) override;
  void when_idle(core::IdleWaiter& waiter) noexcept override { table_->when_idle(waiter); }
  void close() override {
    table_->close();
    stamped_.reset();
  }

 private:
  std::unique_ptr<StampedStore> stamped_;
  std::shared_ptr<Table> table_;
};

}  // namespace bytestore::cassandra
