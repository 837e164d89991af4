#include "cli/tree_walk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

#include "cli/failure.hpp"
#include "temporary_folder.hpp"

namespace bytestore::cli {
namespace {

using testing::Contains;
using testing::Pair;
using testing::UnorderedElementsAre;

std::map<std::string, EntryKind> walk(const TemporaryFolder& folder,
                                      std::optional<FolderId> excluded = {}) {
  std::map<std::string, EntryKind> found;
  TreeWalk tree(folder.open(), excluded);
  while (const auto entry = tree.next()) found.emplace(entry->path, entry->kind);
  return found;
}

TEST(TreeWalk, finds_every_file_and_says_what_is_none) {
  const TemporaryFolder folder;
  folder.write("a", "");
  folder.write("b/c/d", "");
  folder.write("b/e", "");
  std::filesystem::create_directory(folder / "empty");
  std::filesystem::create_symlink("a", folder / "link");
  std::filesystem::create_symlink("nowhere", folder / "broken");
  std::filesystem::create_symlink("../b", folder / "b/loop");
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);

  EXPECT_THAT(walk(folder),
              UnorderedElementsAre(Pair("a", EntryKind::file), Pair("b/c/d", EntryKind::file),
                                   Pair("b/e", EntryKind::file), Pair("link", EntryKind::file),
                                   Pair("broken", EntryKind::unusable),
                                   Pair("b/loop", EntryKind::folder_link),
                                   Pair("fifo", EntryKind::unusable)));
}

TEST(TreeWalk, leaves_out_the_folder_that_it_is_told_to) {
  const TemporaryFolder folder;
  folder.write("store/data", "");
  folder.write("a", "");
  EXPECT_THAT(
      walk(folder, folder_id((folder / "store").string())),
      UnorderedElementsAre(Pair("a", EntryKind::file), Pair("store", EntryKind::excluded_folder)));
}

TEST(TreeWalk, goes_deeper_than_a_path_may_be_long) {
  const TemporaryFolder folder;
  const std::string name(100, 'x');
  std::string path = name;
  auto level = folder.open();
  for (int depth = 0; depth < 50; ++depth) {  // 5,000 bytes, over PATH_MAX
    ASSERT_EQ(::mkdirat(level.get(), name.c_str(), 0700), 0);
    level = FileDescriptor(::openat(level.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
    path += '/' + name;
  }
  const FileDescriptor file(::openat(level.get(), name.c_str(), O_WRONLY | O_CREAT, 0600));
  ASSERT_TRUE(file.is_open());
  EXPECT_THAT(walk(folder), Contains(Pair(path, EntryKind::file)));
}

TEST(TreeWalk, refuses_a_root_that_is_not_open) {
  EXPECT_THROW(TreeWalk{FileDescriptor{}}, FileError);
}

}  // namespace
}  // namespace bytestore::cli
