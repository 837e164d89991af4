// The stack that a caller needs which does the work of the driver. Sanitizers need more.

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstddef>
#include <memory>

#include "waited_query.hpp"

namespace bytestore::cassandra {
namespace {

/// Threads whose stacks are chosen seldom have less.
constexpr std::size_t kSmallStack = std::size_t{512} << 10;

TEST(BlockingCalls, NeedLittleStack) {
  struct Run {
    std::unique_ptr<DriverSession> session;
    bool done = false;
  } run{.session = connected()};
  pthread_attr_t small;
  ASSERT_EQ(pthread_attr_init(&small), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&small, kSmallStack), 0);
  pthread_t thread{};
  const auto body = [](void* argument) -> void* {
    auto& in = *static_cast<Run*>(argument);
    make_calls_until_driving(*in.session);
    in.done = true;
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &small, body, &run), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&small);
  EXPECT_TRUE(run.done);
}

}  // namespace
}  // namespace bytestore::cassandra
