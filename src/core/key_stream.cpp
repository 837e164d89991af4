#include "bytestore/key_stream.hpp"

#include <utility>

#include "bytestore/error.hpp"
#include "core/listing.hpp"

namespace bytestore {

KeyView::KeyView(std::unique_ptr<core::KeyCursor> cursor) noexcept : cursor_(std::move(cursor)) {}
KeyView::KeyView(KeyView&&) noexcept = default;
KeyView& KeyView::operator=(KeyView&&) noexcept = default;
KeyView::~KeyView() = default;

KeyView::Iterator KeyView::begin() {
  if (begun_) {
    throw Error(ErrorCode::invalid_argument,
                "the keys of a view can be walked once; call yield_keys again");
  }
  page_ = live_cursor().read_page();
  begun_ = true;
  return Iterator(this);
}

core::KeyCursor& KeyView::live_cursor() {
  if (cursor_) return *cursor_;
  throw Error(ErrorCode::invalid_argument, "this view of keys was moved from; use the other one");
}

std::string KeyView::cursor() const {
  if (!cursor_) return {};
  return cursor_->resume_point(page_.empty() ? last_key_ : page_[position_]);
}

void KeyView::advance() {
  live_cursor().check_live();
  if (position_ + 1 < page_.size()) {
    ++position_;
    return;
  }
  if (!page_.empty()) last_key_ = page_.back();
  page_.clear();
  position_ = 0;
  page_ = cursor_->read_page();
}

AsyncKeyStream::AsyncKeyStream(std::shared_ptr<core::KeyCursor> cursor) noexcept
    : cursor_(std::move(cursor)) {}
AsyncKeyStream::AsyncKeyStream(AsyncKeyStream&&) noexcept = default;

AsyncKeyStream& AsyncKeyStream::operator=(AsyncKeyStream&& other) noexcept {
  if (cursor_ && cursor_ != other.cursor_) cursor_->stop();
  cursor_ = std::move(other.cursor_);
  return *this;
}

std::string AsyncKeyStream::cursor() const { return cursor_ ? cursor_->resume_point() : ""; }

AsyncKeyStream::~AsyncKeyStream() {
  if (cursor_) cursor_->stop();
}

}  // namespace bytestore
