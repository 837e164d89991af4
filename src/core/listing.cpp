#include "core/listing.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "bytestore/async.hpp"
#include "core/async_call.hpp"
#include "core/cursor.hpp"
#include "core/run_blocking.hpp"
#include "core/runtime.hpp"
#include "core/verbs.hpp"

namespace bytestore::core {
namespace {

/// The keys of a page. \throws its error.
std::vector<std::string> accept(PageResult result) {
  if (result.error) throw std::move(*result.error);
  if (result.unusable_key) throw UnusableKeyError(*result.unusable_key);
  return std::move(result.keys);
}

std::exception_ptr moved_from() {
  return std::make_exception_ptr(
      Error(ErrorCode::invalid_argument, "this key stream was moved from; use the other one"));
}

}  // namespace

Listing::Listing(std::shared_ptr<Store> store, KeysOptions options)
    : store_(std::move(store)),
      prefix_(std::move(options.prefix)),
      start_cursor_(std::move(options.cursor)),
      caller_stops_(std::move(options.stop), RequestStop{stop_}) {}

Listing::~Listing() {
  if (store_->gate().in_child()) leak(std::move(scan_));
}

KeyScan& Listing::scan() {
  if (!scan_) {
    Backend& backend = store_->backend();
    auto after =
        start_cursor_.empty() ? std::string() : decode_cursor(backend.key_order(), start_cursor_);
    scan_ = backend.scan(prefix_, std::move(after));
  }
  return *scan_;
}

std::string Listing::cursor(std::string_view last_key) const {
  if (last_key.empty()) return start_cursor_;
  const auto pass = store_->gate().enter();
  return encode_cursor(store_->backend().key_order(), last_key);
}

void Listing::check_live() const {
  store_->gate().check_open();
  if (stop_.stop_requested()) throw Error(ErrorCode::cancelled, "the listing was stopped");
}

/// The next page, for a call that is waited for.
class Listing::ReadPage final : public WithoutKeys {
 public:
  using Result = PageResult;
  static constexpr std::string_view kName = "yield_keys";
  static constexpr Order kOrder = Order::read;

  explicit ReadPage(Listing& listing) : listing_(listing) {}

  void begin(Backend& /*backend*/, const Call& call, Sink<PageResult>& sink) const {
    listing_.scan().next_page(call, sink);
  }
  static PageResult finish(PageResult result) { return result; }

 private:
  Listing& listing_;
};

std::vector<std::string> Listing::read_page() {
  PageResult page;
  do {
    page = run_blocking(*store_, ReadPage(*this), call_options());
  } while (page.is_unfinished);
  return accept(std::move(page));
}

/// The right to be the one step of a stream that is under way.
class Listing::StepGuard {
 public:
  explicit StepGuard(std::shared_ptr<Listing> listing) : listing_(std::move(listing)) {
    if (!listing_->busy_.exchange(true)) return;
    throw Error(ErrorCode::invalid_argument,
                "a step of this key stream is still pending; wait for it before asking for the "
                "next, or use a stream of its own");
  }
  ~StepGuard() {
    if (listing_) listing_->busy_ = false;
  }
  StepGuard(const StepGuard&) = delete;
  StepGuard& operator=(const StepGuard&) = delete;

  Listing& operator*() const noexcept { return *listing_; }
  Listing* operator->() const noexcept { return listing_.get(); }

 private:
  std::shared_ptr<Listing> listing_;
};

/// One `next` or `next_page` of a stream: reads a page if none is at hand.
class Listing::Step : public WithoutKeys {
 public:
  using Result = PageResult;
  static constexpr Order kOrder = Order::read;

  explicit Step(const std::shared_ptr<Listing>& listing) : guard_(listing) {}

  void begin(Backend& /*backend*/, const Call& call, Sink<PageResult>& sink) {
    if (listing().at_hand_.empty()) return listing().scan().next_page(call, sink);
    std::ranges::reverse(listing().at_hand_);
    sink.done({.keys = std::exchange(listing().at_hand_, {}), .error = std::nullopt});
  }

  static bool is_unfinished(const PageResult& page) noexcept { return page.is_unfinished; }

 protected:
  Listing& listing() { return *guard_; }

 private:
  StepGuard guard_;
};

class Listing::NextPage final : public Step {
 public:
  using Step::Step;

  std::vector<std::string> finish(PageResult result) {
    auto keys = accept(std::move(result));
    if (!keys.empty()) listing().last_key_ = keys.back();
    return keys;
  }
};

class Listing::NextKey final : public Step {
 public:
  using Step::Step;

  std::optional<std::string> finish(PageResult result) {
    auto keys = accept(std::move(result));
    if (keys.empty()) return std::nullopt;
    std::ranges::reverse(keys);
    std::optional<std::string> key = std::move(keys.back());
    keys.pop_back();
    listing().at_hand_ = std::move(keys);
    listing().last_key_ = *key;
    return key;
  }
};

void Listing::start_page(const std::shared_ptr<Listing>& self, detail::PageCompletion completion) {
  AsyncCall<NextPage>::launch(std::move(completion), self->store_, self->call_options(), self);
}

void Listing::start_next(const std::shared_ptr<Listing>& self, detail::KeyCompletion completion) {
  std::optional<std::string> key;
  try {
    const StepGuard guard(self);
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
  AsyncCall<NextKey>::launch(std::move(completion), self->store_, self->call_options(), self);
}

}  // namespace bytestore::core

namespace bytestore::detail {

boost::asio::any_io_executor callback_executor(const core::Listing* listing) {
  if (listing == nullptr) return core::Runtime::instance().callbacks();
  return listing->store().callback_executor();
}

void start_next(const std::shared_ptr<core::Listing>& listing, KeyCompletion completion) {
  if (!listing) return completion(core::moved_from(), std::nullopt);
  core::Listing::start_next(listing, std::move(completion));
}

void start_next_page(const std::shared_ptr<core::Listing>& listing, PageCompletion completion) {
  if (!listing) return completion(core::moved_from(), {});
  core::Listing::start_page(listing, std::move(completion));
}

}  // namespace bytestore::detail
