#include "lmdb/write_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <variant>

#include "bytestore/lmdb_byte_store.hpp"
#include "core/out_of_memory.hpp"
#include "lmdb/entries.hpp"

namespace bytestore::lmdb_backend {
namespace {

bool is_too_large(const EntryRef& entry) noexcept {
  return entry.value.size() > LmdbByteStore::kMaxValueBytes;
}
bool is_too_large(std::string_view /*deleted*/) noexcept { return false; }

std::size_t bytes_of(const EntryRef& entry) noexcept {
  return is_too_large(entry) ? 0 : entry.key.size() + entry.value.size();
}
std::size_t bytes_of(std::string_view deleted) noexcept { return deleted.size(); }

std::string_view key_of(const EntryRef& entry) noexcept { return entry.key; }
std::string_view key_of(std::string_view deleted) noexcept { return deleted; }

int apply_one(MDB_txn* transaction, const EntryRef& entry) {
  return is_too_large(entry) ? MDB_SUCCESS : put(transaction, entry.key, entry.value);
}
int apply_one(MDB_txn* transaction, std::string_view deleted) {
  return erase(transaction, deleted);
}

template <typename Operation>
void divide(std::span<const Operation> operations, const core::Call& call, bool sync,
            std::vector<WriteStep>& steps) {
  for (std::size_t begin = 0; begin < operations.size();) {
    std::size_t end = begin;
    std::size_t bytes = 0;
    while (end < operations.size() && end - begin < kStepKeys) {
      const std::size_t more = bytes_of(operations[end]);
      if (end > begin && bytes + more > kStepBytes) break;
      bytes += more;
      ++end;
    }
    steps.push_back({.writes = operations.subspan(begin, end - begin),
                     .first = begin,
                     .bytes = bytes,
                     .call = &call,
                     .sync = sync});
    begin = end;
  }
}

std::string too_large_message(const EntryRef& entry) {
  return fmt::format("the value has {} bytes, over the limit of {}; split it over several keys",
                     entry.value.size(), LmdbByteStore::kMaxValueBytes);
}
std::string too_large_message(std::string_view /*deleted*/) { return {}; }

}  // namespace

std::size_t WriteStep::size() const noexcept {
  return std::visit([](const auto& operations) { return operations.size(); }, writes);
}

std::vector<WriteStep> steps_of(const core::Writes& writes, const core::Call& call, bool sync) {
  std::vector<WriteStep> steps;
  std::visit([&](const auto& operations) { divide(operations, call, sync, steps); }, writes);
  return steps;
}

int apply(MDB_txn* transaction, const WriteStep& step) {
  const auto apply_all = [&](const auto& operations) {
    for (const auto& operation : operations) {
      const int status = apply_one(transaction, operation);
      if (status != MDB_SUCCESS) return status;
    }
    return MDB_SUCCESS;
  };
  return std::visit(apply_all, step.writes);
}

void report(const WriteStep& step, std::vector<KeyFailure>& failures) {
  const auto report_all = [&](const auto& operations) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const auto& operation = operations[i];
      const bool too_large = is_too_large(operation);
      if (!too_large && !step.failure) continue;
      KeyFailure& failed = failures.emplace_back();
      failed.index = step.first + i;
      failed.key = std::string(key_of(operation));
      failed.code = too_large ? ErrorCode::too_large : step.failure->code;
      failed.outcome = too_large ? Outcome::failed : step.failure->outcome;
      failed.message = too_large ? too_large_message(operation) : step.failure->message;
    }
  };
  std::visit(report_all, step.writes);
}

core::WriteResult result_of(const std::vector<WriteStep>& steps) {
  core::WriteResult result;
  if (std::ranges::any_of(steps, [](const auto& step) { return step.lacked_memory; })) {
    result.error = core::out_of_memory();
    return result;
  }
  for (const auto& step : steps) report(step, result.failures);
  return result;
}

}  // namespace bytestore::lmdb_backend
