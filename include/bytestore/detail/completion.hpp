#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/system_context.hpp>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bytestore/bytes.hpp"
#include "bytestore/detail/asio_tag.hpp"
#include "bytestore/detail/pending_handler.hpp"

namespace bytestore::detail {

/// Makes `context` drop `handler` if the context ends before the operation.
void add_pending(const std::shared_ptr<PendingHandler>& handler,
                 boost::asio::execution_context& context);

/// An executor of the system context, which does not end before the process.
template <typename Executor>
concept OfSystemContext = requires(const Executor& executor) {
  {
    boost::asio::query(executor, boost::asio::execution::context)
  } -> std::same_as<boost::asio::system_context&>;
};

/// A completion handler, its type erased, with its executor and its cancellation.
///
/// The handler's executor and cancellation slot are read before its type is erased. Outstanding
/// work is tracked on that executor until the handler is posted, so that `io_context::run` does not
/// return early. The slot is connected when the operation starts and cleared when the handler runs;
/// nothing else uses it. If the executor's context ends first, it drops the handler.
template <typename... Result>
class Completion {
 public:
  template <typename Handler>
  Completion(Handler handler, const boost::asio::any_io_executor& fallback)
      : pending_(std::make_shared<Pending>(std::move(handler), fallback)) {
    using Executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
    if (pending_->slot.is_connected()) {
      stop_ = std::stop_source();
      pending_->slot.assign([stop = stop_](boost::asio::cancellation_type type) mutable {
        if (type != boost::asio::cancellation_type::none) stop.request_stop();
      });
    }
    if constexpr (!OfSystemContext<Executor>) {
      add_pending(pending_,
                  boost::asio::query(pending_->executor, boost::asio::execution::context));
    }
  }
  Completion(Completion&&) noexcept = default;
  Completion& operator=(Completion&&) = delete;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  ~Completion();

  /// Returns a token whose stop is requested when the handler's cancellation slot is signalled.
  [[nodiscard]] std::stop_token stop_token() const noexcept { return stop_.get_token(); }

  /// Posts the handler. It must be called exactly once, on any thread.
  void operator()(std::exception_ptr error, Result... result) noexcept;

 private:
  struct Pending final : PendingHandler {
    template <typename Handler>
    Pending(Handler&& handler_, const boost::asio::any_io_executor& fallback)
        : executor(
              boost::asio::prefer(boost::asio::any_io_executor(
                                      boost::asio::get_associated_executor(handler_, fallback)),
                                  boost::asio::execution::outstanding_work.tracked)),
          slot(boost::asio::get_associated_cancellation_slot(handler_)),
          handler(std::forward<Handler>(handler_)) {}

    void drop() noexcept override {
      handler = nullptr;
      executor = nullptr;
    }

    void post(const std::shared_ptr<PendingHandler>& self) override;
    void run();

    boost::asio::any_io_executor executor;
    boost::asio::cancellation_slot slot;
    boost::asio::any_completion_handler<void(std::exception_ptr, Result...)> handler;
    std::tuple<std::exception_ptr, Result...> result{};  // once the operation is done
  };

  std::stop_source stop_{std::nostopstate};  // has a state if the handler can be cancelled
  std::shared_ptr<Pending> pending_;         // null after it was called or moved from
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
