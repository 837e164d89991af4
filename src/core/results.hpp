#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "bytestore/byte_store.hpp"
#include "core/backend.hpp"

namespace bytestore::core {

/// The entries as they are stored: those whose values need an envelope are replaced by wrapped
/// copies. Refers to the entries it is made from.
class StoredEntries {
 public:
  explicit StoredEntries(std::span<const EntryRef> entries);

  [[nodiscard]] std::span<const EntryRef> view() const noexcept { return view_; }

 private:
  std::span<const EntryRef> view_;
  std::vector<EntryRef> replaced_;
  std::vector<std::vector<std::byte>> wrapped_;
};

/// The user's values of what a backend read.
/// \throws BatchError if some positions failed or hold what this version cannot read; the error of
/// the result.
ByteStore::Values finish_read(std::span<const std::string_view> keys, ReadResult result);

/// The same of what `Backend::mget_pinned` read. An error may be kept, so it has copies of the
/// values.
ByteStore::Values finish_pinned_read(std::span<const std::string_view> keys, ReadResult result);

/// \throws BatchError if some positions failed; the error of the result.
void finish_write(std::string_view verb, std::size_t batch_size, WriteResult result);

}  // namespace bytestore::core
