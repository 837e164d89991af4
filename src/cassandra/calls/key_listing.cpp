#include "cassandra/calls/key_listing.hpp"

#include <utility>

#include "cassandra/calls/listing_reader.hpp"

namespace bytestore::cassandra {

KeyListing::KeyListing(std::shared_ptr<Table> table, std::string prefix, std::string_view after)
    : reader_(std::make_shared<ListingReader>(std::move(table), std::move(prefix), after)) {}

KeyListing::~KeyListing() { reader_->stop(); }

void KeyListing::next_page(const core::Call& call, core::Sink<core::PageResult>& sink) {
  reader_->next_page(call, sink);
}

}  // namespace bytestore::cassandra
