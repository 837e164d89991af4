#include "rocksdb/marking_file_system.hpp"

#include <string>
#include <utility>

namespace bytestore::rocksdb_backend {
namespace {

class MarkingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  MarkingFileSystem(const std::shared_ptr<rocksdb::FileSystem>& files,
                    std::shared_ptr<OpenMark> mark, std::shared_ptr<LogState> log_state)
      : FileSystemWrapper(files), mark_(std::move(mark)), log_state_(std::move(log_state)) {}

  [[nodiscard]] const char* Name() const override { return "BytestoreMarkingFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& file, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override {
    auto status = FileSystemWrapper::NewWritableFile(file, options, result, context);
    if (!status.ok()) return status;
    mark_->note_made(file);
    log_state_->note_made(file);
    return status;
  }

  rocksdb::IOStatus DeleteFile(const std::string& file, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    mark_->note_deletion(file);
    return FileSystemWrapper::DeleteFile(file, options, context);
  }

 private:
  std::shared_ptr<OpenMark> mark_;
  std::shared_ptr<LogState> log_state_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> marking_file_system(
    const std::shared_ptr<rocksdb::FileSystem>& files, std::shared_ptr<OpenMark> mark,
    std::shared_ptr<LogState> log_state) {
  return std::make_shared<MarkingFileSystem>(files, std::move(mark), std::move(log_state));
}

}  // namespace bytestore::rocksdb_backend
