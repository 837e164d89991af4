#include "core/listing.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>

#include "bytestore/async.hpp"
#include "core/async_call.hpp"
#include "core/cursor.hpp"
#include "core/runtime.hpp"
#include "core/waiting_sink.hpp"

namespace bytestore::core {
namespace {

/// The keys of a page. \throws its error.
std::vector<std::string> accept(PageResult result) {
  if (result.error) throw std::move(*result.error);
  return std::move(result.keys);
}

std::exception_ptr moved_from() {
  return std::make_exception_ptr(
      Error(ErrorCode::invalid_argument, "this key stream was moved from; use the other one"));
}

}  // namespace

KeyCursor::KeyCursor(std::shared_ptr<Store> store, KeysOptions options)
    : store_(std::move(store)),
      prefix_(std::move(options.prefix)),
      begins_at_(std::move(options.cursor)),
      caller_stops_(std::move(options.stop), RequestStop{stop_}) {}

KeyCursor::~KeyCursor() {
  if (store_->gate().in_child()) leak(std::move(scan_));
}

KeyScan& KeyCursor::scan() {
  if (!scan_) {
    Backend& backend = store_->backend();
    auto after =
        begins_at_.empty() ? std::string() : decode_resume_point(backend.key_order(), begins_at_);
    scan_ = backend.scan(prefix_, std::move(after));
  }
  return *scan_;
}

std::string KeyCursor::resume_point(std::string_view last_key) const {
  if (last_key.empty()) return begins_at_;
  const auto pass = store_->gate().enter();
  return encode_resume_point(store_->backend().key_order(), last_key);
}

void KeyCursor::check_live() const {
  store_->gate().check_open();
  if (stop_.stop_requested()) throw Error(ErrorCode::cancelled, "the listing was stopped");
}

std::vector<std::string> KeyCursor::read_page() {
  refuse_in_completion("yield_keys");
  const auto pass = store_->gate().enter();
  const Call call(call_options(), store_->gate().stop_token());
  store_->backend().check_ready();
  store_->wait_for_writes(call);
  WaitingSink<PageResult> sink;
  scan().next_page(call, sink);
  return accept(sink.wait());
}

/// The right to be the one step of a stream that is under way.
class KeyCursor::Turn {
 public:
  explicit Turn(std::shared_ptr<KeyCursor> cursor) : cursor_(std::move(cursor)) {
    if (!cursor_->busy_.exchange(true)) return;
    throw Error(ErrorCode::invalid_argument,
                "a step of this key stream is still pending; wait for it before asking for the "
                "next, or use a stream of its own");
  }
  ~Turn() {
    if (cursor_) cursor_->busy_ = false;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  KeyCursor& operator*() const noexcept { return *cursor_; }
  KeyCursor* operator->() const noexcept { return cursor_.get(); }

 private:
  std::shared_ptr<KeyCursor> cursor_;
};

/// One `next` or `next_page` of a stream: reads a page if none is at hand.
template <typename Out>
class KeyCursor::Step : public AsyncCall<PageResult, Out> {
 public:
  Step(const std::shared_ptr<KeyCursor>& cursor, std::stop_token cancelled)
      : AsyncCall<PageResult, Out>(cursor->store_, cursor->call_options(), std::move(cancelled)),
        turn_(cursor) {}

 protected:
  KeyCursor& cursor() { return *turn_; }

  void begin() override {
    if (cursor().at_hand_.empty()) return cursor().scan().next_page(this->call(), *this);
    std::ranges::reverse(cursor().at_hand_);
    this->done({.keys = std::exchange(cursor().at_hand_, {}), .error = std::nullopt});
  }

 private:
  Turn turn_;
};

class KeyCursor::PageStep final : public Step<std::vector<std::string>> {
 public:
  using Step::Step;

 private:
  std::tuple<std::vector<std::string>> finish(PageResult result) override {
    auto keys = accept(std::move(result));
    if (!keys.empty()) cursor().last_key_ = keys.back();
    return keys;
  }
};

class KeyCursor::KeyStep final : public Step<std::optional<std::string>> {
 public:
  using Step::Step;

 private:
  std::tuple<std::optional<std::string>> finish(PageResult result) override {
    auto keys = accept(std::move(result));
    if (keys.empty()) return std::nullopt;
    std::ranges::reverse(keys);
    std::optional<std::string> key = std::move(keys.back());
    keys.pop_back();
    cursor().at_hand_ = std::move(keys);
    cursor().last_key_ = *key;
    return key;
  }
};

void KeyCursor::start_page(const std::shared_ptr<KeyCursor>& self,
                           detail::PageCompletion completion) {
  PageStep::launch<PageStep>(std::move(completion), self);
}

void KeyCursor::start_next(const std::shared_ptr<KeyCursor>& self,
                           detail::KeyCompletion completion) {
  std::optional<std::string> key;
  try {
    const Turn turn(self);
    self->check_live();
    if (!self->at_hand_.empty()) {
      key = std::move(self->at_hand_.back());
      self->at_hand_.pop_back();
      self->last_key_ = *key;
    }
  } catch (...) {
    return completion(std::current_exception(), std::nullopt);
  }
  if (key) return completion(nullptr, std::move(key));
  KeyStep::launch<KeyStep>(std::move(completion), self);
}

}  // namespace bytestore::core

namespace bytestore::detail {

boost::asio::any_io_executor callback_executor(const core::KeyCursor* cursor) {
  if (cursor == nullptr) return core::Runtime::instance().callbacks();
  return cursor->store().callback_executor();
}

void start_next(const std::shared_ptr<core::KeyCursor>& cursor, KeyCompletion completion) {
  if (!cursor) return completion(core::moved_from(), std::nullopt);
  core::KeyCursor::start_next(cursor, std::move(completion));
}

void start_next_page(const std::shared_ptr<core::KeyCursor>& cursor, PageCompletion completion) {
  if (!cursor) return completion(core::moved_from(), {});
  core::KeyCursor::start_page(cursor, std::move(completion));
}

}  // namespace bytestore::detail
