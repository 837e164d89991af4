#pragma once

#include <functional>
#include <map>
#include <shared_mutex>

#include "core/backend.hpp"

namespace bytestore::memory {

/// The reference backend: an ordered map under a lock.
class MemoryBackend final : public core::Backend {
 public:
  [[nodiscard]] bool runs_inline() const noexcept override { return true; }

  void mget(std::span<const std::string_view> keys, const core::Call& call,
            core::Sink<core::ReadResult>& sink) override;
  void write(const core::Writes& writes, const core::Call& call,
             core::Sink<core::WriteResult>& sink) override;
  [[nodiscard]] core::KeyOrder key_order() const noexcept override { return core::KeyOrder::bytes; }
  std::unique_ptr<core::KeyScan> scan(std::string prefix, std::string after) override;
  void estimate_keys(const core::Call& call, core::Sink<core::EstimateResult>& sink) override;
  void close() override;

 private:
  class Scan;

  core::WriteResult apply(std::span<const EntryRef> entries, const core::Call& call);
  core::WriteResult apply(std::span<const std::string_view> keys, const core::Call& call);

  std::shared_mutex mutex_;
  std::map<std::string, Bytes, std::less<>> values_;
};

}  // namespace bytestore::memory
