#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "cli/failure.hpp"
#include "cli/folder_writer.hpp"
#include "cli/target_file.hpp"
#include "cli/temporary_file.hpp"
#include "temporary_folder.hpp"

namespace bytestore::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What `write` fails with; empty if it does not.
std::string failure_of(FolderWriter& writer, std::string_view path, const Interrupt& interrupt) {
  try {
    writer.write(path, "content", interrupt);
  } catch (const FileError& error) {
    return error.what();
  }
  return {};
}

TEST(TemporaryFile, is_gone_unless_it_is_committed) {
  const TemporaryFolder folder;
  const auto opened = folder.open();
  {
    const TemporaryFile dropped(opened.get());
    EXPECT_EQ(folder.entries().size(), 1);
  }
  EXPECT_THAT(folder.entries(), IsEmpty());
  TemporaryFile kept(opened.get());
  kept.commit("file");
  EXPECT_THAT(folder.entries(), ElementsAre("file"));
}

TEST(FolderWriter, creates_the_folders_that_a_file_needs) {
  const TemporaryFolder folder;
  const Interrupt interrupt;
  FolderWriter writer((folder / "new/root").string());
  writer.write("a/b/c", "1", interrupt);
  writer.write("a/b/d", "2", interrupt);
  writer.write("e", "", interrupt);
  writer.write("a/f", "3", interrupt);
  writer.sync();
  EXPECT_EQ(folder.read("new/root/a/b/c"), "1");
  EXPECT_EQ(folder.read("new/root/a/b/d"), "2");
  EXPECT_EQ(folder.read("new/root/a/f"), "3");
  EXPECT_TRUE(std::filesystem::is_empty(folder / "new/root/e"));
}

TEST(FolderWriter, replaces_a_file_and_a_link_but_not_what_the_link_leads_to) {
  const TemporaryFolder folder;
  const Interrupt interrupt;
  folder.write("file", "old");
  folder.write("outside", "untouched");
  std::filesystem::create_symlink(folder / "outside", folder / "link");
  FolderWriter writer(folder.string());
  writer.write("file", "new", interrupt);
  writer.write("link", "new", interrupt);
  EXPECT_EQ(folder.read("file"), "new");
  EXPECT_EQ(folder.read("link"), "new");
  EXPECT_EQ(folder.read("outside"), "untouched");
}

TEST(FolderWriter, passes_through_no_link_and_no_file) {
  const TemporaryFolder folder;
  const TemporaryFolder outside;
  const Interrupt interrupt;
  std::filesystem::create_directory_symlink(outside.string(), folder / "link");
  folder.write("file", "");
  std::filesystem::create_directory(folder / "folder");
  FolderWriter writer(folder.string());
  EXPECT_THAT(failure_of(writer, "link/a", interrupt), HasSubstr("symbolic link"));
  EXPECT_THAT(failure_of(writer, "file/a", interrupt), HasSubstr("a folder is needed"));
  EXPECT_NE(failure_of(writer, "folder", interrupt), "");
  EXPECT_THAT(outside.entries(), IsEmpty());
  EXPECT_THAT(folder.entries(), ElementsAre("file", "folder", "link"));  // nothing temporary
}

TEST(FolderWriter, keeps_out_of_the_store) {
  const TemporaryFolder folder;
  const Interrupt interrupt;
  folder.write("store/data", "");
  const auto store = folder_id((folder / "store").string());
  FolderWriter writer(folder.string(), store);
  EXPECT_THAT(failure_of(writer, "store/data", interrupt), HasSubstr("the store itself"));
  EXPECT_THROW(FolderWriter((folder / "store").string(), store), Failure);
}

TEST(FolderWriter, leaves_nothing_of_a_file_that_is_interrupted) {
  const TemporaryFolder folder;
  const Interrupt interrupt;
  FolderWriter writer(folder.string());
  ASSERT_EQ(::kill(::getpid(), SIGINT), 0);
  pollfd raised{interrupt.descriptor(), POLLIN, 0};
  ASSERT_EQ(::poll(&raised, 1, -1), 1);
  EXPECT_EQ(interrupt.signal(), SIGINT);
  EXPECT_THROW(writer.write("a/b", std::string(std::size_t{4} << 20, 'x'), interrupt), Interrupted);
  EXPECT_THAT(folder.entries(), ElementsAre("a"));
}

TEST(TargetFile, stays_as_it_was_until_it_is_committed) {
  const TemporaryFolder folder;
  folder.write("file", "old");
  std::filesystem::permissions(folder / "file", std::filesystem::perms::owner_read);
  {
    const TargetFile dropped((folder / "file").string());
    ASSERT_EQ(::write(dropped.descriptor(), "new", 3), 3);
  }
  EXPECT_EQ(folder.read("file"), "old");
  TargetFile kept((folder / "file").string());
  ASSERT_EQ(::write(kept.descriptor(), "new", 3), 3);
  kept.commit();
  EXPECT_EQ(folder.read("file"), "new");
  EXPECT_EQ(std::filesystem::status(folder / "file").permissions(),
            std::filesystem::perms::owner_read);
  EXPECT_THAT(folder.entries(), ElementsAre("file"));
}

TEST(TargetFile, is_where_a_link_leads_to) {
  const TemporaryFolder folder;
  folder.write("real/file", "old");
  std::filesystem::create_symlink("real/file", folder / "link");
  TargetFile file((folder / "link").string());
  ASSERT_EQ(::write(file.descriptor(), "new", 3), 3);
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(folder.read("real/file"), "new");
}

TEST(TargetFile, never_replaces_a_device) {
  TargetFile file("/dev/null");
  ASSERT_EQ(::write(file.descriptor(), "new", 3), 3);
  file.commit();
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(TargetFile, refuses_a_folder) {
  const TemporaryFolder folder;
  EXPECT_THROW(TargetFile(folder.string()), Failure);
  EXPECT_THROW(TargetFile((folder / "none/file").string()), Failure);
  EXPECT_THROW(TargetFile(""), Failure);
}

}  // namespace
}  // namespace bytestore::cli
