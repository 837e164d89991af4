/// Each asynchronous verb does and fails as its blocking twin.

#include <boost/asio/use_future.hpp>
#include <chrono>
#include <stop_token>
#include <thread>

#include "bytestore/async.hpp"
#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

using boost::asio::use_future;

/// Fails the test unless both throw the same: code, words, and what became of which key.
template <typename Blocking, typename Asynchronous>
void expect_same_error(const Blocking& blocking, const Asynchronous& asynchronous) {
  const auto expected = error_of(blocking);
  const auto error = error_of(asynchronous);
  EXPECT_EQ(error.code(), expected.code());
  EXPECT_STREQ(error.what(), expected.what());
}

template <typename Blocking, typename Asynchronous>
void expect_same_batch_error(const Blocking& blocking, const Asynchronous& asynchronous) {
  expect_same_error(blocking, asynchronous);
  const auto expected = batch_error_of(blocking);
  const auto error = batch_error_of(asynchronous);
  EXPECT_EQ(error.values(), expected.values());
  ASSERT_EQ(error.failures().size(), expected.failures().size());
  for (std::size_t i = 0; i < error.failures().size(); ++i) {
    EXPECT_EQ(error.failures()[i].index, expected.failures()[i].index);
    EXPECT_EQ(error.failures()[i].key, expected.failures()[i].key);
    EXPECT_EQ(error.failures()[i].code, expected.failures()[i].code);
    EXPECT_EQ(error.failures()[i].outcome, expected.failures()[i].outcome);
  }
}

class Async : public ContractTest {};

TEST_P(Async, VerbsDoAsTheirTwins) {
  store()
      .amset({{"a", text("1")}, {"b", text("2")}, {"a", text("3")}, {"c", Bytes()}}, use_future)
      .get();
  EXPECT_EQ(store().amget({"b", "nope", "a", "b", "c"}, use_future).get(),
            (ByteStore::Values{text("2"), std::nullopt, text("3"), text("2"), Bytes()}));
  store().amdelete({"a", "nope", "a"}, use_future).get();
  EXPECT_EQ(sorted_keys(), (std::vector<std::string>{"b", "c"}));
  store().aclose(use_future).get();
  EXPECT_EQ(code_of([&] { store().mget({"b"}); }), ErrorCode::cancelled);
}

TEST_P(Async, VerbsTakeOptions) {
  const CallOptions options{.deadline = std::chrono::hours{1}};
  store().amset({{"a", text("1")}}, options, use_future).get();
  EXPECT_EQ(store().amget({"a"}, options, use_future).get(), ByteStore::Values{text("1")});
  store().amdelete({"a"}, options, use_future).get();
  store().aclose(std::chrono::seconds{1}, use_future).get();
}

TEST_P(Async, EmptyBatchesSucceed) {
  EXPECT_EQ(store().amget({}, use_future).get(), ByteStore::Values{});
  EXPECT_NO_THROW(store().amset({}, use_future).get());
  EXPECT_NO_THROW(store().amdelete({}, use_future).get());
}

