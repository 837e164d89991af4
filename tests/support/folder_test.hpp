#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"
#include "support/values.hpp"

namespace bytestore {

using testing::batch_error_of;
using testing::code_of;
using testing::entries_of;
using testing::error_of;
using testing::noise;
using testing::numbered_keys;
using testing::text;
using testing::walk;

/// A test of a store in a folder, with a folder of its own.
class FolderTest : public ::testing::Test {
 protected:
  /// Where the store is; nothing is there at first.
  [[nodiscard]] std::filesystem::path path() const { return beside("store"); }
  [[nodiscard]] std::filesystem::path beside(const std::string& name) const {
    return folder_.path() / name;
  }

  static std::string read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  static void write_file(const std::filesystem::path& file, const std::string& content) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
  }

 private:
  testing::TemporaryFolder folder_;
};

}  // namespace bytestore
