#pragma once

#include <memory>
#include <string>

#include "cassandra/table.hpp"
#include "core/backend.hpp"

namespace bytestore::cassandra {

/// The keys of a table, by ranges of tokens, a few of which are read at a time, ahead of the reader
/// by a few pages at most. Values are never read.
class TableKeyScan final : public core::KeyScan {
 public:
  TableKeyScan(std::shared_ptr<Table> table, std::string prefix);
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
