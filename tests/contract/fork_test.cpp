/// In a forked child the verbs of its parent's stores fail clearly, and nothing hangs.

#include <boost/asio/use_future.hpp>
#include <optional>

#include "bytestore/async.hpp"
#include "bytestore/memory_byte_store.hpp"
#include "contract_test.hpp"
#include "support/in_child.hpp"

namespace bytestore::contract {
namespace {

using boost::asio::use_future;
using bytestore::testing::ChildEnd;
using bytestore::testing::in_child;
using bytestore::testing::outcome_of;

class Fork : public ContractTest {
 protected:
  void SetUp() override {
    store().mset({{"a", text("1")}});
    EXPECT_EQ(store().amget({"a"}, use_future).get(), ByteStore::Values{text("1")});
  }

  /// The parent's store works on.
  void TearDown() override { EXPECT_EQ(store().mget({"a"}), ByteStore::Values{text("1")}); }
};

TEST_P(Fork, BlockingVerbsFailInTheChild) {
  EXPECT_EQ(in_child([&] { return outcome_of([&] { store().mget({"a"}); }); }), "unavailable");
  EXPECT_EQ(in_child([&] { return outcome_of([&] { store().mset({{"a", text("2")}}); }); }),
            "unavailable");
  EXPECT_EQ(in_child([&] { return outcome_of([&] { store().mdelete({"a"}); }); }), "unavailable");
  EXPECT_EQ(in_child([&] { return outcome_of([&] { store().yield_keys().begin(); }); }),
            "unavailable");
  EXPECT_EQ(in_child([&] { return outcome_of([&] { store().close(); }); }), "unavailable");
}

TEST_P(Fork, AsynchronousVerbsFailInTheChild) {
  EXPECT_EQ(in_child([&] { return outcome_of([&] { store().amget({"a"}, use_future).get(); }); }),
            "unavailable");
  EXPECT_EQ(in_child([&] {
              return outcome_of([&] { store().amset({{"a", text("2")}}, use_future).get(); });
            }),
            "unavailable");
  EXPECT_EQ(in_child([&] { return outcome_of([&] { store().amdelete({"a"}, use_future).get(); }); }),
            "unavailable");
  EXPECT_EQ(in_child([&] { return outcome_of([&] { store().aclose(use_future).get(); }); }),
            "unavailable");
  EXPECT_EQ(
      in_child([&] { return outcome_of([&] { store().ayield_keys().next(use_future).get(); }); }),
      "unavailable");
}

TEST_P(Fork, StreamsOfTheParentFailInTheChild) {
  auto view = store().yield_keys();
  auto key = view.begin();
  auto stream = store().ayield_keys();
  EXPECT_EQ(in_child([&] { return outcome_of([&] { ++key; }); }), "unavailable");
  EXPECT_EQ(in_child([&] { return outcome_of([&] { stream.next(use_future).get(); }); }),
            "unavailable");
  EXPECT_EQ(*key, "a");
  EXPECT_EQ(stream.next(use_future).get(), "a");
}

TEST_P(Fork, DestructorsDoNotHangInTheChild) {
  std::optional<KeyView> view = store().yield_keys();
  static_cast<void>(view->begin());
  std::optional<AsyncKeyStream> stream = store().ayield_keys();
  EXPECT_EQ(stream->next(use_future).get(), "a");
  std::optional<ByteStore::Values> values = store().mget({"a"});
  EXPECT_EQ(in_child([&] {
              values.reset();
              view.reset();
              stream.reset();
              drop_store();
              return "destroyed";
            }),
            "destroyed");
}

TEST_P(Fork, DestructorsOfStreamsDoNotHangAfterThatOfTheStore) {
  std::optional<KeyView> view = store().yield_keys();
  static_cast<void>(view->begin());
  std::optional<AsyncKeyStream> stream = store().ayield_keys();
  EXPECT_EQ(in_child([&] {
              drop_store();
              view.reset();
              stream.reset();
              return "destroyed";
            }),
            "destroyed");
}

TEST_P(Fork, TheChildEndsByTheBook) {
  EXPECT_EQ(in_child([&] { return outcome_of([&] { store().mget({"a"}); }); },
                     ChildEnd::by_the_book),
            "unavailable");
}

TEST_P(Fork, ANewMemoryStoreWorksInTheChild) {
  EXPECT_EQ(in_child([&] {
              MemoryByteStore fresh;
              fresh.amset({{"x", text("1")}}, use_future).get();
              fresh.mset({{"y", text("2")}});
              auto stream = fresh.ayield_keys();
              std::string report = stream.next(use_future).get().value();
              report += stream.next(use_future).get().value();
              report += fresh.amget({"y"}, use_future).get()[0]->view();
              fresh.aclose(use_future).get();
              return report;
            }),
            "xy2");
}

INSTANTIATE_TEST_SUITE_P(Backends, Fork, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
