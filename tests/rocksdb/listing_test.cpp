// Listing, where the order of things in the backend matters.

#include <gtest/gtest.h>

#include <utility>

#include "core/call.hpp"
#include "rocksdb/rocksdb_backend.hpp"
#include "support/temporary_folder.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// Closes the backend at the first moment at which a closing store may.
template <typename Result>
class ClosingSink final : public core::Sink<Result> {
 public:
  explicit ClosingSink(RocksDBBackend& backend) : backend_(backend) {}
  void done(Result result) noexcept override {
    result_ = std::move(result);
    backend_.close();
  }
  [[nodiscard]] const Result& result() const { return result_; }

 private:
  RocksDBBackend& backend_;
  Result result_;
};

TEST(Listing, HoldsNothingOfTheDatabaseWhenItDeliversAPage) {
  const testing::TemporaryFolder folder;
  RocksDBBackend backend(folder.path() / "db", {});
  const core::Call call({}, {});
  const auto scan = backend.scan("", "");
  ClosingSink<core::PageResult> sink(backend);
  scan->next_page(call, sink);  // RocksDB ends the process if an iterator is left
  EXPECT_TRUE(sink.result().keys.empty());
  EXPECT_FALSE(sink.result().error.has_value());
}

}  // namespace
}  // namespace bytestore::rocksdb_backend
