#include "core/gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <optional>
#include <thread>

#include "support/errors.hpp"
#include "support/in_child.hpp"

namespace bytestore::core {
namespace {

using std::chrono::milliseconds;
using testing::code_of;

TEST(Gate, LetsManyInUntilItIsShut) {
  Gate gate;
  {
    const auto one = gate.enter();
    const auto other = gate.enter();
    EXPECT_NO_THROW(gate.check_open());
    gate.shut();
    EXPECT_FALSE(gate.wait_idle(milliseconds{0}));
  }
  EXPECT_EQ(code_of([&] { static_cast<void>(gate.enter()); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { gate.check_open(); }), ErrorCode::cancelled);
  EXPECT_TRUE(gate.wait_idle(milliseconds{0}));
}

TEST(Gate, APassIsGivenBackOnceWhenItIsMoved) {
  Gate gate;
  {
    auto pass = gate.enter();
    const auto moved = std::move(pass);
    gate.shut();
  }
  EXPECT_TRUE(gate.wait_idle(milliseconds{0}));
}

TEST(Gate, WaitsForTheLastToLeave) {
  Gate gate;
  std::optional<Gate::Pass> pass = gate.enter();
  gate.shut();
  std::atomic<bool> left = false;
  std::jthread leaver([&] {
    left = true;
    pass.reset();
  });
  gate.wait_idle();
  EXPECT_TRUE(left);
}

TEST(Gate, TakesAnyPatience) {
  for (const auto patience : {milliseconds::min(), milliseconds{-1}, milliseconds::max()}) {
    Gate gate;
    gate.shut();
    EXPECT_TRUE(gate.wait_idle(patience));
  }
  Gate gate;
  const auto pass = gate.enter();
  gate.shut();
  EXPECT_FALSE(gate.wait_idle(milliseconds::min()));
}

TEST(Gate, InterruptionReachesThoseInside) {
  Gate gate;
  const auto token = gate.stop_token();
  EXPECT_FALSE(token.stop_requested());
  gate.interrupt();
  EXPECT_TRUE(token.stop_requested());
}

/// Counts how often it was told.
class CountingWaiter final : public IdleWaiter {
 public:
  void idle() noexcept override { ++calls; }
  int calls = 0;
};

TEST(Gate, TellsThoseWhoWaitWhenNobodyIsInside) {
  Gate gate;
  CountingWaiter first;
  CountingWaiter second;
  {
    const auto one = gate.enter();
    {
      const auto other = gate.enter();
      gate.shut();
      gate.when_idle(first);
      gate.when_idle(second);
    }
    EXPECT_EQ(first.calls + second.calls, 0);
  }
  EXPECT_EQ(first.calls, 1);
  EXPECT_EQ(second.calls, 1);
  gate.when_idle(first);
  EXPECT_EQ(first.calls, 2);
}

TEST(Gate, WhoIsToldMayWaitForAnotherGate) {
  class InTurn final : public IdleWaiter {
   public:
    explicit InTurn(Gate& next) : next_(next) {}
    void idle() noexcept override {
      if (++calls == 1) next_.when_idle(*this);
    }
    int calls = 0;

   private:
    Gate& next_;
  };
  Gate first;
  Gate second;
  InTurn waiter(second);
  CountingWaiter other;
  std::optional<Gate::Pass> in_first = first.enter();
  std::optional<Gate::Pass> in_second = second.enter();
  first.shut();
  second.shut();
  first.when_idle(other);
  first.when_idle(waiter);
  in_first.reset();
  EXPECT_EQ(waiter.calls, 1);
  in_second.reset();
  EXPECT_EQ(waiter.calls, 2);
}

TEST(Gate, MayBeDestroyedAsSoonAsItIsIdle) {
  for (int i = 0; i < 500; ++i) {
    auto gate = std::make_unique<Gate>();
    std::latch inside(1);
    std::jthread visitor([&inside, &gate = *gate] {
      const auto pass = gate.enter();
      inside.count_down();
    });
    inside.wait();
    gate->shut();
    gate->wait_idle();
    gate.reset();
  }
}

TEST(Gate, NobodyIsInsideOnceItIsIdle) {
  std::atomic<int> late{0};
  for (int i = 0; i < 1000; ++i) {
    Gate gate;
    std::atomic<bool> idle{false};
    std::latch begun(2);
    const auto come_and_go = [&] {
      begun.arrive_and_wait();
      try {
        for (;;) {
          const auto pass = gate.enter();
          for (int looks = 0; looks < 100; ++looks) late += idle ? 1 : 0;
        }
      } catch (const Error&) {  // NOLINT(bugprone-empty-catch): it is shut
      }
    };
    std::jthread visitor(come_and_go);
    begun.arrive_and_wait();
    gate.shut();
    gate.wait_idle();
    idle = true;
    visitor.join();
  }
  EXPECT_EQ(late, 0);
}

TEST(Gate, RefusesEveryoneInAForkedChild) {
  Gate gate;
  const auto pass = gate.enter();
  EXPECT_FALSE(gate.in_child());
  EXPECT_EQ(testing::in_child([&] {
              if (!gate.in_child()) return std::string("not noticed");
              return testing::outcome_of([&] { static_cast<void>(gate.enter()); }) + " " +
                     testing::outcome_of([&] { gate.check_open(); });
            }),
            "unavailable unavailable");
  EXPECT_EQ(testing::in_child([] {
              Gate fresh;
              return testing::outcome_of([&] { static_cast<void>(fresh.enter()); });
            }),
            "ok");
}

TEST(Gate, DestructionInAForkedChildDoesNotWaitForThreadsOfTheParent) {
  auto gate = std::make_unique<Gate>();
  std::optional<Gate::Pass> pass = gate->enter();
  gate->shut();
  {
    std::latch waiting(1);
    std::jthread closer([&] {
      waiting.count_down();
      gate->wait_idle();
    });
    waiting.wait();
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(testing::in_child([&] {
                  gate.reset();
                  return "destroyed";
                }),
                "destroyed");
    }
    pass.reset();
  }
}

}  // namespace
}  // namespace bytestore::core
