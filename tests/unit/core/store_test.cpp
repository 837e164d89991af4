/// What `core::Store` adds to a backend, with one that can be made to fail.

#include "core/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <new>
#include <thread>

#include "bytestore/async.hpp"
#include "support/errors.hpp"
#include "support/values.hpp"
#include "unit/support/scripted_backend.hpp"

namespace bytestore {
namespace {

using boost::asio::use_future;
using testing::batch_error_of;
using testing::code_of;
using testing::Script;
using testing::ScriptedStore;
using testing::text;

KeyFailure failure(std::size_t index, std::string key, ErrorCode code, Outcome outcome) {
  return {index, std::move(key), code, outcome, "scripted"};
}

TEST(Store, DoesNotAskTheBackendForEmptyBatches) {
  Script script;
  ScriptedStore store(script);
  EXPECT_EQ(store.mget({}), ByteStore::Values{});
  store.mset({});
  store.mdelete({});
  EXPECT_EQ(store.amget({}, use_future).get(), ByteStore::Values{});
  store.amset({}, use_future).get();
  store.amdelete({}, use_future).get();
  EXPECT_EQ(script.requests, 0);
}

TEST(Store, DoesNotAskTheBackendWithInvalidKeys) {
  Script script;
  ScriptedStore store(script);
  for (const auto& key : {std::string(), std::string("\xFF"), std::string(65'536, 'k')}) {
    EXPECT_EQ(code_of([&] { store.mget({"a", key}); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { store.mset({{"a", text("1")}, {key, text("2")}}); }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { store.mdelete({"a", key}); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { store.amget({"a", key}, use_future).get(); }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { store.amset({{key, text("1")}}, use_future).get(); }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { store.amdelete({key}, use_future).get(); }),
              ErrorCode::invalid_argument);
  }
  EXPECT_EQ(script.requests, 0);
}

TEST(Store, BothFormsOfAVerbTakeTheirStepsInOneOrder) {
  Script script;
  ScriptedStore store(script);
  const CallOptions late{.deadline = std::chrono::milliseconds{-1}};
  const auto both = [](const auto& blocking, const auto& asynchronous) {
    const std::string told = testing::error_of(blocking).what();
    EXPECT_EQ(testing::error_of(asynchronous).what(), told);
    return told;
  };
  // The deadline counts from the beginning, so it is looked at before the keys.
  for (const auto& told : {
           both([&] { store.mget({""}, late); },
                [&] { store.amget({""}, late, use_future).get(); }),
           both([&] { store.mset({{"", text("1")}}, late); },
                [&] { store.amset({{"", text("1")}}, late, use_future).get(); }),
           both([&] { store.mdelete({""}, late); },
                [&] { store.amdelete({""}, late, use_future).get(); }),
       }) {
    EXPECT_THAT(told, ::testing::HasSubstr("deadline"));
  }
  store.close();
  for (const auto& told : {
           both([&] { store.mget({""}, late); },
                [&] { store.amget({""}, late, use_future).get(); }),
           both([&] { store.mset({}); }, [&] { store.amset({}, use_future).get(); }),
           both([&] { store.estimate_keys(late); },
                [&] { store.aestimate_keys(late, use_future).get(); }),
       }) {
    EXPECT_THAT(told, ::testing::HasSubstr("closed"));
  }
}

TEST(Store, APartialReadCarriesTheValuesThatArrived) {
  Script script;
  script.mget = [](Script::Keys, const core::Call&, auto& sink) {
    sink.done({{text("1"), std::nullopt, std::nullopt},
               {failure(1, "b", ErrorCode::timeout, Outcome::failed)}});
  };
  ScriptedStore store(script);
  const auto check = [](const BatchError& error) {
    EXPECT_EQ(error.code(), ErrorCode::timeout);
    EXPECT_EQ(error.values(), (ByteStore::Values{text("1"), std::nullopt, std::nullopt}));
    ASSERT_EQ(error.failures().size(), 1U);
    EXPECT_EQ(error.failures()[0].index, 1U);
    EXPECT_EQ(error.failures()[0].key, "b");
    EXPECT_THAT(error.what(), ::testing::HasSubstr("mget: 1 of 3 keys"));
  };
  check(batch_error_of([&] { store.mget({"a", "b", "c"}); }));
  check(batch_error_of([&] { store.amget({"a", "b", "c"}, use_future).get(); }));
}

TEST(Store, FailuresThatArriveOutOfOrderAreReportedInOrder) {
  Script script;
  const std::vector<KeyFailure> failures{failure(2, "c", ErrorCode::io, Outcome::unknown),
                                         failure(0, "a", ErrorCode::timeout, Outcome::failed),
                                         failure(1, "b", ErrorCode::overloaded, Outcome::failed)};
  script.mset = [&](Script::Entries, const core::Call&, auto& sink) { sink.done({failures}); };
  script.mdelete = [&](Script::Keys, const core::Call&, auto& sink) { sink.done({failures}); };
  script.mget = [&](Script::Keys, const core::Call&, auto& sink) {
    sink.done({ByteStore::Values(3), failures});
  };
  ScriptedStore store(script);
  const auto check = [](const BatchError& error) {
    EXPECT_EQ(error.code(), ErrorCode::timeout);
    ASSERT_EQ(error.failures().size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(error.failures()[i].index, i);
    EXPECT_EQ(error.failures()[2].outcome, Outcome::unknown);
  };
  check(batch_error_of([&] { store.mset({{"a", {}}, {"b", {}}, {"c", {}}}); }));
  check(batch_error_of([&] { store.mdelete({"a", "b", "c"}); }));
  check(batch_error_of([&] { store.mget({"a", "b", "c"}); }));
  check(batch_error_of([&] { store.amdelete({"a", "b", "c"}, use_future).get(); }));
}

TEST(Store, ResultsMayComeFromAnotherThread) {
  Script script;
  std::vector<std::jthread> threads;
  script.mget = [&](Script::Keys keys, const core::Call&, auto& sink) {
    threads.emplace_back([keys, &sink] { sink.done({{text(keys[0])}, {}}); });
  };
  ScriptedStore store(script);
  for (int i = 0; i < 100; ++i) {
    const auto key = std::to_string(i);
    ASSERT_EQ(store.mget({key}), ByteStore::Values{text(key)});
    ASSERT_EQ(store.amget({key}, use_future).get(), ByteStore::Values{text(key)});
  }
}

TEST(Store, ArgumentsOfAsynchronousVerbsLiveUntilTheResult) {
  Script script;
  testing::Turnstile turnstile;
  std::string written;
  script.mset = [&](Script::Entries entries, const core::Call& call, auto& sink) {
    turnstile.hold(call, [&written, entries, &sink] {
      for (const EntryRef& entry : entries) {
        written += entry.key;
        written += Bytes::copy(entry.value).view();
      }
      sink.done({});
    });
  };
  ScriptedStore store(script);
  auto write = [&] {
    std::vector<Entry> entries{{"key", text("value")}};
    return store.amset(std::move(entries), use_future);
  }();
  turnstile.open();
  write.get();
  EXPECT_EQ(written, "keyvalue");
}

TEST(Store, SaysWhatABackendThrowsAndLivesOn) {
  for (const bool runs_inline : {false, true}) {
    Script script;
    script.runs_inline = runs_inline;
    script.mget = [](Script::Keys, const core::Call&, auto&) { throw std::bad_alloc(); };
    ScriptedStore store(script);
    EXPECT_THROW(store.mget({"a"}), std::bad_alloc);
    EXPECT_THROW(store.amget({"a"}, use_future).get(), std::bad_alloc);
    EXPECT_NO_THROW(store.mset({{"a", text("1")}}));
    EXPECT_NO_THROW(store.close());  // would wait for ever for a request that has not left
  }
}

TEST(Store, HandsTheDeadlineToTheBackend) {
  Script script;
  script.mset = [](Script::Entries entries, const core::Call& call, auto& sink) {
    while (!call.interruption()) std::this_thread::yield();
    sink.done(testing::write_result(entries, call));
  };
  ScriptedStore store(script);
  const CallOptions soon{.deadline = std::chrono::milliseconds{1}};
  EXPECT_EQ(batch_error_of([&] { store.mset({{"a", text("1")}}, soon); }).code(),
            ErrorCode::timeout);
  EXPECT_EQ(batch_error_of([&] { store.amset({{"a", text("1")}}, soon, use_future).get(); }).code(),
            ErrorCode::timeout);
}

TEST(Store, StopsACallInFlight) {
  Script script;
  testing::Turnstile turnstile;
  script.mset = [&](Script::Entries entries, const core::Call& call, auto& sink) {
    turnstile.hold(call,
                   [entries, &call, &sink] { sink.done(testing::write_result(entries, call)); });
  };
  ScriptedStore store(script);
  std::stop_source stop;
  auto write = store.amset({{"a", text("1")}}, CallOptions{.stop = stop.get_token()}, use_future);
  turnstile.wait_until_held(1);
  stop.request_stop();
  EXPECT_EQ(batch_error_of([&] { write.get(); }).code(), ErrorCode::cancelled);
}

}  // namespace
}  // namespace bytestore
