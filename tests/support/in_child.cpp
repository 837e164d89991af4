#include "support/in_child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "bytestore/error.hpp"

namespace {

bool is_forked_child = false;

}  // namespace

#ifdef BYTESTORE_ADDRESS_SANITIZER
/// A child does not have the threads whose memory it has, so all that they held looks like a leak.
extern "C" int __lsan_is_turned_off() { return is_forked_child ? 1 : 0; }

namespace {

/// Whether a thread, by its `/proc/self/task/ID/stat`, neither runs nor could.
bool sleeps(const std::filesystem::path& task) {
  std::ifstream file(task / "stat");
  std::string stat;
  std::getline(file, stat);
  const auto name_end = stat.rfind(')');  // then a blank and the state; the thread may have ended
  return name_end == std::string::npos || stat.substr(name_end + 2, 1) == "S";
}

/// Waits until no other thread can be inside the sanitizer's allocator, whose locks a forked child
/// inherits as they are, unlike those of the C library's allocator (GCC 12).
void wait_for_other_threads_to_sleep() {
  const std::string self = std::to_string(::gettid());
  const auto all_sleep = [&] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::all_of(begin(tasks), end(tasks), [&](const auto& task) {
      return task.path().filename() == self || sleeps(task.path());
    });
  };
  const auto patience_ends = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!all_sleep()) {
    if (std::chrono::steady_clock::now() > patience_ends) {
      throw std::runtime_error("a thread spins: it must sleep while another one forks");
    }
    std::this_thread::yield();
  }
}

}  // namespace
#endif

namespace bytestore::testing {
namespace {

constexpr unsigned kPatienceSeconds = 20;

void write_all(int pipe, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const auto count = ::write(pipe, text.data() + written, text.size() - written);
    if (count <= 0) return;
    written += static_cast<std::size_t>(count);
  }
}

std::string read_all(int pipe) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto count = ::read(pipe, buffer.data(), buffer.size());
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

[[noreturn]] void run_child(const std::function<std::string()>& body, ChildEnd end, int pipe) {
  is_forked_child = true;
  static_cast<void>(std::signal(SIGALRM, SIG_DFL));
  ::alarm(kPatienceSeconds);
  std::string report;
  try {
    report = body();
  } catch (const std::exception& error) {
    report = std::string("threw: ") + error.what();
  }
  write_all(pipe, report);
  ::close(pipe);
  if (end == ChildEnd::by_the_book) std::exit(EXIT_SUCCESS);
  ::_exit(EXIT_SUCCESS);
}

}  // namespace

std::string in_child(const std::function<std::string()>& body, ChildEnd end) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw std::runtime_error("pipe failed");
#ifdef BYTESTORE_ADDRESS_SANITIZER
  wait_for_other_threads_to_sleep();
#endif
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    ::close(pipe[0]);
    run_child(body, end, pipe[1]);
  }
  ::close(pipe[1]);
  const std::string report = read_all(pipe[0]);
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    if (WTERMSIG(status) == SIGALRM) return report + " (did not end)";
    return report + " (killed by signal " + std::to_string(WTERMSIG(status)) + ")";
  }
  if (WEXITSTATUS(status) != EXIT_SUCCESS) {
    return report + " (exit code " + std::to_string(WEXITSTATUS(status)) + ")";
  }
  return report;
}

std::string outcome_of(const std::function<void()>& verb) {
  try {
    verb();
    return "ok";
  } catch (const Error& error) {
    return std::string(to_string(error.code()));
  }
}

}  // namespace bytestore::testing
