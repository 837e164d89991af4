#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cassandra/table/table.hpp"
#include "core/backend.hpp"

namespace bytestore::cassandra {

class ListingReader;

/// The keys of a table in the order of their tokens, by ranges a few of which are read at a time,
/// ahead of the reader by a few pages at most. Values are never read.
class KeyListing final : public core::KeyScan {
 public:
  /// Goes on after the key `after`, unless that is empty.
  KeyListing(std::shared_ptr<Table> table, std::string prefix, std::string_view after);
  ~KeyListing() override;
  KeyListing(const KeyListing&) = delete;
  KeyListing& operator=(const KeyListing&) = delete;

  void next_page(const core::Call& call, core::Sink<core::PageResult>& sink) override;

 private:
  std::shared_ptr<ListingReader> reader_;
};

}  // namespace bytestore::cassandra
