#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <cstdint>
#include <exception>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "bytestore/bytes.hpp"
#include "bytestore/detail/asio_tag.hpp"

namespace bytestore::detail {

/// A completion handler, its type erased, with what it said about where and whether to run.
///
/// The handler's executor and cancellation slot are taken before the erasure. Outstanding work is
/// tracked on that executor until the handler is posted, so that `io_context::run` does not return
/// early. The slot is connected when the operation starts and cleared where the handler runs; it is
/// touched nowhere else.
template <typename... Result>
class Completion {
 public:
  template <typename Handler>
  Completion(Handler handler, const boost::asio::any_io_executor& fallback)
      : executor_(boost::asio::prefer(
            boost::asio::any_io_executor(boost::asio::get_associated_executor(handler, fallback)),
            boost::asio::execution::outstanding_work.tracked)),
        slot_(boost::asio::get_associated_cancellation_slot(handler)),
        handler_(std::move(handler)) {
    if (!slot_.is_connected()) return;
    slot_.assign([stop = stop_](boost::asio::cancellation_type type) mutable {
      if (type != boost::asio::cancellation_type::none) stop.request_stop();
    });
  }

  /// Requested when the handler's cancellation slot is signalled.
  [[nodiscard]] std::stop_token stop_token() const noexcept { return stop_.get_token(); }

  /// Posts the handler. Called exactly once, from any thread.
  void operator()(std::exception_ptr error, Result... result) noexcept;

 private:
  std::stop_source stop_;
  boost::asio::any_io_executor executor_;
  boost::asio::cancellation_slot slot_;
  boost::asio::any_completion_handler<void(std::exception_ptr, Result...)> handler_;
};

using ReadCompletion = Completion<std::vector<std::optional<Bytes>>>;
using WriteCompletion = Completion<>;
using KeyCompletion = Completion<std::optional<std::string>>;
using PageCompletion = Completion<std::vector<std::string>>;
using EstimateCompletion = Completion<std::uint64_t>;

extern template class Completion<std::vector<std::optional<Bytes>>>;
extern template class Completion<>;
extern template class Completion<std::optional<std::string>>;
extern template class Completion<std::vector<std::string>>;
extern template class Completion<std::uint64_t>;

}  // namespace bytestore::detail
