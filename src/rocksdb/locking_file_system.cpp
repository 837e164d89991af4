#include "rocksdb/locking_file_system.hpp"

#include <memory>
#include <string>
#include <system_error>

#include "rocksdb/locked_file.hpp"

namespace bytestore::rocksdb_backend {
namespace {

struct DatabaseLock final : rocksdb::FileLock {
  explicit DatabaseLock(const std::string& path) : file(path, LockKind::file_description) {}
  LockedFile file;
};

class LockingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  LockingFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  [[nodiscard]] const char* Name() const override { return "BytestoreLockingFileSystem"; }

  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& /*options*/,
                             rocksdb::FileLock** lock,
                             rocksdb::IODebugContext* /*context*/) override {
    *lock = nullptr;
    try {
      *lock = std::make_unique<DatabaseLock>(path).release();
      return rocksdb::IOStatus::OK();
    } catch (const std::system_error& error) {
      // As RocksDB words it (see status.cpp).
      return rocksdb::IOStatus::IOError("While lock file: " + path, error.code().message());
    }
  }

  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& /*options*/,
                               rocksdb::IODebugContext* /*context*/) override {
    const std::unique_ptr<rocksdb::FileLock> released(lock);
    return rocksdb::IOStatus::OK();
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> locking_file_system() {
  return std::make_shared<LockingFileSystem>();
}

}  // namespace bytestore::rocksdb_backend
