#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <utility>

#include "bytestore/cassandra_session.hpp"
#include "bytestore/error.hpp"

namespace bytestore {
namespace {

std::string first_line_of(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  if (!stream || (!std::getline(stream, line) && !stream.eof())) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("cannot read the password from {:?}; check password_file", file));
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("the password file {:?} has no password in its first line", file));
  }
  return line;
}

/// Returns what to say of a file that others than its owner can read.
std::string warning_of(const std::string& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & (S_IRGRP | S_IROTH)) == 0) return {};
  return fmt::format(
      "other users can read the password file {:?}, whose mode is {:03o}; set it to "
      "600, or to 400",
      file, status.st_mode & 0777U);
}

}  // namespace

CredentialsFunction credentials_from_file(std::string username, std::string file) {
  return [username = std::move(username), file = std::move(file)] {
    return Credentials{
        .username = username, .password = first_line_of(file), .warning = warning_of(file)};
  };
}

}  // namespace bytestore
