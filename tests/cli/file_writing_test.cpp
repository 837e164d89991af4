#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <string>

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

/// Why `-o` refuses the path; empty if it does not.
std::string refusal_of(const std::string& path) {
  try {
    const TargetFile file(path);
  } catch (const Failure& failure) {
    return failure.what();
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

TEST(TemporaryFile, is_marked_until_it_is_committed) {
  const TemporaryFolder folder;
  const auto opened = folder.open();
  TemporaryFile file(opened.get());
  const auto name = *folder.entries().begin();
  EXPECT_TRUE(is_unfinished(opened.get(), name));
  EXPECT_FALSE(remove_abandoned(opened.get(), name));  // it is under way
  file.set_permissions(0640);
  EXPECT_TRUE(is_unfinished(opened.get(), name));
  file.commit(name);  // as if a key had this name
  EXPECT_FALSE(is_unfinished(opened.get(), name));
  EXPECT_FALSE(remove_abandoned(opened.get(), name));
  EXPECT_EQ(std::filesystem::status(folder / name).permissions(), std::filesystem::perms{0640});
  EXPECT_THAT(folder.entries(), ElementsAre(name));
}

TEST(TemporaryFile, of_a_process_that_has_ended_may_be_removed) {
  const TemporaryFolder folder;
  const auto opened = folder.open();
  const auto abandon = [&](const std::string& name, std::filesystem::perms mark) {
    folder.write(name, "part");
    std::filesystem::permissions(folder / name, std::filesystem::perms::owner_read | mark);
  };
  constexpr auto kMark = std::filesystem::perms::sticky_bit;
  const std::string name = ".bytestore-0123456789abcdef";
  for (const std::string other : {".bytestore-0123456789abcdeg", ".bytestore-0123456789abcde",
                                  ".bytestore-0123456789abcdef0", "bytestore-0123456789abcdef"}) {
    abandon(other, kMark);
    EXPECT_FALSE(is_unfinished(opened.get(), other)) << other;
    EXPECT_FALSE(remove_abandoned(opened.get(), other)) << other;
  }
  abandon(name, {});
  EXPECT_FALSE(remove_abandoned(opened.get(), name));
  abandon(name, kMark);
  std::filesystem::create_directory(folder / "links");
  std::filesystem::create_symlink(folder / name, folder / "links/.bytestore-0123456789abcdef");
  EXPECT_FALSE(remove_abandoned(opened.get(), "links/.bytestore-0123456789abcdef"));
  EXPECT_TRUE(is_unfinished(opened.get(), name));
  EXPECT_TRUE(remove_abandoned(opened.get(), name));
  EXPECT_FALSE(std::filesystem::exists(folder / name));
  EXPECT_FALSE(remove_abandoned(opened.get(), name));
}

TEST(FolderWriter, removes_what_was_abandoned_below_it_and_not_in_the_store) {
  const TemporaryFolder folder;
  const Interrupt interrupt;
  const std::string name = ".bytestore-0123456789abcdef";
  for (const std::string place : {"a/b/", "", "store/"}) {
    folder.write(place + name, "part");
    std::filesystem::permissions(folder / (place + name), std::filesystem::perms::sticky_bit,
                                 std::filesystem::perm_options::add);
  }
  const FolderWriter writer(folder.string(), folder_id((folder / "store").string()));
  EXPECT_EQ(writer.remove_abandoned_files(interrupt), 2);
  EXPECT_EQ(writer.remove_abandoned_files(interrupt), 0);
  EXPECT_THAT(folder.entries(), ElementsAre("a", "a/b", "store", "store/" + name));
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

TEST(TargetFile, is_where_links_to_nothing_yet_lead_to) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "real/deep");
  std::filesystem::create_symlink("real/first", folder / "relative");
  std::filesystem::create_symlink("deep/../deep/file", folder / "real/first");
  std::filesystem::create_symlink(folder / "absolute-target", folder / "absolute");
  for (const auto* const name : {"relative", "absolute"}) {
    TargetFile file((folder / name).string());
    ASSERT_EQ(::write(file.descriptor(), name, 8), 8);
    file.commit();
    EXPECT_TRUE(std::filesystem::is_symlink(folder / name));
  }
  EXPECT_EQ(folder.read("real/deep/file"), "relative");
  EXPECT_EQ(folder.read("absolute-target"), "absolute");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "real/first"));
}

TEST(TargetFile, refuses_links_that_lead_nowhere) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("b", folder / "a");
  std::filesystem::create_symlink("a", folder / "b");
  std::filesystem::create_symlink("none/file", folder / "missing");
  std::filesystem::create_symlink("none/", folder / "ends-with-a-slash");
  EXPECT_THAT(refusal_of((folder / "a").string()), HasSubstr("Too many levels"));
  EXPECT_THAT(refusal_of((folder / "missing").string()), HasSubstr("/none\": No such file"));
  EXPECT_THAT(refusal_of((folder / "ends-with-a-slash").string()), HasSubstr("names a folder"));
  EXPECT_THAT(folder.entries(), ElementsAre("a", "b", "ends-with-a-slash", "missing"));
}

TEST(TargetFile, is_the_file_that_a_link_leads_to_and_no_other_of_its_name) {
  const TemporaryFolder folder;
  folder.write("file", "old, and longer");
  const FileDescriptor opened(::open((folder / "file").c_str(), O_RDONLY | O_CLOEXEC));
  std::filesystem::remove(folder / "file");
  TargetFile file("/proc/self/fd/" + std::to_string(opened.get()));
  ASSERT_EQ(::write(file.descriptor(), "new", 3), 3);
  file.commit();
  EXPECT_THAT(folder.entries(), IsEmpty());
  std::string content(16, '\0');
  ASSERT_EQ(::pread(opened.get(), content.data(), content.size(), 0), 3);
  EXPECT_EQ(content.substr(0, 3), "new");
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
