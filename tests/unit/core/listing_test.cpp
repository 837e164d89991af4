/// Listings are lazy, hold one page, and stop when they are dropped.

#include "core/listing.hpp"

#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <memory>
#include <optional>

#include "bytestore/async.hpp"
#include "support/errors.hpp"
#include "support/values.hpp"
#include "unit/support/scripted_backend.hpp"

namespace bytestore {
namespace {

using boost::asio::use_future;
using testing::code_of;
using testing::Script;
using testing::ScriptedStore;

/// A store that lists 3 pages of 2 keys: a b, c d, e f.
class Listing : public ::testing::Test {
 protected:
  Listing() {
    script_.next_page = [this](const core::Call&, auto& sink) { sink.done(page()); };
  }

  core::PageResult page() {
    core::PageResult result;
    for (int i = 0; i < 2 && next_ <= 'f'; ++i) result.keys.emplace_back(1, next_++);
    return result;
  }

  /// Holds pages up until the turnstile opens or their step is interrupted.
  void hold_pages() {
    script_.next_page = [this](const core::Call& call, auto& sink) {
      turnstile_.hold(call, [this, &call, &sink] {
        const auto code = call.interruption();
        if (!code) return sink.done(page());
        sink.done({{}, Error(*code, "held up")});
      });
    };
  }

