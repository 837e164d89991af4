#include "rocksdb/guarding_file_system.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "rocksdb/folder_watch.hpp"

namespace bytestore::rocksdb_backend {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

std::string folder_of(const std::string& file) {
  return std::filesystem::path(file).parent_path().string();
}

/// The folders of the open databases of this process.
class OpenFolders {
 public:
  void add(const rocksdb::FileLock* lock, const std::string& folder) {
    const std::lock_guard guard(mutex_);
    watches_.try_emplace(folder, folder, std::chrono::microseconds::zero());
    locks_[lock] = folder;
  }

  void remove(const rocksdb::FileLock* lock) {
    const std::lock_guard guard(mutex_);
    const auto found = locks_.find(lock);
    if (found == locks_.end()) return;
    watches_.erase(found->second);
    locks_.erase(found);
  }

  /// Returns whether a file is in a folder that has taken the place of an open database's.
  [[nodiscard]] bool are_replaced_at(const std::string& file) {
    const std::lock_guard guard(mutex_);
    const auto watch = watches_.find(folder_of(file));
    return watch != watches_.end() && !watch->second.is_there();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, FolderWatch> watches_;
  std::map<const rocksdb::FileLock*, std::string> locks_;
};

class GuardingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  [[nodiscard]] const char* Name() const override { return "BytestoreGuardingFileSystem"; }

  IOStatus LockFile(const std::string& file, const IOOptions& options, rocksdb::FileLock** lock,
                    IODebugContext* context) override {
    auto status = FileSystemWrapper::LockFile(file, options, lock, context);
    if (status.ok()) folders_.add(*lock, folder_of(file));
    return status;
  }

  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions& options,
                      IODebugContext* context) override {
    folders_.remove(lock);
    return FileSystemWrapper::UnlockFile(lock, options, context);
  }

  IOStatus NewWritableFile(const std::string& file, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* result,
                           IODebugContext* context) override {
    if (folders_.are_replaced_at(file)) return refusal(file);
    return FileSystemWrapper::NewWritableFile(file, options, result, context);
  }

  IOStatus ReopenWritableFile(const std::string& file, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* result,
                              IODebugContext* context) override {
    if (folders_.are_replaced_at(file)) return refusal(file);
    return FileSystemWrapper::ReopenWritableFile(file, options, result, context);
  }

  IOStatus ReuseWritableFile(const std::string& file, const std::string& old,
                             const FileOptions& options, std::unique_ptr<FSWritableFile>* result,
                             IODebugContext* context) override {
    if (folders_.are_replaced_at(file)) return refusal(file);
    return FileSystemWrapper::ReuseWritableFile(file, old, options, result, context);
  }

  IOStatus DeleteFile(const std::string& file, const IOOptions& options,
                      IODebugContext* context) override {
    if (folders_.are_replaced_at(file)) return refusal(file);
    return FileSystemWrapper::DeleteFile(file, options, context);
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    if (folders_.are_replaced_at(to)) return refusal(to);
    return FileSystemWrapper::RenameFile(from, to, options, context);
  }

  IOStatus Truncate(const std::string& file, size_t size, const IOOptions& options,
                    IODebugContext* context) override {
    if (folders_.are_replaced_at(file)) return refusal(file);
    return FileSystemWrapper::Truncate(file, size, options, context);
  }

 private:
  static IOStatus refusal(const std::string& file) {
    return IOStatus::IOError("the folder was deleted, moved or replaced", file);
  }

  OpenFolders folders_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> guarding_file_system(
    const std::shared_ptr<rocksdb::FileSystem>& files) {
  return std::make_shared<GuardingFileSystem>(files);
}

}  // namespace bytestore::rocksdb_backend
