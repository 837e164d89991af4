#include "cassandra/driver/self_owned.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace bytestore::cassandra {
namespace {

using IntSink = core::Sink<Result<int>>;

TEST(AskOnce, KeepsWhatItHoldsUntilItHasDealtWithTheAnswer) {
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> alive = held;
  IntSink* sink = nullptr;
  ask_once<int>([&](IntSink& given) { sink = &given; },
                [held = std::move(held)](const Result<int>& result) {
                  EXPECT_EQ(held.use_count(), 1);
                  EXPECT_EQ(std::get<int>(result), 7);
                });
  EXPECT_FALSE(alive.expired());
  sink->done(7);
  EXPECT_TRUE(alive.expired());
}

TEST(AskOnce, MayBeAnsweredAtOnce) {
  int answers = 0;
  ask_once<int>([](IntSink& sink) { sink.done(7); },
                [&](const Result<int>& result) { answers += std::get<int>(result); });
  EXPECT_EQ(answers, 7);
}

TEST(AskOnce, HoldsNothingAfterAQuestionThatThrew) {
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> alive = held;
  const auto ask = [&] {
    ask_once<int>([](IntSink&) { throw std::runtime_error("no memory"); },
                  [held = std::move(held)](const Result<int>&) { ADD_FAILURE() << "answered"; });
  };
  EXPECT_THROW(ask(), std::runtime_error);
  EXPECT_TRUE(alive.expired());
}

/// Tells when it is destroyed.
class Watched final : public SelfOwned<int> {
 public:
  explicit Watched(bool& destroyed) : destroyed_(destroyed) {}
  ~Watched() override { destroyed_ = true; }

 private:
  void answered(Result<int> /*result*/) noexcept override { EXPECT_FALSE(destroyed_); }

  bool& destroyed_;
};

TEST(SelfOwned, OwnsItselfFromTheQuestionToTheAnswer) {
  bool destroyed = false;
  auto owned = std::make_unique<Watched>(destroyed);
  Watched& sink = *owned;
  give_away(owned, [] {});
  EXPECT_EQ(owned, nullptr);
  EXPECT_FALSE(destroyed);
  sink.done(7);
  EXPECT_TRUE(destroyed);
}

TEST(SelfOwned, IsStillTheCallersAfterAQuestionThatThrew) {
  bool destroyed = false;
  auto owned = std::make_unique<Watched>(destroyed);
  EXPECT_THROW(give_away(owned, [] { throw std::runtime_error("no memory"); }), std::runtime_error);
  EXPECT_NE(owned, nullptr);
  EXPECT_FALSE(destroyed);
}

}  // namespace
}  // namespace bytestore::cassandra
