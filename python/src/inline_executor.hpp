#pragma once

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/system_context.hpp>
#include <boost/asio/system_executor.hpp>
#include <utility>

namespace bytestore::python {

/// Runs a posted function at once, on the posting thread, although it claims never to block (a post
/// requires that). It is for handlers that only pass on a result and wake a thread, and that take
/// no lock which a poster may hold.
class InlineExecutor {
 public:
  template <typename Function>
  void execute(Function&& function) const noexcept {
    std::forward<Function>(function)();
  }

  [[nodiscard]] static constexpr boost::asio::execution::blocking_t::never_t query(
      boost::asio::execution::blocking_t) noexcept {
    return {};
  }
  [[nodiscard]] static boost::asio::system_context& query(
      boost::asio::execution::context_t) noexcept {
    return boost::asio::system_executor().context();
  }

  friend constexpr bool operator==(InlineExecutor, InlineExecutor) noexcept { return true; }
  friend constexpr bool operator!=(InlineExecutor, InlineExecutor) noexcept { return false; }
};

}  // namespace bytestore::python
