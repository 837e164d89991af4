// Listing, where the order of things in the backend matters.

#include <utility>

#include "core/call.hpp"
#include "lmdb_test.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// Closes the backend at the first moment at which a closing store may.
template <typename Result>
class ClosingSink final : public core::Sink<Result> {
 public:
  explicit ClosingSink(LmdbBackend& backend) : backend_(backend) {}
  void done(Result result) noexcept override {
    result_ = std::move(result);
    backend_.close();
  }
  [[nodiscard]] const Result& result() const { return result_; }

 private:
  LmdbBackend& backend_;
  Result result_;
};

TEST(LmdbListing, HoldsNothingOfTheStoreWhenItDeliversAPage) {
  const testing::TemporaryFolder folder;
  LmdbBackend backend(folder.path() / "db", {});
  const core::Call call({}, {});
  const auto scan = backend.scan("", "");
  ClosingSink<core::PageResult> sink(backend);
  scan->next_page(call, sink);
  EXPECT_TRUE(sink.result().keys.empty());
  EXPECT_FALSE(sink.result().error.has_value());
}

}  // namespace
}  // namespace bytestore::lmdb_backend
