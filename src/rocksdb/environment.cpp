#include "rocksdb/environment.hpp"

#include <rocksdb/file_system.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "rocksdb/guarding_file_system.hpp"
#include "rocksdb/locking_file_system.hpp"
#include "rocksdb/marking_file_system.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// Of what RocksDB calls a file of large values.
constexpr std::string_view kValueFile = ".blob";

enum class Wanted { everything, keys };

thread_local Wanted wanted = Wanted::everything;
thread_local bool left_out = false;

rocksdb::IOStatus leave_out() {
  left_out = true;
  return rocksdb::IOStatus::Aborted("only keys are read");
}

class ValueFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  using FSRandomAccessFileOwnerWrapper::FSRandomAccessFileOwnerWrapper;

  rocksdb::IOStatus Read(uint64_t offset, size_t n, const rocksdb::IOOptions& options,
                         rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* dbg) const override {
    if (wanted == Wanted::keys) return leave_out();
    return target()->Read(offset, n, options, result, scratch, dbg);
  }
};

class Files final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  [[nodiscard]] const char* Name() const override { return "bytestore"; }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* dbg) override {
    const bool has_values = name.ends_with(kValueFile);
    if (has_values && wanted == Wanted::keys) return leave_out();
    auto status = FileSystemWrapper::NewRandomAccessFile(name, options, result, dbg);
    if (has_values && status.ok()) *result = std::make_unique<ValueFile>(std::move(*result));
    return status;
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_environment(std::shared_ptr<OpenMark> mark,
                                               std::shared_ptr<LogState> log_state) {
  return rocksdb::NewCompositeEnv(std::make_shared<Files>(marking_file_system(
      guarding_file_system(locking_file_system()), std::move(mark), std::move(log_state))));
}

KeysOnly::KeysOnly() noexcept {
  wanted = Wanted::keys;
  left_out = false;
}

KeysOnly::~KeysOnly() { wanted = Wanted::everything; }

bool KeysOnly::has_left_out() noexcept { return std::exchange(left_out, false); }

}  // namespace bytestore::rocksdb_backend
