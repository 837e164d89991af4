#include "cli/input.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "bytestore/rocksdb_byte_store.hpp"
#include "cli/failure.hpp"
#include "temporary_folder.hpp"

namespace bytestore::cli {
namespace {

TEST(ReadFile, gives_the_content_unchanged) {
  const TemporaryFolder folder;
  const std::string content("a\0\r\n\xFF", 5);
  folder.write("file", content);
  folder.write("empty", "");
  EXPECT_EQ(read_file(folder.open().get(), "file", {}), content);
  EXPECT_EQ(read_file(folder.open().get(), "empty", {}), "");
}

TEST(ReadFile, gives_a_file_of_many_reads) {
  const TemporaryFolder folder;
  const std::string content((std::size_t{3} << 20) + 17, 'x');
  folder.write("file", content);
  EXPECT_EQ(read_file(folder.open().get(), "file", {}), content);
}

TEST(ReadFile, refuses_a_file_that_has_vanished) {
  const TemporaryFolder folder;
  EXPECT_THROW(read_file(folder.open().get(), "file", {}), FileError);
}

TEST(ReadFile, refuses_a_file_that_is_longer_than_it_said) {
  const FileDescriptor proc(::open("/proc/self", O_RDONLY | O_DIRECTORY));
  EXPECT_THROW(read_file(proc.get(), "status", {}), FileError);  // says 0 bytes, has more
}

TEST(ReadFile, refuses_what_no_value_may_hold_before_reading_it) {
  const TemporaryFolder folder;
  folder.write("file", "");
  std::filesystem::resize_file(folder / "file", RocksDBByteStore::kMaxValueBytes + 1);
  EXPECT_THROW(read_file(folder.open().get(), "file", {}), FileError);
}

TEST(ReadFile, stops_when_it_is_asked_to) {
  const TemporaryFolder folder;
  folder.write("file", "content");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(read_file(folder.open().get(), "file", stop.get_token()), Interrupted);
}

TEST(ReadStream, reads_a_pipe_to_its_end) {
  const Interrupt interrupt;
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const FileDescriptor reader(ends[0]);
  {
    const FileDescriptor writer(ends[1]);
    ASSERT_EQ(::write(writer.get(), "a\0b", 3), 3);
  }
  EXPECT_EQ(read_stream(reader.get(), interrupt), std::string("a\0b", 3));
}

}  // namespace
}  // namespace bytestore::cli