  Script script_;
  char next_ = 'a';
  testing::Turnstile turnstile_;
  std::unique_ptr<ByteStore> store_ = std::make_unique<ScriptedStore>(script_);
};

TEST_F(Listing, AsksForNothingBeforeItBegins) {
  auto view = store_->yield_keys();
  auto stream = store_->ayield_keys();
  EXPECT_EQ(script_.scans, 0);
  static_cast<void>(view.begin());
  EXPECT_EQ(script_.scans, 1);
  EXPECT_EQ(script_.pages, 1);
}

TEST_F(Listing, AsksForAPageWhenTheOneBeforeIsUsedUp) {
  auto view = store_->yield_keys();
  auto key = view.begin();
  EXPECT_EQ(*key, "a");
  ++key;
  EXPECT_EQ(*key, "b");
  EXPECT_EQ(script_.pages, 1);
  ++key;
  EXPECT_EQ(*key, "c");
  EXPECT_EQ(script_.pages, 2);
}

TEST_F(Listing, AsksForNothingMoreWhenItIsDropped) {
  for (const auto& key : store_->yield_keys()) {
    if (key == "c") break;
  }
  EXPECT_EQ(script_.pages, 2);
  auto stream = std::make_unique<AsyncKeyStream>(store_->ayield_keys());
  EXPECT_EQ(stream->next(use_future).get(), "e");
  stream.reset();
  EXPECT_EQ(script_.pages, 3);
}

TEST_F(Listing, StreamAsksForAPageWhenTheOneBeforeIsUsedUp) {
  auto stream = store_->ayield_keys();
  EXPECT_EQ(script_.scans, 0);
  EXPECT_EQ(stream.next(use_future).get(), "a");
  EXPECT_EQ(stream.next(use_future).get(), "b");
  EXPECT_EQ(script_.pages, 1);
  EXPECT_EQ(stream.next(use_future).get(), "c");
  EXPECT_EQ(script_.pages, 2);
  EXPECT_EQ(stream.next_page(use_future).get(), std::vector<std::string>{"d"});
  EXPECT_EQ(script_.pages, 2);
  EXPECT_EQ(stream.next_page(use_future).get(), (std::vector<std::string>{"e", "f"}));
  EXPECT_EQ(stream.next(use_future).get(), std::nullopt);
  EXPECT_EQ(stream.next_page(use_future).get(), std::vector<std::string>{});
}

TEST_F(Listing, StreamGivesTheRestOfAPageInItsOrder) {
  script_.next_page = [](const core::Call&, auto& sink) {
    sink.done({{"1", "2", "3", "4"}, std::nullopt});
  };
  auto stream = store_->ayield_keys();
  EXPECT_EQ(stream.next(use_future).get(), "1");
  EXPECT_EQ(stream.next_page(use_future).get(), (std::vector<std::string>{"2", "3", "4"}));
}

TEST_F(Listing, AStepThatFailedMayBeRepeated) {
  auto view = store_->yield_keys();
  auto key = view.begin();
  ++key;
  const auto working = script_.next_page;
  script_.next_page = [](const core::Call&, auto& sink) {
    sink.done({{}, Error(ErrorCode::timeout, "scripted")});
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(code_of([&] { ++key; }), ErrorCode::timeout);
    EXPECT_EQ(key, view.end()) << "there is no key to look at";
  }
  script_.next_page = working;
  ++key;
  EXPECT_EQ(*key, "c");
}

TEST_F(Listing, ABeginningThatFailedMayBeRepeated) {
  auto view = store_->yield_keys();
  const auto working = script_.next_page;
  script_.next_page = [](const core::Call&, auto& sink) {
    sink.done({{}, Error(ErrorCode::timeout, "scripted")});
  };
  EXPECT_EQ(code_of([&] { view.begin(); }), ErrorCode::timeout);
  EXPECT_EQ(code_of([&] { view.begin(); }), ErrorCode::timeout);
  script_.next_page = working;
  EXPECT_EQ(*view.begin(), "a");
  EXPECT_EQ(code_of([&] { view.begin(); }), ErrorCode::invalid_argument);
}

TEST_F(Listing, AViewThatWasMovedFromSaysSo) {
  auto view = store_->yield_keys();
  auto key = view.begin();
  auto other = std::move(view);
  EXPECT_EQ(code_of([&] { ++key; }), ErrorCode::invalid_argument);
  auto fresh = store_->yield_keys();
  other = std::move(fresh);
  EXPECT_EQ(code_of([&] { fresh.begin(); }), ErrorCode::invalid_argument);
  EXPECT_EQ(*other.begin(), "c");
}

TEST_F(Listing, AStreamThatWasMovedFromSaysSo) {
  auto stream = store_->ayield_keys();
  auto other = std::move(stream);
  EXPECT_EQ(code_of([&] { stream.next(use_future).get(); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { stream.next_page(use_future).get(); }), ErrorCode::invalid_argument);
  EXPECT_EQ(other.next(use_future).get(), "a");
}

TEST_F(Listing, AStepOfAStreamThatFailedMayBeRepeated) {
  auto stream = store_->ayield_keys();
  const auto working = script_.next_page;
  script_.next_page = [](const core::Call&, auto& sink) {
    sink.done({{}, Error(ErrorCode::timeout, "scripted")});
  };
  EXPECT_EQ(code_of([&] { stream.next(use_future).get(); }), ErrorCode::timeout);
  EXPECT_EQ(code_of([&] { stream.next_page(use_future).get(); }), ErrorCode::timeout);
  script_.next_page = working;
  EXPECT_EQ(stream.next(use_future).get(), "a");
}

TEST_F(Listing, ABackendThatThrowsInAStep) {
  script_.next_page = [](const core::Call&, auto&) { throw std::bad_alloc(); };
  auto view = store_->yield_keys();
  EXPECT_THROW(view.begin(), std::bad_alloc);
  auto stream = store_->ayield_keys();
  EXPECT_THROW(stream.next(use_future).get(), std::bad_alloc);
  EXPECT_THROW(stream.next_page(use_future).get(), std::bad_alloc);
  EXPECT_NO_THROW(store_->close());
}

TEST_F(Listing, StreamRefusesASecondStepWhileOneIsPending) {
  hold_pages();
  auto stream = store_->ayield_keys();
  auto pending = stream.next(use_future);
  turnstile_.wait_until_held(1);
  EXPECT_EQ(code_of([&] { stream.next(use_future).get(); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { stream.next_page(use_future).get(); }), ErrorCode::invalid_argument);
  turnstile_.open();
  EXPECT_EQ(pending.get(), "a");
  EXPECT_EQ(stream.next(use_future).get(), "b");
}

TEST_F(Listing, DroppingAStreamEndsItsPendingStep) {
  hold_pages();
  std::optional<AsyncKeyStream> stream = store_->ayield_keys();
  auto pending = stream->next(use_future);
  turnstile_.wait_until_held(1);
  stream.reset();
  EXPECT_EQ(code_of([&] { pending.get(); }), ErrorCode::cancelled);
}

TEST_F(Listing, AssigningToAStreamEndsItsPendingStep) {
  hold_pages();
  auto stream = store_->ayield_keys();
  auto pending = stream.next_page(use_future);
  turnstile_.wait_until_held(1);
  stream = store_->ayield_keys();
  EXPECT_EQ(code_of([&] { pending.get(); }), ErrorCode::cancelled);
  turnstile_.open();
  EXPECT_EQ(stream.next(use_future).get(), "a");
}

TEST_F(Listing, ClosingTheStoreEndsAPendingStep) {
  hold_pages();
  auto stream = store_->ayield_keys();
  auto pending = stream.next(use_future);
  turnstile_.wait_until_held(1);
  store_.reset();
  EXPECT_EQ(code_of([&] { pending.get(); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { stream.next(use_future).get(); }), ErrorCode::cancelled);
}

TEST_F(Listing, TheCallersTokenEndsAPendingStep) {
  hold_pages();
  std::stop_source stop;
  auto stream = store_->ayield_keys({.stop = stop.get_token()});
  auto pending = stream.next(use_future);
  turnstile_.wait_until_held(1);
  stop.request_stop();
  EXPECT_EQ(code_of([&] { pending.get(); }), ErrorCode::cancelled);
}

TEST_F(Listing, KeysAtHandAreNotGivenOutOnceTheStoreIsClosed) {
  auto stream = store_->ayield_keys();
  EXPECT_EQ(stream.next(use_future).get(), "a");
  auto view = store_->yield_keys();
  auto key = view.begin();
  store_->close();
  EXPECT_EQ(code_of([&] { stream.next(use_future).get(); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { ++key; }), ErrorCode::cancelled);
}

}  // namespace
}  // namespace bytestore
