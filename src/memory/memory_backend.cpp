#include "memory/memory_backend.hpp"

#include <mutex>
#include <utility>
#include <variant>

#include "bytestore/memory_byte_store.hpp"
#include "core/batch_steps.hpp"
#include "core/store.hpp"

namespace bytestore::memory {
namespace {

/// How many keys one step handles under one lock.
constexpr std::size_t kStepKeys = 1'000;

/// A page of a listing ends at either limit; a key has up to 64 KiB.
constexpr std::size_t kPageKeys = 1'000;
constexpr std::size_t kPageBytes = std::size_t{1} << 20;

}  // namespace

void MemoryBackend::mget(std::span<const std::string_view> keys, const core::Call& call,
                         core::Sink<core::ReadResult>& sink) {
  core::ReadResult result;
  result.values.resize(keys.size());
  const auto read = [&](std::size_t begin, std::size_t end) {
    const std::shared_lock lock(mutex_);
    for (std::size_t i = begin; i < end; ++i) {
      if (const auto found = values_.find(keys[i]); found != values_.end()) {
        result.values[i] = found->second;
      }
    }
  };
  core::in_steps(
      keys.size(), kStepKeys, call, result.failures, [&](std::size_t i) { return keys[i]; }, read);
  sink.done(std::move(result));
}

void MemoryBackend::write(const core::Writes& writes, const core::Call& call,
                          core::Sink<core::WriteResult>& sink) {
  sink.done(std::visit([&](const auto& of_kind) { return apply(of_kind, call); }, writes));
}

core::WriteResult MemoryBackend::apply(std::span<const EntryRef> entries, const core::Call& call) {
  core::WriteResult result;
  const auto write = [&](std::size_t begin, std::size_t end) {
    const std::unique_lock lock(mutex_);
    for (std::size_t i = begin; i < end; ++i) {
      values_.insert_or_assign(std::string(entries[i].key), Bytes::copy(entries[i].value));
    }
  };
  core::in_steps(
      entries.size(), kStepKeys, call, result.failures,
      [&](std::size_t i) { return entries[i].key; }, write);
  return result;
}

core::WriteResult MemoryBackend::apply(std::span<const std::string_view> keys,
                                       const core::Call& call) {
  core::WriteResult result;
  const auto erase = [&](std::size_t begin, std::size_t end) {
    const std::unique_lock lock(mutex_);
    for (std::size_t i = begin; i < end; ++i) {
      if (const auto found = values_.find(keys[i]); found != values_.end()) values_.erase(found);
    }
  };
  core::in_steps(
      keys.size(), kStepKeys, call, result.failures, [&](std::size_t i) { return keys[i]; }, erase);
  return result;
}

/// Between pages it keeps only the last key that it gave, and no iterator of the map.
class MemoryBackend::Scan final : public core::KeyScan {
 public:
  Scan(MemoryBackend& backend, std::string prefix, std::string after)
      : backend_(backend), prefix_(std::move(prefix)), last_(std::move(after)) {}

  void next_page(const core::Call& call, core::Sink<core::PageResult>& sink) override {
    core::PageResult page;
    if (const auto code = call.interruption()) {
      page.error = Error(*code, "the listing was stopped, or its store was closed");
      return sink.done(std::move(page));
    }
    {
      const std::shared_lock lock(backend_.mutex_);
      auto next = last_ < prefix_ ? backend_.values_.lower_bound(prefix_)
                                  : backend_.values_.upper_bound(last_);
      std::size_t bytes = 0;
      for (; next != backend_.values_.end() && next->first.starts_with(prefix_); ++next) {
        bytes += page.keys.emplace_back(next->first).size();
        if (page.keys.size() >= kPageKeys || bytes >= kPageBytes) break;
      }
    }
    if (!page.keys.empty()) last_ = page.keys.back();
    sink.done(std::move(page));
  }

 private:
  MemoryBackend& backend_;
  std::string prefix_;
  std::string last_;
};

std::unique_ptr<core::KeyScan> MemoryBackend::scan(std::string prefix, std::string after) {
  return std::make_unique<Scan>(*this, std::move(prefix), std::move(after));
}

void MemoryBackend::estimate_keys(const core::Call& /*call*/,
                                  core::Sink<core::EstimateResult>& sink) {
  core::EstimateResult result;
  {
    const std::shared_lock lock(mutex_);
    result.keys = values_.size();
  }
  sink.done(std::move(result));
}

void MemoryBackend::close() { values_.clear(); }

}  // namespace bytestore::memory

namespace bytestore {

MemoryByteStore::MemoryByteStore(const MemoryOptions& options)
    : ByteStore(std::make_shared<core::Store>(std::make_unique<memory::MemoryBackend>(),
                                              options.executor)) {}

}  // namespace bytestore
