#pragma once

#include <string>

#include "core/backend.hpp"
#include "lmdb/environment.hpp"

namespace bytestore::lmdb_backend {

/// A listing in the order of the bytes of keys. Between pages it keeps only the last key that it
/// gave: a snapshot would have the file grow.
class LmdbKeyScan final : public core::KeyScan {
 public:
  /// Starts after the key `after`, unless that is empty.
  LmdbKeyScan(Environment& environment, std::string prefix, std::string after)
      : environment_(environment), prefix_(std::move(prefix)), last_(std::move(after)) {}

  void next_page(const core::Call& call, core::Sink<core::PageResult>& sink) override;

 private:
  core::PageResult read_page();

  Environment& environment_;
  std::string prefix_;
  std::string last_;  // the last key that was given; empty at first
};

}  // namespace bytestore::lmdb_backend
