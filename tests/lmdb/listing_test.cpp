// Listing, where the order of things in the backend matters.

#include <string>
#include <utility>
#include <vector>

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

TEST(LmdbListingPage, HoldsNothingOfTheStoreWhenItDeliversAPage) {
  const testing::TemporaryFolder folder;
  LmdbBackend backend(folder.path() / "db", {});
  const core::Call call({}, {});
  const auto scan = backend.scan("", "");
  ClosingSink<core::PageResult> sink(backend);
  scan->next_page(call, sink);
  EXPECT_TRUE(sink.result().keys.empty());
  EXPECT_FALSE(sink.result().error.has_value());
}

class LmdbListing : public LmdbTest {};

TEST_F(LmdbListing, NamesEachKeyThatAnotherProgramPutThere) {
  open()->mset({{"a", text("1")}});
  const std::vector<std::string> foreign{"\x80", "\xFF",
                                         "\xFF"
                                         "bytestore",
                                         "\xFF"
                                         "z"};
  change(path(), [&](MDB_txn* transaction, MDB_dbi database) {
    for (const auto& key : foreign) put(transaction, database, key, "v");
  });
  const auto store = open();
  auto keys = store->yield_keys();
  auto key = keys.begin();
  EXPECT_EQ(*key, "a");
  for (const auto& expected : foreign) {
    EXPECT_EQ(error_of<UnusableKeyError>([&] { ++key; }).key(), expected);
  }
  ++key;
  EXPECT_TRUE(key == keys.end());
}

}  // namespace
}  // namespace bytestore::lmdb_backend
