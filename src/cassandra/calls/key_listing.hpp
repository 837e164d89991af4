#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cassandra/table/table.hpp"
#include "core/backend.hpp"

namespace bytestore::cassandra {

/// The keys of a table in the order of their tokens, by ranges a few of which are read at a time,
/// ahead of the reader by a few pages at most. Values are never read.
class TableKeyScan final : public core::KeyScan {
 public:
  /// Goes on after the key `after`, unless that is empty.
  TableKeyScan(std::shared_ptr<Table> table, std::string prefix, std::string_view after);
  ~TableKeyScan() override;
  TableKeyScan(const TableKeyScan&) = delete;
  TableKeyScan& operator=(const TableKeyScan&) = delete;

  void next_page(const core::Call& call, core::Sink<core::PageResult>& sink) override;

 private:
  class Reader;
  class Step;

  std::shared_ptr<Reader> reader_;
};

}  // namespace bytestore::cassandra
