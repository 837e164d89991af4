#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "cassandra/table/table_setup.hpp"
#include "core/backend.hpp"
#include "core/cancellation.hpp"

namespace bytestore::cassandra {

using SetupSink = core::Sink<TableSetup::Outcome>;

/// Waits for the end of a set-up, or of the patience of a call. Completes once.
class SetupWait final : public core::Cancellable {
 public:
  static void start(TableSetup& setup, const core::Call& call, SetupSink& sink);

  SetupWait(std::weak_ptr<const TableSetup> setup, SetupSink& sink) noexcept
      : setup_(std::move(setup)), sink_(&sink) {}

  void cancel() noexcept override;

 private:
  void finish(TableSetup::Outcome outcome) noexcept;

  std::weak_ptr<const TableSetup> setup_;
  std::mutex mutex_;
  SetupSink* sink_;
  core::Cancellation cancellation_;
};

}  // namespace bytestore::cassandra
