#pragma once

#include <memory>
#include <vector>

#include "core/backend.hpp"
#include "lmdb/write_queue.hpp"

namespace bytestore::lmdb_backend {

/// Collects several calls, and writes them in one transaction if they fit.
class LmdbWriteGroup final : public core::WriteGroup {
 public:
  /// `queue` must live until the last sink was called.
  LmdbWriteGroup(WriteQueue& queue, bool sync) : queue_(queue), sync_(sync) {}

  void write(const core::Writes& writes, const core::Call& call,
             core::Sink<core::WriteResult>& sink) override;
  [[nodiscard]] bool puts_off() const noexcept override { return true; }
  void take_effect() noexcept override;
  void end() noexcept override;

 private:
  struct Member {
    std::vector<WriteStep> steps;
    core::Sink<core::WriteResult>* sink;
  };

  WriteQueue& queue_;
  bool sync_;
  std::vector<Member> members_;
  std::vector<WriteStep*> put_off_;
};

}  // namespace bytestore::lmdb_backend
