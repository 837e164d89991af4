/// In a forked child the verbs of its parent's stores fail clearly, and nothing hangs.

#include <exception>
#include <future>
#include <optional>
#include <tuple>
#include <utility>

#include "bytestore/async.hpp"
#include "bytestore/memory_byte_store.hpp"
#include "contract_test.hpp"
#include "support/in_child.hpp"

namespace bytestore::contract {
namespace {

using bytestore::testing::ChildEnd;
using bytestore::testing::in_child;
using bytestore::testing::outcome_of;

/// Waits for what `start` gives to the callback that it is handed. Not `use_future`: that token
/// runs on Asio's system context, whose threads do not survive a fork either.
template <typename... Result, typename Start>
auto wait_for(const Start& start) {
  std::promise<std::tuple<Result...>> promise;
  start([&promise](const std::exception_ptr& error, Result... result) {
    if (error) return promise.set_exception(error);
    promise.set_value({std::move(result)...});
  });
  return promise.get_future().get();
}

ByteStore::Values wait_amget(ByteStore& store, std::vector<std::string> keys) {
  return std::get<0>(wait_for<ByteStore::Values>(
      [&](auto callback) { store.amget(std::move(keys), std::move(callback)); }));
}

void wait_amset(ByteStore& store, std::vector<Entry> entries) {
  wait_for([&](auto callback) { store.amset(std::move(entries), std::move(callback)); });
}

void wait_amdelete(ByteStore& store, std::vector<std::string> keys) {
  wait_for([&](auto callback) { store.amdelete(std::move(keys), std::move(callback)); });
}

void wait_aclose(ByteStore& store) {
  wait_for([&](auto callback) { store.aclose(std::move(callback)); });
}

std::optional<std::string> wait_next(AsyncKeyStream& stream) {
  return std::get<0>(wait_for<std::optional<std::string>>(
      [&](auto callback) { stream.next(std::move(callback)); }));
}

class Fork : public ContractTest {
 protected:
  void SetUp() override {
    store().mset({{"a", text("1")}});
    EXPECT_EQ(wait_amget(store(), {"a"}), ByteStore::Values{text("1")});
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
  const auto in_child_outcome_of = [](const std::function<void()>& verb) {
    return in_child([&] { return outcome_of(verb); });
  };
  EXPECT_EQ(in_child_outcome_of([&] { wait_amget(store(), {"a"}); }), "unavailable");
  EXPECT_EQ(in_child_outcome_of([&] { wait_amset(store(), {{"a", text("2")}}); }), "unavailable");
  EXPECT_EQ(in_child_outcome_of([&] { wait_amdelete(store(), {"a"}); }), "unavailable");
  EXPECT_EQ(in_child_outcome_of([&] { wait_aclose(store()); }), "unavailable");
  EXPECT_EQ(in_child_outcome_of([&] {
              auto stream = store().ayield_keys();
              wait_next(stream);
            }),
            "unavailable");
}

TEST_P(Fork, StreamsOfTheParentFailInTheChild) {
  auto view = store().yield_keys();
  auto key = view.begin();
  auto stream = store().ayield_keys();
  EXPECT_EQ(in_child([&] { return outcome_of([&] { ++key; }); }), "unavailable");
  EXPECT_EQ(in_child([&] { return outcome_of([&] { wait_next(stream); }); }), "unavailable");
  EXPECT_EQ(*key, "a");
  EXPECT_EQ(wait_next(stream), "a");
}

TEST_P(Fork, DestructorsDoNotHangInTheChild) {
  std::optional<KeyView> view = store().yield_keys();
  static_cast<void>(view->begin());
  std::optional<AsyncKeyStream> stream = store().ayield_keys();
  EXPECT_EQ(wait_next(*stream), "a");
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
  EXPECT_EQ(
      in_child([&] { return outcome_of([&] { store().mget({"a"}); }); }, ChildEnd::by_the_book),
      "unavailable");
}

TEST_P(Fork, ANewMemoryStoreWorksInTheChild) {
  EXPECT_EQ(in_child([&] {
              MemoryByteStore fresh;
              wait_amset(fresh, {{"x", text("1")}});
              fresh.mset({{"y", text("2")}});
              auto stream = fresh.ayield_keys();
              std::string report = wait_next(stream).value();
              report += wait_next(stream).value();
              report += wait_amget(fresh, {"y"})[0]->view();
              wait_amdelete(fresh, {"x"});
              wait_aclose(fresh);
              return report;
            }),
            "xy2");
}

INSTANTIATE_TEST_SUITE_P(Backends, Fork, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
