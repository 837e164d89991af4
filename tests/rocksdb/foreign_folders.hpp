#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace bytestore {

/// A folder of somebody else, as a wrong path may name it.
struct ForeignFolder {
  std::string name;
  /// Fills the folder, which is there and empty.
  std::function<void(const std::filesystem::path&)> fill;
  /// What the error says of it.
  std::string said;
};

const std::vector<ForeignFolder>& foreign_folders();

void PrintTo(const ForeignFolder& folder, std::ostream* out);

}  // namespace bytestore
