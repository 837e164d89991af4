#pragma once

#include <filesystem>
#include <memory>

#include "bytestore/lmdb_byte_store.hpp"
#include "core/backend.hpp"
#include "lmdb/shared_environment.hpp"

namespace bytestore::lmdb_backend {

/// The backend on LMDB. stored_key.hpp says how keys and values are stored.
class LmdbBackend final : public core::Backend {
 public:
  LmdbBackend(const std::filesystem::path& path, const LmdbOptions& options,
              std::size_t map_bytes = kSmallestMapBytes);

  [[nodiscard]] bool runs_inline() const noexcept override { return true; }

  void mget(std::span<const std::string_view> keys, const core::Call& call,
            core::Sink<core::ReadResult>& sink) override;
  void mget_pinned(std::span<const std::string_view> keys, const core::Call& call,
                   core::Sink<core::ReadResult>& sink) override;
  void write(const core::Writes& writes, const core::Call& call,
             core::Sink<core::WriteResult>& sink) override;
  std::unique_ptr<core::WriteGroup> begin_group() override;
  [[nodiscard]] core::KeyOrder key_order() const noexcept override { return core::KeyOrder::bytes; }
  std::unique_ptr<core::KeyScan> scan(std::string prefix, std::string after) override;
  void estimate_keys(const core::Call& call, core::Sink<core::EstimateResult>& sink) override;
  void close() override;

 private:
  std::shared_ptr<SharedEnvironment> shared_;  // until it is closed; pinned values share it
  bool sync_;
};

}  // namespace bytestore::lmdb_backend
