#include "core/results.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/envelope.hpp"

namespace bytestore::core {

StoredEntries::StoredEntries(std::span<const EntryRef> entries) : view_(entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!needs_envelope(entries[i].value)) continue;
    if (replaced_.empty()) replaced_.assign(entries.begin(), entries.end());
    replaced_[i].value = wrapped_.emplace_back(wrap(entries[i].value));
  }
  if (!replaced_.empty()) view_ = replaced_;
}

namespace {

/// Makes the user's values of those that were read, and adds failures of those that cannot be.
void unwrap_values(std::span<const std::string_view> keys, ReadResult& result) {
  if (result.error) throw std::move(*result.error);
  for (std::size_t i = 0; i < result.values.size(); ++i) {
    auto& value = result.values[i];
    if (!value) continue;
    value = unwrap(std::move(*value));
    if (value) continue;
    result.failures.push_back(
        {.index = i,
         .key = std::string(keys[i]),
         .code = ErrorCode::corrupt,
         .outcome = Outcome::failed,
         .message = "the value was written by a newer version of bytestore; read it with "
                    "that version"});
  }
}

[[noreturn]] void fail_read(std::size_t batch_size, ReadResult result) {
  std::ranges::sort(result.failures, {}, &KeyFailure::index);
  throw BatchError("mget", batch_size, std::move(result.failures), std::move(result.values));
}

}  // namespace

ByteStore::Values finish_read(std::span<const std::string_view> keys, ReadResult result) {
  unwrap_values(keys, result);
  if (result.failures.empty()) return std::move(result.values);
  fail_read(keys.size(), std::move(result));
}

ByteStore::Values finish_pinned_read(std::span<const std::string_view> keys, ReadResult result) {
  unwrap_values(keys, result);
  if (result.failures.empty()) return std::move(result.values);
  for (auto& value : result.values) {
    if (value) value = Bytes::copy(value->view());
  }
  fail_read(keys.size(), std::move(result));
}

void finish_write(std::string_view verb, std::size_t batch_size, WriteResult result) {
  if (result.error) throw std::move(*result.error);
  if (result.failures.empty()) return;
  std::ranges::sort(result.failures, {}, &KeyFailure::index);
  throw BatchError(verb, batch_size, std::move(result.failures));
}

}  // namespace bytestore::core
