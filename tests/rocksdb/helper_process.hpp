#pragma once

#include <string>
#include <vector>

#include "support/child_program.hpp"

namespace bytestore {

/// A run of the program rocksdb_helper.
class HelperProcess : public testing::ChildProgram {
 public:
  explicit HelperProcess(const std::vector<std::string>& arguments)
      : ChildProgram(BYTESTORE_ROCKSDB_HELPER, arguments) {}
};

}  // namespace bytestore
