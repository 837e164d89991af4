#include "bytestore/key_stream.hpp"

#include <utility>

#include "bytestore/error.hpp"
#include "core/listing.hpp"

namespace bytestore {

KeyView::KeyView(std::unique_ptr<core::Listing> listing) noexcept : listing_(std::move(listing)) {}
KeyView::KeyView(KeyView&&) noexcept = default;
KeyView& KeyView::operator=(KeyView&&) noexcept = default;
KeyView::~KeyView() = default;

KeyView::Iterator KeyView::begin() {
  if (begun_) {
    throw Error(ErrorCode::invalid_argument,
                "the keys of a view can be walked once; call yield_keys again");
  }
  page_ = live_listing().read_page();
  begun_ = true;
  return Iterator(this);
}

core::Listing& KeyView::live_listing() {
  if (listing_) return *listing_;
  throw Error(ErrorCode::invalid_argument, "this view of keys was moved from; use the other one");
}

std::string KeyView::cursor() const {
  if (!listing_) return {};
  return listing_->cursor(page_.empty() ? last_key_ : page_[position_]);
}

void KeyView::advance() {
  try {
    live_listing().check_live();
  } catch (...) {
    leave_page();
    throw;
  }
  if (position_ + 1 < page_.size()) {
    ++position_;
    return;
  }
  leave_page();
  page_ = listing_->read_page();
}

/// Goes to the end, which has the cursor of the key before.
void KeyView::leave_page() noexcept {
  if (position_ < page_.size()) last_key_ = std::move(page_[position_]);
  page_.clear();
  position_ = 0;
}

AsyncKeyStream::AsyncKeyStream(std::shared_ptr<core::Listing> listing) noexcept
    : listing_(std::move(listing)) {}
AsyncKeyStream::AsyncKeyStream(AsyncKeyStream&&) noexcept = default;

AsyncKeyStream& AsyncKeyStream::operator=(AsyncKeyStream&& other) noexcept {
  if (listing_ && listing_ != other.listing_) listing_->stop();
  listing_ = std::move(other.listing_);
  return *this;
}

std::string AsyncKeyStream::cursor() const { return listing_ ? listing_->cursor() : ""; }

AsyncKeyStream::~AsyncKeyStream() {
  if (listing_) listing_->stop();
}

}  // namespace bytestore
