#include "lmdb/lmdb_backend.hpp"

#include <array>
#include <optional>
#include <utility>

#include "core/batch_steps.hpp"
#include "core/store.hpp"
#include "lmdb/folder.hpp"
#include "lmdb/key_scan.hpp"
#include "lmdb/value_reader.hpp"
#include "lmdb/write_group.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// How many keys are read before it is looked whether the call has to end.
constexpr std::size_t kReadStepKeys = 1'000;

template <typename Read>
core::ReadResult read_in_steps(std::span<const std::string_view> keys, const core::Call& call,
                               Read read) {
  core::ReadResult result;
  result.values.resize(keys.size());
  core::in_steps(
      keys.size(), kReadStepKeys, call, result.failures, [&](std::size_t i) { return keys[i]; },
      [&](std::size_t begin, std::size_t end) { read(begin, end, result); });
  return result;
}

}  // namespace

LmdbBackend::LmdbBackend(const std::filesystem::path& path, const LmdbOptions& options,
                         std::size_t map_bytes)
    : shared_(std::make_shared<SharedEnvironment>(prepare_folder(path, options.create_if_missing),
                                                  map_bytes)),
      sync_(options.sync) {}

void LmdbBackend::mget(std::span<const std::string_view> keys, const core::Call& call,
                       core::Sink<core::ReadResult>& sink) {
  sink.done(
      read_in_steps(keys, call, [&](std::size_t begin, std::size_t end, core::ReadResult& result) {
        read_values(shared_->environment(), keys, begin, end, result);
      }));
}

void LmdbBackend::mget_pinned(std::span<const std::string_view> keys, const core::Call& call,
                              core::Sink<core::ReadResult>& sink) {
  // The reader ends before the result is told: it shares the environment.
  auto result =
      read_in_steps(keys, call,
                    [keys, reader = PinningReader(shared_)](std::size_t begin, std::size_t end,
                                                            core::ReadResult& read) mutable {
                      reader.read(keys, begin, end, read);
                    });
  sink.done(std::move(result));
}

void LmdbBackend::write(const core::Writes& writes, const core::Call& call,
                        core::Sink<core::WriteResult>& sink) {
  auto steps = steps_of(writes, call, sync_);
  for (WriteStep& step : steps) {
    const std::array<WriteStep*, 1> one{&step};
    shared_->queue().run(one);
  }
  sink.done(result_of(steps));
}

std::unique_ptr<core::WriteGroup> LmdbBackend::begin_group() {
  return std::make_unique<LmdbWriteGroup>(shared_->queue(), sync_);
}

std::unique_ptr<core::KeyScan> LmdbBackend::scan(std::string prefix, std::string after) {
  return std::make_unique<LmdbKeyScan>(shared_->environment(), std::move(prefix), std::move(after));
}

void LmdbBackend::estimate_keys(const core::Call& /*call*/,
                                core::Sink<core::EstimateResult>& sink) {
  core::EstimateResult result;
  try {
    result.keys = shared_->environment().count_entries() - 1;  // the marker is one of them
  } catch (const Error& error) {
    result.error = error;
  }
  sink.done(std::move(result));
}

void LmdbBackend::close() {
  std::optional<Error> failed;
  try {
    shared_->environment().flush();
  } catch (const Error& error) {
    failed = error;
  }
  shared_.reset();
  if (failed) throw std::move(*failed);
}

}  // namespace bytestore::lmdb_backend

namespace bytestore {

LmdbByteStore::LmdbByteStore(const std::filesystem::path& path, const LmdbOptions& options)
    : ByteStore(std::make_shared<core::Store>(
          std::make_unique<lmdb_backend::LmdbBackend>(path, options), options.executor)) {}

}  // namespace bytestore
