#include "rocksdb/guarding_file_system.hpp"

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "rocksdb/folder_watch.hpp"

namespace bytestore::rocksdb_backend {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// The folder of the database while it is open.
class OpenFolder {
 public:
  void enter(const std::filesystem::path& folder) {
    const std::lock_guard guard(mutex_);
    watch_.emplace(folder, std::chrono::microseconds::zero());
  }

  void leave() {
    const std::lock_guard guard(mutex_);
    watch_.reset();
  }

  /// Returns whether its path leads to another folder now, or to none.
  [[nodiscard]] bool is_replaced() const {
    const std::lock_guard guard(mutex_);
    return watch_ && !watch_->is_there();
  }

 private:
  mutable std::mutex mutex_;
  std::optional<FolderWatch> watch_;
};

class GuardingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  [[nodiscard]] const char* Name() const override { return "BytestoreGuardingFileSystem"; }

  IOStatus LockFile(const std::string& file, const IOOptions& options, rocksdb::FileLock** lock,
                    IODebugContext* context) override {
    auto status = FileSystemWrapper::LockFile(file, options, lock, context);
    if (status.ok()) folder_.enter(std::filesystem::path(file).parent_path());
    return status;
  }

  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions& options,
                      IODebugContext* context) override {
    folder_.leave();
    return FileSystemWrapper::UnlockFile(lock, options, context);
  }

  IOStatus NewWritableFile(const std::string& file, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* result,
                           IODebugContext* context) override {
    if (folder_.is_replaced()) return refusal(file);
    return FileSystemWrapper::NewWritableFile(file, options, result, context);
  }

  IOStatus ReopenWritableFile(const std::string& file, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* result,
                              IODebugContext* context) override {
    if (folder_.is_replaced()) return refusal(file);
    return FileSystemWrapper::ReopenWritableFile(file, options, result, context);
  }

  IOStatus ReuseWritableFile(const std::string& file, const std::string& old,
                             const FileOptions& options, std::unique_ptr<FSWritableFile>* result,
                             IODebugContext* context) override {
    if (folder_.is_replaced()) return refusal(file);
    return FileSystemWrapper::ReuseWritableFile(file, old, options, result, context);
  }

  IOStatus DeleteFile(const std::string& file, const IOOptions& options,
                      IODebugContext* context) override {
    if (folder_.is_replaced()) return refusal(file);
    return FileSystemWrapper::DeleteFile(file, options, context);
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    if (folder_.is_replaced()) return refusal(to);
    return FileSystemWrapper::RenameFile(from, to, options, context);
  }

  IOStatus Truncate(const std::string& file, size_t size, const IOOptions& options,
                    IODebugContext* context) override {
    if (folder_.is_replaced()) return refusal(file);
    return FileSystemWrapper::Truncate(file, size, options, context);
  }

 private:
  static IOStatus refusal(const std::string& file) {
    return IOStatus::IOError("the folder was deleted, moved or replaced", file);
  }

  OpenFolder folder_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> guarding_file_system(
    const std::shared_ptr<rocksdb::FileSystem>& files) {
  return std::make_shared<GuardingFileSystem>(files);
}

}  // namespace bytestore::rocksdb_backend