TEST_P(Async, LongBatchesAndLargeValues) {
  const auto keys = numbered_keys("key", 20'000);
  store().amset(entries_of(keys), use_future).get();
  store().amset({{"large", noise(std::size_t{12} << 20, 1)}}, use_future).get();
  const auto values = store().amget(keys, use_future).get();
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(values[i], text(keys[i]));
  EXPECT_EQ(store().amget({"large"}, use_future).get(),
            ByteStore::Values{noise(std::size_t{12} << 20, 1)});
}

TEST_P(Async, InvalidKeysFailAsWithTheTwins) {
  for (const std::string key : {"", "\xFF"}) {
    expect_same_error([&] { store().mget({"a", key}); },
                      [&] { store().amget({"a", key}, use_future).get(); });
    expect_same_error(
        [&] { store().mset({{"a", text("1")}, {key, text("2")}}); },
        [&] { store().amset({{"a", text("1")}, {key, text("2")}}, use_future).get(); });
    expect_same_error([&] { store().mdelete({"a", key}); },
                      [&] { store().amdelete({"a", key}, use_future).get(); });
  }
  EXPECT_EQ(sorted_keys(), std::vector<std::string>{});
}

TEST_P(Async, StoppedCallsFailAsTheTwins) {
  std::stop_source stop;
  stop.request_stop();
  const CallOptions stopped{.stop = stop.get_token()};
  expect_same_batch_error([&] { store().mget({"a", "b"}, stopped); },
                          [&] { store().amget({"a", "b"}, stopped, use_future).get(); });
  expect_same_batch_error(
      [&] { store().mset({{"a", text("1")}, {"b", text("2")}}, stopped); },
      [&] { store().amset({{"a", text("1")}, {"b", text("2")}}, stopped, use_future).get(); });
  expect_same_batch_error([&] { store().mdelete({"a", "b"}, stopped); },
                          [&] { store().amdelete({"a", "b"}, stopped, use_future).get(); });
  expect_same_error([&] { store().yield_keys({.stop = stop.get_token()}).begin(); },
                    [&] {
                      auto stream = store().ayield_keys({.stop = stop.get_token()});
                      stream.next_page(use_future).get();
                    });
}

TEST_P(Async, WrongOptionsFailAsWithTheTwins) {
  const CallOptions wrong{.deadline = std::chrono::milliseconds{-1}};
  expect_same_error([&] { store().mget({"a"}, wrong); },
                    [&] { store().amget({"a"}, wrong, use_future).get(); });
}

TEST_P(Async, ClosedStoresFailAsWithTheTwins) {
  store().close();
  expect_same_error([&] { store().mget({"a"}); }, [&] { store().amget({"a"}, use_future).get(); });
  expect_same_error([&] { store().mset({{"a", text("1")}}); },
                    [&] { store().amset({{"a", text("1")}}, use_future).get(); });
  expect_same_error([&] { store().mdelete({"a"}); },
                    [&] { store().amdelete({"a"}, use_future).get(); });
  expect_same_error([&] { store().yield_keys().begin(); },
                    [&] { store().ayield_keys().next(use_future).get(); });
}

TEST_P(Async, StreamGivesEachKeyOnceByNextAndByPage) {
  auto keys = numbered_keys("b:", 2'500);
  store().mset(entries_of(keys));
  store().mset(entries_of({"a", "c"}));
  std::ranges::sort(keys);

  std::vector<std::string> by_next;
  auto stream = store().ayield_keys({.prefix = "b:"});
  while (auto key = stream.next(use_future).get()) by_next.push_back(std::move(*key));
  std::ranges::sort(by_next);
  EXPECT_EQ(by_next, keys);
  EXPECT_EQ(stream.next(use_future).get(), std::nullopt) << "the end stays the end";

  std::vector<std::string> by_page;
  auto pages = store().ayield_keys({.prefix = "b:"});
  for (;;) {
    const auto page = pages.next_page(use_future).get();
    if (page.empty()) break;
    std::ranges::copy(page, std::back_inserter(by_page));
  }
  std::ranges::sort(by_page);
  EXPECT_EQ(by_page, keys);
}

TEST_P(Async, StreamMayChangeBetweenNextAndPage) {
  const auto keys = numbered_keys("key", 2'500);
  store().mset(entries_of(keys));
  std::vector<std::string> mixed;
  auto stream = store().ayield_keys();
  for (;;) {
    const auto page = stream.next_page(use_future).get();
    std::ranges::copy(page, std::back_inserter(mixed));
    auto key = stream.next(use_future).get();
    if (!key) break;
    mixed.push_back(std::move(*key));
  }
  std::vector<std::string> expected = walk(store().yield_keys());
  std::ranges::sort(mixed);
  std::ranges::sort(expected);
  EXPECT_EQ(mixed, expected);
}

TEST_P(Async, StreamReadsNothingBeforeItsFirstStep) {
  auto stream = store().ayield_keys();
  store().mset({{"a", text("1")}});
  EXPECT_EQ(stream.next(use_future).get(), "a");
  EXPECT_EQ(stream.next(use_future).get(), std::nullopt);
}

TEST_P(Async, StreamThatIsDroppedEndsItsStep) {
  store().mset(entries_of(numbered_keys("key", 2'500)));
  for (int i = 0; i < 20; ++i) {
    std::future<std::vector<std::string>> pending;
    {
      auto stream = store().ayield_keys();
      pending = stream.next_page(use_future);
    }
    try {
      EXPECT_FALSE(pending.get().empty());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::cancelled);
    }
  }
}

TEST_P(Async, ManyCallsAtOnce) {
  std::vector<std::future<void>> writes;
  for (int i = 0; i < 200; ++i) {
    const auto key = std::to_string(i);
    writes.push_back(store().amset({{key, text(key)}}, use_future));
  }
  for (auto& write : writes) write.get();
  std::vector<std::future<ByteStore::Values>> reads;
  for (int i = 0; i < 200; ++i) reads.push_back(store().amget({std::to_string(i)}, use_future));
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(reads[static_cast<std::size_t>(i)].get(), ByteStore::Values{text(std::to_string(i))});
  }
}

TEST_P(Async, BlockingVerbsAreRefusedInACompletion) {
  std::promise<std::vector<ErrorCode>> codes;
  store().amget({"a"}, [&](const std::exception_ptr&, const ByteStore::Values&) {
    codes.set_value({
        code_of([&] { store().mget({"a"}); }),
        code_of([&] { store().mset({{"a", text("1")}}); }),
        code_of([&] { store().mdelete({"a"}); }),
        code_of([&] { store().yield_keys().begin(); }),
        code_of([&] { store().close(); }),
    });
  });
  EXPECT_EQ(codes.get_future().get(), std::vector<ErrorCode>(5, ErrorCode::invalid_argument));
}

TEST_P(Async, StoreMayBeDestroyedInACompletion) {
  std::promise<void> destroyed;
  store().amset({{"a", text("1")}}, [&](const std::exception_ptr&) {
    drop_store();
    destroyed.set_value();
  });
  EXPECT_NO_THROW(destroyed.get_future().get());
}

INSTANTIATE_TEST_SUITE_P(Backends, Async, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
