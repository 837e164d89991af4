#include "bytestore/detail/while_waiting.hpp"

#include <utility>

namespace bytestore::detail {
namespace {

thread_local const WhileWaiting* newest = nullptr;

}  // namespace

WhileWaiting::WhileWaiting(std::function<void()> look) noexcept
    : look_(std::move(look)), outer_(std::exchange(newest, this)) {}

WhileWaiting::~WhileWaiting() { newest = outer_; }

const std::function<void()>* WhileWaiting::current() noexcept {
  return newest == nullptr ? nullptr : &newest->look_;
}

}  // namespace bytestore::detail
