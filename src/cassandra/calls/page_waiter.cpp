#include "cassandra/calls/page_waiter.hpp"

#include <utility>

#include "cassandra/calls/listing_reader.hpp"

namespace bytestore::cassandra {

PageWaiter::PageWaiter(std::shared_ptr<ListingReader> reader, core::Call call,
                       core::Sink<core::PageResult>& sink, Clock::time_point begun)
    : reader_(std::move(reader)), call_(std::move(call)), sink_(sink), begun_(begun) {}

void PageWaiter::done(core::PageResult result) noexcept {
  reader_->count(result, begun_);
  sink_.done(std::move(result));
}

void PageWaiter::cancel() noexcept {
  reader_->give_up(*this, ErrorCode::cancelled, kListingStopped);
}

}  // namespace bytestore::cassandra
