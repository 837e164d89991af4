#include "core/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <system_error>
#include <utility>

#include "bytestore/error.hpp"
#include "core/per_process.hpp"

namespace bytestore::core {
namespace {

/// At least two, so that one long request does not hold up all others.
std::size_t work_threads() { return std::max(2U, std::thread::hardware_concurrency()); }

thread_local int completions_on_this_thread = 0;

constinit PerProcess<Runtime> the_runtime;

}  // namespace

std::thread make_thread(std::function<void()> body) {
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::io,
                fmt::format("the system makes no thread for the library ({}); end other threads, "
                            "or raise what limits them for the user, the process or its container "
                            "(ulimit -u, pids.max)",
                            error.code().message()));
  }
}

ThreadGroup::ThreadGroup(std::size_t threads)
    : context_(static_cast<int>(threads)), stays_(context_.get_executor()) {
  threads_.reserve(threads);
  try {
    while (threads_.size() < threads) {
      threads_.push_back(make_thread([this] { context_.run(); }));
    }
  } catch (...) {
    end();
    throw;
  }
}

void ThreadGroup::end() noexcept {
  context_.stop();
  for (std::thread& thread : threads_) thread.join();
}

Runtime::Runtime() : work_(work_threads()), callbacks_(1) {}

Runtime& Runtime::instance() { return the_runtime.get(); }

void run_on_work_thread(const std::function<void()>& work) noexcept {
  try {
    boost::asio::post(Runtime::instance().work(), work);
  } catch (const std::exception&) {
    work();
  }
}

bool in_completion() noexcept { return completions_on_this_thread > 0; }

CompletionScope::CompletionScope() noexcept { ++completions_on_this_thread; }

CompletionScope::~CompletionScope() { --completions_on_this_thread; }

}  // namespace bytestore::core
